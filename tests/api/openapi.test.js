// docs/api/openapi.json: it is what the binary says, it is good OpenAPI, and it judges replies. That every reply of
// the API is held against it is lib/http.js's: each test of this suite proves it on its own replies.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import * as expect from './lib/expect.js';
import { Payoutd, item, payoutdRun, phone } from './lib/payoutd.js';
import { notificationCheck, replyCheck, spec } from './lib/spec.js';
import { Receiver } from './lib/receiver.js';

const text = fs.readFileSync(new URL('../../docs/api/openapi.json', import.meta.url), 'utf8');

let payoutd, merchant, receiver;
before(async () => {
  payoutd = await Payoutd.start();
  receiver = await Receiver.start();
  merchant = await payoutd.merchant();
});
after(async () => {
  await payoutd?.end();
  await receiver?.stop();
});

describe('the OpenAPI document', () => {
  test('in docs/api is what payoutd --show-openapi prints', () => {
    const shown = payoutdRun(['--show-openapi']);
    assert.equal(shown.status, 0, shown.stderr);
    assert.equal(shown.stdout, text, 'payoutd --show-openapi > docs/api/openapi.json');
  });

  test('is served at /openapi.json', async () => {
    const reply = await payoutd.get('/openapi.json');
    assert.equal(reply.status, 200);
    assert.equal(reply.headers['content-type'], 'application/json');
    assert.equal(reply.text, text);
  });

  test('passes every rule of redocly\'s', async () => {
    const { stdout, stderr } = await promisify(execFile)('npx', ['--no-install', 'redocly', 'lint', '--format=json',
      '../../docs/api/openapi.json'], { cwd: import.meta.dirname, maxBuffer: 1 << 26,
      env: { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' } });
    assert.deepEqual(JSON.parse(stdout).totals, { errors: 0, warnings: 0, ignored: 0 }, stdout + stderr);
  });

  test('has the five endpoints, by both methods where both are served, and payoutd\'s own', () => {
    const methods = Object.fromEntries(Object.entries(spec.paths).map(([path, each]) => [path, Object.keys(each)]));
    assert.deepEqual(methods, {
      '/v1/auth/login': ['get', 'post'],
      '/v1/transfer/check/balance': ['get', 'post'],
      '/v1/transfer/contact': ['get', 'post'],
      '/v1/transfer/money/send/contact': ['get', 'post'],
      '/v1/transfer/check/money': ['get', 'post'],
      '/v1/operators': ['get', 'post'],
    });
  });

  test('has every code that a request can get, under its status', () => {
    const told = new Set(Object.values(spec.paths).flatMap((path) => Object.values(path))
      .flatMap(({ responses }) => Object.entries(responses)).filter(([status]) => status !== '200')
      .flatMap(([status, { content }]) => content['application/json'].schema.properties.code.enum
        .map((code) => `${status} ${code}`)));
    // Of whole replies: 726 is an item's only, and the rest no request gets (codes.test.js says why).
    const never = ['OK', 'OPERATION_ERROR', 'TOKEN_NOT_CREATED', 'TOKEN_NOT_REFRESHED', 'UNEXPECTED_ERROR',
      'PHONE_NOT_PARTICULAR', 'ALREADY_MY_CONTACT'];
    const wanted = Object.entries(expect.codes()).filter(([name]) => !never.includes(name))
      .map(([, { number, status }]) => `${status} ${number}`);
    assert.deepEqual([...told].toSorted(), [...wanted, '413 716', '429 709'].toSorted());
  });
});

describe('a reply is refused', () => {
  const path = '/v1/transfer/check/money';
  let reply;
  before(async () => {
    const number = phone();
    await merchant.know(number);
    const [{ transaction_id: id }] = await merchant.pay([item(number, 500, receiver.url())]);
    reply = await merchant.check({ transaction_id: id });
  });

  function changed(change) {
    const body = reply.json();
    change(body);
    return { ...reply, text: JSON.stringify(body) };
  }

  test('not as it came', () => replyCheck('GET', path, reply));

  const changes = {
    'with a member too many': (body) => { body.data[0].colour = 'red'; },
    'with a member too few': (body) => { delete body.data[0].comment; },
    'with a number for a text': (body) => { body.data[0].amount = 500; },
    'with a state that there is not': (body) => { body.data[0].treatment_status = 'PAID'; },
    'with null where a text must be': (body) => { body.data[0].lot = null; },
    'nested once more': (body) => { body.data = [body.data]; },
    'with 0 as a text': (body) => { body.code = '0'; },
    'with another word': (body) => { body.message = 'OPERATION_SUCCESS'; },
  };
  for (const [name, change] of Object.entries(changes)) {
    test(name, () => assert.throws(() => replyCheck('GET', path, changed(change)), /openapi\.json/));
  }

  test('with a status that nobody told of', () => {
    assert.throws(() => replyCheck('GET', path, { ...reply, status: 201 }), /no status 201/);
  });

  test('without a header that is promised', () => {
    const { 'x-request-id': id, ...headers } = reply.headers;
    assert.notEqual(id, undefined);
    assert.throws(() => replyCheck('GET', path, { ...reply, headers }), /promises X-Request-Id/);
  });

  test('when its code has another status', async () => {
    const refused = await merchant.check({ transaction_id: 'nothing' });
    assert.throws(() => replyCheck('GET', path, { ...refused, status: 401 }), /openapi\.json/);
    replyCheck('GET', path, { ...refused, status: 200 }, { statuses: false });
  });
});

describe('a notification', () => {
  let post;
  before(async () => {
    const number = phone();
    await merchant.know(number);
    const [{ transaction_id: id }] = await merchant.pay([item(number, 500, receiver.url())]);
    [post] = await receiver.end(id);
  });

  test('is as the document tells', () => notificationCheck(post));

  test('is refused with a field too many, and unsigned', () => {
    assert.throws(() => notificationCheck({ ...post, body: `${post.body}&colour=red` }), /openapi\.json/);
    assert.throws(() => notificationCheck({ ...post, headers: { 'content-type': post.headers['content-type'] } }),
      /openapi\.json promises x-token/);
  });
});
