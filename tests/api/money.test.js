// Money: what is held, what comes back, what is never spent twice.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as expect from './lib/expect.js';
import { Payoutd, item, phone } from './lib/payoutd.js';

let payoutd;
const url = 'http://127.0.0.1:1/';
before(async () => { payoutd = await Payoutd.start(); });
after(() => payoutd?.end());

async function merchantWith(money, numbers, settings = {}) {
  const merchant = await payoutd.merchant({ money, ...settings });
  await merchant.know(...numbers);
  return merchant;
}

test('items that together pass what is available refuse the whole request: 602, nothing recorded', async () => {
  const [a, b] = [phone(), phone()];
  const merchant = await merchantWith(1000, [a, b]);
  const items = [item(a, 600, url), item(b, 600, url)];
  const refused = await merchant.send(items);
  expect.failure(refused, 'INSUFFICIENT_BALANCE');
  assert.deepEqual(await merchant.money(), { amount: 1000, inUsing: 0, available: 1000 });
  for (const { client_transaction_id: id } of items) {
    expect.failure(await merchant.check({ client_transaction_id: id }), 'NOT_FOUND');
  }
  const [accepted] = await merchant.pay([items[0]]);
  expect.itemCode(accepted, 'OK');
});

test('only accepted items count towards the balance', async () => {
  const number = phone();
  const merchant = await merchantWith(600, [number]);
  const data = expect.success(await merchant.send([item(number, 600, url), item(phone(), 600, url)]));
  expect.itemCode(data[0][0], 'OK');
  expect.itemCode(data[0][1], 'NOT_MY_CONTACT');
});

test('the last franc can be sent, and not one more', async () => {
  const number = phone();
  const merchant = await merchantWith(1000, [number], { ip_list: '' });
  await merchant.pay([item(number, 1000, url)]);
  assert.deepEqual(await merchant.money(), { amount: 1000, inUsing: 1000, available: 0 });
  expect.failure(await merchant.send([item(number, 200, url)]), 'INSUFFICIENT_BALANCE');
});

test('a merchant without money gets 602', async () => {
  const number = phone();
  const merchant = await merchantWith(0, [number]);
  expect.failure(await merchant.send([item(number, 200, url)]), 'INSUFFICIENT_BALANCE');
});

test('money of one currency does not pay in another', async () => {
  const merchant = await merchantWith(100000, []);
  await merchant.contact([{ prefix: '237', phone: '691234567', name: 'A', surname: 'B', email: '' }]);
  const sent = item('691234567', 1000, url, { prefix: '237' });
  expect.failure(await merchant.send([sent]), 'INSUFFICIENT_BALANCE');
  await merchant.topUp(1000, 'XAF');
  await merchant.pay([sent]);
  const data = expect.success(await merchant.balance());
  assert.equal(data.available, 100000, 'the home currency is untouched');
});

test('a receiver that pays the fee gets that much less; the merchant sees what it sent', async () => {
  const numbers = [phone(), phone('9930')];
  const merchant = await merchantWith(2000, numbers, { fees: '*:0:5:10:0:0:receiver' });
  const sent = await merchant.pay(numbers.map((number) => item(number, 1000, url)));
  for (const [index, { transaction_id: id, client_transaction_id: clientId }] of sent.entries()) {
    const shown = await merchant.ended(id);
    assert.equal(shown.treatment_status, index === 0 ? 'VAL' : 'REJ');
    assert.equal(Number(shown.amount), 1000, 'as it was sent');
    const { amount, fee, fee_payer: payer, delivered, client_transaction_id: known } = await payoutd.admin(`/transfers/${id}`);
    assert.deepEqual({ amount, fee, payer, delivered }, { amount: 1000, fee: 15, payer: 'RECEIVER', delivered: 985 });
    assert.equal(known, clientId);
  }
  assert.deepEqual(await merchant.money(), { amount: 1000, inUsing: 0, available: 1000 });
});

test('a fee that leaves its receiver less than the country has refuses the item, and says so', async () => {
  const number = phone();
  const merchant = await merchantWith(2000, [number], { fees: '*:0:50:0:0:0:receiver' });
  expect.failure(await merchant.send([item(number, 245, url)]), 'AMOUNT_TOO_SMALL');
  assert.deepEqual(await merchant.money(), { amount: 2000, inUsing: 0, available: 2000 });
  const [accepted] = await merchant.pay([item(number, 250, url)]);
  expect.itemCode(accepted, 'OK');
});

test('who pays has to be somebody', async () => {
  const merchant = await merchantWith(0, []);
  const refused = await payoutd.adminReply(`/merchants/${merchant.id}`, { fees: '*:0:50:0:0:0:nobody' });
  assert.equal(refused.status, 400);
});

test('what is paid leaves the account, what is rejected comes back', async () => {
  const numbers = [phone(), phone('9930'), phone('9950'), phone()];
  const merchant = await merchantWith(100000, numbers);
  const sent = await merchant.pay(numbers.map((number, index) => item(number, 1000 * (index + 1), url)));
  const ends = [];
  for (const { transaction_id: id } of sent) ends.push((await merchant.ended(id)).treatment_status);
  assert.deepEqual(ends, ['VAL', 'REJ', 'REJ', 'VAL']);
  assert.deepEqual(await merchant.money(), { amount: 95000, inUsing: 0, available: 95000 });
});

test('what is unknown stays held', async () => {
  const number = phone('9975');
  const merchant = await merchantWith(5000, [number]);
  const [{ transaction_id: id }] = await merchant.pay([item(number, 2000, url)]);
  await merchant.untilState(id, 'NOS');
  assert.deepEqual(await merchant.money(), { amount: 5000, inUsing: 2000, available: 3000 });
});

test('requests at once can\'t spend more than there is', async () => {
  const number = phone();
  const merchant = await merchantWith(10000, [number], { ip_list: '' });
  await merchant.login();
  const replies = await Promise.all(Array.from({ length: 40 }, () => merchant.send([item(number, 1000, url)])));
  const codes = replies.map((reply) => reply.json().code);
  assert.equal(codes.filter((code) => code === 0).length, 10);
  assert.equal(codes.filter((code) => code === '602').length, 30);
  assert.deepEqual(await merchant.money(), { amount: 10000, inUsing: 10000, available: 0 });
});

test('a top-up with the same reference moves money once', async () => {
  const merchant = await payoutd.merchant({ money: 0 });
  const target = `/merchants/${merchant.id}/topup`;
  const body = { amount: 700, currency: 'XOF', reference: 'bank-1' };
  assert.equal((await payoutd.admin(target, body)).again, false);
  assert.equal((await payoutd.admin(target, body)).again, true);
  assert.equal((await merchant.money()).amount, 700);
  const other = await payoutd.adminReply(target, { ...body, amount: 800 });
  assert.equal(other.status, 409);
  assert.equal((await merchant.money()).amount, 700);
});

test('a withdrawal takes what is available and nothing that is held', async () => {
  const number = phone();
  const merchant = await merchantWith(1000, [number], { ip_list: '' });
  await merchant.pay([item(number, 600, url)]);
  const withdraw = (amount, reference) =>
    payoutd.adminReply(`/merchants/${merchant.id}/withdraw`, { amount, currency: 'XOF', reference });
  assert.equal((await withdraw(500, 'w1')).status, 409);
  assert.equal((await withdraw(400, 'w2')).status, 200);
  assert.deepEqual(await merchant.money(), { amount: 600, inUsing: 600, available: 0 });
});

test('the platform\'s accounts sum to zero in every currency', async () => {
  const { currencies } = await payoutd.admin('/summary');
  assert.ok(currencies.length > 0);
  for (const { currency, total } of currencies) assert.strictEqual(total, 0, currency);
});
