// The original collection of the API (seed/), as its merchants got it, run by newman against payoutd. Only the
// host, the credentials, the token and the notify_url are other ones; the requests stay as they are.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, describe, test } from 'node:test';
import * as expect from './lib/expect.js';
import { collectionRun as run } from './lib/newman.js';
import { Payoutd, person } from './lib/payoutd.js';
import { Receiver } from './lib/receiver.js';

const text = fs.readFileSync(new URL('seed/cinetpay-payout-v1.1.0.postman_collection.json', import.meta.url), 'utf8');
const original = JSON.parse(text);
const [LOGIN, BALANCE, CONTACT, SEND, CHECK] = original.item.map(({ name }) => name);

let payoutd, merchant, receiver;
before(async () => {
  payoutd = await Payoutd.start();
  receiver = await Receiver.start();
});
after(async () => {
  await payoutd?.end();
  await receiver?.stop();
});

// The collection with these texts in the place of its own.
function collectionWith(replacements) {
  let changed = text;
  for (const [from, to] of Object.entries({ 'https://client.cinetpay.com': payoutd.url, ...replacements })) {
    assert.ok(changed.includes(from), `${from} is in the collection`);
    changed = changed.replaceAll(from, to);
  }
  const collection = JSON.parse(changed);
  // newman goes by the URL's parts where they are given.
  for (const { request } of collection.item) delete request.urlObject;
  return collection;
}

async function runAs(someone, replacements = {}) {
  return run(collectionWith({ your_apikey_here: someone.apikey, your_password_here: someone.password,
    your_token_here: await someone.login(), 'https://mydomain.com/notify': receiver.url(), ...replacements }));
}

describe('the collection', () => {
  let replies;
  before(async () => {
    merchant = await payoutd.merchant({ money: 663000 });
    // Whom the collection pays is not among those whom it adds.
    await merchant.contact([person('07895086')]);
    replies = await runAs(merchant, { my_transaction_id: 'MYMERCHANTID1' });
  });

  test('has five requests, and each was answered', () => {
    assert.equal(original.item.length, 5);
    assert.deepEqual(Object.keys(replies), [LOGIN, BALANCE, CONTACT, SEND, CHECK]);
  });

  test('is sent as it stands: methods, paths with their slash, bodies', () => {
    for (const { name, request } of original.item) {
      const { sent } = replies[name];
      assert.equal(sent.method, request.method);
      const path = new URL(request.url).pathname;
      assert.equal(new URL(sent.url.toString()).pathname, path);
    }
    assert.match(replies[BALANCE].sent.url.toString(), /\/v1\/transfer\/check\/balance\/\?/);
  });

  test('gets the API\'s headers on every reply', () => {
    for (const name of [LOGIN, BALANCE, CONTACT, SEND, CHECK]) expect.headers(replies[name]);
  });

  test('gets a token from its login', () => {
    const data = expect.success(replies[LOGIN]);
    expect.shape(data, { token: 'string' });
    assert.match(data.token, /^[\w-]+\.[\w-]+\.[\w-]+$/);
  });

  test('gets its balance in numbers', () => {
    const data = expect.success(replies[BALANCE]);
    assert.deepEqual([data.amount, data.inUsing, data.available], [663000, 0, 663000]);
  });

  test('gets both of its contacts stored', () => {
    const [results, ...more] = expect.success(replies[CONTACT]);
    assert.deepEqual(more, []);
    assert.deepEqual(results.map(({ phone }) => phone), ['53798590', '77895086']);
    for (const result of results) {
      expect.itemCode(result, 'OK');
      expect.shape(result, { prefix: 'string', phone: 'string', name: 'string', surname: 'string', email: 'string',
        code: 'number', status: 'string', lot: 'string' });
    }
  });

  test('gets both of its transfers accepted', () => {
    const [results, ...more] = expect.success(replies[SEND]);
    assert.deepEqual(more, []);
    assert.deepEqual(results.map(({ client_transaction_id: id }) => id), ['MYMERCHANTID1', '20180606111287']);
    assert.deepEqual(results.map(({ amount }) => amount), ['500', '800']);
    for (const result of results) {
      expect.itemCode(result, 'OK');
      expect.shape(result, { prefix: 'string', phone: 'string', amount: 'string', notify_url: 'string',
        client_transaction_id: 'string', code: 'number', status: 'string', treatment_status: 'string',
        transaction_id: 'string', lot: 'string' });
    }
  });

  test('gets what became of its transfer', () => {
    const [shown, ...more] = expect.success(replies[CHECK]);
    assert.deepEqual(more, []);
    assert.equal(shown.client_transaction_id, 'MYMERCHANTID1');
    assert.equal(shown.receiver, '22507895086');
    assert.equal(shown.receiver_e164, '+2250707895086');
    assert.equal(shown.operator, 'OM');
  });

  test('gets its notifications', async () => {
    for (const id of ['MYMERCHANTID1', '20180606111287']) {
      const posts = await receiver.end(id);
      assert.equal(posts.at(-1).fields.treatment_status, 'VAL');
    }
  });

  test('run once more pays nobody twice', async () => {
    const before = await merchant.money();
    const again = await runAs(merchant, { my_transaction_id: 'MYMERCHANTID1' });
    for (const result of expect.success(again[CONTACT])[0]) expect.itemCode(result, 'ALREADY_MY_CONTACT');
    const [known] = expect.failure(again[SEND], 'CLIENT_ID_EXISTS', { lang: 'fr', data: null });
    const [first] = expect.success(replies[SEND]);
    assert.deepEqual(known.map(({ transaction_id: id }) => id), first.map(({ transaction_id: id }) => id));
    assert.deepEqual(await merchant.money(), before);
  });
});

describe('the collection, with nothing filled in but the host', () => {
  let replies;
  before(async () => { replies = await run(collectionWith({})); });

  test('is refused, in French, with the API\'s headers', () => {
    expect.failure(replies[LOGIN], 'INVALID_CREDENTIALS', { lang: 'fr' });
    for (const name of [BALANCE, CONTACT, SEND, CHECK]) expect.failure(replies[name], 'INVALID_TOKEN', { lang: 'fr' });
  });
});

describe('the collection, of a merchant who has not added whom it pays', () => {
  test('has its transfers refused with 724, and finds none', async () => {
    const replies = await runAs(await payoutd.merchant());
    expect.failure(replies[SEND], 'NOT_MY_CONTACT', { lang: 'fr' });
    expect.failure(replies[CHECK], 'NOT_FOUND', { lang: 'fr' });
  });
});

describe('the saved example', () => {
  // Of the proxies between CinetPay and its clients, or of HTTP itself: not of the API.
  const OTHERS = ['CF-RAY', 'Expect-CT', 'Server', 'X-Powered-By', 'Transfer-Encoding', 'Content-Encoding',
    'Connection', 'Date'];
  const [failure, success] = original.item[0].response;

  // Both bodies' members: the same keys in the same order, the same types, the same texts but for varies.
  function sameMembers(actual, saved, varies) {
    assert.deepEqual(Object.keys(actual), Object.keys(saved));
    for (const [name, value] of Object.entries(saved)) {
      assert.equal(typeof actual[name], typeof value, name);
      assert.equal(Array.isArray(actual[name]), Array.isArray(value), name);
      if (typeof value === 'object') sameMembers(actual[name], value, varies);
      else if (!varies.includes(name)) assert.strictEqual(actual[name], value, name);
    }
  }

  function sameReply(reply, saved, varies) {
    assert.equal(reply.status, saved.code);
    for (const { key, value } of saved.header.filter((each) => !OTHERS.includes(each.key))) {
      const actual = reply.headers[key.toLowerCase()];
      if (key === 'X-RateLimit-Remaining') assert.match(actual, /^\d+$/);
      else assert.equal(actual, value, key);
    }
    assert.ok(reply.headers.date, 'it has a date');
    sameMembers(reply.json(), JSON.parse(saved.body), varies);
  }

  test('of a failed login is answered member by member', async () => {
    const { pathname } = new URL(failure.originalRequest.url);
    const reply = await payoutd.post(`${pathname}%20`, { apikey: 'your_apikey_here', password: 'your_password_here' });
    sameReply(reply, failure, []);
    assert.equal(reply.text, failure.body, 'byte for byte');
  });

  test('of a login is answered member by member', async () => {
    const someone = await payoutd.merchant();
    const { pathname } = new URL(success.originalRequest.url);
    const reply = await payoutd.post(`${pathname}%20`, { apikey: someone.apikey, password: someone.password });
    sameReply(reply, success, ['token']);
  });

  test('has no header that is neither compared nor somebody else\'s', () => {
    const compared = ['Access-Control-Allow-Headers', 'Access-Control-Allow-Methods', 'Access-Control-Allow-Origin',
      'Access-Control-Expose-Headers', 'Cache-Control', 'Content-Type', 'X-RateLimit-Limit', 'X-RateLimit-Remaining',
      'expires', 'pragma'];
    for (const saved of [failure, success]) {
      const names = new Set(saved.header.map(({ key }) => key));
      assert.deepEqual([...names].filter((key) => !OTHERS.includes(key)).toSorted(), compared.toSorted());
    }
  });
});
