// Sending money: to one person, or to a list.
import { useState } from 'preact/hooks';
import { useApp } from '../../parts/app.ts';
import { TextField } from '../../parts/field.tsx';
import { Icon } from '../../parts/icon.tsx';
import { Page } from '../../parts/page.tsx';
import { href, type Place } from '../../route.ts';
import { COUNTRIES } from '../../rules/countries.ts';
import type { Country } from '../../rules/number.ts';
import { ListForm } from './list.tsx';
import { OneForm } from './one.tsx';

const KEPT = 'payoutd.country';

// The country that numbers are of unless they say otherwise: the last one chosen here, else the first of the currency.
export function useCountry(): { country: Country | null; countrySet: (prefix: string) => void } {
  const { session } = useApp();
  const [prefix, prefixSet] = useState(() => localStorage.getItem(KEPT) ?? COUNTRIES.find(({ currency }) => currency === session?.currency)?.prefix ?? '225');
  return { country: COUNTRIES.find((each) => each.prefix === prefix) ?? null,
    countrySet: (chosen) => {
      localStorage.setItem(KEPT, chosen);
      prefixSet(chosen);
    } };
}

export function SendPage({ place }: { place: Place }) {
  const { session, words: { send } } = useApp();
  const many = place.parts[1] === 'list';
  const [merchant, merchantSet] = useState(place.query.get('merchant') ?? '');
  return (
    <Page title={send.title}>
      <nav aria-label={send.how}>
        <ul class="choices">
          <li class="stack"><a class="choice" href={href('/send')} aria-current={many ? undefined : 'page'}><strong><Icon name="send" />{send.one}</strong><span class="soft">{send.oneText}</span></a></li>
          <li class="stack"><a class="choice" href={href('/send/list')} aria-current={many ? 'page' : undefined}><strong><Icon name="people" />{send.many}</strong><span class="soft">{send.manyText}</span></a></li>
        </ul>
      </nav>
      {session?.role === 'PLATFORM' ? <TextField label={send.merchant} value={merchant} onValue={merchantSet} more={{ inputMode: 'numeric' }} /> : null}
      {many ? <ListForm merchant={merchant} /> : <OneForm merchant={merchant} phone={place.query.get('phone') ?? ''} />}
    </Page>
  );
}
