// The decision that a lot waits for: confirm or cancel, after a look at how much goes to how many.
import { useState } from 'preact/hooks';
import { api } from '../../api/client.ts';
import type { LotDecision, LotReply } from '../../api/types.ts';
import { useApp, useMay, useWords } from '../../parts/app.ts';
import { Button, Card, Note, Sums } from '../../parts/basic.tsx';
import { ConfirmDialog } from '../../parts/dialog.tsx';

export function LotDecide({ lot, onDecided }: { lot: LotReply; onDecided: () => void }) {
  const { session, words: { lots }, say } = useApp();
  const may = useMay();
  const [asks, asksSet] = useState<'confirm' | 'cancel' | null>(null);
  const id = encodeURIComponent(lot.lot);
  const mine = lot.approvals.some(({ person, act }) => person === session?.name && act === 'GIVEN');
  // Where two persons are asked for, one of them is not who sent it.
  const given = lot.approvals.filter(({ act }) => act === 'GIVEN').length;
  const mayConfirm = may('POST /lots/{lot}/confirm') && !mine;
  const confirm = async () => {
    const reply = await api.post<LotDecision>(`/lots/${id}/confirm`, { hash: lot.hash });
    say(reply.state === 'CONFIRMED' ? lots.confirmed : lots.givenOne);
    onDecided();
  };
  const cancel = async () => {
    await api.post<LotDecision>(`/lots/${id}/cancel`, { hash: lot.hash });
    say(lots.cancelled);
    onDecided();
  };
  return (
    <Card>
      <Note tone="warn"><p>{mine || given > 0 ? lots.waitsSecond : lots.waits} {mayConfirm || mine ? '' : lots.waitsOther}</p></Note>
      <div class="row">
        {mayConfirm ? <Button kind="main" icon="check" onClick={() => asksSet('confirm')}>{lots.confirm}</Button> : null}
        {may('POST /lots/{lot}/cancel') ? <Button kind="bad" onClick={() => asksSet('cancel')}>{lots.cancel}</Button> : null}
      </div>
      {asks === 'confirm' ? (
        <ConfirmDialog title={lots.confirmTitle} does={lots.confirm} onClose={() => asksSet(null)} act={confirm}>
          <LotSum lot={lot} />
          <p>{lot.persons > 1 && given + 1 < lot.persons ? lots.twoText : lots.confirmText}</p>
        </ConfirmDialog>
      ) : null}
      {asks === 'cancel' ? (
        <ConfirmDialog title={lots.cancelTitle} does={lots.cancelDo} bad onClose={() => asksSet(null)} act={cancel}>
          <LotSum lot={lot} />
          <p>{lots.cancelText}</p>
        </ConfirmDialog>
      ) : null}
    </Card>
  );
}

function LotSum({ lot }: { lot: LotReply }) {
  const { send } = useWords();
  return (
    <div class="dialog-sum">
      <strong><Sums sums={lot.total} /></strong>
      <span>{send.confirmTo(lot.count)}</span>
    </div>
  );
}
