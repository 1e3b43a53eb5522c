// Who may log in, as what.
import { useState } from 'preact/hooks';
import { api } from '../api/client.ts';
import type { Role, User } from '../api/types.ts';
import { useApp, useFormat, useWords } from '../parts/app.ts';
import { Badge, Button, Card, CopyLine, Loading, Note, Problem } from '../parts/basic.tsx';
import { ConfirmDialog, Dialog } from '../parts/dialog.tsx';
import { Form, SelectField, TextField } from '../parts/field.tsx';
import { useAct, useLoad } from '../parts/load.ts';
import { Page } from '../parts/page.tsx';
import { Table } from '../parts/table.tsx';
import type { Place } from '../route.ts';

const ROLES: readonly Role[] = ['OWNER', 'MAKER', 'CHECKER', 'VIEWER'];

const path = (user: User) => `/users/${encodeURIComponent(user.name)}`;

type Asks = { what: 'password' | 'totp' | 'disable'; user: User };

export function UsersPage({ place }: { place: Place }) {
  const { session, words: { users }, say } = useApp();
  const merchant = place.query.get('merchant') ?? undefined;
  const loaded = useLoad(`users ${merchant}`, (signal) => api.get<{ users: User[] }>('/users', { merchant, limit: 200 }, signal));
  const [adds, addsSet] = useState(false);
  const [asks, asksSet] = useState<Asks | null>(null);
  const [fresh, freshSet] = useState<{ name: string; password: string } | null>(null);
  const change = async (user: User, changed: Partial<User>) => {
    await api.post(path(user), changed);
    say(users.done);
    loaded.reload();
  };
  return (
    <Page title={users.title} text={users.text} actions={<Button kind="main" icon="plus" onClick={() => addsSet(true)}>{users.add}</Button>}>
      <Problem text={loaded.problem} again={loaded.reload} />
      {loaded.value === null ? (loaded.loading ? <Loading /> : null)
        : <Card flush><UserTable rows={loaded.value.users} me={session?.name ?? ''} onAsk={asksSet} onChange={change} /></Card>}
      {adds ? <AddDialog merchant={merchant} onClose={() => addsSet(false)} onAdded={(added) => { freshSet(added); loaded.reload(); }} /> : null}
      {asks?.what === 'password' ? (
        <ConfirmDialog title={users.resetTitle(asks.user.name)} does={users.reset} onClose={() => asksSet(null)}
          act={async () => { freshSet(await api.post<{ name: string; password: string }>(`${path(asks.user)}/password`)); loaded.reload(); }}><p>{users.resetText}</p></ConfirmDialog>
      ) : null}
      {asks?.what === 'totp' ? (
        <ConfirmDialog title={users.totpTitle(asks.user.name)} does={users.resetTotp} bad onClose={() => asksSet(null)}
          act={async () => { await api.post(`${path(asks.user)}/totp/reset`); say(users.done); loaded.reload(); }}><p>{users.totpText}</p></ConfirmDialog>
      ) : null}
      {asks?.what === 'disable' ? (
        <ConfirmDialog title={users.disableTitle(asks.user.name)} does={users.disable} bad onClose={() => asksSet(null)} act={() => change(asks.user, { disabled: true })}><p>{users.disableText}</p></ConfirmDialog>
      ) : null}
      {fresh === null ? null : <FreshDialog fresh={fresh} onClose={() => freshSet(null)} />}
    </Page>
  );
}

function UserTable({ rows, me, onAsk, onChange }: { rows: readonly User[]; me: string; onAsk: (asks: Asks) => void; onChange: (user: User, changed: Partial<User>) => Promise<void> }) {
  const { users, shell, common } = useWords();
  const { day } = useFormat();
  const acting = useAct();
  return (
    <>
      <Problem text={acting.problem} />
      <Table label={users.title} rows={rows} keyOf={({ name }) => name} columns={[
        { title: users.name, head: true, cell: ({ name, mail }) => <><span class="strong breaks">{name}</span>{mail === '' ? null : <div class="soft small breaks">{mail}</div>}</> },
        { title: users.role, cell: ({ role }) => shell.roles[role] },
        { title: common.state, cell: ({ disabled }) => <Badge tone={disabled ? 'plain' : 'good'}>{disabled ? users.disabled : users.active}</Badge> },
        { title: users.totp, cell: ({ totp }) => (totp ? common.yes : common.no) },
        { title: users.created, cell: ({ created_at: at }) => day(at) },
        { title: users.actions, bare: true, cell: (user) => (user.name === me ? null : (
          <div class="row">
            <Button small kind="quiet" label={`${users.reset} : ${user.name}`} onClick={() => onAsk({ what: 'password', user })}>{users.reset}</Button>
            {user.totp ? <Button small kind="quiet" label={`${users.resetTotp} : ${user.name}`} onClick={() => onAsk({ what: 'totp', user })}>{users.resetTotp}</Button> : null}
            {user.disabled ? <Button small kind="quiet" label={`${users.enable} : ${user.name}`} onClick={() => { void acting.run(() => onChange(user, { disabled: false })); }}>{users.enable}</Button>
              : <Button small kind="quiet" label={`${users.disable} : ${user.name}`} onClick={() => onAsk({ what: 'disable', user })}>{users.disable}</Button>}
          </div>)) },
      ]} />
    </>
  );
}

function AddDialog({ merchant, onClose, onAdded }: { merchant: string | undefined; onClose: () => void; onAdded: (added: { name: string; password: string }) => void }) {
  const { session, words: { users, common, shell } } = useApp();
  const [name, nameSet] = useState('');
  const [mail, mailSet] = useState('');
  const platform = session?.role === 'PLATFORM' && merchant === undefined;
  const [role, roleSet] = useState<Role>(platform ? 'PLATFORM' : 'MAKER');
  const acting = useAct();
  const add = () => acting.run(async () => {
    const whose = session?.role === 'PLATFORM' && merchant !== undefined ? { merchant: Number(merchant) } : {};
    const added = await api.post<{ name: string; password: string }>('/users', { name: name.trim().toLowerCase(), role, ...(mail.trim() === '' ? {} : { mail: mail.trim() }), ...whose });
    onClose();
    onAdded(added);
  });
  const roles = platform ? ['PLATFORM'] as const : ROLES;
  return (
    <Dialog title={users.add} onClose={onClose}>
      <Form onSubmit={() => { void add(); }} label={users.add}>
        <TextField label={users.name} hint={users.nameHint} value={name} onValue={nameSet} more={{ autocapitalize: 'none', autocomplete: 'off', spellcheck: false }} />
        <SelectField label={users.role} value={role} onValue={(chosen) => roleSet(chosen as Role)} hint={users.roleHelp[role]} choices={roles.map((each) => [each, shell.roles[each]] as const)} />
        <TextField label={common.mail} hint={common.optional} type="email" value={mail} onValue={mailSet} more={{ autocomplete: 'off' }} />
        <Problem text={acting.problem} />
        <div class="row-end"><Button onClick={onClose}>{common.cancel}</Button><Button kind="main" submit busy={acting.busy}>{users.add}</Button></div>
      </Form>
    </Dialog>
  );
}

function FreshDialog({ fresh, onClose }: { fresh: { name: string; password: string }; onClose: () => void }) {
  const { users, common } = useWords();
  return (
    <Dialog title={users.firstPassword(fresh.name)} onClose={onClose}>
      <Note tone="warn"><p>{users.firstText}</p></Note>
      <CopyLine id="first-password" label={users.firstPassword(fresh.name)} value={fresh.password} />
      <div class="row-end"><Button kind="main" onClick={onClose}>{common.close}</Button></div>
    </Dialog>
  );
}
