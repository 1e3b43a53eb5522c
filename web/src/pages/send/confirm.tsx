// The last look before something is sent: how much, to how many.
import type { CheckTotal } from '../../api/types.ts';
import { useFormat, useWords } from '../../parts/app.ts';
import { Note } from '../../parts/basic.tsx';
import { ConfirmDialog } from '../../parts/dialog.tsx';

export function SendDialog({ totals, who, onClose, act }: { totals: readonly CheckTotal[]; who?: string; onClose: () => void; act: () => Promise<void> }) {
  const { send } = useWords();
  const { money } = useFormat();
  const count = totals.reduce((sum, each) => sum + each.count, 0);
  return (
    <ConfirmDialog title={send.confirmTitle} does={send.do} onClose={onClose} act={act}>
      <div class="dialog-sum">
        {totals.map(({ currency, amount }) => <strong key={currency}>{money(amount, currency)}</strong>)}
        <span>{who ?? send.confirmTo(count)}</span>
        {totals.filter(({ fees }) => fees > 0).map(({ currency, fees }) => <span key={currency} class="soft small">{send.confirmFees(money(fees, currency))}</span>)}
      </div>
      <Note tone="info"><p>{send.confirmText}</p></Note>
    </ConfirmDialog>
  );
}
