// What no operator says and a person has to: unknown outcomes, proposals, contradictions, names to check.
import { useState } from 'preact/hooks';
import { api } from '../../api/client.ts';
import type { Contradiction, Proposal, Transfer, TransfersReply } from '../../api/types.ts';
import { useApp, useFormat } from '../../parts/app.ts';
import { Button, Card, Empty, Loading, Problem } from '../../parts/basic.tsx';
import { ReasonDialog } from '../../parts/dialog.tsx';
import { useAct, useLoad, type Loaded } from '../../parts/load.ts';
import { Page } from '../../parts/page.tsx';
import { Table } from '../../parts/table.tsx';
import { href } from '../../route.ts';
import { TransferTable } from '../transfers/index.tsx';
import { ScreeningCard } from './screening.tsx';

type Outcome = 'paid' | 'rejected';

interface Proposals {
  proposals: Proposal[];
}

export function UnknownPage() {
  const { words: { platform } } = useApp();
  const unknown = useLoad('unknown', (signal) => api.get<TransfersReply>('/transfers', { state: 'NOS', limit: 50 }, signal));
  const proposals = useLoad('settlements', (signal) => api.get<Proposals>('/settlements', {}, signal));
  const reload = () => {
    unknown.reload();
    proposals.reload();
  };
  return (
    <Page title={platform.unknown} text={platform.unknownText}>
      <ProposalsCard loaded={proposals} onDone={reload} />
      <UnknownCard loaded={unknown} onDone={reload} />
      <ContradictionsCard />
      <ScreeningCard />
    </Page>
  );
}

// Says an outcome with its evidence; the second person's same word moves the money.
export function useSettle(onDone: () => void) {
  const { words: { platform }, say } = useApp();
  return async (id: string, outcome: Outcome, evidence: string) => {
    const reply = await api.post<{ act: string }>(`/transfers/${encodeURIComponent(id)}/settle`, { outcome, evidence });
    say(reply.act === 'PROPOSED' ? platform.proposed : platform.settled);
    onDone();
  };
}

function UnknownCard({ loaded, onDone }: { loaded: Loaded<TransfersReply>; onDone: () => void }) {
  const { words: { platform } } = useApp();
  const [asks, asksSet] = useState<{ row: Transfer; outcome: Outcome } | null>(null);
  const settle = useSettle(onDone);
  const rows = loaded.value?.transfers ?? [];
  return (
    <>
      <Problem text={loaded.problem} again={loaded.reload} />
      <Card flush={rows.length > 0} title={platform.unknownList}>
        {loaded.value === null ? (loaded.loading ? <Loading /> : null) : rows.length === 0 ? <Empty icon="good" title={platform.unknownEmpty}><p>{platform.unknownEmptyText}</p></Empty>
          : rows.map((row) => (
            <div key={row.transaction_id}>
              <TransferTable rows={[row]} />
              <div class="card-head">
                <div class="row">
                  <Button small onClick={() => asksSet({ row, outcome: 'paid' })}>{platform.paid}</Button>
                  <Button small kind="bad" onClick={() => asksSet({ row, outcome: 'rejected' })}>{platform.rejected}</Button>
                </div>
              </div>
            </div>
          ))}
      </Card>
      {asks === null ? null : (
        <ReasonDialog title={platform.settleTitle(asks.outcome === 'paid' ? platform.paid : platform.rejected)} does={asks.outcome === 'paid' ? platform.paid : platform.rejected} bad={asks.outcome === 'rejected'}
          label={platform.evidence} hint={platform.evidenceHint} onClose={() => asksSet(null)} act={(evidence) => settle(asks.row.transaction_id, asks.outcome, evidence)}>
          <Sum row={asks.row} />
          <p>{platform.settleText}</p>
        </ReasonDialog>
      )}
    </>
  );
}

function Sum({ row }: { row: Transfer }) {
  const { money } = useFormat();
  return <div class="dialog-sum"><strong>{money(row.amount, row.currency)}</strong><span>{row.receiver_e164}</span></div>;
}

function ProposalsCard({ loaded, onDone }: { loaded: Loaded<Proposals>; onDone: () => void }) {
  const { session, words: { platform, common } } = useApp();
  const { time } = useFormat();
  const [asks, asksSet] = useState<Proposal | null>(null);
  const settle = useSettle(onDone);
  const acting = useAct();
  const rows = loaded.value?.proposals ?? [];
  const takeBack = (row: Proposal) => acting.run(async () => {
    await api.post(`/transfers/${encodeURIComponent(row.transaction_id)}/withdraw`, { evidence: platform.takeBack });
    onDone();
  });
  return (
    <Card flush={rows.length > 0} title={platform.proposals}>
      <Problem text={loaded.problem ?? acting.problem} />
      {rows.length === 0 ? <p class="soft">{platform.proposalsEmpty}</p> : (
        <Table label={platform.proposals} rows={rows} keyOf={({ transaction_id: key }) => key} columns={[
          { title: common.reference, head: true, cell: ({ transaction_id: id }) => <a href={href(`/transfers/${id}`)}>{id}</a> },
          { title: common.state, cell: ({ outcome }) => (outcome === 'paid' ? platform.paid : platform.rejected) },
          { title: platform.evidence, cell: ({ evidence, person, at }) => <><span class="breaks">{evidence}</span><div class="soft small">{platform.by(person)} · {time(at)}</div></> },
          { title: common.edit, bare: true, cell: (row) => (row.person === session?.name
            ? <Button small label={`${platform.takeBack} : ${row.transaction_id}`} onClick={() => { void takeBack(row); }}>{platform.takeBack}</Button>
            : <Button small kind="main" label={`${platform.agree} : ${row.transaction_id}`} onClick={() => asksSet(row)}>{platform.agree}</Button>) },
        ]} />
      )}
      {asks === null ? null : (
        <ReasonDialog title={platform.settleTitle(asks.outcome === 'paid' ? platform.paid : platform.rejected)} does={platform.agree} label={platform.evidence} hint={platform.evidenceHint}
          onClose={() => asksSet(null)} act={(evidence) => settle(asks.transaction_id, asks.outcome as Outcome, evidence)}>
          <p>{platform.by(asks.person)} : {asks.evidence}</p>
        </ReasonDialog>
      )}
    </Card>
  );
}

function ContradictionsCard() {
  const { words: { platform, common, state }, say } = useApp();
  const { money, time } = useFormat();
  const loaded = useLoad('contradictions', (signal) => api.get<{ contradictions: Contradiction[] }>('/contradictions', { limit: 100 }, signal));
  const [asks, asksSet] = useState<Contradiction | null>(null);
  const rows = loaded.value?.contradictions ?? [];
  return (
    <Card flush={rows.length > 0} title={platform.contradictions} text={platform.contradictionsText}>
      <Problem text={loaded.problem} again={loaded.reload} />
      {rows.length === 0 ? <p class="soft">{platform.contradictionsEmpty}</p> : (
        <Table label={platform.contradictions} rows={rows} keyOf={({ id }) => String(id)} columns={[
          { title: common.reference, head: true, cell: ({ transaction_id: id }) => <a href={href(`/transfers/${id}`)}>{id}</a> },
          { title: common.state, cell: (row) => <>{state[row.state]}<div class="soft small">{platform.said(row.said)}</div></> },
          { title: common.amount, number: true, cell: (row) => money(row.suspense_amount, row.currency) },
          { title: common.date, cell: ({ at }) => time(at) },
          { title: common.edit, bare: true, cell: (row) => <Button small label={`${platform.close} : ${row.transaction_id}`} onClick={() => asksSet(row)}>{platform.close}</Button> },
        ]} />
      )}
      {asks === null ? null : (
        <ReasonDialog title={platform.closeTitle} does={platform.close} label={platform.note} onClose={() => asksSet(null)}
          act={async (note) => { await api.post(`/contradictions/${asks.id}/close`, { note }); say(platform.closed); loaded.reload(); }} />
      )}
    </Card>
  );
}
