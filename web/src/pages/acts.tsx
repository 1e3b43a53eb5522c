// The log: who did what, when.
import { useState } from 'preact/hooks';
import { api } from '../api/client.ts';
import type { Act } from '../api/types.ts';
import { useApp, useFormat } from '../parts/app.ts';
import { Button, Card, Empty, Loading, Problem } from '../parts/basic.tsx';
import { useAct, useLoad } from '../parts/load.ts';
import { Page } from '../parts/page.tsx';
import { Table } from '../parts/table.tsx';

const PAGE = 50;

interface ActsReply {
  acts: Act[];
  next_before: number | null;
}

export function ActsPage() {
  const { words: { acts, common } } = useApp();
  const { time } = useFormat();
  const loaded = useLoad('acts', (signal) => api.get<ActsReply>('/acts', { limit: PAGE }, signal));
  const [more, moreSet] = useState<ActsReply[]>([]);
  const acting = useAct();
  const pages = [...(loaded.value === null ? [] : [loaded.value]), ...more];
  const rows = pages.flatMap((page) => page.acts);
  const before = pages.at(-1)?.next_before ?? null;
  const load = () => acting.run(async () => moreSet([...more, await api.get<ActsReply>('/acts', { limit: PAGE, before })]));
  return (
    <Page title={acts.title} text={acts.text}>
      <Problem text={loaded.problem ?? acting.problem} again={loaded.reload} />
      {loaded.value === null ? (loaded.loading ? <Loading /> : null)
        : rows.length === 0 ? <Card><Empty icon="book" title={acts.empty}><p>{acts.emptyText}</p></Empty></Card> : (
          <Card flush>
            <Table label={acts.title} rows={rows} keyOf={({ id }) => String(id)} columns={[
              { title: common.date, cell: ({ at }) => <span class="nowrap">{time(at)}</span> },
              { title: acts.person, head: true, cell: ({ person }) => <span class="breaks">{person}</span> },
              { title: acts.what, cell: ({ what }) => acts.kinds[what] ?? what },
              { title: acts.subject, cell: ({ subject }) => <span class="breaks">{subject}</span> },
              { title: acts.from, cell: ({ from }) => from },
              { title: acts.change, cell: (act) => <Change act={act} /> },
            ]} />
          </Card>
        )}
      {before === null ? null : <div class="row"><Button busy={acting.busy} onClick={() => { void load(); }}>{common.more}</Button></div>}
    </Page>
  );
}

const text = (value: unknown) => (value === null || value === undefined ? '–' : JSON.stringify(value, null, 1));

function Change({ act }: { act: Act }) {
  const { words: { acts } } = useApp();
  if (act.before === null && act.after === null) return <>–</>;
  return (
    <details>
      <summary>{acts.change}</summary>
      <pre class="code small">{`${acts.before} : ${text(act.before)}\n${acts.after} : ${text(act.after)}`}</pre>
    </details>
  );
}
