// Forms for one's own password and second step.
import { useState } from 'preact/hooks';
import { api } from '../api/client.ts';
import { useApp } from './app.ts';
import { Button, CopyLine, Problem } from './basic.tsx';
import { Form, TextField } from './field.tsx';
import { useAct } from './load.ts';

const PASSWORD_LETTERS_MIN = 12;

export function PasswordForm() {
  const { words: { account }, sessionLoad, say } = useApp();
  const [old, oldSet] = useState('');
  const [fresh, freshSet] = useState('');
  const [repeat, repeatSet] = useState('');
  const [looked, lookedSet] = useState(false);
  const acting = useAct();
  const short = fresh.length < PASSWORD_LETTERS_MIN;
  const differ = fresh !== repeat;
  const change = () => {
    lookedSet(true);
    if (short || differ) return;
    void acting.run(async () => {
      await api.post('/me/password', { password: old, new: fresh });
      say(account.changed);
      await sessionLoad();
    });
  };
  return (
    <Form onSubmit={change} label={account.change}>
      <Problem text={acting.problem} />
      <TextField label={account.old} type="password" value={old} onValue={oldSet} more={{ autocomplete: 'current-password' }} />
      <TextField label={account.new} type="password" value={fresh} onValue={freshSet} wrong={looked && short ? account.short : null} more={{ autocomplete: 'new-password' }} />
      <TextField label={account.repeat} type="password" value={repeat} onValue={repeatSet} wrong={looked && !short && differ ? account.differ : null} more={{ autocomplete: 'new-password' }} />
      <div><Button kind="main" submit busy={acting.busy}>{account.changeDo}</Button></div>
    </Form>
  );
}

interface TotpBegun {
  secret: string;
  uri: string;
  recovery_codes: string[];
}

export function TotpForm() {
  const { words: { account, login }, sessionLoad, say } = useApp();
  const [password, passwordSet] = useState('');
  const [code, codeSet] = useState('');
  const [begun, begunSet] = useState<TotpBegun | null>(null);
  const acting = useAct();
  if (begun === null) {
    return (
      <Form onSubmit={() => { void acting.run(async () => begunSet(await api.post<TotpBegun>('/me/totp', { password }))); }} label={account.totp}>
        <Problem text={acting.problem} />
        <TextField label={login.password} type="password" value={password} onValue={passwordSet} more={{ autocomplete: 'current-password' }} />
        <div><Button kind="main" submit busy={acting.busy}>{account.totpBegin}</Button></div>
      </Form>
    );
  }
  const turnOn = () => acting.run(async () => {
    await api.post('/me/totp/confirm', { code: code.trim() });
    say(account.totpDone);
    await sessionLoad();
  });
  return (
    <Form onSubmit={() => { void turnOn(); }} label={account.totp}>
      <div class="stack-close">
        <p>1. {account.totpStep1}</p>
        <CopyLine id="totp-key" label={account.totpKey} value={begun.secret} />
        <p><a href={begun.uri}>{account.totpOpen}</a></p>
      </div>
      <div class="stack-close">
        <p>2. {account.totpStep2}</p>
        <pre class="code" tabIndex={0} aria-label={account.totpCodes}>{begun.recovery_codes.join('\n')}</pre>
      </div>
      <p>3. {account.totpStep3}</p>
      <TextField label={login.code} big="code" value={code} onValue={codeSet} more={{ autocomplete: 'one-time-code', inputMode: 'numeric', maxLength: 6 }} />
      <Problem text={acting.problem} />
      <Button kind="main" submit busy={acting.busy}>{account.totpDo}</Button>
    </Form>
  );
}
