// Phone numbers while they are typed: what the server will make of them, said early. The table of countries comes from
// the server, which decides. Pure.

export interface OperatorRow {
  operator: string; // "OM"
  method: string; // "OMSN": the payment_method that asks for it.
  numbers: string[]; // What its numbers begin with; none: it serves any number, when it is asked for.
}

export interface Country {
  prefix: string; // "225"
  code: string; // "CI"
  currency: string;
  digits: number;
  old_digits: number; // Of the plan before; 0: there was none.
  multiple: number;
  min: number;
  max: number;
  operators: OperatorRow[];
}

export interface PhoneRead {
  country: Country;
  national: string; // In today's plan, as far as the browser knows.
  operator: OperatorRow | null; // null: the server knows better, or none serves it.
}

const FILLERS = /[\s.\-()\u00a0\u202f\u2010-\u2014\u200b\u200e\u200f\u202a-\u202d/]/g;

// Reads a number with or without its country's prefix; home is the country that a bare one is of.
export function phoneRead(text: string, countries: readonly Country[], home: Country | null): PhoneRead | null {
  const clean = text.replace(FILLERS, '');
  const match = /^(\+|00)?(\d{6,15})$/.exec(clean);
  if (match === null) return null;
  const [, front, digits = ''] = match;
  for (const country of [...(home === null ? [] : [home]), ...countries]) {
    const fits = (length: number) => length === country.digits || (country.old_digits > 0 && length === country.old_digits);
    if (digits.startsWith(country.prefix) && fits(digits.length - country.prefix.length)) {
      return phoneOf(country, digits.slice(country.prefix.length));
    }
    if (front === undefined && country === home && fits(digits.length)) return phoneOf(country, digits);
  }
  return null;
}

function phoneOf(country: Country, national: string): PhoneRead {
  const match = (row: OperatorRow) => row.numbers.filter((begin) => national.startsWith(begin))
    .reduce((longest, begin) => Math.max(longest, begin.length), 0);
  const best = country.operators.map((row) => ({ row, length: match(row) }))
    .filter(({ length }) => length > 0).sort((one, other) => other.length - one.length)[0];
  return { country, national, operator: best?.row ?? null };
}

// `+225 07 07 89 50 86`: in pairs, from the end.
export function phoneText(prefix: string, national: string): string {
  const odd = national.length % 2;
  const pairs = [national.slice(0, 2 + odd), ...(national.slice(2 + odd).match(/../g) ?? [])];
  return `+${prefix} ${pairs.join(' ')}`.trim();
}

// The same of a number in international form, whose prefix only the countries tell.
export function phoneShow(e164: string, countries: readonly Country[]): string {
  const digits = e164.replace(/^\+/, '');
  const country = countries.find(({ prefix, digits: length }) => digits.startsWith(prefix) && digits.length === prefix.length + length);
  return country === undefined ? `+${digits}` : phoneText(country.prefix, digits.slice(country.prefix.length));
}
