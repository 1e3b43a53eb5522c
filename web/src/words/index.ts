// The languages. What French says, English must say too: a missing word does not compile.
import { en } from './en/index.ts';
import { fr } from './fr/index.ts';

export type Words = typeof fr;
export type Lang = 'fr' | 'en';

export const WORDS: Record<Lang, Words> = { fr, en };

const KEPT = 'payoutd.lang';

// The language that was chosen here, else the browser's, else French.
export function langFirst(): Lang {
  const kept = localStorage.getItem(KEPT);
  if (kept === 'fr' || kept === 'en') return kept;
  const found = navigator.languages.map((each) => each.slice(0, 2).toLowerCase()).find((each) => each === 'fr' || each === 'en');
  return found === 'en' ? 'en' : 'fr';
}

export function langKeep(lang: Lang): void {
  localStorage.setItem(KEPT, lang);
}

// The person's own way of writing numbers and dates, when it is of that language.
export function localeOf(lang: Lang): string {
  return navigator.languages.find((each) => each.toLowerCase().startsWith(lang)) ?? (lang === 'fr' ? 'fr' : 'en-GB');
}
