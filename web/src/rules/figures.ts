// What the home page makes of the server's series. Pure.
import type { OperatorPoint } from '../api/types.ts';

const HOUR_MS = 3600 * 1000;

export interface HourFigure {
  at: number; // Its beginning.
  paid: number;
  rejected: number;
  underWay: number;
}

// One figure an hour from the series' beginning to now, hours in which nothing was sent too.
export function figuresByHour(series: readonly OperatorPoint[], from: string, to: string): HourFigure[] {
  const begin = Math.floor(Date.parse(from) / HOUR_MS);
  const end = Math.floor(Date.parse(to) / HOUR_MS);
  const hours = Array.from({ length: Math.max(0, end - begin + 1) }, (_, index) => ({ at: (begin + index) * HOUR_MS, paid: 0, rejected: 0, underWay: 0 }));
  for (const point of series) {
    const hour = hours[Math.floor(Date.parse(point.at) / HOUR_MS) - begin];
    if (hour === undefined) continue;
    hour.paid += point.paid;
    hour.rejected += point.rejected;
    hour.underWay += point.under_way;
  }
  return hours;
}

export interface OperatorFigure {
  key: string;
  operator: string;
  country: string;
  count: number;
  paid: number;
  rejected: number;
  success: number | null; // Of those that have an end; null: none has.
  payMs: number | null; // On average.
}

export function figuresByOperator(series: readonly OperatorPoint[]): OperatorFigure[] {
  const all = new Map<number, OperatorFigure & { sum: number }>();
  for (const point of series) {
    const figure = all.get(point.operator_number) ?? { key: String(point.operator_number), operator: point.operator, country: point.country, count: 0, paid: 0,
      rejected: 0, success: null, payMs: null, sum: 0 };
    figure.count += point.count;
    figure.paid += point.paid;
    figure.rejected += point.rejected;
    figure.sum += point.pay_ms;
    all.set(point.operator_number, figure);
  }
  return [...all.values()].map(({ sum, ...figure }) => ({ ...figure,
    success: figure.paid + figure.rejected === 0 ? null : figure.paid / (figure.paid + figure.rejected),
    payMs: figure.paid === 0 ? null : sum / figure.paid }))
    .sort((one, other) => other.count - one.count);
}
