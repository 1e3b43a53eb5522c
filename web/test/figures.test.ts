// What the home page makes of the series.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OperatorPoint } from '../src/api/types.ts';
import { figuresByHour, figuresByOperator } from '../src/rules/figures.ts';
import { placeRead } from '../src/route.ts';

const point = (hour: number, number: number, part: Partial<OperatorPoint> = {}): OperatorPoint => ({ at: `2026-12-01T0${hour}:00:00.000Z`, operator: 'OM', operator_number: number, country: 'CI',
  count: 10, paid: 8, rejected: 2, under_way: 0, pay_ms: 16000, ...part });

test('each hour has a figure, those without a payment too', () => {
  const hours = figuresByHour([point(1, 1), point(1, 2), point(3, 1)], '2026-12-01T01:00:00.000Z', '2026-12-01T04:30:00.000Z');
  assert.deepEqual(hours.map(({ paid, rejected }) => [paid, rejected]), [[16, 4], [0, 0], [8, 2], [0, 0]]);
});

test('operators have a success rate and a time, the busiest first', () => {
  const all = figuresByOperator([point(1, 1), point(2, 1), point(1, 2, { count: 50, paid: 0, rejected: 0, pay_ms: 0 })]);
  assert.deepEqual(all.map(({ key, success, payMs }) => [key, success, payMs]), [['2', null, null], ['1', 0.8, 2000]]);
});

test('an address is read as a place', () => {
  const place = placeRead({ pathname: '/console/transfers/EA%201', search: '?q=a%26b' });
  assert.deepEqual(place.parts, ['transfers', 'EA 1']);
  assert.equal(place.query.get('q'), 'a&b');
  assert.deepEqual(placeRead({ pathname: '/console/', search: '' }).parts, []);
});
