// Sending to a list: pasted, typed or from a file; every line is checked as it changes, and can be corrected where it stands.
import { useMemo, useRef, useState } from 'preact/hooks';
import { useFormat, useWords } from '../../parts/app.ts';
import { Button, Card, Note, Problem } from '../../parts/basic.tsx';
import { SelectField, TextArea } from '../../parts/field.tsx';
import { useApp } from '../../parts/app.ts';
import { go } from '../../route.ts';
import { COUNTRIES } from '../../rules/countries.ts';
import { bytesText, listRead, listText, type ListRow } from '../../rules/csv.ts';
import { rowItem, rowJudge, rowLook } from '../../rules/payment.ts';
import { keyDraw, listSend, useCheck } from './check.ts';
import { SendDialog } from './confirm.tsx';
import { useCountry } from './index.tsx';
import { countryName } from './one.tsx';
import { RowsTable, type Judged } from './rows.tsx';
import { TotalsBar } from './totals.tsx';

const METHODS = COUNTRIES.flatMap(({ operators }) => operators.map(({ method }) => method));

// Where the rows that the server was asked about stand: only those that can be right.
function useJudged(rows: readonly ListRow[], merchant: string) {
  const { country } = useCountry();
  const looked = useMemo(() => rows.map((row) => rowLook(row, COUNTRIES, country)), [rows, country]);
  const places = looked.flatMap((wrong, index) => (wrong === null ? [index] : []));
  const placeOf = new Map(places.map((index, place) => [index, place]));
  const items = useMemo(() => places.map((place) => rowItem(rows[place] as ListRow, METHODS)), [rows, country]);
  const checking = useCheck(country?.prefix ?? '', items, merchant);
  const sent = places.map((place) => rows[place] as ListRow);
  const judged: Judged[] = rows.map((row, index) => {
    const place = placeOf.get(index);
    const checked = place === undefined ? null : checking.reply?.items[place] ?? null;
    return { row, index, waits: place !== undefined && checked === null, verdict: rowJudge(row, looked[index] ?? null, checked, sent) };
  });
  return { judged, items, checking };
}

export function ListForm({ merchant }: { merchant: string }) {
  const { locale, words: { send, common } } = useApp();
  const { country, countrySet } = useCountry();
  const [text, textSet] = useState('');
  const [rows, rowsSet] = useState<ListRow[]>([]);
  const [cut, cutSet] = useState(0);
  const [confirms, confirmsSet] = useState(false);
  const [refused, refusedSet] = useState<string | null>(null);
  const key = useMemo(keyDraw, [rows]);
  const { judged, items, checking } = useJudged(rows, merchant);
  const bad = judged.filter(({ verdict }) => verdict.wrong !== null);
  const totals = checking.reply?.totals ?? [];
  const enough = totals.every(({ enough: each }) => each);
  const ready = rows.length > 0 && bad.length === 0 && checking.reply !== null && checking.reply.good === rows.length && enough;

  const textChange = (value: string) => {
    const list = listRead(value);
    textSet(value);
    rowsSet(list.rows);
    cutSet(list.cut);
  };
  // What was corrected in the table stands in the text too.
  const rowsChange = (changed: ListRow[]) => {
    const titles = [common.phone, common.amount, common.name, common.firstName, 'prefix', 'payment_method'];
    rowsSet(changed.map((row, index) => ({ ...row, line: index + 2 })));
    textSet(changed.length === 0 ? '' : listText([titles, ...changed.map((row) => [row.phone, row.amount, row.name, row.surname, row.prefix, row.method])]).slice(1));
  };
  const pay = async () => {
    refusedSet(null);
    const reply = await listSend(key, country?.prefix ?? '', items, merchant);
    if (reply.lot !== null && reply.accepted > 0) go(`/lots/${reply.lot}`);
    else refusedSet(send.noneAccepted);
  };
  return (
    <>
      <Card>
        <div class="grid-fields">
          <SelectField label={send.country} value={country?.prefix ?? ''} onValue={countrySet} choices={COUNTRIES.map((each) => [each.prefix, countryName(each.code, locale, each.prefix)] as const)} />
        </div>
        <Source text={text} onText={textChange} />
        {cut > 0 ? <Note tone="bad"><p>{send.cut(cut)}</p></Note> : null}
        <Problem text={checking.problem ?? refused} />
      </Card>
      {rows.length === 0 ? null : <RowsTable judged={judged} onRows={rowsChange} />}
      {rows.length === 0 ? null : (
        <TotalsBar totals={totals} count={rows.length} bad={bad.length} busy={checking.busy} ready={ready} onSend={() => confirmsSet(true)}
          onRemoveBad={() => rowsChange(judged.filter(({ verdict }) => verdict.wrong === null).map(({ row }) => row))} />
      )}
      {confirms ? <SendDialog totals={totals} onClose={() => confirmsSet(false)} act={pay} /> : null}
    </>
  );
}

function Source({ text, onText }: { text: string; onText: (text: string) => void }) {
  const { send, common } = useWords();
  const { number } = useFormat();
  const file = useRef<HTMLInputElement>(null);
  const [over, overSet] = useState(false);
  const take = async (files: FileList | null | undefined) => {
    const first = files?.[0];
    if (first !== undefined) onText(bytesText(new Uint8Array(await first.arrayBuffer())));
  };
  const template = () => {
    const rows = [[common.phone, common.amount, common.name, common.firstName], ['0707895086', number(12500).replace(/\s/g, ' '), 'Koné', 'Awa'], ['0505895086', '5000', 'Traoré', 'Moussa']];
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([listText(rows)], { type: 'text/csv' }));
    link.download = send.templateName;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  };
  return (
    <>
      <TextArea label={send.paste} hint={send.pasteHint} value={text} onValue={onText} rows={text === '' ? 5 : 8} more={{ placeholder: send.pasteExample, spellcheck: false, autocomplete: 'off' }} />
      <div class={`drop${over ? ' drop-over' : ''}`}
        onDragOver={(event) => { event.preventDefault(); overSet(true); }} onDragLeave={() => overSet(false)}
        onDrop={(event) => { event.preventDefault(); overSet(false); void take(event.dataTransfer?.files); }}>
        <Button icon="down" onClick={() => file.current?.click()}>{send.file}</Button>
        <input ref={file} type="file" class="hidden-text" tabIndex={-1} aria-label={send.file} accept=".csv,.txt,.tsv,text/csv,text/plain"
          onChange={(event) => { void take(event.currentTarget.files); event.currentTarget.value = ''; }} />
        <span class="soft">{send.drop}</span>
        <Button kind="quiet" small onClick={template}>{send.template}</Button>
      </div>
    </>
  );
}
