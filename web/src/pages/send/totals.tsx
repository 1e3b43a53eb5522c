// What a list comes to, always in sight, with the button that sends it.
import type { CheckTotal } from '../../api/types.ts';
import { useFormat, useWords } from '../../parts/app.ts';
import { Button, Note } from '../../parts/basic.tsx';
import { RowsSaid } from './rows.tsx';

export function TotalsBar({ totals, count, bad, busy, ready, onSend, onRemoveBad }: {
  totals: readonly CheckTotal[]; count: number; bad: number; busy: boolean; ready: boolean; onSend: () => void; onRemoveBad: () => void;
}) {
  const { send, common } = useWords();
  const { money } = useFormat();
  const short = totals.filter(({ enough }) => !enough);
  const sum = totals.map(({ amount, currency }) => money(amount, currency)).join(' + ');
  return (
    <section class="bar-sticky stack-close" aria-label={send.totals}>
      <div class="between">
        <div class="stack-close" role="status">
          <span class="strong">{common.people(count)} · {busy ? send.checking : <RowsSaid count={count} bad={bad} />}</span>
          {totals.map(({ currency, fees, held, available }) => (
            <span key={currency} class="soft small">{send.fee} {money(fees, currency)} · {send.held} {money(held, currency)} · {send.after} {money(available - held, currency)}</span>
          ))}
        </div>
        <div class="row">
          {bad > 0 && !busy ? <Button small onClick={onRemoveBad}>{send.removeBad(bad)}</Button> : null}
          <Button kind="main" icon="send" off={!ready} busy={busy} onClick={onSend}>{sum === '' ? send.do : send.doSum(sum)}</Button>
        </div>
      </div>
      {short.map(({ currency, held, available }) => <Note key={currency} tone="bad"><p>{send.notEnough(money(held - available, currency))}</p></Note>)}
      {bad > 0 && !busy ? <p class="small soft">{send.fixFirst}</p> : null}
    </section>
  );
}
