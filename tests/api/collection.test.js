// docs/api/payout.postman_collection.json: payoutd's own collection. Its examples are real replies, and it runs.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { collectionConstant, collectionMake } from './lib/collection.js';
import * as expect from './lib/expect.js';
import { collectionRun } from './lib/newman.js';
import { Payoutd } from './lib/payoutd.js';
import { Receiver } from './lib/receiver.js';

const read = (path) => fs.readFileSync(new URL(path, import.meta.url), 'utf8');
const text = read('../../docs/api/payout.postman_collection.json');
const collection = JSON.parse(text);
const seed = JSON.parse(read('seed/cinetpay-payout-v1.1.0.postman_collection.json'));

let payoutd, receiver;
before(async () => {
  payoutd = await Payoutd.start();
  receiver = await Receiver.start();
});
after(async () => {
  await payoutd?.end();
  await receiver?.stop();
});

describe('the collection of payoutd\'s own', () => {
  test('is what tests/api/collection.js makes of real replies', async () => {
    const merchant = await payoutd.merchant({ money: 663000 });
    const made = await collectionMake(payoutd, merchant, receiver.url());
    assert.deepEqual(collectionConstant(collection), collectionConstant(made));
  });

  test('has the seed\'s requests: the same names in the same order, methods, paths, parameters and fields', () => {
    assert.equal(seed.item.length, 5);
    for (const [index, { name, request }] of seed.item.entries()) {
      const ours = collection.item[index];
      assert.equal(ours.name, name);
      assert.equal(ours.request.method, request.method);
      const url = new URL(request.url);
      assert.equal(`/${ours.request.url.path.join('/')}`, url.pathname.replace(/\/$/, ''));
      assert.deepEqual(ours.request.url.query.map(({ key }) => key), [...url.searchParams.keys()]);
      const fields = request.body.urlencoded ?? [];
      assert.deepEqual((ours.request.body?.urlencoded ?? []).map(({ key }) => key), fields.map(({ key }) => key));
      const members = (list) => list.flatMap(({ value }) => Object.keys(JSON.parse(value)[0]));
      if (fields[0]?.key === 'data') assert.deepEqual(members(ours.request.body.urlencoded), members(fields));
    }
  });

  test('has an example of success and one of failure for each of them', () => {
    for (const { name, response } of collection.item.slice(0, 5)) {
      const codes = response.map(({ body }) => JSON.parse(body).code);
      assert.ok(codes.includes(0) && codes.some((code) => typeof code === 'string'), name);
    }
  });

  test('runs from top to bottom, by newman, and its own tests pass', async () => {
    const merchant = await payoutd.merchant({ money: 663000 });
    const replies = await collectionRun(collection, { base_url: payoutd.url, apikey: merchant.apikey,
      password: merchant.password, notify_url: receiver.url() });
    assert.deepEqual(Object.keys(replies), collection.item.map(({ name }) => name));
    for (const reply of Object.values(replies)) expect.success(reply);
    assert.equal((await receiver.end('first-1')).at(-1).fields.treatment_status, 'VAL');
  });

  test('is served at /postman.json', async () => {
    const reply = await payoutd.get('/postman.json');
    assert.equal(reply.status, 200);
    assert.equal(reply.headers['content-type'], 'application/json');
    assert.equal(reply.text, text);
  });
});
