// One contact: names, other numbers, what it was paid.
import { useState } from 'preact/hooks';
import { api } from '../../api/client.ts';
import type { ContactReply } from '../../api/types.ts';
import { useApp, useFormat, useMay } from '../../parts/app.ts';
import { Button, Card, Empty, LinkButton, Loading, Problem } from '../../parts/basic.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { Form, TextField } from '../../parts/field.tsx';
import { useAct, useLoad } from '../../parts/load.ts';
import { Page } from '../../parts/page.tsx';
import { href, type Place } from '../../route.ts';
import { COUNTRIES } from '../../rules/countries.ts';
import { phoneRead, phoneShow } from '../../rules/number.ts';
import { useCountry } from '../send/index.tsx';
import { TransferList } from '../transfers/index.tsx';
import { contactName } from './index.tsx';

export function ContactPage({ place, phone }: { place: Place; phone: string }) {
  const { words: { contacts, common } } = useApp();
  const { day } = useFormat();
  const may = useMay();
  const merchant = place.query.get('merchant') ?? undefined;
  const [opens, opensSet] = useState<'edit' | 'merge' | null>(null);
  const path = `/contacts/${encodeURIComponent(phone)}`;
  const loaded = useLoad(path, (signal) => api.get<ContactReply>(path, { merchant, limit: 1 }, signal));
  const contact = loaded.value;
  const acting = useAct();
  const split = () => acting.run(async () => {
    await api.post(path, { listed_under: '' }, { merchant });
    loaded.reload();
  });
  return (
    <Page title={contact === null ? contacts.one : contactName(contact) || contacts.noName} back={{ to: '/contacts', text: contacts.title }}
      actions={may('POST /send') ? <LinkButton kind="main" icon="send" href={href('/send', { phone: `+${phone}` })}>{contacts.pay}</LinkButton> : undefined}>
      <Problem text={loaded.problem ?? acting.problem} again={loaded.reload} />
      {contact === null ? (loaded.loading ? <Loading /> : null) : (
        <>
          <Card>
            <dl class="facts">
              <dt>{common.phone}</dt><dd class="strong">{phoneShow(contact.phone, COUNTRIES)}</dd>
              {contact.email === '' ? null : <><dt>{common.mail}</dt><dd>{contact.email}</dd></>}
              {contact.numbers === undefined || contact.numbers.length < 2 ? null : <><dt>{contacts.numbers}</dt><dd>{contact.numbers.map((each) => phoneShow(each, COUNTRIES)).join(', ')}</dd></>}
              {contact.listed_under === null ? null
                : <><dt>{contacts.listedUnder}</dt><dd><a href={href(`/contacts/${contact.listed_under.replace('+', '')}`)}>{phoneShow(contact.listed_under, COUNTRIES)}</a></dd></>}
              <dt>{contacts.since}</dt><dd>{day(contact.created_at)}</dd>
            </dl>
            {may('POST /contacts/{phone}') ? (
              <div class="row">
                <Button onClick={() => opensSet('edit')}>{common.edit}</Button>
                {contact.listed_under === null ? <Button onClick={() => opensSet('merge')}>{contacts.merge}</Button>
                  : <Button busy={acting.busy} onClick={() => { void split(); }}>{contacts.split}</Button>}
              </div>
            ) : null}
          </Card>
          <h2>{contacts.payouts}</h2>
          {(contact.transfers ?? []).length === 0 && !contact.next ? <Card><Empty icon="list" title={contacts.noPayouts} /></Card> : <TransferList path={path} query={{ merchant }} any={false} />}
          {opens === 'edit' ? <EditDialog contact={contact} path={path} merchant={merchant} onClose={() => opensSet(null)} onSaved={loaded.reload} /> : null}
          {opens === 'merge' ? <MergeDialog path={path} merchant={merchant} onClose={() => opensSet(null)} onSaved={loaded.reload} /> : null}
        </>
      )}
    </Page>
  );
}

interface DialogProps {
  path: string;
  merchant: string | undefined;
  onClose: () => void;
  onSaved: () => void;
}

function EditDialog({ contact, path, merchant, onClose, onSaved }: DialogProps & { contact: ContactReply }) {
  const { words: { contacts, common }, say } = useApp();
  const [name, nameSet] = useState(contact.name);
  const [surname, surnameSet] = useState(contact.surname);
  const [email, emailSet] = useState(contact.email);
  const acting = useAct();
  const save = () => acting.run(async () => {
    await api.post(path, { name, surname, email }, { merchant });
    say(contacts.saved);
    onSaved();
    onClose();
  });
  return (
    <Dialog title={contacts.editTitle} onClose={onClose}>
      <Form onSubmit={() => { void save(); }} label={contacts.editTitle}>
        <TextField label={common.name} value={name} onValue={nameSet} />
        <TextField label={common.firstName} value={surname} onValue={surnameSet} />
        <TextField label={common.mail} type="email" value={email} onValue={emailSet} hint={common.optional} />
        <Problem text={acting.problem} />
        <div class="row-end"><Button onClick={onClose}>{common.cancel}</Button><Button kind="main" submit busy={acting.busy}>{common.save}</Button></div>
      </Form>
    </Dialog>
  );
}

function MergeDialog({ path, merchant, onClose, onSaved }: DialogProps) {
  const { words: { contacts, common, send }, say } = useApp();
  const { country } = useCountry();
  const [phone, phoneSet] = useState('');
  const [wrong, wrongSet] = useState<string | null>(null);
  const acting = useAct();
  const join = () => {
    const read = phoneRead(phone, COUNTRIES, country);
    if (read === null) {
      wrongSet(send.wrong.phone);
      return;
    }
    void acting.run(async () => {
      await api.post(path, { listed_under: `+${read.country.prefix}${read.national}` }, { merchant });
      say(contacts.merged);
      onSaved();
      onClose();
    });
  };
  return (
    <Dialog title={contacts.mergeTitle} onClose={onClose}>
      <Form onSubmit={join} label={contacts.mergeTitle}>
        <p>{contacts.mergeText}</p>
        <TextField label={contacts.mergeWith} type="tel" value={phone} wrong={wrong} onValue={(value) => { phoneSet(value); wrongSet(null); }} />
        <Problem text={acting.problem} />
        <div class="row-end"><Button onClick={onClose}>{common.cancel}</Button><Button kind="main" submit busy={acting.busy}>{contacts.mergeDo}</Button></div>
      </Form>
    </Dialog>
  );
}
