// A line of a list, as far as the browser can judge it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CheckItem } from '../src/api/types.ts';
import { COUNTRIES } from '../src/rules/countries.ts';
import type { ListRow } from '../src/rules/csv.ts';
import { rowItem, rowJudge, rowLook, rowPhone } from '../src/rules/payment.ts';

const home = COUNTRIES.find(({ code }) => code === 'CI') ?? null;
const row = (part: Partial<ListRow>): ListRow => ({ line: 1, phone: '0707895086', prefix: '', amount: '500', name: '', surname: '', reference: '', method: '', ...part });
const item = (part: Partial<CheckItem>): CheckItem => ({ code: 0, word: 'OPERATION_SUCCES', message: null, phone: '+2250707895086', operator: 'OM', payment_method: 'OMCI', amount: 500,
  currency: 'XOF', fee: 0, fee_payer: null, known: { name: 'Koné', surname: 'Awa' }, same_as: null, recent: null, ...part });

test('what is wrong is said before the server is asked', () => {
  const look = (part: Partial<ListRow>) => rowLook(row(part), COUNTRIES, home)?.what ?? null;
  assert.equal(look({}), null);
  assert.equal(look({ phone: '' }), 'phoneMissing');
  assert.equal(look({ phone: '12' }), 'phone');
  assert.equal(look({ amount: '' }), 'amountMissing');
  assert.equal(look({ amount: 'mille' }), 'amount');
  assert.equal(look({ amount: '100' }), 'min');
  assert.equal(look({ amount: '2 000 000' }), 'max');
  assert.equal(look({ amount: '501' }), 'multiple');
});

test('a prefix of its own column stands before the number', () => {
  assert.equal(rowPhone(row({ prefix: '225' })), '+2250707895086');
  assert.equal(rowPhone(row({ prefix: '+221', phone: '77 123 45 67' })), '+221771234567');
  assert.equal(rowPhone(row({ prefix: '225', phone: '+225 0707895086' })), '+225 0707895086');
  assert.equal(rowPhone(row({})), '0707895086');
});

test('only a payment method that exists is asked for', () => {
  assert.equal(rowItem(row({ method: 'omci' }), ['OMCI']).operator, 'OMCI');
  assert.equal(rowItem(row({ method: 'Orange' }), ['OMCI']).operator, '');
  assert.equal(rowItem(row({ amount: '12 500 F' }), []).amount, 12500);
});

test('the server has the last word', () => {
  const judge = (part: Partial<ListRow>, checked: CheckItem | null) => rowJudge(row(part), null, checked, [row({ line: 7 })]);
  assert.equal(judge({}, item({})).wrong, null);
  assert.equal(judge({}, item({})).known, 'Koné Awa');
  assert.deepEqual(judge({}, item({ known: null })).wrong, { what: 'name' });
  assert.equal(judge({ name: 'Koné', surname: 'Awa' }, item({ known: null })).wrong, null);
  assert.deepEqual(judge({}, item({ code: 804, word: 'OPERATOR_UNAVAILABLE', message: 'En panne', operator: null })).wrong, { what: 'server', message: 'En panne' });
  assert.deepEqual(judge({}, item({ same_as: 0 })).doubts, [{ what: 'same', line: 7, at: '' }]);
  assert.equal(judge({}, null).wrong, null);
});
