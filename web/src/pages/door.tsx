// What stands before the house: logging in, choosing a password, setting up the second step.
import { useState } from 'preact/hooks';
import { ApiError } from '../api/client.ts';
import { useApp } from '../parts/app.ts';
import { Button, Note, Problem } from '../parts/basic.tsx';
import { CheckField, Form, TextField } from '../parts/field.tsx';
import { Brand } from '../parts/icon.tsx';
import { LanguageChoice } from '../parts/language.tsx';
import { useAct } from '../parts/load.ts';
import { PasswordForm, TotpForm } from '../parts/credentials.tsx';
import { sessionBegin, sessionEnd } from '../session.ts';

export function Door({ ended }: { ended: boolean }) {
  const { session, words } = useApp();
  return (
    <main class="door">
      <div>
        <div class="door-brand">
          <div class="brand"><Brand /><span class="brand-name">payoutd</span></div>
          <LanguageChoice />
        </div>
        <div class="door-card fades">
          {ended && session === null ? <Note tone="info"><p>{words.shell.loggedOut}</p></Note> : null}
          {session === null ? <Login /> : session.must_change_password ? <MustChange /> : <MustProtect />}
        </div>
      </div>
    </main>
  );
}

function Login() {
  const { words: { login }, sessionLoad } = useApp();
  const [name, nameSet] = useState('');
  const [password, passwordSet] = useState('');
  const [code, codeSet] = useState('');
  const [recovery, recoverySet] = useState(false);
  const [shown, shownSet] = useState(false);
  const [wrong, wrongSet] = useState(false);
  const acting = useAct();
  const enter = () => acting.run(async () => {
    wrongSet(false);
    try {
      await sessionBegin(name.trim().toLowerCase(), password, code.trim());
    } catch (problem) {
      if (!(problem instanceof ApiError) || problem.status !== 401) throw problem;
      wrongSet(true);
      return;
    }
    await sessionLoad();
  });
  return (
    <Form onSubmit={() => { void enter(); }} label={login.title}>
      <div>
        <h1>{login.title}</h1>
        <p class="soft">{login.text}</p>
      </div>
      <div role="alert">{wrong ? <Note tone="bad"><p class="strong">{login.wrong}</p><p>{login.wrongHint}</p></Note> : null}</div>
      <Problem text={acting.problem} />
      <TextField label={login.name} value={name} onValue={nameSet} more={{ autocomplete: 'username', autocapitalize: 'none', spellcheck: false, required: true }} />
      <div class="stack-close">
        <TextField label={login.password} value={password} onValue={passwordSet} type={shown ? 'text' : 'password'}
          more={{ autocomplete: 'current-password', spellcheck: false, required: true }} />
        <CheckField label={login.showPassword} checked={shown} onChecked={shownSet} />
      </div>
      {recovery
        ? <TextField label={login.recoveryCode} hint={login.recoveryHint} value={code} onValue={codeSet} more={{ autocomplete: 'off', spellcheck: false }} />
        : <TextField label={login.code} hint={login.codeHint} value={code} onValue={codeSet} more={{ autocomplete: 'one-time-code', inputMode: 'numeric', maxLength: 8 }} />}
      <Button kind="main" submit busy={acting.busy}>{login.enter}</Button>
      <div>
        <Button kind="quiet" small onClick={() => { recoverySet(!recovery); codeSet(''); }}>{recovery ? login.useCode : login.recovery}</Button>
      </div>
    </Form>
  );
}

function Leave() {
  const { words: { shell }, sessionLoad } = useApp();
  const acting = useAct();
  return <Button kind="quiet" small busy={acting.busy} onClick={() => { void acting.run(async () => { await sessionEnd(false); await sessionLoad(); }); }}>{shell.logout}</Button>;
}

function MustChange() {
  const { words: { account } } = useApp();
  return (
    <>
      <div><h1>{account.mustTitle}</h1><p class="soft">{account.mustText} {account.changeText}</p></div>
      <PasswordForm />
      <Leave />
    </>
  );
}

function MustProtect() {
  const { words: { account } } = useApp();
  return (
    <>
      <div><h1>{account.totpMustTitle}</h1><p class="soft">{account.totpMustText}</p></div>
      <TotpForm />
      <Leave />
    </>
  );
}
