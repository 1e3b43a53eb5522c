// One merchant, as the platform sees it: money in and out, limits, suspension.
import { useState } from 'preact/hooks';
import { api } from '../../api/client.ts';
import type { MerchantReply } from '../../api/types.ts';
import { useApp, useFormat, useWords } from '../../parts/app.ts';
import { Badge, Button, Card, Loading, Problem } from '../../parts/basic.tsx';
import { ConfirmDialog, Dialog } from '../../parts/dialog.tsx';
import { CheckField, Form, TextField } from '../../parts/field.tsx';
import { useAct, useLoad } from '../../parts/load.ts';
import { Page } from '../../parts/page.tsx';
import { href } from '../../route.ts';
import { amountRead } from '../../rules/money.ts';

const LIMITS = ['limit_day', 'limit_month', 'receiver_day', 'receiver_month', 'receiver_hour_count', 'reserve', 'approve_above'] as const;
const SWITCHES = ['two_persons', 'all_or_nothing'] as const;

export function MerchantPage({ id }: { id: string }) {
  const { words: { platform, common, shell }, say } = useApp();
  const path = `/merchants/${encodeURIComponent(id)}`;
  const loaded = useLoad(path, (signal) => api.get<MerchantReply>(path, {}, signal));
  const [opens, opensSet] = useState<'topup' | 'withdraw' | 'suspend' | null>(null);
  const merchant = loaded.value;
  const suspend = async (suspended: boolean) => {
    await api.post(path, { suspended });
    say(common.saved);
    loaded.reload();
  };
  return (
    <Page title={merchant?.name ?? platform.merchants} back={{ to: '/merchants', text: platform.merchants }}
      actions={merchant === null ? undefined : <Badge tone={merchant.suspended ? 'bad' : 'good'}>{merchant.suspended ? platform.suspended : platform.active}</Badge>}>
      <Problem text={loaded.problem} again={loaded.reload} />
      {merchant === null ? (loaded.loading ? <Loading /> : null) : (
        <>
          <Balances merchant={merchant} />
          <div class="row">
            <Button kind="main" icon="plus" onClick={() => opensSet('topup')}>{platform.topUp}</Button>
            <Button onClick={() => opensSet('withdraw')}>{platform.withdraw}</Button>
            {merchant.suspended ? <Button onClick={() => { void suspend(false); }}>{platform.resume}</Button> : <Button kind="bad" onClick={() => opensSet('suspend')}>{platform.suspend}</Button>}
          </div>
          <nav class="tabs" aria-label={merchant.name}>
            <a href={href('/users', { merchant: id })}>{platform.users}</a>
            <a href={href('/contacts', { merchant: id })}>{platform.contacts}</a>
            <a href={href('/developers', { merchant: id })}>{platform.keys}</a>
            <a href={href('/send', { merchant: id })}>{shell.send}</a>
          </nav>
          <Limits key={JSON.stringify(merchant)} merchant={merchant} path={path} onSaved={loaded.reload} />
          {opens === 'topup' || opens === 'withdraw' ? <MoveDialog merchant={merchant} which={opens} onClose={() => opensSet(null)} onMoved={loaded.reload} /> : null}
          {opens === 'suspend' ? <ConfirmDialog title={platform.suspendTitle(merchant.name)} does={platform.suspend} bad onClose={() => opensSet(null)} act={() => suspend(true)}><p>{platform.suspendText}</p></ConfirmDialog> : null}
        </>
      )}
    </Page>
  );
}

function Balances({ merchant }: { merchant: MerchantReply }) {
  const { platform } = useWords();
  const { money } = useFormat();
  const named: Record<string, string> = { available: platform.available, held: platform.held };
  const all = merchant.balances.length === 0 ? [{ account: 'available', currency: merchant.currency, balance: 0 }] : merchant.balances;
  return (
    <Card>
      <dl class="figures">
        {all.map(({ account, currency, balance }) => <div key={`${account} ${currency}`} class="figure"><dt>{named[account.toLowerCase()] ?? account}</dt><dd>{money(balance, currency)}</dd></div>)}
      </dl>
    </Card>
  );
}

function Limits({ merchant, path, onSaved }: { merchant: MerchantReply; path: string; onSaved: () => void }) {
  const { words: { platform, common, send }, say } = useApp();
  const [texts, textsSet] = useState(() => Object.fromEntries(LIMITS.map((name) => [name, String(merchant[name])])) as Record<(typeof LIMITS)[number], string>);
  const [switches, switchesSet] = useState(() => Object.fromEntries(SWITCHES.map((name) => [name, merchant[name]])) as Record<(typeof SWITCHES)[number], boolean>);
  const acting = useAct();
  const wrong = LIMITS.filter((name) => amountRead(texts[name]) === null);
  const save = () => {
    if (wrong.length > 0) return;
    void acting.run(async () => {
      await api.post(path, { ...Object.fromEntries(LIMITS.map((name) => [name, amountRead(texts[name])])), ...switches });
      say(common.saved);
      onSaved();
    });
  };
  return (
    <Card title={platform.limits} text={platform.limitsText}>
      <Form onSubmit={save} label={platform.limits}>
        <div class="grid-fields">
          {LIMITS.map((name) => (
            <TextField key={name} label={platform[name]} value={texts[name]} wrong={wrong.includes(name) ? send.wrong.amount : null} onValue={(value) => textsSet({ ...texts, [name]: value })} more={{ inputMode: 'numeric' }} />))}
        </div>
        {SWITCHES.map((name) => <CheckField key={name} label={platform[name]} checked={switches[name]} onChecked={(value) => switchesSet({ ...switches, [name]: value })} />)}
        <Problem text={acting.problem} />
        <div><Button kind="main" submit busy={acting.busy} off={wrong.length > 0}>{common.save}</Button></div>
      </Form>
    </Card>
  );
}

function MoveDialog({ merchant, which, onClose, onMoved }: { merchant: MerchantReply; which: 'topup' | 'withdraw'; onClose: () => void; onMoved: () => void }) {
  const { words: { platform, common, send }, say } = useApp();
  const { money } = useFormat();
  const [amount, amountSet] = useState('');
  const [reference, referenceSet] = useState('');
  const [looked, lookedSet] = useState(false);
  const acting = useAct();
  const read = amountRead(amount);
  const name = which === 'topup' ? platform.topUp : platform.withdraw;
  const move = () => {
    lookedSet(true);
    if (read === null || read === 0 || reference.trim() === '') return;
    void acting.run(async () => {
      const reply = await api.post<{ again: boolean }>(`/merchants/${merchant.id}/${which}`, { amount: read, currency: merchant.currency, reference: reference.trim() });
      say(reply.again ? platform.movedAgain : platform.moved);
      onMoved();
      onClose();
    });
  };
  return (
    <Dialog title={which === 'topup' ? platform.topUpTitle(merchant.name) : platform.withdrawTitle(merchant.name)} onClose={onClose}>
      <Form onSubmit={move} label={name}>
        <TextField label={platform.amount} big="amount" value={amount} onValue={amountSet} wrong={looked && !read ? send.wrong.amount : null} hint={read === null ? undefined : money(read, merchant.currency)} more={{ inputMode: 'numeric' }} />
        <TextField label={platform.reference} hint={platform.referenceHint} value={reference} onValue={referenceSet} wrong={looked && reference.trim() === '' ? common.needed : null} />
        <Problem text={acting.problem} />
        <div class="row-end"><Button onClick={onClose}>{common.cancel}</Button><Button kind="main" submit busy={acting.busy}>{read === null ? name : `${name} ${money(read, merchant.currency)}`}</Button></div>
      </Form>
    </Dialog>
  );
}
