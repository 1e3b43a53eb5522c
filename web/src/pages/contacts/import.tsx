// Adding contacts: one line a person.
import { useState } from 'preact/hooks';
import { api } from '../../api/client.ts';
import { useApp } from '../../parts/app.ts';
import { Button, Note, Problem } from '../../parts/basic.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { Form, SelectField, TextArea } from '../../parts/field.tsx';
import { useAct } from '../../parts/load.ts';
import { COUNTRIES } from '../../rules/countries.ts';
import { bytesText, listRead } from '../../rules/csv.ts';
import { rowPhone } from '../../rules/payment.ts';
import { useCountry } from '../send/index.tsx';
import { countryName } from '../send/one.tsx';

interface Added {
  added: number;
  items: { code: number; message: string | null; phone: string | null }[];
}

export function ImportDialog({ merchant, onClose, onAdded }: { merchant: string | undefined; onClose: () => void; onAdded: () => void }) {
  const { locale, words: { contacts, common, send }, say } = useApp();
  const { country, countrySet } = useCountry();
  const [text, textSet] = useState('');
  const [refused, refusedSet] = useState<string[]>([]);
  const acting = useAct();
  const { rows } = listRead(text);
  const add = () => acting.run(async () => {
    const reply = await api.post<Added>('/contacts', { country: country?.prefix ?? '', items: rows.map((row) => ({ phone: rowPhone(row), name: row.name, surname: row.surname })) }, { merchant });
    const wrong = reply.items.flatMap(({ code, message }, index) => (code === 0 ? [] : [`${send.line} ${rows[index]?.line ?? 0} : ${message ?? ''}`]));
    refusedSet(wrong);
    say(contacts.added(reply.added));
    if (reply.added > 0) onAdded();
    if (wrong.length === 0) onClose();
  });
  return (
    <Dialog title={contacts.importTitle} onClose={onClose}>
      <Form onSubmit={() => { if (rows.length > 0) void add(); }} label={contacts.importTitle}>
        <SelectField label={send.country} value={country?.prefix ?? ''} onValue={countrySet} choices={COUNTRIES.map((each) => [each.prefix, countryName(each.code, locale, each.prefix)] as const)} />
        <TextArea label={send.list} hint={contacts.importHint} value={text} onValue={textSet} rows={6} more={{ placeholder: contacts.importExample, spellcheck: false }} />
        <div class="field">
          <label for="contacts-file">{send.file}</label>
          <input id="contacts-file" type="file" class="input" accept=".csv,.txt,.tsv,text/csv,text/plain" onChange={(event) => {
            void event.currentTarget.files?.[0]?.arrayBuffer().then((bytes) => textSet(bytesText(new Uint8Array(bytes))));
          }} />
        </div>
        <div role="alert">
          {refused.length === 0 ? null : <Note tone="bad"><p class="strong">{contacts.notAdded}</p><ul>{refused.slice(0, 10).map((each) => <li key={each}>{each}</li>)}</ul></Note>}
        </div>
        <Problem text={acting.problem} />
        <div class="row-end">
          <Button onClick={onClose}>{common.close}</Button>
          <Button kind="main" submit busy={acting.busy} off={rows.length === 0}>{contacts.importDo(Math.max(1, rows.length))}</Button>
        </div>
      </Form>
    </Dialog>
  );
}
