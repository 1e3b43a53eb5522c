// Sessions by cookie: how they begin, what they demand, how they end.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Payoutd } from '../api/lib/payoutd.js';
import { code } from '../api/lib/totp.js';
import { Console, WORDS, person } from './lib/console.js';

let payoutd;
let merchant;

before(async () => {
  payoutd = await Payoutd.start({ admin_require_totp: 'no' });
  merchant = await payoutd.merchant();
});
after(() => payoutd.end());

describe('a session', () => {
  test('is a cookie that no script reads, no other site sends and nobody but the console gets', async () => {
    const awa = await person(payoutd, 'awa', 'OWNER', merchant);
    const reply = await new Console(payoutd).request('POST', '/login', { name: 'awa', password: `${WORDS} awa` });
    const [cookie] = reply.headers['set-cookie'];
    assert.match(cookie, /^payout_session=ps_[A-Za-z0-9]{40,}; Path=\/console; HttpOnly; SameSite=Strict$/);
    assert.equal(reply.json().token, undefined, 'the token is nowhere but in the cookie');
    assert.match(reply.json().csrf, /^[A-Za-z0-9_-]{43}$/);
    const session = await awa.get('/session');
    assert.equal(session.csrf, awa.csrf);
    assert.equal(session.merchant, merchant.id);
    assert.equal(session.sandbox, true);
    assert.ok(session.may.includes('GET /console/v1/lots/{lot}') && session.may.includes('POST /console/v1/users'));
    assert.ok(!session.may.includes('GET /console/v1/merchants'));
  });

  test('over TLS, as a trusted proxy says it, has a cookie of another name that says so', async () => {
    const behind = await Payoutd.start({ admin_require_totp: 'no', http_trusted_proxies: '127.0.0.1', admin_from: '0.0.0.0/0' });
    try {
      await behind.admin('/users', { name: 'tls', role: 'VIEWER', merchant: (await behind.merchant()).id });
      const { password } = await behind.admin('/users/tls/password', {});
      const proxied = { 'X-Forwarded-Proto': 'https', 'X-Forwarded-For': '192.0.2.7' };
      const browser = new Console(behind);
      const reply = await browser.request('POST', '/login', { name: 'tls', password }, proxied);
      assert.match(reply.headers['set-cookie'][0], /^__Secure-payout_session=ps_\w+; Path=\/console; HttpOnly; SameSite=Strict; Secure$/);
      assert.equal((await browser.get('/me', proxied)).status, 200);
      assert.equal((await browser.get('/me')).status, 401, 'the cookie of TLS is none without it');
    } finally {
      await behind.end();
    }
  });

  test('is never one that was there before the login', async () => {
    await person(payoutd, 'fixed', 'VIEWER', merchant);
    const planted = new Console(payoutd);
    planted.cookie = `payout_session=ps_${'A'.repeat(43)}`;
    const before = planted.cookie;
    assert.equal((await planted.get('/me')).status, 401);
    assert.ok((await planted.login('fixed', `${WORDS} fixed`)).ok);
    assert.notEqual(planted.cookie, before);
    const thief = Object.assign(new Console(payoutd), { cookie: before });
    assert.equal((await thief.get('/me')).status, 401);
    const old = planted.cookie;
    assert.ok((await planted.login('fixed', `${WORDS} fixed`)).ok);
    const left = Object.assign(new Console(payoutd), { cookie: old });
    for (let tries = 0; (await left.get('/me')).status !== 401; tries++)
      assert.ok(tries < 1000, 'the session that a login replaces ends');
  });

  test('gets another token, and the old one and what belonged to it are void', async () => {
    const turned = await person(payoutd, 'turned', 'OWNER', merchant);
    const old = Object.assign(new Console(payoutd), { cookie: turned.cookie, csrf: turned.csrf });
    turned.csrf = (await turned.must('POST', '/session', {})).csrf;
    assert.equal((await old.get('/me')).status, 401);
    assert.equal((await old.post('/session')).status, 401);
    assert.equal((await turned.get('/session')).csrf, turned.csrf);
    assert.equal((await turned.post('/session', {}, { 'X-CSRF-Token': old.csrf })).status, 403);
  });

  test('ends by logging out, here or everywhere, and by another password', async () => {
    const here = await person(payoutd, 'goes', 'VIEWER', merchant);
    const there = new Console(payoutd);
    await there.login('goes', `${WORDS} goes`);
    const cookie = here.cookie;
    const gone = await here.request('POST', '/logout', {});
    assert.match(gone.headers['set-cookie'][0], /^payout_session=; .*Max-Age=0$/);
    assert.equal((await Object.assign(new Console(payoutd), { cookie }).get('/me')).status, 401);
    assert.equal((await there.get('/me')).status, 200);
    await here.login('goes', `${WORDS} goes`);
    await here.must('POST', '/logout', { everywhere: true });
    assert.equal((await there.get('/me')).status, 401);
    await there.login('goes', `${WORDS} goes`);
    await there.must('POST', '/me/password', { password: `${WORDS} goes`, new: `${WORDS} goes away` });
    assert.equal((await there.get('/me')).status, 401);
  });

  test('wants the second factor of who has one, and lets nobody do more than set it up who must', async () => {
    const strict = await Payoutd.start();
    try {
      const shop = await strict.merchant();
      const { password } = await strict.admin('/users', { name: 'boss', role: 'OWNER', merchant: shop.id });
      const boss = new Console(strict);
      await boss.login('boss', password);
      assert.equal((await boss.get('/lots')).status, 403);
      await boss.must('POST', '/me/password', { password, new: `${WORDS} boss` });
      assert.equal((await boss.login('boss', `${WORDS} boss`)).must_set_up_totp, true);
      assert.equal((await boss.get('/lots')).status, 403);
      const { secret, recovery_codes: codes } = await boss.must('POST', '/me/totp', { password: `${WORDS} boss` });
      await boss.must('POST', '/me/totp/confirm', { code: code(secret, -1) });
      assert.equal((await boss.get('/lots')).status, 200);
      const again = new Console(strict);
      assert.equal((await again.login('boss', `${WORDS} boss`)).status, 401);
      assert.equal((await again.login('boss', `${WORDS} boss`, { code: code(secret) })).status, 200);
      assert.equal((await again.login('boss', `${WORDS} boss`, { code: codes[0] })).status, 200);
    } finally {
      await strict.end();
    }
  });

  test('of the platform\'s own is only where the admin API may be called from', async () => {
    const far = await Payoutd.start({ admin_require_totp: 'no', http_trusted_proxies: '127.0.0.1', admin_from: '127.0.0.1 192.0.2.1' });
    try {
      const ours = await far.admin('/users', { name: 'ours', role: 'PLATFORM' });
      const from = (address) => ({ 'X-Forwarded-For': address });
      const browser = new Console(far);
      const login = (address) => browser.call('POST', '/login', { name: 'ours', password: ours.password }, from(address));
      assert.equal((await login('192.0.2.2')).status, 403);
      assert.equal((await login('192.0.2.1')).status, 200);
      assert.equal((await browser.get('/me', from('192.0.2.2'))).status, 403);
      assert.equal((await browser.get('/me', from('192.0.2.1'))).status, 200);
    } finally {
      await far.end();
    }
  });
});

describe('a forged request', () => {
  let awa;
  before(async () => { awa = await person(payoutd, 'victim', 'OWNER', merchant); });
  const change = (headers) => awa.call('POST', `/merchants/${merchant.id}`, { name: 'Forged' }, headers);

  test('without the session\'s token, or with another\'s, changes nothing', async () => {
    const other = await person(payoutd, 'attacker', 'OWNER', merchant);
    for (const token of [undefined, '', 'x', other.csrf, `${awa.csrf}x`, awa.csrf.toLowerCase()]) {
      const answer = await change({ 'X-CSRF-Token': token });
      assert.equal(answer.status, 403, String(token));
      assert.equal(answer.word, 'NOT_ALLOWED');
    }
    assert.equal((await change({})).status, 200);
  });

  test('from another site is refused, whatever it shows', async () => {
    for (const headers of [{ Origin: 'https://evil.example' }, { Origin: 'null' }, { Origin: `http://127.0.0.1:${payoutd.port}.evil.example` },
      { 'Sec-Fetch-Site': 'cross-site' }, { 'Sec-Fetch-Site': 'same-site' }, { 'Content-Type': 'text/plain' },
      { 'Content-Type': 'application/x-www-form-urlencoded' }])
      assert.equal((await change(headers)).status, 403, JSON.stringify(headers));
    assert.equal((await change({ Origin: undefined, 'Sec-Fetch-Site': undefined })).status, 200, 'old browsers send neither');
    const login = await new Console(payoutd).call('POST', '/login', { name: 'victim', password: `${WORDS} victim` }, { Origin: 'https://evil.example' });
    assert.equal(login.status, 403, 'nobody is logged in as somebody else by another site');
  });

  test('by a token in a header instead of the cookie is nobody\'s', async () => {
    const token = awa.cookie.split('=')[1];
    const answer = await new Console(payoutd).get('/me', { Authorization: `Bearer ${token}` });
    assert.equal(answer.status, 401);
    const admin = await new Console(payoutd).get('/merchants', { Authorization: `Bearer ${payoutd.adminToken}` });
    assert.equal(admin.status, 401);
  });
});

test('every answer says how it is to be read, and refusals are in both languages', async () => {
  const nobody = new Console(payoutd);
  for (const [path, status] of [['/me', 401], ['/nothing', 404], ['/console/assets/nothing.js', 404]]) {
    const reply = await nobody.request('GET', path);
    assert.equal(reply.status, status, path);
    assert.match(reply.headers['content-security-policy'], /^default-src 'none'; script-src 'self'; /);
    for (const [name, value] of [['x-content-type-options', 'nosniff'], ['x-frame-options', 'DENY'], ['referrer-policy', 'no-referrer'],
      ['cache-control', 'no-store'], ['content-type', 'application/json']])
      assert.equal(reply.headers[name], value, `${path} ${name}`);
  }
  const [fr, en] = [await nobody.get('/me?lang=fr'), await nobody.get('/me?lang=en')];
  assert.equal(fr.error, en.error);
  assert.notEqual(fr.message, en.message);
  assert.equal(en.word, 'INVALID_TOKEN');
  assert.equal((await nobody.request('GET', '/openapi.json')).status, 401);
});

test('without [console] there is none', async () => {
  const without = await Payoutd.start({ console_enabled: 'no' });
  try {
    for (const path of ['/console', '/console/v1/me']) assert.equal((await without.get(path)).status, 404);
  } finally {
    await without.end();
  }
});
