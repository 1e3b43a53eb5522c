// Amounts of money, as people write and read them. An amount is a whole number of its currency's smallest unit in use;
// none of the currencies here has a smaller one than itself. Pure.

export interface Money {
  amount: number;
  currency: string;
}

const SPACES = /[\s\u00a0\u202f\u2009']/g;
const UNIT = /^(?:f\s*cfa|fcfa|xof|xaf|cfa|gnf|fg|cdf|fc|f)|(?:f\s*cfa|fcfa|xof|xaf|cfa|gnf|fg|cdf|fc|f)$/gi;

// `12 500 F CFA`, as the locale writes it.
export function moneyText(amount: number, currency: string, locale: string): string {
  return new Intl.NumberFormat(locale, { style: 'currency', currency, minimumFractionDigits: 0, maximumFractionDigits: 0 })
    .format(amount);
}

// What somebody typed or a spreadsheet wrote: spaces, points or commas between thousands, the currency's name, zero
// cents. null: it is no whole amount.
export function amountRead(text: string): number | null {
  const bare = text.replace(SPACES, '').replace(UNIT, '');
  const whole = /^\d{1,3}(?:\.\d{3})+(?:,0+)?$|^\d{1,3}(?:,\d{3})+(?:\.0+)?$/.test(bare)
    ? bare.replace(/[.,]0{1,2}$/, '').replace(/[.,]/g, '')
    : bare.replace(/[.,]0+$/, '');
  if (!/^\d{1,12}$/.test(whole)) return null;
  return Number(whole);
}

// Sums by currency, in order of their names.
export function moneySums(all: readonly Money[]): Money[] {
  const sums = new Map<string, number>();
  for (const { amount, currency } of all) sums.set(currency, (sums.get(currency) ?? 0) + amount);
  return [...sums].map(([currency, amount]) => ({ amount, currency }))
    .sort((one, other) => one.currency.localeCompare(other.currency));
}
