// Amounts, as people write and read them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { amountRead, moneySums, moneyText } from '../src/rules/money.ts';

test('money is written as the locale does', () => {
  assert.equal(moneyText(12500, 'XOF', 'fr').replace(/\s/g, ' '), '12 500 F CFA');
  assert.equal(moneyText(12500, 'XOF', 'en').replace(/\s/g, ' '), 'F CFA 12,500');
  assert.equal(moneyText(0, 'GNF', 'fr').replace(/\s/g, ' '), '0 GNF');
});

test('an amount is read however it was typed', () => {
  for (const text of ['12500', '12 500', '12\u202f500', '12.500', '12,500', '12 500 F CFA', 'XOF 12500', '12500,00', '12500.00', '12.500,00', '12,500.00', '12 500 FCFA', '12500F']) {
    assert.equal(amountRead(text), 12500, text);
  }
  assert.equal(amountRead('1 250 000'), 1250000);
});

test('what is no whole amount is none', () => {
  for (const text of ['', '-500', '12,5', '1.25', 'douze', '500 euros', '1e5', '0x10', '12 500 500 500 500 500']) assert.equal(amountRead(text), null, text);
});

test('sums are by currency', () => {
  assert.deepEqual(moneySums([{ amount: 5, currency: 'XOF' }, { amount: 7, currency: 'GNF' }, { amount: 1, currency: 'XOF' }]),
    [{ amount: 7, currency: 'GNF' }, { amount: 6, currency: 'XOF' }]);
});
