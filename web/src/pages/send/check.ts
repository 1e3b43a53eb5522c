// The dry run behind a form: asked a moment after the last change, the answer kept with what it was about.
import { useEffect, useState } from 'preact/hooks';
import { api } from '../../api/client.ts';
import type { CheckReply, SendItem, SendReply } from '../../api/types.ts';
import { problemText, useApp } from '../../parts/app.ts';

const PAUSE_MS = 350;

export interface Checking {
  reply: CheckReply | null; // Of the items as they are now; null: not known yet.
  busy: boolean;
  problem: string | null;
}

export function useCheck(country: string, items: readonly SendItem[], merchant: string): Checking {
  const { words } = useApp();
  const key = items.length === 0 ? '' : JSON.stringify([country, items, merchant]);
  const [state, stateSet] = useState<{ key: string; reply: CheckReply | null; problem: string | null }>({ key: '', reply: null, problem: null });
  useEffect(() => {
    if (key === '') return undefined;
    const abort = new AbortController();
    const timer = setTimeout(() => {
      api.post<CheckReply>('/send/check', { country, items }, { merchant }, abort.signal).then(
        (reply) => stateSet({ key, reply, problem: null }),
        (problem: unknown) => { if (!abort.signal.aborted) stateSet({ key, reply: null, problem: problemText(problem, words) }); });
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [key]);
  const fresh = state.key === key;
  return { reply: fresh ? state.reply : null, problem: fresh ? state.problem : null, busy: key !== '' && !fresh };
}

// A list's own key, under which it is paid once, however often it is sent.
export function keyDraw(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export function listSend(key: string, country: string, items: readonly SendItem[], merchant: string): Promise<SendReply> {
  return api.post<SendReply>('/send', { key, country, items }, { merchant });
}
