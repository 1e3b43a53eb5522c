// Real calls of the Payout API from the page: log in, look, add, send. Nothing but what any client would do.
import { useState } from 'preact/hooks';
import type { Developer } from '../../api/types.ts';
import { useApp, useWords } from '../../parts/app.ts';
import { Button, Card, Note } from '../../parts/basic.tsx';
import { Form, SelectField, TextField } from '../../parts/field.tsx';
import { useAct } from '../../parts/load.ts';

type What = 'balance' | 'contact' | 'send';

interface Answer {
  status: number;
  text: string;
}

async function callOf(path: string, fields?: Record<string, string>): Promise<Answer> {
  const reply = await fetch(path, { credentials: 'omit', ...(fields === undefined ? {} : { method: 'POST', body: new URLSearchParams(fields) }) });
  const text = await reply.text();
  try {
    return { status: reply.status, text: JSON.stringify(JSON.parse(text), null, 2) };
  } catch {
    return { status: reply.status, text };
  }
}

export function TryTab({ developer }: { developer: Developer }) {
  const { lang } = useApp();
  const { developers } = useWords();
  const [password, passwordSet] = useState('');
  const [what, whatSet] = useState<What>('balance');
  const [answer, answerSet] = useState<Answer | null>(null);
  const acting = useAct();
  const phone = developer.sandbox_numbers[0]?.phone.replace(/^\+225/, '') ?? '0700009905';
  const call = () => acting.run(async () => {
    const login = await callOf(`/v1/auth/login?lang=${lang}`, { apikey: developer.apikey ?? '', password });
    const token = (JSON.parse(login.text) as { data?: { token?: string } }).data?.token;
    if (token === undefined) {
      answerSet(login);
      return;
    }
    const query = new URLSearchParams({ lang, token });
    const person = { prefix: '225', phone };
    if (what === 'balance') answerSet(await callOf(`/v1/transfer/check/balance?${query}`));
    else if (what === 'contact') answerSet(await callOf(`/v1/transfer/contact?${query}`, { data: JSON.stringify([{ ...person, name: 'Essai', surname: 'Awa', email: 'awa@example.com' }]) }));
    else answerSet(await callOf(`/v1/transfer/money/send/contact?${query}`, { data: JSON.stringify([{ ...person, amount: 500, notify_url: developer.notify_url || location.origin }]) }));
  });
  return (
    <Card title={developers.try} text={developers.tryText}>
      <Form onSubmit={() => { void call(); }} label={developers.try}>
        <div class="grid-fields">
          <SelectField label={developers.tryWhat} value={what} onValue={(chosen) => whatSet(chosen as What)}
            choices={[['balance', developers.tryBalance], ...(developer.sandbox ? [['contact', developers.tryContacts], ['send', developers.trySend]] as const : [])]} />
          <TextField label={developers.tryPassword} type="password" value={password} onValue={passwordSet} more={{ autocomplete: 'off' }} />
        </div>
        <div><Button kind="main" icon="code" submit busy={acting.busy}>{developers.tryDo}</Button></div>
      </Form>
      <div role="status">
        {acting.problem === null ? null : <Note tone="bad"><p>{acting.problem}</p></Note>}
        {answer === null ? null : <p class="strong">{developers.tryAnswer} : {answer.status}</p>}
      </div>
      {answer === null ? null : <pre class="code" tabIndex={0} aria-label={developers.tryAnswer}>{answer.text}</pre>}
    </Card>
  );
}
