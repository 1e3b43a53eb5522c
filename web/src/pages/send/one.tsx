// Sending to one person: a number and an amount, checked while they are typed.
import { useMemo, useState } from 'preact/hooks';
import { useApp, useFormat, useWords } from '../../parts/app.ts';
import { Badge, Button, Card, Note, Problem } from '../../parts/basic.tsx';
import { Form, SelectField, TextField } from '../../parts/field.tsx';
import { go } from '../../route.ts';
import { COUNTRIES, operatorName } from '../../rules/countries.ts';
import type { ListRow } from '../../rules/csv.ts';
import { phoneRead } from '../../rules/number.ts';
import { rowItem, rowJudge, rowLook } from '../../rules/payment.ts';
import { keyDraw, listSend, useCheck } from './check.ts';
import { SendDialog } from './confirm.tsx';
import { useCountry } from './index.tsx';
import { useWrongText } from './verdict.tsx';

export function OneForm({ merchant, phone: first }: { merchant: string; phone: string }) {
  const { locale, words: { send, common } } = useApp();
  const { money } = useFormat();
  const wrongText = useWrongText();
  const { country, countrySet } = useCountry();
  const [phone, phoneSet] = useState(first);
  const [amount, amountSet] = useState('');
  const [name, nameSet] = useState('');
  const [surname, surnameSet] = useState('');
  const [method, methodSet] = useState('');
  const [asked, askedSet] = useState(false); // To send: what is missing is then said too.
  const [confirms, confirmsSet] = useState(false);
  const [refused, refusedSet] = useState<string | null>(null);
  const key = useMemo(keyDraw, [country, phone, amount, name, surname, method]); // Sent again as it is, it is paid once.
  const row: ListRow = { line: 1, phone, prefix: '', amount, name, surname, reference: '', method };
  const local = rowLook(row, COUNTRIES, country);
  const read = phoneRead(phone, COUNTRIES, country);
  const methods = (read?.country ?? country)?.operators ?? [];
  const items = local === null ? [rowItem(row, methods.map(({ method: each }) => each))] : [];
  const checking = useCheck(country?.prefix ?? '', items, merchant);
  const checked = checking.reply?.items[0] ?? null;
  const verdict = rowJudge(row, local, checked, [row]);
  const total = checking.reply?.totals[0];
  const named = name.trim() !== '' && surname.trim() !== '';
  const stranger = verdict.wrong?.what === 'name' || (checked !== null && checked.known === null);
  const of = (whats: string[]) => verdict.wrong !== null && whats.includes(verdict.wrong.what) ? wrongText(verdict.wrong) : null;
  const phoneWrong = phone.trim() === '' && !asked ? null : of(['phoneMissing', 'phone', 'operator']);
  const amountWrong = amount.trim() === '' && !asked ? null : of(['amountMissing', 'amount', 'min', 'max', 'multiple']);
  const ready = verdict.wrong === null && total !== undefined && total.enough && checked?.code === 0;
  const submit = () => {
    askedSet(true);
    if (ready) confirmsSet(true);
  };
  const pay = async () => {
    refusedSet(null);
    const reply = await listSend(key, country?.prefix ?? '', items, merchant);
    if (reply.lot !== null && reply.accepted > 0) go(`/lots/${reply.lot}`);
    else refusedSet(reply.items[0]?.message ?? send.noneAccepted);
  };
  return (
    <Card>
      <Form onSubmit={submit} label={send.one}>
        <Problem text={checking.problem ?? refused} />
        <div class="grid-fields">
          <SelectField label={send.country} value={country?.prefix ?? ''} onValue={countrySet} choices={COUNTRIES.map((each) => [each.prefix, countryName(each.code, locale, each.prefix)] as const)} />
          <TextField label={send.phone} hint={send.phoneHint} type="tel" value={phone} onValue={phoneSet} wrong={phoneWrong} more={{ autocomplete: 'off' }} />
          <SelectField label={common.operator} value={method} onValue={methodSet}
            choices={[['', read?.operator ? `${send.operatorAuto} (${operatorName(read.operator.operator)})` : send.operatorAuto], ...methods.map((each) => [each.method, operatorName(each.operator)] as const)]} />
        </div>
        <TextField label={send.amount} big="amount" value={amount} onValue={amountSet} wrong={amountWrong}
          hint={country === null ? undefined : send.amountHint(money((read?.country ?? country).min, country.currency), money((read?.country ?? country).max, country.currency))}
          more={{ inputMode: 'numeric', autocomplete: 'off' }} />
        {stranger ? (
          <div class="stack-close">
            <p class="soft">{send.unknown}</p>
            <div class="grid-fields">
              <TextField label={common.name} value={name} onValue={nameSet} wrong={asked && !named && name.trim() === '' ? common.needed : null} more={{ autocomplete: 'off' }} />
              <TextField label={common.firstName} value={surname} onValue={surnameSet} wrong={asked && !named && surname.trim() === '' ? common.needed : null} more={{ autocomplete: 'off' }} />
            </div>
          </div>
        ) : null}
        {verdict.wrong?.what === 'server' ? <Note tone="bad"><p>{wrongText(verdict.wrong)}</p></Note> : null}
        {verdict.doubts.filter(({ what }) => what === 'recent').map(({ at }) => <Doubt key={at} at={at} />)}
        <div aria-live="polite">
          {checked === null || total === undefined ? (checking.busy ? <p class="soft"><span class="spinner" aria-hidden="true" /> {send.checking}</p> : null) : (
            <dl class="figures">
              {verdict.known === null ? null : <div class="figure"><dt>{send.known}</dt><dd>{verdict.known}</dd></div>}
              {verdict.operator === null ? null : <div class="figure"><dt>{common.operator}</dt><dd>{operatorName(verdict.operator)}</dd></div>}
              <div class="figure"><dt>{send.fee}</dt><dd>{money(total.fees, total.currency)}</dd></div>
              <div class="figure"><dt>{send.after}</dt><dd>{money(total.available - total.held, total.currency)}</dd></div>
            </dl>
          )}
        </div>
        {total !== undefined && !total.enough ? <Note tone="bad"><p>{send.notEnough(money(total.held - total.available, total.currency))}</p></Note> : null}
        <div class="row">
          <Button kind="main" icon="send" submit busy={asked && checking.busy}>{ready ? send.doSum(money(total.amount, total.currency)) : send.do}</Button>
          {ready ? <Badge tone="good">{send.checked}</Badge> : null}
        </div>
      </Form>
      {confirms && total !== undefined
        ? <SendDialog totals={[total]} who={`${verdict.known ?? `${name} ${surname}`.trim()} · ${checked?.phone ?? phone}`} onClose={() => confirmsSet(false)} act={pay} /> : null}
    </Card>
  );
}

function Doubt({ at }: { at: string }) {
  const { send } = useWords();
  const { day } = useFormat();
  return <Note tone="warn"><p>{send.recent(day(at))}</p></Note>;
}

// `Côte d'Ivoire (+225)`
export function countryName(code: string, locale: string, prefix: string): string {
  return `${new Intl.DisplayNames(locale, { type: 'region' }).of(code) ?? code} (+${prefix})`;
}
