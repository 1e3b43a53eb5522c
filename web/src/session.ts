// Being logged in: asks who it is, keeps the CSRF token, renews the session when the server says that it is time.
import { api, csrfSet } from './api/client.ts';
import type { LoginReply, Session } from './api/types.ts';

// The session as it is now. Nothing else may be under way while it is renewed, so the app does this before a page loads.
export async function sessionRead(): Promise<Session> {
  const session = await api.get<Session>('/session');
  csrfSet(session.csrf);
  if (session.renew) csrfSet((await api.post<LoginReply>('/session')).csrf);
  return session;
}

export async function sessionBegin(name: string, password: string, code: string): Promise<void> {
  const reply = await api.post<LoginReply>('/login', code === '' ? { name, password } : { name, password, code });
  csrfSet(reply.csrf);
}

export async function sessionEnd(everywhere: boolean): Promise<void> {
  await api.post('/logout', { everywhere });
  csrfSet('');
}
