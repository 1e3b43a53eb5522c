// Being logged in: asks who it is, keeps the CSRF token, renews the session when the server says that it is time.
import { api, csrfSet } from './api/client.ts';
import type { LoginReply, Session } from './api/types.ts';

let renewedAt: number | null = null;

// The session as it is now; renewed when its time has come. Nothing else may be under way then: the app does this before a
// page loads, or while it rests.
export async function sessionRead(): Promise<Session> {
  const session = await api.get<Session>('/session');
  csrfSet(session.csrf);
  const now = Date.now();
  renewedAt ??= now;
  if (now - renewedAt >= session.renew_seconds * 1000) {
    csrfSet((await api.post<LoginReply>('/session')).csrf);
    renewedAt = now;
  }
  return session;
}

export async function sessionBegin(name: string, password: string, code: string): Promise<void> {
  const reply = await api.post<LoginReply>('/login', code === '' ? { name, password } : { name, password, code });
  csrfSet(reply.csrf);
  renewedAt = Date.now();
}

export async function sessionEnd(everywhere: boolean): Promise<void> {
  await api.post('/logout', { everywhere });
  csrfSet('');
}
