// Whom one pays: found by name or number, added one by one or from a list.
import { useEffect, useState } from 'preact/hooks';
import { api } from '../../api/client.ts';
import type { Contact } from '../../api/types.ts';
import { useApp, useFormat, useMay, useWords } from '../../parts/app.ts';
import { Button, Card, Empty, Loading, Problem } from '../../parts/basic.tsx';
import { TextField } from '../../parts/field.tsx';
import { useAct, useLoad } from '../../parts/load.ts';
import { Page } from '../../parts/page.tsx';
import { Table } from '../../parts/table.tsx';
import { href, type Place } from '../../route.ts';
import { COUNTRIES } from '../../rules/countries.ts';
import { phoneShow } from '../../rules/number.ts';
import { ImportDialog } from './import.tsx';

const PAGE = 50;
const TYPING_MS = 350;

interface ContactsReply {
  contacts: Contact[];
  next_after: string | null;
}

export function contactName({ name, surname }: { name: string; surname: string }): string {
  return `${name} ${surname}`.trim();
}

export function ContactsPage({ place }: { place: Place }) {
  const { words: { contacts, common } } = useApp();
  const may = useMay();
  const merchant = place.query.get('merchant') ?? undefined;
  const [typed, typedSet] = useState('');
  const [q, qSet] = useState('');
  const [adds, addsSet] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => qSet(typed.trim()), TYPING_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  const acting = useAct();
  const [more, moreSet] = useState<{ q: string; pages: ContactsReply[] }>({ q: '', pages: [] });
  // A number is looked for by its digits.
  const wanted = /^[+\d][\d\s.-]*$/.test(q) ? q.replace(/\D/g, '') : q;
  const loaded = useLoad(`contacts ${wanted}`, (signal) => api.get<ContactsReply>('/contacts', { q: wanted, limit: PAGE, merchant }, signal));
  const pages = [...(loaded.value === null ? [] : [loaded.value]), ...(more.q === wanted ? more.pages : [])];
  const rows = pages.flatMap((page) => page.contacts);
  const after = pages.at(-1)?.next_after ?? null;
  const load = () => acting.run(async () => {
    const reply = await api.get<ContactsReply>('/contacts', { q: wanted, limit: PAGE, after, merchant });
    moreSet({ q: wanted, pages: [...(more.q === wanted ? more.pages : []), reply] });
  });
  return (
    <Page title={contacts.title} actions={may('POST /contacts') ? <Button kind="main" icon="plus" onClick={() => addsSet(true)}>{contacts.add}</Button> : undefined}>
      <search><TextField label={contacts.search} type="search" value={typed} onValue={typedSet} more={{ autocomplete: 'off' }} /></search>
      <Problem text={loaded.problem ?? acting.problem} again={loaded.reload} />
      {loaded.value === null ? (loaded.loading ? <Loading /> : null) : rows.length > 0 ? <Card flush><ContactTable rows={rows} /></Card> : (
        <Card>
          <Empty icon="people" title={wanted === '' ? contacts.empty : contacts.emptyFound}><p>{wanted === '' ? contacts.emptyText : contacts.emptyFoundText}</p></Empty>
        </Card>
      )}
      {after === null ? null : <div class="row"><Button busy={acting.busy} onClick={() => { void load(); }}>{common.more}</Button></div>}
      {adds ? <ImportDialog merchant={merchant} onClose={() => addsSet(false)} onAdded={loaded.reload} /> : null}
    </Page>
  );
}

function ContactTable({ rows }: { rows: readonly Contact[] }) {
  const { contacts, common } = useWords();
  const { day } = useFormat();
  return (
    <Table label={contacts.title} rows={rows} keyOf={({ phone }) => phone} columns={[
      { title: common.name, head: true, cell: (row) => <a class="breaks" href={href(`/contacts/${row.phone.replace('+', '')}`)}>{contactName(row) || contacts.noName}</a> },
      { title: common.phone, cell: ({ phone }) => <span class="nowrap">{phoneShow(phone, COUNTRIES)}</span> },
      { title: contacts.listedUnder, cell: ({ listed_under: under }) => (under === null ? '–' : phoneShow(under, COUNTRIES)) },
      { title: contacts.since, cell: ({ created_at: at }) => day(at) },
    ]} />
  );
}
