// The app's own state: language, session, what is said for a moment. Shows the door or the house.
import { useCallback, useEffect, useMemo, useState } from 'preact/hooks';
import { ApiError, apiSet } from './api/client.ts';
import type { Session } from './api/types.ts';
import { Door } from './pages/door.tsx';
import { AppContext, type App, problemText } from './parts/app.ts';
import { Loading, Problem } from './parts/basic.tsx';
import { linkClick } from './route.ts';
import { sessionRead } from './session.ts';
import { Shell } from './shell.tsx';
import { langFirst, langKeep, localeOf, WORDS, type Lang } from './words/index.ts';

const SAID_MS = 4000;
const SESSION_LOOK_MS = 10 * 60 * 1000;

function useSaid() {
  const [said, saidSet] = useState<{ text: string; number: number }>({ text: '', number: 0 });
  useEffect(() => {
    if (said.text === '') return undefined;
    const timer = setTimeout(() => saidSet((now) => ({ ...now, text: '' })), SAID_MS);
    return () => clearTimeout(timer);
  }, [said]);
  const say = useCallback((text: string) => saidSet((now) => ({ text, number: now.number + 1 })), []);
  return { text: said.text, say };
}

export function Root() {
  const [lang, langChange] = useState<Lang>(langFirst);
  const [session, sessionChange] = useState<Session | null>(null);
  const [asked, askedSet] = useState(false);
  const [lost, lostSet] = useState<string | null>(null);
  const [ended, endedSet] = useState(false);
  const { text: said, say } = useSaid();
  const words = WORDS[lang];
  apiSet({ lang });

  const sessionLoad = useCallback(async () => {
    try {
      sessionChange(await sessionRead());
      endedSet(false);
      lostSet(null);
    } catch (problem) {
      sessionChange(null);
      if (!(problem instanceof ApiError && problem.loggedOut)) lostSet(problemText(problem, WORDS[langFirst()]));
    }
    askedSet(true);
  }, []);

  useEffect(() => {
    document.documentElement.lang = lang;
    langKeep(lang);
  }, [lang]);
  useEffect(() => {
    apiSet({ onLoggedOut: () => {
      sessionChange((before) => {
        if (before !== null) endedSet(true);
        return null;
      });
    } });
    void sessionLoad();
    document.addEventListener('click', linkClick);
    return () => document.removeEventListener('click', linkClick);
  }, []);
  useEffect(() => {
    if (session === null) return undefined;
    const timer = setInterval(() => { if (document.visibilityState === 'visible') void sessionLoad(); }, SESSION_LOOK_MS);
    return () => clearInterval(timer);
  }, [session?.csrf]);

  const app = useMemo<App>(() => ({ lang, locale: localeOf(lang), words, session, langSet: langChange, sessionLoad, say }), [lang, session]);
  const inside = session !== null && !session.must_change_password && !session.must_set_up_totp;
  return (
    <AppContext.Provider value={app}>
      {!asked ? <Loading /> : inside ? <Shell /> : <Door ended={ended} />}
      {lost === null ? null : <Problem text={lost} again={() => { void sessionLoad(); }} />}
      <div class="toasts" role="status" aria-live="polite">{said === '' ? null : <div class="toast fades">{said}</div>}</div>
    </AppContext.Provider>
  );
}
