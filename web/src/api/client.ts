// The one door to the server: JSON below /console/v1, with the session's CSRF token on whatever changes something.
// Failures are an ApiError, whose text is for people, in their language.

const ROOT = '/console/v1';

export class ApiError extends Error {
  constructor(readonly status: number, readonly word: string, message: string, readonly retryAfter: number) {
    super(message);
  }

  // The session is over; a wrong password is another matter.
  get loggedOut(): boolean {
    return this.status === 401 && this.word !== 'INVALID_CREDENTIALS';
  }
}

export interface ApiOptions {
  lang: string;
  onLoggedOut: () => void;
}

let csrf = '';
let options: ApiOptions = { lang: 'fr', onLoggedOut: () => {} };

export function csrfSet(token: string): void {
  csrf = token;
}

export function apiSet(changed: Partial<ApiOptions>): void {
  options = { ...options, ...changed };
}

export type Query = Record<string, string | number | undefined | null>;

// The path with what is given of the query, and the language.
export function apiPath(path: string, query: Query = {}): string {
  const words = new URLSearchParams({ lang: options.lang });
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== '') words.set(name, String(value));
  }
  return `${ROOT}${path}?${words}`;
}

async function replyRead<T>(reply: Response): Promise<T> {
  const body: unknown = await reply.json().catch(() => null);
  if (reply.ok && body !== null) return body as T;
  const { message, word, error } = (body ?? {}) as { message?: string; word?: string; error?: string };
  const failure = new ApiError(reply.status, word ?? '', message ?? error ?? '', Number(reply.headers.get('Retry-After') ?? 0));
  if (failure.loggedOut) options.onLoggedOut();
  throw failure;
}

async function call<T>(path: string, query: Query | undefined, init: RequestInit): Promise<T> {
  let reply: Response;
  try {
    reply = await fetch(apiPath(path, query), { credentials: 'same-origin', cache: 'no-store', redirect: 'error', ...init });
  } catch (problem) {
    if (problem instanceof DOMException && problem.name === 'AbortError') throw problem;
    throw new ApiError(0, 'NO_NETWORK', '', 0);
  }
  return replyRead<T>(reply);
}

export const api = {
  get<T>(path: string, query?: Query, signal?: AbortSignal): Promise<T> {
    return call<T>(path, query, signal === undefined ? {} : { signal });
  },
  post<T>(path: string, body: object = {}, query?: Query, signal?: AbortSignal): Promise<T> {
    return call<T>(path, query, { method: 'POST', body: JSON.stringify(body),
      headers: { 'Content-Type': 'application/json', 'X-CSRF-Token': csrf }, ...(signal === undefined ? {} : { signal }) });
  },
};
