// POST /v1/transfer/money/send/contact.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import * as expect from './lib/expect.js';
import { Payoutd, item, person, phone } from './lib/payoutd.js';
import { Receiver } from './lib/receiver.js';

let payoutd, merchant, receiver, url;
before(async () => {
  receiver = await Receiver.start();
  url = receiver.url();
  payoutd = await Payoutd.start();
  merchant = await payoutd.merchant({ money: 1000000000 });
});
after(async () => {
  await payoutd?.end();
  await receiver?.stop();
});

const results = (reply) => {
  const data = expect.success(reply);
  assert.equal(data.length, 1, 'the outer list has one list');
  return data[0];
};
// The number of a new contact.
async function known(ending, prefix = '225', number = phone(ending)) {
  const reply = await merchant.contact([person(number, { prefix })]);
  assert.equal(reply.json().code, 0, reply.text);
  return number;
}
const TRANSACTION_ID = /^EA\d{6}\.\d{6}\.[A-Z]\d{6}$/;

describe('items that are accepted', () => {
  test('are answered double-nested, each as it was sent with what became of it', async () => {
    const items = [item(await known(), 500, url), item(await known(), '800', url)];
    const answered = results(await merchant.send(items));
    assert.equal(answered.length, 2);
    answered.forEach((result, index) => {
      const { code, status, treatment_status: state, transaction_id: id, lot, ...echo } = result;
      assert.deepEqual(echo, items[index], 'the echo, with the amount in the type that was sent');
      assert.strictEqual(code, 0);
      assert.equal(status, 'success');
      assert.equal(state, 'NEW');
      assert.match(id, TRANSACTION_ID);
      assert.match(lot, new RegExp(`^00${merchant.id}\\d{10,}$`));
    });
    assert.equal(answered[0].lot, answered[1].lot, 'one request is one lot');
    assert.notEqual(answered[0].transaction_id, answered[1].transaction_id);
  });

  test('have an id of their date and second in UTC', async () => {
    const before = Date.now();
    const [{ transaction_id: id }] = await merchant.pay([item(await known(), 500, url)]);
    const [, day, time] = /^EA(\d{6})\.(\d{6})\./.exec(id);
    const at = Date.parse(`20${day.replace(/(..)(..)(..)/, '$1-$2-$3')}T${time.replace(/(..)(..)(..)/, '$1:$2:$3')}Z`);
    assert.ok(at >= before - 2000 && at <= Date.now() + 2000, `${id} is of now`);
  });

  test('of two requests in one second are two lots', async () => {
    const number = await known();
    const lots = new Set();
    for (let i = 0; i < 5; i++) lots.add((await merchant.pay([item(number, 500, url)]))[0].lot);
    assert.equal(lots.size, 5);
  });

  test('may have members that mean nothing here', async () => {
    const sent = item(await known(), 500, url, { name: 'Awa', surname: 'Koné', email: 'a@b.c', memo: { a: [1] } });
    const [{ code, memo }] = results(await merchant.send([sent]));
    assert.strictEqual(code, 0);
    assert.deepEqual(memo, { a: [1] });
  });

  test('may have an amount with zeros in front', async () => {
    const [result] = await merchant.pay([item(await known(), '00500', url)]);
    assert.equal(result.amount, '00500');
    assert.equal((await merchant.transfer(result.transaction_id)).amount, '500');
  });

  test('have a client_transaction_id only when one was sent', async () => {
    const number = await known();
    const { client_transaction_id: _, ...bare } = item(number, 500, url);
    const [first, second] = await merchant.pay([bare, bare]);
    assert.notEqual(first.transaction_id, second.transaction_id, 'without an id nothing is a duplicate');
    assert.equal('client_transaction_id' in first, false);
    assert.strictEqual((await merchant.transfer(first.transaction_id)).client_transaction_id, null);
  });

  test('may have a client_transaction_id that is a number, empty or null', async () => {
    const number = await known();
    const [numeric, empty, none] = await merchant.pay([
      item(number, 500, url, { client_transaction_id: 20180606111287 }),
      item(number, 500, url, { client_transaction_id: '' }), item(number, 500, url, { client_transaction_id: null })]);
    assert.equal((await merchant.transfer(numeric.transaction_id)).client_transaction_id, '20180606111287');
    assert.strictEqual((await merchant.transfer(empty.transaction_id)).client_transaction_id, null);
    assert.strictEqual((await merchant.transfer(none.transaction_id)).client_transaction_id, null);
  });

  test('take the query\'s transaction_id as the merchant\'s own when they are one and have none', async () => {
    const { client_transaction_id: _, ...bare } = item(await known(), 500, url);
    const [{ transaction_id: id }] = results(await merchant.send([bare], { transaction_id: 'mine-1' }));
    assert.equal((await merchant.transfer(id)).client_transaction_id, 'mine-1');
    const byEither = expect.success(await merchant.check({ transaction_id: 'mine-1' }));
    assert.equal(byEither[0].transaction_id, id);
    const two = results(await merchant.send([bare, bare], { transaction_id: 'mine-2' }));
    assert.strictEqual((await merchant.transfer(two[0].transaction_id)).client_transaction_id, null);
  });

  test('go to the operator that the number or the payment_method says', async () => {
    const operators = [['225', phone('0000', '07'), undefined, 'OM'], ['225', phone('0000', '05'), undefined, 'MOMO'],
      ['225', phone('0000', '01'), undefined, 'FLOOZ'], ['225', phone('0000', '07'), 'WAVECI', 'WAVE'],
      ['225', phone('0000', '07'), 'OM', 'OM'], ['225', phone('0000', '05'), '', 'MOMO'],
      ['221', '771234567', undefined, 'OM'], ['221', '761234567', 'WAVESN', 'WAVE'], ['229', '0197123456', undefined, 'MTN'],
      ['228', '90123456', undefined, 'TMONEY'], ['223', '76123456', undefined, 'OM'],
      ['226', '70123456', undefined, 'MOOV']];
    for (const [prefix, number, method, operator] of operators) {
      await known('', prefix, number);
      const more = { prefix, ...(method === undefined ? {} : { payment_method: method }) };
      const [{ transaction_id: id }] = await merchant.pay([item(number, 1000, url, more)]);
      assert.equal((await merchant.transfer(id)).operator, operator, `${prefix} ${number} ${method}`);
    }
  });
});

describe('an item', () => {
  const refused = async (sent, code, more) => {
    const good = item(await known(), 500, url);
    const [bad, fine] = results(await merchant.send([sent, good]));
    expect.itemCode(bad, code);
    expect.itemCode(fine, 'OK');
    assert.equal('transaction_id' in bad, false, 'nothing was made of it');
    expect.failure(await merchant.send([sent]), code, more);
  };

  test('to nobody\'s contact gets 724', async () => refused(item(phone(), 500, url), 'NOT_MY_CONTACT'));

  test('below its country\'s least gets 719', async () => {
    await refused(item(await known(), 195, url), 'AMOUNT_TOO_SMALL');
    await refused(item(await known(), 5, url), 'AMOUNT_TOO_SMALL');
    await merchant.pay([item(await known(), 200, url)]);
  });

  test('above its country\'s most gets 720', async () => {
    await refused(item(await known(), 1500005, url), 'AMOUNT_TOO_LARGE');
    await refused(item(await known(), '99999999999999999999999', url), 'AMOUNT_TOO_LARGE');
    await merchant.pay([item(await known(), 1500000, url)]);
  });

  test('of no positive integer, or no multiple of 5, gets 801', async () => {
    const number = await known();
    for (const amount of [0, '0', -500, '-500', '', 'five', 500.5, '500.5', '5e2', 501, '502', null, true, [500], ' ']) {
      await refused(item(number, amount, url), 'INVALID_AMOUNT');
    }
    const { amount: _, ...none } = item(number, 500, url);
    await refused(none, 'INVALID_AMOUNT');
  });

  test('to a number that is none gets 802', async () => {
    for (const number of ['123', '', '07O7895086', '0'.repeat(400)]) await refused(item(number, 500, url), 'INVALID_PHONE');
    await refused(item(phone(), 500, url, { prefix: '999' }), 'INVALID_PHONE');
  });

  test('to a number that no operator serves gets 721', async () => {
    await refused(item(await known('', '226', '78123456'), 500, url, { prefix: '226' }), 'OPERATOR_NOT_AVAILABLE');
  });

  test('with a payment_method that is not the country\'s or the number\'s gets 811', async () => {
    const number = await known();
    for (const method of ['NONSENSE', 'OMSN', 'MOMO', 'FLOOZ', 'WAVESN']) {
      await refused(item(number, 500, url, { payment_method: method }), 'INVALID_PAYMENT_METHOD');
    }
  });

  test('without an http or https notify_url gets 725', async () => {
    const number = await known();
    for (const bad of ['', 'nonsense', 'ftp://example.com/', 'javascript:alert(1)', 'http://', 'http:// x', '/notify', 5,
      `http://example.com/${'x'.repeat(1000)}`]) {
      await refused(item(number, 500, bad), 'MISSING_NOTIFY_URL');
    }
    const { notify_url: _, ...none } = item(number, 500, url);
    await refused(none, 'MISSING_NOTIFY_URL');
  });

  test('without prefix or phone, or with an id of no text or too long, gets 716', async () => {
    const number = await known();
    const { prefix: _, ...noPrefix } = item(number, 500, url);
    const { phone: __, ...noPhone } = item(number, 500, url);
    await refused(noPrefix, 'DATA_NOT_VALID');
    await refused(noPhone, 'DATA_NOT_VALID');
    for (const id of ['x'.repeat(129), ['x'], { a: 1 }]) {
      await refused(item(number, 500, url, { client_transaction_id: id }), 'DATA_NOT_VALID');
    }
    await merchant.pay([item(number, 500, url, { client_transaction_id: 'x'.repeat(128) })]);
  });
});

describe('a whole request', () => {
  test('of which no item is accepted is an error with the first item\'s code', async () => {
    const number = await known();
    expect.failure(await merchant.send([item(number, 5, url), item('123', 500, url)]), 'AMOUNT_TOO_SMALL');
    expect.failure(await merchant.send([item('123', 500, url), item(number, 5, url)]), 'INVALID_PHONE');
  });

  test('is refused as one when the merchant wants all or nothing', async () => {
    const strict = await payoutd.merchant({ all_or_nothing: true, money: 5000 });
    const number = phone();
    await strict.know(number);
    const good = item(number, 500, url);
    expect.failure(await strict.send([good, item(phone(), 500, url)]), 'NOT_MY_CONTACT');
    assert.deepEqual(await strict.money(), { amount: 5000, inUsing: 0, available: 5000 });
    expect.failure(await strict.check({ client_transaction_id: good.client_transaction_id }), 'NOT_FOUND');
    const [again] = await strict.pay([good]);
    expect.itemCode(again, 'OK');
  });

  test('without data gets 704, with broken data 718, with other data 716', async () => {
    const post = async (fields) => payoutd.post(await merchant.target('/transfer/money/send/contact'), fields);
    expect.failure(await post({}), 'INVALID_PARAM');
    expect.failure(await post({ data: '[{' }), 'JSON_PARSE_ERROR');
    expect.failure(await post({ data: '[]' }), 'DATA_NOT_VALID');
  });

  test('of a merchant whose reply_shape is flat is answered by one list', async () => {
    const flat = await payoutd.merchant({ flat_reply: true });
    const number = phone();
    await flat.know(number);
    const data = expect.success(await flat.send([item(number, 500, url)]));
    assert.match(data[0].transaction_id, TRANSACTION_ID);
  });
});

describe('the notify_url', () => {
  test('is the merchant\'s own when the item has none', async () => {
    const own = await payoutd.merchant({ notify_url: receiver.url('/own?who=me') });
    const number = phone();
    await own.know(number);
    const { notify_url: _, ...without } = item(number, 500);
    const [first, second] = await own.pay([without, item(number, 500, '')]);
    for (const { transaction_id: id } of [first, second]) {
      const posts = await receiver.end(id);
      assert.equal(posts[0].url, '/own?who=me');
    }
  });

  test('keeps its query string when it is called', async () => {
    const [{ transaction_id: id }] = await merchant.pay([item(await known(), 500, receiver.url('/n?order=7&x=%20a+b'))]);
    const posts = await receiver.end(id);
    assert.equal(posts[0].url, '/n?order=7&x=%20a+b');
  });
});

test('ten thousand items of one request are ten thousand transfers in their order', async () => {
  const numbers = Array.from({ length: 100 }, () => phone());
  await merchant.know(...numbers);
  const items = Array.from({ length: 10000 }, (_, index) => item(numbers[index % 100], 200, url));
  const answered = await merchant.pay(items);
  assert.equal(new Set(answered.map(({ transaction_id: id }) => id)).size, 10000);
  assert.deepEqual(answered.map((each) => each.client_transaction_id), items.map((each) => each.client_transaction_id));
  const whole = expect.success(await merchant.check({ lot: answered[0].lot }));
  assert.deepEqual(whole.map(({ transaction_id: id }) => id), answered.map(({ transaction_id: id }) => id));
  expect.failure(await merchant.send([...items, items[0]]), 'DATA_NOT_VALID',
    { description: '10001 items in one request: the most is 10000' });
});
