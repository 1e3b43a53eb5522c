// All payments: found by what one knows of them, a page after the other.
import { useEffect, useState } from 'preact/hooks';
import { api, apiPath } from '../../api/client.ts';
import type { Transfer, TransfersReply, TransferState } from '../../api/types.ts';
import { useApp, useFormat, useWords } from '../../parts/app.ts';
import { Button, Card, Empty, LinkButton, Loading, Problem, StateBadge } from '../../parts/basic.tsx';
import { SelectField, TextField } from '../../parts/field.tsx';
import { useAct, useLoad } from '../../parts/load.ts';
import { Page } from '../../parts/page.tsx';
import { Table } from '../../parts/table.tsx';
import { go, href, type Place } from '../../route.ts';
import { COUNTRIES, operatorName } from '../../rules/countries.ts';
import { phoneShow } from '../../rules/number.ts';

const PAGE = 50;
const TYPING_MS = 350;
const STATES: readonly TransferState[] = ['NEW', 'REC', 'NOS', 'VAL', 'REJ'];

interface Filters {
  q: string;
  from: string;
  to: string;
  state: string;
  operator: string;
}

const dayAfter = (day: string) => new Date(Date.parse(day) + 24 * 3600 * 1000).toISOString().slice(0, 10);

export function TransfersPage({ place }: { place: Place }) {
  const { words: { transfers } } = useApp();
  const part = (name: keyof Filters) => place.query.get(name) ?? '';
  const filters: Filters = { q: part('q'), from: part('from'), to: part('to'), state: part('state'), operator: part('operator') };
  // The day until is among those that are meant.
  const asked = { ...filters, to: filters.to === '' ? '' : dayAfter(filters.to) };
  const any = Object.values(filters).some((value) => value !== '');
  const change = (changed: Partial<Filters>) => go('/transfers', { ...filters, ...changed }, { replace: true });
  return (
    <Page title={transfers.title} actions={<LinkButton icon="down" download href={apiPath('/transfers.csv', asked)}>{transfers.export}</LinkButton>}>
      <FilterForm filters={filters} onChange={change} any={any} />
      <TransferList path="/transfers" query={asked} any={any} />
    </Page>
  );
}

function FilterForm({ filters, onChange, any }: { filters: Filters; onChange: (changed: Partial<Filters>) => void; any: boolean }) {
  const { transfers, state: stateWords } = useWords();
  const [q, qSet] = useState(filters.q);
  useEffect(() => qSet(filters.q), [filters.q]);
  useEffect(() => {
    if (q.trim() === filters.q) return undefined;
    const timer = setTimeout(() => onChange({ q: q.trim() }), TYPING_MS);
    return () => clearTimeout(timer);
  }, [q]);
  const methods = COUNTRIES.flatMap(({ code, operators }) => operators.map(({ operator, method }) => [method, `${operatorName(operator)} ${code}`] as const));
  return (
    <search class="card" aria-label={transfers.filters}>
      <div class="grid-fields">
        <TextField label={transfers.search} hint={transfers.searchHint} type="search" value={q} onValue={qSet} more={{ autocomplete: 'off' }} />
        <SelectField label={stateWords.label} value={filters.state} onValue={(state) => onChange({ state })} choices={[['', transfers.anyState], ...STATES.map((each) => [each, stateWords[each]] as const)]} />
        <SelectField label={transfers.operator} value={filters.operator} onValue={(operator) => onChange({ operator })} choices={[['', transfers.anyOperator], ...methods]} />
        <TextField label={transfers.from} type="date" value={filters.from} onValue={(from) => onChange({ from })} />
        <TextField label={transfers.to} type="date" value={filters.to} onValue={(to) => onChange({ to })} />
      </div>
      {any ? <div><Button small kind="quiet" icon="close" onClick={() => onChange({ q: '', from: '', to: '', state: '', operator: '' })}>{transfers.clear}</Button></div> : null}
    </search>
  );
}

// A list that goes on: the newest first, more when asked.
export function TransferList({ path, query, any }: { path: string; query: Record<string, string | undefined>; any: boolean }) {
  const { words: { transfers, common } } = useApp();
  const { day } = useFormat();
  const key = JSON.stringify([path, query]);
  const [more, moreSet] = useState<{ key: string; pages: TransfersReply[] }>({ key, pages: [] });
  const acting = useAct();
  const loaded = useLoad(key, (signal) => api.get<TransfersReply>(path, { ...query, limit: PAGE }, signal));
  const pages = [...(loaded.value === null ? [] : [loaded.value]), ...(more.key === key ? more.pages : [])];
  const rows = pages.flatMap((page) => page.transfers);
  const last = pages.at(-1);
  const load = () => acting.run(async () => {
    const reply = await api.get<TransfersReply>(path, { ...query, limit: PAGE, before: last?.next });
    moreSet({ key, pages: [...(more.key === key ? more.pages : []), reply] });
  });
  return (
    <>
      <Problem text={loaded.problem ?? acting.problem} again={loaded.reload} />
      {loaded.value === null ? (loaded.loading ? <Loading /> : null) : rows.length === 0 && !last?.next
        ? (
          <Card>
            <Empty icon={any ? 'search' : 'list'} title={any ? transfers.emptyFound : transfers.empty}><p>{any ? transfers.emptyFoundText : transfers.emptyText}</p></Empty>
          </Card>
        ) : rows.length === 0 ? null : <Card flush><TransferTable rows={rows} /></Card>}
      <div class="between">
        <span class="soft small" role="status">{[rows.length === 0 ? '' : transfers.shown(rows.length), last?.next && last.seen_from ? transfers.seen(day(last.seen_from)) : ''].filter((part) => part !== '').join(' · ')}</span>
        {last?.next ? <Button busy={acting.busy} onClick={() => { void load(); }}>{last.transfers.length === 0 ? transfers.seenMore : common.more}</Button> : null}
      </div>
    </>
  );
}

export function TransferTable({ rows }: { rows: readonly Transfer[] }) {
  const { transfers, common, reason: reasons } = useWords();
  const { money, time } = useFormat();
  return (
    <Table label={transfers.title} rows={rows} keyOf={({ transaction_id: key }) => key} columns={[
      { title: transfers.receiver, head: true, cell: (row) => (
        <a href={href(`/transfers/${row.transaction_id}`)}>{`${row.name ?? ''} ${row.surname ?? ''}`.trim() || phoneShow(row.receiver_e164, COUNTRIES)}</a>) },
      { title: common.phone, cell: ({ receiver_e164: phone }) => <span class="nowrap">{phoneShow(phone, COUNTRIES)}</span> },
      { title: common.operator, cell: ({ operator }) => operatorName(operator) },
      { title: common.state, cell: ({ state, confirmed, reason }) => <><StateBadge state={state} confirmed={confirmed} />{reason ? <div class="soft small">{reasons[reason] ?? reason}</div> : null}</> },
      { title: common.date, cell: ({ created_at: at }) => <span class="nowrap">{time(at)}</span> },
      { title: common.amount, number: true, cell: ({ amount, currency }) => <span class="strong">{money(amount, currency)}</span> },
    ]} />
  );
}
