// What a program of the merchant's needs, a tab a thing.
import { api } from '../../api/client.ts';
import type { Developer } from '../../api/types.ts';
import { useApp, useMay } from '../../parts/app.ts';
import { Card, Empty, LinkButton, Loading, Problem } from '../../parts/basic.tsx';
import { useLoad } from '../../parts/load.ts';
import { Page } from '../../parts/page.tsx';
import { href, type Place } from '../../route.ts';
import { CallsTab } from './calls.tsx';
import { KeysTab } from './keys.tsx';
import { SandboxTab } from './sandbox.tsx';
import { TryTab } from './try.tsx';

export function DevelopersPage({ place }: { place: Place }) {
  const { session, words: { developers } } = useApp();
  const may = useMay();
  const merchant = place.query.get('merchant') ?? (session?.merchant === null ? undefined : String(session?.merchant));
  const tab = place.parts[1] ?? '';
  const loaded = useLoad(merchant === undefined ? null : `developer ${merchant}`, (signal) => api.get<Developer>('/developer', { merchant }, signal));
  const developer = loaded.value;
  if (merchant === undefined) {
    return (
      <Page title={developers.title}>
        <Card><Empty icon="shop" title={developers.platformFirst}><p>{developers.platformText}</p><LinkButton kind="main" href={href('/merchants')}>{developers.platformFirst}</LinkButton></Empty></Card>
      </Page>
    );
  }
  const link = (name: string, text: string) => (
    <a href={href(`/developers${name === '' ? '' : `/${name}`}`, { merchant: place.query.get('merchant') ?? undefined })} aria-current={tab === name ? 'page' : undefined}>{text}</a>
  );
  return (
    <Page title={developers.title} text={developers.text}>
      <nav class="tabs" aria-label={developers.title}>
        {link('', developers.keys)}
        {developer?.sandbox ? link('sandbox', developers.sandbox) : null}
        {may('GET /calls') ? link('calls', developers.calls) : null}
        {developer?.apikey ? link('try', developers.try) : null}
      </nav>
      <Problem text={loaded.problem} again={loaded.reload} />
      {developer === null ? (loaded.loading ? <Loading /> : null)
        : tab === 'sandbox' ? <SandboxTab developer={developer} />
          : tab === 'calls' ? <CallsTab merchant={merchant} />
            : tab === 'try' ? <TryTab developer={developer} />
              : <KeysTab developer={developer} onChanged={loaded.reload} />}
    </Page>
  );
}
