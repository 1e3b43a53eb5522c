// The countries and operators, from the same table as the server's. Pure.
import table from '../../../data/countries.csv';
import type { Country } from './number.ts';

const list = (text: string) => (text === '' ? [] : text.split(' '));

// Rows of one country stand together.
function countriesRead(text: string): Country[] {
  const [head = '', ...lines] = text.trim().split('\n');
  const titles = head.split(',');
  const countries: Country[] = [];
  for (const line of lines) {
    const cells = line.split(',');
    const cell = (title: string) => cells[titles.indexOf(title)] ?? '';
    let country = countries.find(({ prefix }) => prefix === cell('prefix'));
    if (country === undefined) {
      country = { prefix: cell('prefix'), code: cell('country'), currency: cell('currency'), digits: Number(cell('digits')),
        old_digits: Number(cell('old_digits')), multiple: Number(cell('multiple')), min: Number(cell('min')), max: Number(cell('max')), operators: [] };
      countries.push(country);
    }
    country.operators.push({ operator: cell('operator'), method: cell('payment_method'), numbers: list(cell('number_prefixes')) });
  }
  return countries;
}

export const COUNTRIES: readonly Country[] = countriesRead(table);

const OPERATORS: Record<string, string> = { OM: 'Orange Money', FLOOZ: 'Moov Money', MOOV: 'Moov Money', MOMO: 'MTN MoMo', MTN: 'MTN MoMo',
  WAVE: 'Wave', FREE: 'Free Money', TMONEY: 'T-Money', MPESA: 'M-Pesa', AIRTEL: 'Airtel Money' };

// What people call an operator, by its own name or by that of a payment method.
export function operatorName(name: string): string {
  const row = COUNTRIES.flatMap(({ operators }) => operators).find(({ method }) => method === name);
  return OPERATORS[name] ?? OPERATORS[row?.operator ?? ''] ?? name;
}

export function methodName(method: string): string {
  for (const country of COUNTRIES) {
    const row = country.operators.find(({ method: name }) => name === method);
    if (row !== undefined) return `${operatorName(row.operator)} ${country.code}`;
  }
  return method;
}
