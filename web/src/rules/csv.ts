// Lists of people, as spreadsheets save them and as people paste them: into rows of cells, and rows of cells into
// payments. Pure.
import { amountRead } from './money.ts';

export const ROWS_MAX = 5000; // As many as the server takes at once.

export interface ListRow {
  line: number; // Where it stands in the text, from 1.
  phone: string;
  prefix: string;
  amount: string;
  name: string;
  surname: string;
  reference: string;
  method: string;
}

type Column = Exclude<keyof ListRow, 'line'>;

// What columns are called, without accents and signs, in French and English.
const TITLES: Record<Column, string[]> = {
  phone: ['phone', 'telephone', 'tel', 'numero', 'numerodetelephone', 'mobile', 'msisdn', 'phonenumber', 'number', 'contact'],
  prefix: ['prefix', 'prefixe', 'indicatif', 'pays', 'country', 'countrycode'],
  amount: ['amount', 'montant', 'somme', 'sum', 'valeur', 'montantfcfa', 'amountxof', 'montantxof', 'salaire', 'salary'],
  name: ['name', 'nom', 'nomdefamille', 'lastname', 'familyname', 'nometprenoms', 'nometprenom', 'nomcomplet', 'fullname', 'beneficiaire'],
  surname: ['surname', 'prenom', 'prenoms', 'firstname', 'givenname'],
  reference: ['reference', 'ref', 'clienttransactionid', 'id', 'matricule'],
  method: ['paymentmethod', 'operateur', 'operator', 'reseau', 'network'],
};

// The bytes of a file: UTF-8 or UTF-16 if they can be, else what Windows saves in French.
export function bytesText(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

// The separator that stands in the first line and in most others; a run of blanks when there is none.
function separatorOf(text: string): string {
  const lines = text.split(/\r\n?|\n/).filter((line) => line.trim() !== '').slice(0, 20);
  return ['\t', ';', ',', '|'].find((separator) => lines[0]?.includes(separator)
    && lines.filter((line) => line.includes(separator)).length * 2 > lines.length) ?? ' ';
}

// Cells by RFC 4180, with any separator; empty lines are left out.
export function cellsRead(text: string): { line: number; cells: string[] }[] {
  const whole = text.replace(/^\ufeff/, '');
  const separator = separatorOf(whole);
  if (separator === ' ') return blanksRead(whole);
  const rows: { line: number; cells: string[] }[] = [];
  let cells: string[] = [];
  let cell = '';
  let quoted = false;
  let line = 1;
  let begun = 1;
  const rowEnd = () => {
    cells.push(cell.trim());
    if (cells.some((each) => each !== '')) rows.push({ line: begun, cells });
    cells = [];
    cell = '';
    begun = line + 1;
  };
  for (let at = 0; at < whole.length; at += 1) {
    const letter = whole[at] as string;
    if (quoted) {
      if (letter === '"' && whole[at + 1] === '"') {
        cell += '"';
        at += 1;
      } else if (letter === '"') quoted = false;
      else cell += letter;
      if (letter === '\n') line += 1;
    } else if (letter === '"' && cell.trim() === '') {
      quoted = true;
      cell = '';
    } else if (letter === separator) {
      cells.push(cell.trim());
      cell = '';
    } else if (letter === '\n' || letter === '\r') {
      if (letter === '\r' && whole[at + 1] === '\n') at += 1;
      rowEnd();
      line += 1;
    } else cell += letter;
  }
  if (cell !== '' || cells.length > 0) rowEnd();
  return rows;
}

// Lines like `07 07 89 50 86   5 000   Awa Koné`: the number is what comes first and is long enough, then the amount.
function blanksRead(text: string): { line: number; cells: string[] }[] {
  return text.split(/\r\n?|\n/).map((line, index) => {
    const match = /^\s*(\+?\d(?:[ .-]?\d){6,16})\s+(\d{1,3}(?: \d{3})+|\d+)(?:\s*(?:f\s*cfa|fcfa|xof|xaf|f))?(?:\s+(.*?))?\s*$/i.exec(line);
    const cells = match === null ? line.trim().split(/\s{2,}|\s(?=\D)/) : [match[1] ?? '', match[2] ?? '', match[3] ?? ''];
    return { line: index + 1, cells: cells.map((cell) => cell.trim()) };
  }).filter(({ cells }) => cells.some((cell) => cell !== ''));
}

const plain = (title: string) => title.normalize('NFD').toLowerCase().replace(/[^a-z]/g, '');

function titlesRead(cells: readonly string[]): (Column | null)[] | null {
  const columns = cells.map((cell) => (Object.keys(TITLES) as Column[]).find((column) => TITLES[column].includes(plain(cell))) ?? null);
  return columns.includes('phone') || columns.filter((column) => column !== null).length >= 2 ? columns : null;
}

const digits = (cell: string) => (cell.match(/\d/g) ?? []).length;

// Which column is what, where no titles say: numbers look like numbers.
function columnsGuess(rows: readonly { cells: string[] }[]): (Column | null)[] {
  const width = Math.max(...rows.map(({ cells }) => cells.length));
  const share = (index: number, check: (cell: string) => boolean) =>
    rows.filter(({ cells }) => check(cells[index] ?? '')).length / rows.length;
  const columns: (Column | null)[] = Array.from({ length: width }, () => null);
  const take = (column: Column, check: (cell: string) => boolean) => {
    const best = columns.map((taken, index) => ({ index, good: taken === null ? share(index, check) : 0 }))
      .sort((one, other) => other.good - one.good)[0];
    if (best !== undefined && best.good > 0.5) columns[best.index] = column;
  };
  take('phone', (cell) => digits(cell) >= 8 && digits(cell) <= 15 && /^[+\d][\d\s.()-]*$/.test(cell));
  take('prefix', (cell) => /^\+?(?:2[0-9]{2})$/.test(cell) && share(columns.indexOf('phone'), (phone) => digits(phone) <= 10) > 0.5
    && width > 2);
  take('amount', (cell) => amountRead(cell) !== null);
  take('name', (cell) => /\p{L}{2}/u.test(cell));
  take('surname', (cell) => /\p{L}{2}/u.test(cell));
  return columns;
}

// The list's rows; `cut`: how many there were above ROWS_MAX.
export function listRead(text: string): { rows: ListRow[]; cut: number } {
  const all = cellsRead(text);
  const first = all[0];
  if (first === undefined) return { rows: [], cut: 0 };
  const titles = titlesRead(first.cells);
  const body = titles === null ? all : all.slice(1);
  const columns = titles ?? columnsGuess(body);
  const rows = body.slice(0, ROWS_MAX).map(({ line, cells }) => {
    const row: ListRow = { line, phone: '', prefix: '', amount: '', name: '', surname: '', reference: '', method: '' };
    columns.forEach((column, index) => {
      if (column !== null && row[column] === '') row[column] = cells[index] ?? '';
    });
    return row;
  });
  return { rows, cut: Math.max(0, body.length - ROWS_MAX) };
}

// A cell of a list to download: quoted where it must be, and never a formula to a spreadsheet.
export function cellText(value: string): string {
  const safe = /^[=+\-@\t\r]/.test(value) && !/^[+-]?\d+$/.test(value) ? `'${value}` : value;
  return /[",;\r\n]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
}

export function listText(rows: readonly (readonly string[])[]): string {
  return `\ufeff${rows.map((cells) => cells.map(cellText).join(';')).join('\r\n')}\r\n`;
}
