// Where in the console one is: paths below /console, each page's own query, and going from one to another without
// loading anything anew.
import { useEffect, useState } from 'preact/hooks';

const BASE = '/console';
const changed = new EventTarget();

export interface Place {
  parts: string[]; // ['transfers', 'EA181025.112233.X123456']
  query: URLSearchParams;
}

export function placeRead(location: { pathname: string; search: string }): Place {
  const path = location.pathname.startsWith(BASE) ? location.pathname.slice(BASE.length) : '';
  return { parts: path.split('/').filter((part) => part !== '').map(decodeURIComponent), query: new URLSearchParams(location.search) };
}

export function href(path: string, query: Record<string, string | undefined> = {}): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== '');
  const words = new URLSearchParams(given).toString();
  return `${BASE}${path}${words === '' ? '' : `?${words}`}`;
}

export function go(path: string, query?: Record<string, string | undefined>, { replace = false } = {}): void {
  const address = href(path, query);
  if (replace) history.replaceState(null, '', address);
  else history.pushState(null, '', address);
  changed.dispatchEvent(new Event('place'));
  if (!replace) window.scrollTo(0, 0);
}

// A click on a link of ours, unless it asks for a window of its own.
export function linkClick(event: MouseEvent): void {
  const link = (event.target as Element | null)?.closest('a');
  if (link === null || link === undefined || event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey
    || event.altKey || link.target !== '' || link.hasAttribute('download')) return;
  const address = new URL(link.href);
  if (address.origin !== location.origin || !address.pathname.startsWith(BASE) || address.pathname.startsWith(`${BASE}/v1/`) || address.hash !== '') return;
  event.preventDefault();
  go(address.pathname.slice(BASE.length), Object.fromEntries(address.searchParams));
}

export function usePlace(): Place {
  const [place, placeSet] = useState(() => placeRead(location));
  useEffect(() => {
    const look = () => placeSet(placeRead(location));
    changed.addEventListener('place', look);
    window.addEventListener('popstate', look);
    return () => {
      changed.removeEventListener('place', look);
      window.removeEventListener('popstate', look);
    };
  }, []);
  return place;
}
