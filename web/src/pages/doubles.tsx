// Payments that look like one sent before, and wait for a person's word.
import { useState } from 'preact/hooks';
import { api } from '../api/client.ts';
import type { Transfer } from '../api/types.ts';
import { useApp, useMay } from '../parts/app.ts';
import { Button, Card, Empty, Loading, Problem } from '../parts/basic.tsx';
import { ReasonDialog } from '../parts/dialog.tsx';
import { useLoad } from '../parts/load.ts';
import { Page } from '../parts/page.tsx';
import { TransferTable } from './transfers/index.tsx';

export function DoublesPage() {
  const { words: { doubles }, say } = useApp();
  const may = useMay();
  const [asks, asksSet] = useState<{ act: 'release' | 'refuse'; id: string } | null>(null);
  const loaded = useLoad('doubles', (signal) => api.get<{ doubles: Transfer[] }>('/doubles', {}, signal));
  const rows = loaded.value?.doubles ?? [];
  return (
    <Page title={doubles.title} text={doubles.text}>
      <Problem text={loaded.problem} again={loaded.reload} />
      {loaded.value === null ? (loaded.loading ? <Loading /> : null)
        : rows.length === 0 ? <Card><Empty icon="copy" title={doubles.empty}><p>{doubles.emptyText}</p></Empty></Card>
          : rows.map((row) => (
            <Card key={row.transaction_id} flush>
              <TransferTable rows={[row]} />
              {may('POST /transfers/{id}/release') ? (
                <div class="card-head">
                  <Button kind="main" small onClick={() => asksSet({ act: 'release', id: row.transaction_id })}>{doubles.release}</Button>
                  <Button kind="bad" small onClick={() => asksSet({ act: 'refuse', id: row.transaction_id })}>{doubles.refuse}</Button>
                </div>
              ) : null}
            </Card>
          ))}
      {asks === null ? null : (
        <ReasonDialog title={asks.act === 'release' ? doubles.releaseTitle : doubles.refuseTitle} does={asks.act === 'release' ? doubles.release : doubles.refuse} bad={asks.act === 'refuse'}
          label={doubles.why} hint={doubles.whyHint} onClose={() => asksSet(null)}
          act={async (evidence) => {
            await api.post(`/transfers/${encodeURIComponent(asks.id)}/${asks.act}`, { evidence });
            say(doubles.done);
            loaded.reload();
          }} />
      )}
    </Page>
  );
}
