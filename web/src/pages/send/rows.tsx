// The lines of a list as a table that can be corrected.
import { useState } from 'preact/hooks';
import { useFormat, useWords } from '../../parts/app.ts';
import { Button, Card } from '../../parts/basic.tsx';
import { Table } from '../../parts/table.tsx';
import type { ListRow } from '../../rules/csv.ts';
import type { Verdict } from '../../rules/payment.ts';
import { VerdictCell } from './verdict.tsx';

const SHOWN_MAX = 50; // Lines a page.

export interface Judged {
  row: ListRow;
  index: number;
  waits: boolean; // For the server's word.
  verdict: Verdict;
}

type Shown = 'all' | 'bad' | 'warn';

export function RowsTable({ judged, onRows }: { judged: readonly Judged[]; onRows: (rows: ListRow[]) => void }) {
  const { send, common } = useWords();
  const [wanted, wantedSet] = useState<Shown>('all');
  const [page, pageSet] = useState(0);
  const bad = judged.filter(({ verdict }) => verdict.wrong !== null);
  const warn = judged.filter(({ verdict }) => verdict.wrong === null && verdict.doubts.length > 0);
  const chosen = wanted === 'bad' ? bad : wanted === 'warn' ? warn : judged;
  const pages = Math.max(1, Math.ceil(chosen.length / SHOWN_MAX));
  const at = Math.min(page, pages - 1);
  const shown = chosen.slice(at * SHOWN_MAX, (at + 1) * SHOWN_MAX);
  const rows = judged.map(({ row }) => row);
  const change = (index: number, part: Partial<ListRow>) => onRows(rows.map((row, each) => (each === index ? { ...row, ...part } : row)));
  const cell = (which: 'phone' | 'amount' | 'name' | 'surname', title: string) => ({ title,
    cell: ({ row, index, verdict }: Judged) => (
      <input class="input" value={row[which]} aria-label={`${title}, ${send.line} ${row.line}`} autocomplete="off" spellcheck={false}
        placeholder={which === 'name' && verdict.known !== null ? verdict.known : undefined}
        inputMode={which === 'phone' ? 'tel' : which === 'amount' ? 'numeric' : undefined} onChange={(event) => change(index, { [which]: event.currentTarget.value })} />
    ) });
  const tab = (which: Shown, text: string) => <Button small kind="quiet" pressed={wanted === which} onClick={() => { wantedSet(which); pageSet(0); }}>{text}</Button>;
  return (
    <Card flush title={send.list} actions={(
      <>
        {tab('all', `${send.showAll} (${judged.length})`)}
        {bad.length === 0 && wanted !== 'bad' ? null : tab('bad', `${send.showBad} (${bad.length})`)}
        {warn.length === 0 && wanted !== 'warn' ? null : tab('warn', `${send.showWarn} (${warn.length})`)}
      </>
    )}>
      {shown.length === 0 ? <p class="empty soft">{send.noneHere}</p> : (
        <Table label={send.list} rows={shown} keyOf={({ index }) => String(index)} toneOf={({ verdict }) => (verdict.wrong === null ? undefined : 'row-bad')} columns={[
          { title: send.line, head: true, cell: ({ row }) => row.line },
          cell('phone', common.phone), cell('amount', common.amount), cell('name', common.name), cell('surname', common.firstName),
          { title: send.verdict, cell: ({ verdict, waits }) => <VerdictCell verdict={verdict} waits={waits} /> },
          { title: common.remove, bare: true, cell: ({ row, index }) => <Button small kind="quiet" icon="close" label={send.removeLine(row.line)} onClick={() => onRows(rows.filter((_, each) => each !== index))}>{''}</Button> },
        ]} />
      )}
      {pages < 2 ? null : (
        <div class="card-head">
          <Button small icon="back" off={at === 0} onClick={() => pageSet(at - 1)}>{send.before}</Button>
          <span>{send.page(at + 1, pages)}</span>
          <Button small off={at === pages - 1} onClick={() => pageSet(at + 1)}>{send.next}</Button>
        </div>
      )}
    </Card>
  );
}

// How many lines are how, read aloud when it changes.
export function RowsSaid({ count, bad }: { count: number; bad: number }) {
  const { send } = useWords();
  const { number } = useFormat();
  return <span>{bad === 0 ? send.good(count) : `${send.good(count - bad)}, ${send.bad(bad)}`}<span class="hidden-text"> ({number(count)})</span></span>;
}
