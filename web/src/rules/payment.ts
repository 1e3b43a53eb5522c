// One line of a list to pay: what is wrong with it as far as the browser can tell, before the server is asked. Pure.
import type { CheckItem, SendItem } from '../api/types.ts';
import type { ListRow } from './csv.ts';
import { amountRead } from './money.ts';
import { phoneRead, type Country } from './number.ts';

export type Wrong =
  | { what: 'phoneMissing' | 'phone' | 'amountMissing' | 'amount' | 'name' | 'operator' }
  | { what: 'min' | 'max'; limit: number; currency: string }
  | { what: 'multiple'; multiple: number }
  | { what: 'server'; message: string };

export interface Doubt {
  what: 'same' | 'recent';
  line: number; // Of the one with the same number, in the list.
  at: string; // When the like was sent.
}

export interface Verdict {
  wrong: Wrong | null;
  doubts: Doubt[];
  currency: string | null;
  amount: number | null;
  known: string | null; // The contact's name, when it is one.
  operator: string | null;
}

// The number with its country's prefix where the list has that in a column of its own.
export function rowPhone(row: ListRow): string {
  const prefix = row.prefix.replace(/^\+|\D/g, '');
  const digits = row.phone.replace(/\D/g, '');
  return prefix === '' || /^\s*(\+|00)/.test(row.phone) || digits.startsWith(prefix) && digits.length > 10 ? row.phone : `+${prefix}${digits}`;
}

export function rowItem(row: ListRow, methods: readonly string[]): SendItem {
  const method = row.method.trim().toUpperCase();
  return { phone: rowPhone(row), amount: amountRead(row.amount) ?? row.amount, operator: methods.includes(method) ? method : '', name: row.name, surname: row.surname };
}

// What can be said at once.
export function rowLook(row: ListRow, countries: readonly Country[], home: Country | null): Wrong | null {
  if (row.phone.trim() === '') return { what: 'phoneMissing' };
  const phone = phoneRead(rowPhone(row), countries, home);
  if (phone === null) return { what: 'phone' };
  if (row.amount.trim() === '') return { what: 'amountMissing' };
  const amount = amountRead(row.amount);
  if (amount === null) return { what: 'amount' };
  const { min, max, multiple, currency } = phone.country;
  if (amount < min) return { what: 'min', limit: min, currency };
  if (amount > max) return { what: 'max', limit: max, currency };
  if (amount % multiple !== 0) return { what: 'multiple', multiple };
  return null;
}

// That, and what the server said of the same line; null: it was not asked yet.
export function rowJudge(row: ListRow, local: Wrong | null, checked: CheckItem | null, rows: readonly ListRow[]): Verdict {
  const doubts: Doubt[] = [];
  if (checked?.same_as !== null && checked?.same_as !== undefined) doubts.push({ what: 'same', line: rows[checked.same_as]?.line ?? 0, at: '' });
  if (checked?.recent) doubts.push({ what: 'recent', line: 0, at: checked.recent.created_at });
  let wrong = local;
  if (wrong === null && checked !== null) {
    const named = row.name.trim() !== '' && row.surname.trim() !== '';
    if (checked.code === 0) wrong = checked.known === null && !named ? { what: 'name' } : null;
    else if (checked.known === null && !named && checked.phone !== null && checked.operator !== null && checked.amount !== null) wrong = { what: 'name' };
    else wrong = checked.word === 'OPERATOR_NOT_AVAILABLE' ? { what: 'operator' } : { what: 'server', message: checked.message ?? checked.word };
  }
  return { wrong, doubts, currency: checked?.currency ?? null, amount: checked?.amount ?? amountRead(row.amount), operator: checked?.operator ?? null,
    known: checked?.known ? `${checked.known.name} ${checked.known.surname}`.trim() : null };
}
