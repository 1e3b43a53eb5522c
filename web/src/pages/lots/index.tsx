// Lots: those that wait for somebody's word, and all of them.
import { useState } from 'preact/hooks';
import { api } from '../../api/client.ts';
import type { Lot } from '../../api/types.ts';
import { useApp, useFormat, useWords } from '../../parts/app.ts';
import { Button, Card, Empty, LinkButton, Loading, LotBadge, Problem, Sums } from '../../parts/basic.tsx';
import { useAct, useLoad } from '../../parts/load.ts';
import { Page } from '../../parts/page.tsx';
import { Table } from '../../parts/table.tsx';
import { href, type Place } from '../../route.ts';

export function LotsPage({ place }: { place: Place }) {
  const { session, words: { lots } } = useApp();
  const all = place.parts[1] === 'all';
  return (
    <Page title={all ? lots.all : lots.title} text={lots.text}>
      {session?.role === 'PLATFORM' ? null : (
        <nav class="tabs" aria-label={lots.lot}>
          <a href={href('/lots')} aria-current={all ? undefined : 'page'}>{lots.waiting}</a>
          <a href={href('/lots/all')} aria-current={all ? 'page' : undefined}>{lots.all}</a>
        </nav>
      )}
      {all ? <AllLots /> : <WaitingLots />}
    </Page>
  );
}

function WaitingLots() {
  const { lots } = useWords();
  const loaded = useLoad('lots', (signal) => api.get<{ lots: Lot[] }>('/lots', {}, signal));
  const found = loaded.value?.lots ?? [];
  return (
    <>
      <Problem text={loaded.problem} again={loaded.reload} />
      {loaded.value === null ? (loaded.loading ? <Loading /> : null)
        : found.length === 0 ? <Card><Empty icon="lots" title={lots.empty}><p>{lots.emptyText}</p></Empty></Card>
          : <Card flush><LotsTable rows={found} waiting /></Card>}
    </>
  );
}

function AllLots() {
  const { words: { lots, common } } = useApp();
  const [older, olderSet] = useState<Lot[]>([]);
  const [next, nextSet] = useState<string | null | undefined>(undefined);
  const acting = useAct();
  const loaded = useLoad('lots/all', (signal) => api.get<{ lots: Lot[]; next_before: string | null }>('/lots/all', { limit: 50 }, signal));
  const found = [...loaded.value?.lots ?? [], ...older];
  const before = next === undefined ? loaded.value?.next_before ?? null : next;
  const more = () => acting.run(async () => {
    const reply = await api.get<{ lots: Lot[]; next_before: string | null }>('/lots/all', { limit: 50, before });
    olderSet([...older, ...reply.lots]);
    nextSet(reply.next_before);
  });
  return (
    <>
      <Problem text={loaded.problem ?? acting.problem} again={loaded.reload} />
      {loaded.value === null ? (loaded.loading ? <Loading /> : null)
        : found.length === 0 ? <Card><Empty icon="lots" title={lots.empty}><p>{lots.emptyText}</p></Empty></Card>
          : <Card flush><LotsTable rows={found} /></Card>}
      {before === null ? null : <div class="row"><Button busy={acting.busy} onClick={() => { void more(); }}>{common.more}</Button></div>}
    </>
  );
}

export function LotsTable({ rows, waiting }: { rows: readonly Lot[]; waiting?: boolean }) {
  const { lots, common } = useWords();
  const { time } = useFormat();
  return (
    <Table label={lots.all} rows={rows} keyOf={({ lot }) => lot} columns={[
      { title: lots.lot, head: true, cell: ({ lot, count }) => <a href={href(`/lots/${lot}`)}>{lots.one(count)}</a> },
      { title: lots.total, number: true, cell: ({ total }) => <span class="strong"><Sums sums={total} /></span> },
      { title: lots.sender, cell: ({ sender }) => sender || lots.apiSender },
      { title: lots.when, cell: ({ created_at: at }) => time(at) },
      waiting
        ? { title: lots.until, cell: ({ expires_at: at }) => (at === null ? '–' : time(at)) }
        : { title: common.state, cell: ({ state }) => <LotBadge state={state} /> },
      { title: common.show, bare: true, cell: ({ lot }) => <LinkButton small kind={waiting ? 'main' : 'quiet'} href={href(`/lots/${lot}`)}>{waiting ? lots.look : common.show}</LinkButton> },
    ]} />
  );
}
