// Who is let in: limits of logins and calls, addresses, and what headers say of them.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import * as expect from './lib/expect.js';
import { Payoutd } from './lib/payoutd.js';

const LOGIN = '/v1/auth/login?lang=en';
const ELSEWHERE = 'This account may not be used from this IP address';
const TOO_MANY = { status: 429, description: 'Too many requests: wait before you try again' };
// As a proxy at our side says it.
const from = (address) => ({ 'X-Forwarded-For': address });
const wrong = (reply) => assert.equal(reply.json().code, '701', reply.text);
const right = (reply) => { assert.equal(reply.status, 200, reply.text); return reply.json().data; };
// A refusal with its own limits in the headers.
function limited(reply, limit, remaining = /^\d+$/) {
  assert.equal(reply.status, TOO_MANY.status, reply.text);
  expect.headers(reply, { limit, remaining });
  assert.equal(reply.json().code, '709');
  assert.equal(reply.json().description, TOO_MANY.description);
  const seconds = Number(reply.headers['retry-after']);
  assert.ok(Number.isInteger(seconds) && seconds >= 1 && seconds <= 300, `wait ${seconds} s`);
  return seconds;
}

describe('logins', () => {
  let payoutd, merchant;
  before(async () => {
    payoutd = await Payoutd.start({ http_trusted_proxies: '127.0.0.1', http_logins_per_minute: 60,
      http_address_logins_per_minute: 60 });
    merchant = await payoutd.merchant();
  });
  after(() => payoutd?.end());
  const login = (address, password = merchant.password, apikey = merchant.apikey) =>
    payoutd.post(LOGIN, { apikey, password }, from(address));

  test('that are wrong cost a growing wait there, and nothing elsewhere', async () => {
    for (let i = 0; i < 3; i++) wrong(await login('192.0.2.1', 'wrong'));
    const first = limited(await login('192.0.2.1', 'wrong'), '60');
    assert.equal(first, 1);
    limited(await login('192.0.2.1'), '60');
    assert.equal((await login('192.0.2.2')).status, 200, 'the right owner at another address');
    wrong(await login('192.0.2.1', 'wrong', 'another'));
  });

  test('of one apikey from one address are 60 a minute, and the headers say how many are left', async () => {
    for (let i = 0; i < 60; i++) {
      const reply = await login('192.0.2.3');
      assert.equal(reply.status, 200, reply.text);
      assert.equal(reply.headers['x-ratelimit-limit'], '60');
      assert.ok(Number(reply.headers['x-ratelimit-remaining']) >= 59 - i);
      if (i === 0) assert.equal(reply.headers['x-ratelimit-remaining'], '59');
    }
    const statuses = new Set();
    for (let i = 0; i < 20; i++) statuses.add((await login('192.0.2.3')).status);
    assert.ok(statuses.has(429));
    assert.equal((await login('192.0.2.4')).status, 200);
  });

  test('from one address are limited whatever the apikey, an IPv6 one by its /64', async () => {
    const guess = (i) => login(`2a00:1:2:3::${i.toString(16)}`, 'x', `nobody${i}`);
    let refused;
    for (let i = 1; i <= 90 && refused === undefined; i++) {
      const reply = await guess(i);
      if (reply.status === 429) refused = { reply, i };
      else assert.equal(reply.status, 401);
    }
    assert.ok(refused.i > 60, `refused at ${refused.i}`);
    limited(refused.reply, '60', /^0$/);
    wrong(await login('2a00:1:2:4::1', 'x', 'nobody'));
  });
});

describe('a merchant', () => {
  let payoutd;
  before(async () => { payoutd = await Payoutd.start({ http_trusted_proxies: '127.0.0.1', http_calls_per_minute: 3 }); });
  after(() => payoutd?.end());

  test('may call as often as it has of its own, or else as the server says', async () => {
    const [own, other] = [await payoutd.merchant({ calls_per_minute: 5 }), await payoutd.merchant()];
    const statuses = async (merchant, calls) => {
      const all = [];
      for (let i = 0; i < calls; i++) all.push((await merchant.balance()).status);
      return all;
    };
    assert.deepEqual(await statuses(own, 6), [200, 200, 200, 200, 200, 429]);
    assert.deepEqual(await statuses(other, 4), [200, 200, 200, 429]);
    limited(await own.balance(), '5', /^0$/);
  });

  test('is counted over all of its tokens', async () => {
    const merchant = await payoutd.merchant({ calls_per_minute: 2 });
    const statuses = [];
    for (let i = 0; i < 3; i++) {
      await merchant.login();
      statuses.push((await merchant.balance()).status);
    }
    assert.deepEqual(statuses, [200, 200, 429]);
  });

  test('with a list of addresses can neither log in nor use a token elsewhere: 708', async () => {
    const merchant = await payoutd.merchant({ api_ip_list: '192.0.2.0/24 2a00:1::/32', calls_per_minute: 1000 });
    const { apikey, password } = merchant;
    const login = (address, secret = password, lang = 'en') =>
      payoutd.post(`/v1/auth/login?lang=${lang}`, { apikey, password: secret }, from(address));
    const { token } = right(await login('192.0.2.1'));
    const balance = (address) => payoutd.get(`/v1/transfer/check/balance?lang=en&token=${token}`, from(address));
    for (const good of ['192.0.2.255', '2a00:1:ffff::', '::ffff:192.0.2.7']) {
      assert.equal((await login(good)).status, 200, good);
      assert.equal((await balance(good)).status, 200, good);
    }
    for (const bad of ['192.0.3.1', '2a00:2::', '::ffff:192.0.3.1', 'garbage']) {
      for (const reply of [await login(bad), await balance(bad)]) {
        assert.equal(reply.status, 403, bad);
        assert.deepEqual(reply.json(), { code: '708', message: 'NOT_ALLOWED', description: ELSEWHERE, data: [] });
      }
    }
    assert.equal((await login('192.0.3.1', password, 'fr')).json().description,
      'Ce compte ne peut pas être utilisé depuis cette adresse IP');
    // Who does not know the password learns nothing of where it would do.
    assert.equal((await login('192.0.3.1', 'wrong')).json().code, '701');
    const refused = await payoutd.untilLogged('address refused', (event) => event.from === '192.0.3.1');
    assert.equal(refused.merchant, merchant.id);
  });
});

describe('whose address counts', () => {
  const asked = async (payoutd, merchant, headers) =>
    (await payoutd.get(`/v1/transfer/check/balance?token=${merchant.token}`, headers)).status;
  const withServer = async (settings, use) => {
    const payoutd = await Payoutd.start(settings);
    try {
      // Its keys work from a client's address alone; logged in before that was so.
      const merchant = await payoutd.merchant();
      await merchant.login();
      await merchant.change({ api_ip_list: '203.0.113.7' });
      await use((headers) => asked(payoutd, merchant, headers), payoutd);
    } finally {
      await payoutd.end();
    }
  };

  test('is the connection\'s own when no proxy is trusted, whatever headers say', () =>
    withServer({}, async (status) => {
      const claims = ['X-Forwarded-For', 'X-Real-IP', 'X-Client-IP', 'True-Client-IP', 'CF-Connecting-IP',
        'X-Originating-IP', 'X-Cluster-Client-IP', 'Forwarded-For', 'X_Forwarded_For'];
      for (const name of claims) assert.equal(await status({ [name]: '203.0.113.7' }), 403, name);
      assert.equal(await status({ Forwarded: 'for=203.0.113.7' }), 403);
      assert.equal(await status({}), 403);
    }));

  test('is what one trusted hop says last, not what the client put in front', () =>
    withServer({ http_trusted_proxies: '127.0.0.1' }, async (status) => {
      assert.equal(await status(from('203.0.113.7')), 200);
      assert.equal(await status(from('203.0.113.7, 198.51.100.1')), 403);
      assert.equal(await status(from('198.51.100.1, 203.0.113.7')), 200);
      assert.equal(await status({ 'X-Forwarded-For': ['203.0.113.7', '198.51.100.1'] }), 403);
      assert.equal(await status({ 'X-Forwarded-For': ['198.51.100.1', '203.0.113.7'] }), 200);
      assert.equal(await status({ 'X-Real-IP': '203.0.113.7' }), 403);
      assert.equal(await status({ Forwarded: 'for=203.0.113.7' }), 403);
    }));

  test('is looked for behind two trusted hops, and no further', () =>
    withServer({ http_trusted_proxies: '127.0.0.1 10.1.0.0/16' }, async (status) => {
      assert.equal(await status(from('203.0.113.7, 10.1.2.3')), 200);
      assert.equal(await status(from('203.0.113.7, 198.51.100.1, 10.1.2.3')), 403);
      assert.equal(await status(from('203.0.113.7, 10.2.2.3')), 403);
      assert.equal(await status(from('203.0.113.7,10.1.2.3,10.1.2.4')), 200);
    }));

  test('is nobody\'s when a trusted hop says garbage', () =>
    withServer({ http_trusted_proxies: '127.0.0.1 203.0.113.7' }, async (status) => {
      for (const garbage of ['unknown, 203.0.113.7', '_hidden,203.0.113.7', '203.0.113.7.5, 203.0.113.7', '[, 203.0.113.7',
        `${'9'.repeat(5000)}, 203.0.113.7`]) {
        assert.equal(await status(from(garbage)), 403, garbage.slice(0, 40));
      }
    }));

  test('of who comes through a proxy that nobody told of never is the platform\'s own', async () => {
    const payoutd = await Payoutd.start();
    try {
      assert.equal((await payoutd.adminReply('/summary')).status, 200);
      const hints = { 'X-Forwarded-For': '127.0.0.1', Forwarded: 'for=127.0.0.1', 'X-Real-IP': '127.0.0.1', Via: '1.1 proxy' };
      for (const [name, value] of Object.entries(hints)) {
        assert.equal((await payoutd.adminReply('/summary', undefined, { [name]: value })).status, 403, name);
        assert.equal((await payoutd.get('/metrics', { [name]: value })).status, 403, name);
      }
    } finally {
      await payoutd.end();
    }
  });
});
