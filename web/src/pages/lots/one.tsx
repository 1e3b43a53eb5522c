// One lot: what it is, the decision it waits for, how far it is, whom it pays.
import { Fragment } from 'preact';
import { useState } from 'preact/hooks';
import { api } from '../../api/client.ts';
import type { LotReply, Transfer } from '../../api/types.ts';
import { useApp, useFormat, useWords } from '../../parts/app.ts';
import { Badge, Button, Card, Loading, LotBadge, Note, Problem, StateBadge, Sums } from '../../parts/basic.tsx';
import { useAct, useLoad } from '../../parts/load.ts';
import { Page } from '../../parts/page.tsx';
import { Table } from '../../parts/table.tsx';
import { href } from '../../route.ts';
import { COUNTRIES, operatorName } from '../../rules/countries.ts';
import { phoneShow } from '../../rules/number.ts';
import { LotDecide } from './decide.tsx';
import { LotProgress } from './progress.tsx';

const PEOPLE_MAX = 100; // Shown at once.

export function LotPage({ id }: { id: string }) {
  const { words: { lots } } = useApp();
  const loaded = useLoad(`lots/${id}`, (signal) => api.get<LotReply>(`/lots/${encodeURIComponent(id)}`, { limit: PEOPLE_MAX }, signal));
  const lot = loaded.value;
  return (
    <Page title={lot === null ? lots.lot : lots.one(lot.count)} back={{ to: '/lots', text: lots.title }} actions={lot === null ? undefined : <LotBadge state={lot.state} />}>
      <Problem text={loaded.problem} again={loaded.reload} />
      {lot === null ? (loaded.loading ? <Loading /> : null) : (
        <>
          <Facts lot={lot} />
          {lot.state === 'WAITING' ? <LotDecide lot={lot} onDecided={loaded.reload} /> : null}
          {lot.state === 'CONFIRMED' ? <LotProgress lot={lot} onDone={loaded.reload} /> : null}
          {lot.state === 'CANCELLED' ? <Note tone="info"><p>{lots.cancelledText}</p></Note> : null}
          {lot.state === 'EXPIRED' ? <Note tone="warn"><p>{lots.expiredText}</p></Note> : null}
          <People lot={lot} />
        </>
      )}
    </Page>
  );
}

function Facts({ lot }: { lot: LotReply }) {
  const { lots, common } = useWords();
  const { time, number } = useFormat();
  const given = lot.approvals.filter(({ act }) => act === 'GIVEN' || act === 'CONFIRMED').length;
  return (
    <Card>
      <dl class="figures">
        <div class="figure figure-big"><dt>{lots.total}</dt><dd><Sums sums={lot.total} /></dd></div>
        <div class="figure"><dt>{lots.receivers}</dt><dd>{number(lot.count)}</dd></div>
        <div class="figure"><dt>{lots.fees}</dt><dd><Sums sums={lot.fees} /></dd></div>
      </dl>
      <dl class="facts">
        <dt>{lots.sender}</dt><dd>{lot.sender || lots.apiSender}</dd>
        <dt>{lots.when}</dt><dd>{time(lot.created_at)}</dd>
        {lot.state === 'WAITING' && lot.expires_at !== null ? <><dt>{lots.until}</dt><dd>{time(lot.expires_at)}</dd></> : null}
        {lot.persons > 1 ? <><dt>{lots.approvals}</dt><dd><Badge tone={given >= lot.persons ? 'good' : 'warn'}>{lots.persons(given, lot.persons)}</Badge></dd></> : null}
        {lot.approvals.map(({ number: key, act, person, at }) => (
          <Fragment key={key}><dt>{time(at)}</dt><dd>{person} {lots.acts[act] ?? act}</dd></Fragment>
        ))}
        <dt>{common.reference}</dt><dd><code class="breaks">{lot.lot}</code></dd>
      </dl>
    </Card>
  );
}

function People({ lot }: { lot: LotReply }) {
  const { lots, common, reason: reasons } = useWords();
  const { money } = useFormat();
  const acting = useAct();
  const [more, moreSet] = useState<Transfer[]>([]);
  const shown = [...lot.transfers, ...more];
  const load = () => acting.run(async () => {
    const reply = await api.get<LotReply>(`/lots/${encodeURIComponent(lot.lot)}`, { skip: shown.length, limit: PEOPLE_MAX });
    moreSet([...more, ...reply.transfers]);
  });
  return (
    <>
      <Card flush title={lots.people}>
        <Table label={lots.people} rows={shown} keyOf={({ transaction_id: key }) => key} columns={[
          { title: common.phone, head: true, cell: (row) => <a class="nowrap" href={href(`/transfers/${row.transaction_id}`)}>{phoneShow(row.receiver_e164, COUNTRIES)}</a> },
          { title: common.name, cell: ({ name = '', surname = '' }) => `${name} ${surname}`.trim() || '–' },
          { title: common.operator, cell: ({ operator }) => operatorName(operator) },
          { title: common.state, cell: ({ state, reason, comment }) => <><StateBadge state={state} confirmed={lot.state === 'CONFIRMED'} />{reason ? <div class="soft small">{reasons[reason] ?? comment ?? reason}</div> : null}</> },
          { title: common.amount, number: true, cell: ({ amount, currency }) => money(amount, currency) },
        ]} />
      </Card>
      <Problem text={acting.problem} />
      {shown.length < lot.count ? <div class="row"><Button busy={acting.busy} onClick={() => { void load(); }}>{common.more}</Button></div> : null}
    </>
  );
}
