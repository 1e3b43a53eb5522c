// The platform's merchants.
import { useState } from 'preact/hooks';
import { api } from '../../api/client.ts';
import type { Merchant } from '../../api/types.ts';
import { useApp, useWords } from '../../parts/app.ts';
import { Badge, Button, Card, CopyLine, Empty, Loading, Note, Problem } from '../../parts/basic.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { Form, SelectField, TextField } from '../../parts/field.tsx';
import { useAct, useLoad } from '../../parts/load.ts';
import { Page } from '../../parts/page.tsx';
import { Table } from '../../parts/table.tsx';
import { href } from '../../route.ts';
import { COUNTRIES } from '../../rules/countries.ts';

const CURRENCIES = [...new Set(COUNTRIES.map(({ currency }) => currency))];

interface MerchantsReply {
  merchants: Merchant[];
  next_after: number | null;
}

interface Made {
  id: number;
  apikey: string;
  password: string;
  secret_key: string;
}

export function MerchantsPage() {
  const { words: { platform, common } } = useApp();
  const loaded = useLoad('merchants', (signal) => api.get<MerchantsReply>('/merchants', { limit: 100 }, signal));
  const [more, moreSet] = useState<MerchantsReply[]>([]);
  const [adds, addsSet] = useState(false);
  const [made, madeSet] = useState<Made | null>(null);
  const acting = useAct();
  const pages = [...(loaded.value === null ? [] : [loaded.value]), ...more];
  const rows = pages.flatMap((page) => page.merchants);
  const after = pages.at(-1)?.next_after ?? null;
  const load = () => acting.run(async () => moreSet([...more, await api.get<MerchantsReply>('/merchants', { limit: 100, after })]));
  return (
    <Page title={platform.merchants} text={platform.merchantsText} actions={<Button kind="main" icon="plus" onClick={() => addsSet(true)}>{platform.add}</Button>}>
      <Problem text={loaded.problem ?? acting.problem} again={loaded.reload} />
      {loaded.value === null ? (loaded.loading ? <Loading /> : null)
        : rows.length === 0 ? <Card><Empty icon="shop" title={platform.empty}><p>{platform.emptyText}</p></Empty></Card> : (
          <Card flush>
            <Table label={platform.merchants} rows={rows} keyOf={({ id }) => String(id)} columns={[
              { title: platform.name, head: true, cell: ({ id, name }) => <a class="breaks" href={href(`/merchants/${id}`)}>{name}</a> },
              { title: common.reference, cell: ({ id }) => <code>{id}</code> },
              { title: platform.currency, cell: ({ currency }) => currency },
              { title: platform.state, cell: ({ suspended }) => <Badge tone={suspended ? 'bad' : 'good'}>{suspended ? platform.suspended : platform.active}</Badge> },
            ]} />
          </Card>
        )}
      {after === null ? null : <div class="row"><Button busy={acting.busy} onClick={() => { void load(); }}>{common.more}</Button></div>}
      {adds ? <AddDialog onClose={() => addsSet(false)} onMade={(keys) => { madeSet(keys); loaded.reload(); }} /> : null}
      {made === null ? null : <MadeDialog made={made} onClose={() => madeSet(null)} />}
    </Page>
  );
}

function AddDialog({ onClose, onMade }: { onClose: () => void; onMade: (made: Made) => void }) {
  const { platform, common } = useWords();
  const [name, nameSet] = useState('');
  const [currency, currencySet] = useState('XOF');
  const [lang, langSet] = useState('fr');
  const [wrong, wrongSet] = useState<string | null>(null);
  const acting = useAct();
  const add = () => {
    if (name.trim() === '') wrongSet(common.needed);
    else {
      void acting.run(async () => {
        const made = await api.post<Made>('/merchants', { name: name.trim(), currency, lang });
        onClose();
        onMade(made);
      });
    }
  };
  return (
    <Dialog title={platform.add} onClose={onClose}>
      <Form onSubmit={add} label={platform.add}>
        <TextField label={platform.name} value={name} wrong={wrong} onValue={(value) => { nameSet(value); wrongSet(null); }} more={{ autocomplete: 'off' }} />
        <div class="grid-fields">
          <SelectField label={platform.currency} value={currency} onValue={currencySet} choices={CURRENCIES.map((each) => [each, each] as const)} />
          <SelectField label={platform.lang} value={lang} onValue={langSet} choices={[['fr', 'Français'], ['en', 'English']]} />
        </div>
        <Problem text={acting.problem} />
        <div class="row-end"><Button onClick={onClose}>{common.cancel}</Button><Button kind="main" submit busy={acting.busy}>{platform.add}</Button></div>
      </Form>
    </Dialog>
  );
}

function MadeDialog({ made, onClose }: { made: Made; onClose: () => void }) {
  const { platform, developers, common } = useWords();
  return (
    <Dialog title={platform.created} onClose={onClose}>
      <Note tone="warn"><p>{platform.keysOnce}</p></Note>
      <CopyLine id="made-apikey" label={developers.apikey} value={made.apikey} />
      <CopyLine id="made-password" label={developers.password} value={made.password} />
      <CopyLine id="made-secret" label={developers.secret} value={made.secret_key} />
      <div class="row-end"><Button kind="main" onClick={onClose}>{common.close}</Button></div>
    </Dialog>
  );
}
