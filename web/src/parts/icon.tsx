// Line icons of 24 by 24, all strokes; they say nothing that words beside them do not.
const PATHS = {
  home: 'M3 11 12 4l9 7M5 9.5V20h5v-6h4v6h5V9.5',
  send: 'M4 12h14m-6-7 7 7-7 7',
  check: 'm5 12.5 4.5 4.5L19 7.5',
  lots: 'M4 6h16v14H4zM4 10h16M8 3v5m8-5v5m-7 7 2 2 4-4',
  list: 'M8 6h12M8 12h12M8 18h12M4 6h.01M4 12h.01M4 18h.01',
  people: 'M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7Zm-6 9c0-3.5 2.5-6 6-6s6 2.5 6 6m1-16a3.5 3.5 0 0 1 0 7m5 9c0-2.8-1.4-4.7-3.5-5.6',
  code: 'm8 7-5 5 5 5m8-10 5 5-5 5M14 4l-4 16',
  shop: 'M4 9h16l-1.5-5h-13zM5 9v11h14V9M9 20v-6h6v6',
  pulse: 'M3 12h4l3-8 4 16 3-8h4',
  scale: 'M12 4v16M7 20h10M5 7h14M5 7l-3 7h6zm14 0-3 7h6z',
  question: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Zm-2.5-11.5c0-1.5 1.1-2.5 2.5-2.5s2.5 1 2.5 2.4c0 1.9-2.5 2.1-2.5 4.1m0 3h.01',
  book: 'M5 4h11a3 3 0 0 1 3 3v13H8a3 3 0 0 1-3-3zM9 9h6m-6 4h6',
  warn: 'M12 4 2.5 20h19zM12 10v4.5m0 3h.01',
  info: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Zm0-10v6m0-9h.01',
  good: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Zm-4-9 3 3 5-5.5',
  close: 'm6 6 12 12M18 6 6 18',
  menu: 'M4 7h16M4 12h16M4 17h16',
  back: 'm14 6-6 6 6 6',
  copy: 'M9 9h11v11H9zM15 9V4H4v11h5',
  down: 'M12 4v11m-5-5 5 5 5-5M5 20h14',
  plus: 'M12 5v14M5 12h14',
  search: 'M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14Zm5-2 4.5 4.5',
  out: 'M10 4H5v16h5m4-12 4 4-4 4m4-4H9',
  key: 'M8 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8Zm4-4h9m-3 0v4m-3-4v3',
  again: 'M20 11a8 8 0 1 0-2 6m2-11v5h-5',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 20 }: { name: IconName; size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.9" stroke-linecap="round"
      stroke-linejoin="round" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}

export function Brand({ size = 30 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="8" fill="#0b6b53" />
      <path d="M8 16h12m-5-6 6 6-6 6" fill="none" stroke="#fff" stroke-width="3.2" stroke-linecap="round" stroke-linejoin="round" />
    </svg>
  );
}
