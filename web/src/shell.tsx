// The frame of all pages: navigation by what one's role may, and the page that the address names.
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { AccountPage } from './pages/account.tsx';
import { useApp, useMay } from './parts/app.ts';
import { Button, Empty, LinkButton } from './parts/basic.tsx';
import { Brand, Icon, type IconName } from './parts/icon.tsx';
import { LanguageChoice } from './parts/language.tsx';
import { useAct } from './parts/load.ts';
import { Page } from './parts/page.tsx';
import { href, usePlace, type Place } from './route.ts';
import { sessionEnd } from './session.ts';

interface Room {
  path: string; // Its address, and by its first part what it stands for.
  name: 'home' | 'account';
  icon: IconName;
  needs: string | null; // The call that it can't do without.
  platform?: boolean;
  page: (place: Place) => ComponentChildren;
}

const ROOMS: readonly Room[] = [
  { path: '', name: 'home', icon: 'home', needs: null, page: () => <AccountPage /> },
];
const ACCOUNT: Room = { path: 'account', name: 'account', icon: 'key', needs: null, page: () => <AccountPage /> };

function Nav({ place, open, onGo }: { place: Place; open: boolean; onGo: () => void }) {
  const { session, words: { shell }, sessionLoad } = useApp();
  const may = useMay();
  const acting = useAct();
  const shown = ROOMS.filter(({ needs }) => needs === null || may(needs));
  const link = (room: Room) => (
    <li key={room.path}>
      <a class="nav-link" href={href(`/${room.path}`)} aria-current={(place.parts[0] ?? '') === room.path ? 'page' : undefined} onClick={onGo}>
        <Icon name={room.icon} />{shell[room.name]}
      </a>
    </li>
  );
  const platform = shown.filter((room) => room.platform);
  return (
    <nav class={`side${open ? ' side-open' : ''}`} id="navigation" aria-label={shell.navigation}>
      <div class="brand"><Brand /><span class="brand-name">{session?.merchant_name ?? shell.console}</span></div>
      <ul class="nav-list">{shown.filter((room) => !room.platform).map(link)}</ul>
      {platform.length === 0 ? null : <><div class="nav-head">{shell.platform}</div><ul class="nav-list">{platform.map(link)}</ul></>}
      <div class="side-foot">
        <div class="who">
          <div class="who-name">{session?.name}</div>
          <div class="soft small">{session === null ? '' : shell.roles[session.role]}</div>
        </div>
        <ul class="nav-list">{link(ACCOUNT)}</ul>
        <div class="between">
          <Button kind="quiet" small icon="out" busy={acting.busy} onClick={() => { void acting.run(async () => { await sessionEnd(false); await sessionLoad(); }); }}>{shell.logout}</Button>
          <LanguageChoice />
        </div>
      </div>
    </nav>
  );
}

function Room({ place }: { place: Place }) {
  const { words: { shell } } = useApp();
  const may = useMay();
  const room = [...ROOMS, ACCOUNT].find(({ path }) => path === (place.parts[0] ?? ''));
  const toHome = <LinkButton href={href('/')} kind="main">{shell.toHome}</LinkButton>;
  if (room === undefined) return <Page title={shell.notFound}><Empty icon="search" title={shell.notFound}><p>{shell.notFoundText}</p>{toHome}</Empty></Page>;
  if (room.needs !== null && !may(room.needs)) return <Page title={shell.forbidden}><Empty icon="key" title={shell.forbidden}><p>{shell.forbiddenText}</p>{toHome}</Empty></Page>;
  return <>{room.page(place)}</>;
}

export function Shell() {
  const { session, words: { shell } } = useApp();
  const place = usePlace();
  const [open, openSet] = useState(false);
  const main = useRef<HTMLElement>(null);
  const key = place.parts.join('/');
  useEffect(() => openSet(false), [key]);
  useEffect(() => {
    const close = (event: KeyboardEvent) => { if (event.key === 'Escape') openSet(false); };
    document.addEventListener('keydown', close);
    return () => document.removeEventListener('keydown', close);
  }, []);
  return (
    <>
      <a class="skip" href="#main" onClick={(event) => { event.preventDefault(); main.current?.focus(); }}>{shell.skip}</a>
      <div class="shell">
        <header class="topbar">
          <div class="brand"><Brand /><span class="brand-name">{session?.merchant_name ?? shell.console}</span></div>
          <Button icon={open ? 'close' : 'menu'} expanded={open} onClick={() => openSet(!open)}>{shell.menu}</Button>
        </header>
        <Nav place={place} open={open} onGo={() => openSet(false)} />
        <div>
          {session?.sandbox ? <div class="ribbon">{shell.sandbox}</div> : null}
          <main class="main" id="main" ref={main} tabIndex={-1}>
            <Room key={key} place={place} />
          </main>
        </div>
      </div>
    </>
  );
}
