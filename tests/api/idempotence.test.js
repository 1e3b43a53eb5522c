// The same client_transaction_id again: the first transfer's answer, never a second transfer.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as expect from './lib/expect.js';
import { Payoutd, item, phone } from './lib/payoutd.js';

let payoutd, merchant, number;
const url = 'http://127.0.0.1:1/';
before(async () => {
  payoutd = await Payoutd.start();
  merchant = await payoutd.merchant();
  number = phone();
  await merchant.know(number);
});
after(() => payoutd?.end());

test('the same item again gets 805 with the first transfer\'s id, state and lot', async () => {
  const sent = item(number, 500, url);
  const [first] = await merchant.pay([sent]);
  await merchant.ended(first.transaction_id);
  const data = expect.failure(await merchant.send([sent]), 'CLIENT_ID_EXISTS', { data: null });
  const [[again]] = data;
  expect.itemCode(again, 'CLIENT_ID_EXISTS');
  assert.equal(again.transaction_id, first.transaction_id);
  assert.equal(again.lot, first.lot);
  assert.equal(again.treatment_status, 'VAL');
});

test('the same item among new ones gets 805 alone, and the new ones go through', async () => {
  const sent = item(number, 500, url);
  const [first] = await merchant.pay([sent]);
  const [[fresh, again]] = expect.success(await merchant.send([item(number, 500, url), sent]));
  expect.itemCode(fresh, 'OK');
  expect.itemCode(again, 'CLIENT_ID_EXISTS');
  assert.equal(again.transaction_id, first.transaction_id);
  assert.notEqual(again.lot, fresh.lot);
});

test('the same id for another amount or phone gets 805 without the first transfer', async () => {
  const sent = item(number, 500, url);
  await merchant.pay([sent]);
  const elsewhere = phone();
  await merchant.know(elsewhere);
  for (const other of [{ ...sent, amount: 505 }, { ...sent, phone: elsewhere }]) {
    expect.failure(await merchant.send([other]), 'CLIENT_ID_EXISTS');
    const [[again]] = expect.success(await merchant.send([other, item(number, 500, url)]));
    expect.itemCode(again, 'CLIENT_ID_EXISTS');
    assert.equal('transaction_id' in again, false);
  }
});

test('the same phone written otherwise is the same item', async () => {
  const sent = item(number, 500, url);
  const [first] = await merchant.pay([sent]);
  const [[again]] = expect.failure(await merchant.send([{ ...sent, phone: `+225 ${number}`, amount: '500' }]),
    'CLIENT_ID_EXISTS', { data: null });
  assert.equal(again.transaction_id, first.transaction_id);
});

test('one id twice within a request is one transfer', async () => {
  const sent = item(number, 500, url);
  const [[first, second]] = expect.success(await merchant.send([sent, sent]));
  expect.itemCode(first, 'OK');
  expect.itemCode(second, 'CLIENT_ID_EXISTS');
  assert.equal(second.transaction_id, first.transaction_id);
  assert.equal(second.lot, first.lot);
  assert.equal(expect.success(await merchant.check({ lot: first.lot })).length, 1);
});

test('another merchant may use the same id', async () => {
  const other = await payoutd.merchant();
  await other.know(number);
  const sent = item(number, 500, url);
  await merchant.pay([sent]);
  await other.pay([sent]);
});

test('an id of a refused item is free', async () => {
  const sent = item(number, 500, url);
  expect.failure(await merchant.send([{ ...sent, amount: 5 }]), 'AMOUNT_TOO_SMALL');
  await merchant.pay([sent]);
});

test('ids that differ by case, a blank inside or digits\' zeros are different', async () => {
  const ids = ['Case-1', 'case-1', 'ca se-1', '007', '7'];
  await merchant.pay(ids.map((id) => item(number, 500, url, { client_transaction_id: id })));
});

test('a rejected transfer\'s id stays taken', async () => {
  const rejected = phone('9930');
  await merchant.know(rejected);
  const sent = item(rejected, 500, url);
  const [{ transaction_id: id }] = await merchant.pay([sent]);
  await merchant.ended(id);
  const [[again]] = expect.failure(await merchant.send([sent]), 'CLIENT_ID_EXISTS', { data: null });
  assert.equal(again.treatment_status, 'REJ');
});

test('the same item from twenty connections at once is exactly one transfer', async () => {
  const fresh = await payoutd.merchant({ money: 100000, ip_list: '' });
  await fresh.know(number);
  for (let round = 0; round < 10; round++) {
    const sent = item(number, 500, url);
    const replies = await Promise.all(Array.from({ length: 20 }, () => fresh.send([sent])));
    const results = replies.map((reply) => reply.json().data[0][0]);
    assert.equal(results.filter(({ code }) => code === 0).length, 1);
    assert.equal(results.filter(({ code }) => code === 805).length, 19);
    assert.equal(new Set(results.map(({ transaction_id: id }) => id)).size, 1, 'all name the one transfer');
  }
  assert.deepEqual(await fresh.money(), { amount: 100000, inUsing: 5000, available: 95000 });
});

test('lots that overlap, sent at once, make each transfer once', async () => {
  const fresh = await payoutd.merchant({ money: 1000000, ip_list: '' });
  await fresh.know(number);
  const items = Array.from({ length: 60 }, () => item(number, 200, url));
  const lots = Array.from({ length: 20 }, (_, index) => [...items.slice(index * 2), ...items.slice(0, index * 2)]);
  const replies = await Promise.all(lots.map((lot) => fresh.send(lot)));
  const results = replies.flatMap((reply) => reply.json().data[0]);
  assert.equal(results.length, 20 * 60);
  assert.equal(results.filter(({ code }) => code === 0).length, 60);
  const byClientId = new Map();
  for (const { client_transaction_id: client, transaction_id: id } of results) {
    assert.equal(byClientId.get(client) ?? id, id);
    byClientId.set(client, id);
  }
  assert.deepEqual(await fresh.money(), { amount: 1000000, inUsing: 12000, available: 988000 });
});
