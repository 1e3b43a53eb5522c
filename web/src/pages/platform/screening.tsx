// Names like one of a list: a person says whether it is the same.
import { useState } from 'preact/hooks';
import { api } from '../../api/client.ts';
import type { Screening } from '../../api/types.ts';
import { useApp } from '../../parts/app.ts';
import { Button, Card, Problem } from '../../parts/basic.tsx';
import { ReasonDialog } from '../../parts/dialog.tsx';
import { useLoad } from '../../parts/load.ts';
import { Table } from '../../parts/table.tsx';
import { href } from '../../route.ts';

export function ScreeningCard() {
  const { words: { platform, common, doubles }, say } = useApp();
  const loaded = useLoad('screening', (signal) => api.get<{ matches: Screening[] }>('/screening', {}, signal));
  const [asks, asksSet] = useState<{ row: Screening; act: 'release' | 'refuse' } | null>(null);
  const rows = loaded.value?.matches ?? [];
  return (
    <Card flush={rows.length > 0} title={platform.screening}>
      <Problem text={loaded.problem} again={loaded.reload} />
      {rows.length === 0 ? <p class="soft">{platform.screeningEmpty}</p> : (
        <Table label={platform.screening} rows={rows} keyOf={({ transaction_id: key }) => key} columns={[
          { title: common.reference, head: true, cell: ({ transaction_id: id }) => <a href={href(`/transfers/${id}`)}>{id}</a> },
          { title: common.name, cell: ({ name, entry, score }) => <><span class="breaks">{name ?? ''}</span><div class="soft small">{platform.looksLike(entry)} · {platform.score(score)}</div></> },
          { title: common.edit, bare: true, cell: (row) => (
            <div class="row">
              <Button small label={`${platform.release} : ${row.transaction_id}`} onClick={() => asksSet({ row, act: 'release' })}>{platform.release}</Button>
              <Button small kind="bad" label={`${platform.refuse} : ${row.transaction_id}`} onClick={() => asksSet({ row, act: 'refuse' })}>{platform.refuse}</Button>
            </div>) },
        ]} />
      )}
      {asks === null ? null : (
        <ReasonDialog title={platform.screeningTitle} does={asks.act === 'release' ? platform.release : platform.refuse} bad={asks.act === 'refuse'} label={doubles.why} onClose={() => asksSet(null)}
          act={async (evidence) => { await api.post(`/screening/${encodeURIComponent(asks.row.transaction_id)}/${asks.act}`, { evidence }); say(doubles.done); loaded.reload(); }} />
      )}
    </Card>
  );
}
