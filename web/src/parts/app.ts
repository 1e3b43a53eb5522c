// What every part may ask of the app: who is logged in, the words, how money and times are written here.
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { ApiError } from '../api/client.ts';
import type { Session } from '../api/types.ts';
import { moneyText } from '../rules/money.ts';
import type { Lang, Words } from '../words/index.ts';

export interface App {
  lang: Lang;
  locale: string;
  words: Words;
  session: Session | null;
  langSet(lang: Lang): void;
  sessionLoad(): Promise<void>;
  say(text: string): void; // Shown for a moment, and read aloud.
}

export const AppContext = createContext<App | null>(null);

export function useApp(): App {
  const app = useContext(AppContext);
  if (app === null) throw new Error('outside of the app');
  return app;
}

export function useWords(): Words {
  return useApp().words;
}

const bare = (call: string) => call.replace(/\{[^}]*\}/g, '{}');

// Whether the one who is logged in may call an endpoint of docs/console-api.md, `POST /lots/{lot}/confirm`. What stands
// between the braces does not count.
export function useMay(): (call: string) => boolean {
  const may = new Set((useApp().session?.may ?? []).map(bare));
  return (call) => may.has(bare(call.replace(' ', ' /console/v1')));
}

export interface Format {
  money(amount: number, currency: string): string;
  number(value: number): string;
  time(at: string): string; // 1 déc., 09:30; with its year when that is another one.
  day(at: string): string;
  moment(at: string): string; // With seconds.
  clock(at: string): string;
  duration(ms: number): string;
}

export function useFormat(): Format {
  const { locale } = useApp();
  const date = (at: string, options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(locale, options).format(new Date(at));
  return {
    money: (amount, currency) => moneyText(amount, currency, locale),
    number: (value) => new Intl.NumberFormat(locale).format(value),
    time: (at) => date(at, { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', ...(new Date(at).getFullYear() === new Date().getFullYear() ? {} : { year: 'numeric' }) }),
    day: (at) => date(at, { dateStyle: 'medium' }),
    moment: (at) => date(at, { dateStyle: 'medium', timeStyle: 'medium' }),
    clock: (at) => date(at, { timeStyle: 'medium' }),
    duration: (ms) => {
      const [value, unit] = ms < 1000 ? [ms, 'millisecond'] : ms < 60000 ? [ms / 1000, 'second'] : ms < 3600000 ? [ms / 60000, 'minute'] : [ms / 3600000, 'hour'];
      return new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits: value < 10 ? 1 : 0 }).format(value);
    },
  };
}

// What went wrong, for people: our own words where the cause is known, else the server's sentence.
export function problemText(problem: unknown, words: Words): string {
  if (!(problem instanceof ApiError)) return words.problem.unexpected;
  const known = (words.problem.byWord as Record<string, string>)[problem.word];
  if (known !== undefined) return known;
  if (problem.status === 429) return words.problem.tooMany(problem.retryAfter);
  if (problem.status === 503) return words.problem.busy;
  return problem.message === '' ? words.problem.unexpected : problem.message;
}
