// One's own account: who one is, password, second step, all sessions.
import { api } from '../api/client.ts';
import { useApp } from '../parts/app.ts';
import { Badge, Button, Card, Problem } from '../parts/basic.tsx';
import { PasswordForm, TotpForm } from '../parts/credentials.tsx';
import { useAct } from '../parts/load.ts';
import { Page } from '../parts/page.tsx';

export function AccountPage() {
  const { session, words: { account, shell }, sessionLoad } = useApp();
  const acting = useAct();
  if (session === null) return null;
  return (
    <Page title={account.title} narrow>
      <Card>
        <dl class="facts">
          <dt>{account.signedInAs}</dt><dd class="strong">{session.name}</dd>
          <dt>{account.role}</dt><dd>{shell.roles[session.role]}</dd>
          {session.merchant_name === null ? null : <><dt>{account.of}</dt><dd>{session.merchant_name}</dd></>}
        </dl>
      </Card>
      <Card title={account.totp} text={account.totpText} actions={<Badge tone={session.totp ? 'good' : 'warn'}>{session.totp ? account.totpOn : account.totpOff}</Badge>}>
        {session.totp ? null : <TotpForm />}
      </Card>
      <Card title={account.change} text={account.changeText}><PasswordForm /></Card>
      <Card title={account.everywhere} text={account.everywhereText}>
        <Problem text={acting.problem} />
        <div><Button icon="out" busy={acting.busy} onClick={() => { void acting.run(async () => { await api.post('/logout', { everywhere: true }); await sessionLoad(); }); }}>{account.everywhere}</Button></div>
      </Card>
    </Page>
  );
}
