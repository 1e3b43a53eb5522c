// GET /v1/transfer/check/balance.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as expect from './lib/expect.js';
import { Payoutd, item, phone } from './lib/payoutd.js';

let payoutd;
before(async () => { payoutd = await Payoutd.start(); });
after(() => payoutd?.end());

const NUMBERS = { amount: 'number', inUsing: 'number', available: 'number' };

test('the balance of a new merchant is three zeros, as numbers', async () => {
  const merchant = await payoutd.merchant({ money: 0 });
  const data = expect.success(await merchant.balance());
  expect.shape(data, { ...NUMBERS, balances: 'object' });
  assert.deepEqual(data, { amount: 0, inUsing: 0, available: 0,
    balances: [{ currency: 'XOF', amount: 0, inUsing: 0, available: 0 }] });
});

test('the balance shows what was topped up', async () => {
  const merchant = await payoutd.merchant({ money: 663 });
  assert.deepEqual(await merchant.money(), { amount: 663, inUsing: 0, available: 663 });
});

test('available is amount less what waiting transfers hold', async () => {
  const merchant = await payoutd.merchant({ money: 10000, ip_list: '' });
  const number = phone();
  await merchant.know(number);
  await merchant.pay([item(number, 1500, 'http://127.0.0.1:1/'), item(number, 500, 'http://127.0.0.1:1/')]);
  assert.deepEqual(await merchant.money(), { amount: 10000, inUsing: 2000, available: 8000 });
});

test('each currency has its balance, and the home currency is in front', async () => {
  const merchant = await payoutd.merchant({ money: 1000, currency: 'XAF' });
  await merchant.topUp(5000, 'GNF');
  await merchant.topUp(700, 'CDF');
  const data = expect.success(await merchant.balance());
  assert.equal(data.amount, 1000);
  const expected = { XAF: 1000, GNF: 5000, CDF: 700 };
  assert.deepEqual(Object.fromEntries(data.balances.map(({ currency, amount }) => [currency, amount])), expected);
  for (const each of data.balances) expect.shape(each, { currency: 'string', ...NUMBERS });
});

test('the balance of a billion times a million is exact', async () => {
  const merchant = await payoutd.merchant({ money: 999999999999999 });
  const reply = await merchant.balance();
  assert.match(reply.text, /"amount":999999999999999,"inUsing":0,"available":999999999999999/);
});

test('one merchant does not see another\'s money', async () => {
  const [rich, poor] = [await payoutd.merchant({ money: 5000 }), await payoutd.merchant({ money: 5 })];
  assert.equal((await rich.money()).amount, 5000);
  assert.equal((await poor.money()).amount, 5);
});

test('the balance is there with the seed\'s trailing slash, and by POST', async () => {
  const merchant = await payoutd.merchant({ money: 42 });
  const slash = await merchant.get('/transfer/check/balance/');
  assert.equal(expect.success(slash).amount, 42);
  const posted = await payoutd.post(await merchant.target('/transfer/check/balance'), {});
  assert.equal(expect.success(posted).amount, 42);
});

test('the balance without a token gets 706', async () => {
  expect.failure(await payoutd.get('/v1/transfer/check/balance?lang=en'), 'INVALID_TOKEN');
});
