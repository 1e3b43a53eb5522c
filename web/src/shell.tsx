// The frame of all pages: navigation by what one's role may, and the page that the address names.
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { AccountPage } from './pages/account.tsx';
import { ActsPage } from './pages/acts.tsx';
import { ContactsPage } from './pages/contacts/index.tsx';
import { ContactPage } from './pages/contacts/one.tsx';
import { DevelopersPage } from './pages/developers/index.tsx';
import { DoublesPage } from './pages/doubles.tsx';
import { HomePage } from './pages/home.tsx';
import { LotsPage } from './pages/lots/index.tsx';
import { LotPage } from './pages/lots/one.tsx';
import { ChannelsPage } from './pages/platform/channels.tsx';
import { MerchantPage } from './pages/platform/merchant.tsx';
import { MerchantsPage } from './pages/platform/merchants.tsx';
import { UnknownPage } from './pages/platform/unknown.tsx';
import { SendPage } from './pages/send/index.tsx';
import { TransfersPage } from './pages/transfers/index.tsx';
import { TransferPage } from './pages/transfers/one.tsx';
import { UsersPage } from './pages/users.tsx';
import { useApp, useMay } from './parts/app.ts';
import { Button, Empty, LinkButton } from './parts/basic.tsx';
import { Brand, Icon, type IconName } from './parts/icon.tsx';
import { LanguageChoice } from './parts/language.tsx';
import { useAct } from './parts/load.ts';
import { Page } from './parts/page.tsx';
import { href, usePlace, type Place } from './route.ts';
import { sessionEnd } from './session.ts';

interface Room {
  path: string; // The first part of its address.
  name: 'home' | 'send' | 'lots' | 'transfers' | 'doubles' | 'contacts' | 'developers' | 'users' | 'acts' | 'merchants' | 'channels' | 'unknown' | 'account';
  icon: IconName;
  needs: string | null; // The call that it can't do without.
  platform?: boolean; // For the platform's people ...
  merchant?: boolean; // ... of one merchant's, which they come to from that merchant's page.
  page: (place: Place) => ComponentChildren;
}

const ROOMS: readonly Room[] = [
  { path: '', name: 'home', icon: 'home', needs: 'GET /home', page: () => <HomePage /> },
  { path: 'send', name: 'send', icon: 'send', needs: 'POST /send', merchant: true, page: (place) => <SendPage place={place} /> },
  { path: 'lots', name: 'lots', icon: 'lots', needs: 'GET /lots',
    page: (place) => (place.parts[1] === undefined || place.parts[1] === 'all' ? <LotsPage place={place} /> : <LotPage id={place.parts[1]} />) },
  { path: 'transfers', name: 'transfers', icon: 'list', needs: 'GET /transfers',
    page: (place) => (place.parts[1] === undefined ? <TransfersPage place={place} /> : <TransferPage id={place.parts[1]} />) },
  { path: 'doubles', name: 'doubles', icon: 'copy', needs: 'GET /doubles', page: () => <DoublesPage /> },
  { path: 'contacts', name: 'contacts', icon: 'people', needs: 'GET /contacts', merchant: true,
    page: (place) => (place.parts[1] === undefined ? <ContactsPage place={place} /> : <ContactPage place={place} phone={place.parts[1]} />) },
  { path: 'developers', name: 'developers', icon: 'code', needs: 'GET /developer', merchant: true, page: (place) => <DevelopersPage place={place} /> },
  { path: 'users', name: 'users', icon: 'key', needs: 'GET /users', page: (place) => <UsersPage place={place} /> },
  { path: 'acts', name: 'acts', icon: 'book', needs: 'GET /acts', page: () => <ActsPage /> },
  { path: 'merchants', name: 'merchants', icon: 'shop', needs: 'GET /merchants', platform: true,
    page: (place) => (place.parts[1] === undefined ? <MerchantsPage /> : <MerchantPage id={place.parts[1]} />) },
  { path: 'channels', name: 'channels', icon: 'pulse', needs: 'GET /channels', platform: true, page: () => <ChannelsPage /> },
  { path: 'unknown', name: 'unknown', icon: 'scale', needs: 'GET /settlements', platform: true, page: () => <UnknownPage /> },
];
const ACCOUNT: Room = { path: 'account', name: 'account', icon: 'info', needs: null, page: () => <AccountPage /> };

function Nav({ place, open, onGo }: { place: Place; open: boolean; onGo: () => void }) {
  const { session, words: { shell }, sessionLoad } = useApp();
  const may = useMay();
  const acting = useAct();
  const shown = ROOMS.filter(({ needs, merchant }) => (needs === null || may(needs)) && !(merchant && session?.role === 'PLATFORM'));
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
          {session?.sandbox ? <aside class="ribbon" aria-label={shell.sandboxName}>{shell.sandbox}</aside> : null}
          <main class="main" id="main" ref={main} tabIndex={-1}>
            <Room key={key} place={place} />
          </main>
        </div>
      </div>
    </>
  );
}
