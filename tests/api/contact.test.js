// POST /v1/transfer/contact.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import * as expect from './lib/expect.js';
import { Payoutd, person, phone } from './lib/payoutd.js';

let payoutd, merchant;
before(async () => {
  payoutd = await Payoutd.start();
  merchant = await payoutd.merchant();
});
after(() => payoutd?.end());

const results = (reply) => {
  const data = expect.success(reply);
  assert.equal(data.length, 1, 'the outer list has one list');
  return data[0];
};
const LOT = /^00\d{10}\d{10}\d*$/;

describe('new contacts', () => {
  test('are answered double-nested, each as it was sent with code, status and lot', async () => {
    const people = [person(phone()), person(phone(), { name: 'Bintou' })];
    const answered = results(await merchant.contact(people));
    assert.equal(answered.length, 2);
    answered.forEach((result, index) => {
      const { code, status, lot, ...echo } = result;
      assert.deepEqual(echo, people[index]);
      assert.strictEqual(code, 0);
      assert.equal(status, 'success');
      assert.match(lot, LOT);
    });
    assert.equal(answered[0].lot, answered[1].lot, 'one request is one lot');
  });

  test('have a lot of the merchant\'s constant part and the time', async () => {
    const before = Math.floor(Date.now() / 1000);
    const [{ lot }] = results(await merchant.contact([person(phone())]));
    assert.equal(lot.slice(0, 12), `00${merchant.id}`);
    const seconds = Number(lot.slice(12, 22));
    assert.ok(seconds >= before && seconds <= Math.floor(Date.now() / 1000) + 1, lot);
  });

  test('of two requests in one second have two lots', async () => {
    const lots = new Set();
    for (let i = 0; i < 5; i++) lots.add(results(await merchant.contact([person(phone())]))[0].lot);
    assert.equal(lots.size, 5);
  });

  test('may come without name, surname and email', async () => {
    const [result] = results(await merchant.contact([{ prefix: '225', phone: phone() }]));
    expect.itemCode(result, 'OK');
  });

  test('keep every member that was sent, known or not, with its type', async () => {
    const sent = { ...person(phone()), note: 'x', count: 3, share: 0.5, yes: true, none: null, list: [1, { a: 'é' }] };
    const [{ code, status, lot, ...echo }] = results(await merchant.contact([sent]));
    assert.strictEqual(code, 0);
    assert.deepEqual(echo, sent);
  });

  test('keep letters of every script', async () => {
    const name = 'Ñandú Kɔfi 阿娃 😀 "quoted" \\ back/slash';
    const [result] = results(await merchant.contact([person(phone(), { name })]));
    assert.equal(result.name, name);
  });

  test('may have prefix and phone as numbers', async () => {
    const [result] = results(await merchant.contact([{ ...person(''), prefix: 225, phone: 53798590 }]));
    expect.itemCode(result, 'OK');
    assert.strictEqual(result.prefix, 225);
    assert.strictEqual(result.phone, 53798590);
  });
});

describe('a contact that is known', () => {
  test('gets 726 within an envelope of success, and the lot that made it', async () => {
    const one = person(phone());
    const [first] = results(await merchant.contact([one]));
    const again = results(await merchant.contact([one, person(phone())]));
    expect.itemCode(again[0], 'ALREADY_MY_CONTACT');
    assert.equal(again[0].lot, first.lot);
    expect.itemCode(again[1], 'OK');
    assert.notEqual(again[1].lot, first.lot);
  });

  test('gets code 0 in the envelope even when it is the only one', async () => {
    const one = person(phone());
    results(await merchant.contact([one]));
    expect.itemCode(results(await merchant.contact([one]))[0], 'ALREADY_MY_CONTACT');
  });

  test('is known twice within one request', async () => {
    const one = person(phone());
    const [first, second] = results(await merchant.contact([one, one]));
    expect.itemCode(first, 'OK');
    expect.itemCode(second, 'ALREADY_MY_CONTACT');
    assert.equal(second.lot, first.lot);
  });

  test('is known however its number is written', async () => {
    results(await merchant.contact([person('0707895086')]));
    const ways = ['07 07 89 50 86', '+2250707895086', '002250707895086', '2250707895086', '07.07.89.50.86',
      '07-07-89-50-86', '07895086', '+225 07895086', '(07) 07895086'];
    const answered = results(await merchant.contact(ways.map((way) => person(way))));
    answered.forEach((result) => expect.itemCode(result, 'ALREADY_MY_CONTACT'));
  });

  test('is another merchant\'s only when that one adds it', async () => {
    const other = await payoutd.merchant();
    const one = person(phone());
    results(await merchant.contact([one]));
    expect.itemCode(results(await other.contact([one]))[0], 'OK');
  });
});

describe('numbers of the old plans', () => {
  test('of Côte d\'Ivoire are the new ones with their operator\'s two digits in front', async () => {
    const fresh = await payoutd.merchant();
    const pairs = { '01234567': '0101234567', 40234567: '0140234567', '73234567': '0173234567', '04234567': '0504234567',
      '66234567': '0566234567', '96234567': '0596234567', '07234567': '0707234567', '59234567': '0759234567',
      '99234567': '0799234567' };
    results(await fresh.contact(Object.keys(pairs).map((old) => person(old))));
    const again = results(await fresh.contact(Object.values(pairs).map((now) => person(now))));
    again.forEach((result) => expect.itemCode(result, 'ALREADY_MY_CONTACT'));
  });

  test('of Benin are the new ones with 01 in front', async () => {
    const fresh = await payoutd.merchant();
    results(await fresh.contact([person('97123456', { prefix: '229' })]));
    const [again] = results(await fresh.contact([person('0197123456', { prefix: '229' })]));
    expect.itemCode(again, 'ALREADY_MY_CONTACT');
  });
});

describe('a bad item', () => {
  test('gets its code alone, and the others are stored', async () => {
    const good = person(phone());
    const answered = results(await merchant.contact([good, person('123'), { prefix: '225' }, person(phone())]));
    expect.itemCode(answered[0], 'OK');
    expect.itemCode(answered[1], 'INVALID_PHONE');
    expect.itemCode(answered[2], 'DATA_NOT_VALID');
    expect.itemCode(answered[3], 'OK');
    assert.equal('lot' in answered[1], false);
    expect.itemCode(results(await merchant.contact([good]))[0], 'ALREADY_MY_CONTACT');
  });

  test('alone makes the envelope an error with its code', async () => {
    expect.failure(await merchant.contact([person('123')]), 'INVALID_PHONE');
    expect.failure(await merchant.contact([{ prefix: '225' }]), 'DATA_NOT_VALID');
  });

  test('first of all bad ones gives the envelope its code', async () => {
    expect.failure(await merchant.contact([{ phone: phone() }, person('123')]), 'DATA_NOT_VALID');
    expect.failure(await merchant.contact([person('123'), { phone: phone() }]), 'INVALID_PHONE');
  });

  test('is a number of no country, too short, too long, with letters or none at all', async () => {
    const bad = [person(phone(), { prefix: '999' }), person('070789508'), person('07078950861'), person('07O7895086'),
      person(''), person('+33612345678'), person(phone(), { prefix: '' }), person('9999999999'), person('0'.repeat(500))];
    for (const each of bad) expect.failure(await merchant.contact([each]), 'INVALID_PHONE');
  });

  test('is a name that is no text or too long', async () => {
    for (const name of [{}, ['x'], 'x'.repeat(256)]) {
      expect.failure(await merchant.contact([person(phone(), { name })]), 'DATA_NOT_VALID');
    }
    const [result] = results(await merchant.contact([person(phone(), { name: 'x'.repeat(255) })]));
    expect.itemCode(result, 'OK');
  });
});

describe('data', () => {
  const post = async (data) => payoutd.post(await merchant.target('/transfer/contact'), { data });

  test('that can\'t be read as JSON gets 718', async () => {
    for (const data of ['nonsense', '[{"prefix":"225"', '[{prefix:225}]', '{]', "[{'prefix':'225'}]"]) {
      expect.failure(await post(data), 'JSON_PARSE_ERROR');
    }
  });

  test('that is missing or empty gets 704', async () => {
    expect.failure(await payoutd.post(await merchant.target('/transfer/contact'), {}), 'INVALID_PARAM');
    expect.failure(await post(''), 'INVALID_PARAM');
    expect.failure(await payoutd.get(await merchant.target('/transfer/contact')), 'INVALID_PARAM');
  });

  test('that is JSON of something else gets 716', async () => {
    for (const data of ['[]', '{}', '5', 'true', '[1]', '["x"]', '[[]]', '[{"prefix":"225","phone":"07"},5]']) {
      expect.failure(await post(data), 'DATA_NOT_VALID');
    }
  });

  test('of more items than allowed gets 716 and says the most', async () => {
    const few = await Payoutd.start({ http_items_max: 3 });
    try {
      const other = await few.merchant();
      const people = Array.from({ length: 4 }, () => person(phone()));
      expect.failure(await other.contact(people), 'DATA_NOT_VALID',
        { description: '4 items in one request: the most is 3' });
      results(await other.contact(people.slice(0, 3)));
    } finally {
      await few.end();
    }
  });

  test('of a thousand items is answered in their order', async () => {
    const people = Array.from({ length: 1000 }, () => person(phone()));
    const answered = results(await merchant.contact(people));
    assert.deepEqual(answered.map((result) => result.phone), people.map((each) => each.phone));
    answered.forEach((result) => expect.itemCode(result, 'OK'));
  });
});

test('a merchant whose reply_shape is flat gets one list', async () => {
  const flat = await payoutd.merchant({ flat_reply: true });
  const data = expect.success(await flat.contact([person(phone()), person(phone())]));
  assert.equal(data.length, 2);
  expect.itemCode(data[0], 'OK');
});
