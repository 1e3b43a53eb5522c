// Persons: users, their roles, second factors and sessions, and what they leave in the log of acts.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { JSON_TYPE } from './lib/http.js';
import { PAYOUT, Payoutd, item, phone } from './lib/payoutd.js';
import { code } from './lib/totp.js';

let payoutd;
let merchant;
let other;
const WORDS = 'quatre mots sans lien';

async function call(token, path, body) {
  const reply = await payoutd.request({ method: body === undefined ? 'GET' : 'POST', target: `/admin/v1${path}`,
    headers: { ...JSON_TYPE, ...(token ? { Authorization: `Bearer ${token}` } : {}) },
    body: body === undefined ? undefined : JSON.stringify(body) });
  return { status: reply.status, ...reply.json() };
}
const login = (name, password, more = {}) => call(null, '/login', { name, password, ...more });

// A user who has chosen a password and, if its role wants one, a second factor: {token, secret, codes}.
async function person(name, role, of = merchant) {
  const made = await payoutd.admin('/users', { name, role, ...(of ? { merchant: of.id } : {}) });
  const first = await login(name, made.password);
  assert.ok(first.ok && first.must_change_password);
  assert.equal((await call(first.token, '/lots')).status, 403);
  assert.ok((await call(first.token, '/me/password', { password: made.password, new: `${WORDS} ${name}` })).ok);
  assert.equal((await call(first.token, '/me')).status, 401, 'another password ends the session');
  const { token } = await login(name, `${WORDS} ${name}`);
  if (role !== 'OWNER' && role !== 'PLATFORM') return { name, token };
  assert.equal((await call(token, '/lots')).status, 403);
  const { secret, uri, recovery_codes: codes } = await call(token, '/me/totp', { password: `${WORDS} ${name}` });
  assert.ok(uri.startsWith(`otpauth://totp/payoutd:${name}?secret=${secret}`));
  assert.equal(codes.length, 8);
  assert.equal((await call(token, '/me/totp/confirm', { code: '000000' })).status, 401);
  assert.ok((await call(token, '/me/totp/confirm', { code: code(secret, -1) })).ok);
  return { name, token, secret, codes };
}

before(async () => {
  payoutd = await Payoutd.start();
  merchant = await payoutd.merchant({ ip_list: '' });
  other = await payoutd.merchant({ ip_list: '' });
});
after(() => payoutd.end());

describe('users', () => {
  test('a one-time password is good for choosing another, and a weak one is refused', async () => {
    const { password } = await payoutd.admin('/users', { name: 'once', role: 'VIEWER', merchant: merchant.id });
    const { token } = await login('once', password);
    for (const weak of ['short', 'passwordpassword', 'onceonceonce', password])
      assert.equal((await call(token, '/me/password', { password, new: weak })).status, 400, weak);
    assert.equal((await call(token, '/me/password', { password: 'wrong', new: WORDS })).status, 401);
    assert.ok((await call(token, '/me/password', { password, new: WORDS })).ok);
    assert.equal((await login('once', password)).status, 401);
    assert.ok((await login('once', WORDS)).ok);
  });

  test('unknown names, wrong passwords and wrong codes get the same answer', async () => {
    const owner = await person('same', 'OWNER');
    const answers = [await login('nobody.at.all', WORDS), await login('same', 'wrong password'),
      await login('same', `${WORDS} same`), await login('same', `${WORDS} same`, { code: '123' })];
    for (const answer of answers) assert.deepEqual(answer, answers[0]);
    assert.equal(answers[0].status, 401);
    assert.ok((await login('same', `${WORDS} same`, { code: code(owner.secret) })).ok);
    assert.equal((await login('same', `${WORDS} same`, { code: code(owner.secret) })).status, 401, 'a code is used once');
    assert.ok((await login('same', `${WORDS} same`, { code: owner.codes[3] })).ok);
    assert.equal((await login('same', `${WORDS} same`, { code: owner.codes[3] })).status, 401, 'so is a recovery code');
  });

  test('a session ends by logging out, when its user is disabled, and when its password is reset', async () => {
    const viewer = await person('leaves', 'VIEWER');
    assert.ok((await call(viewer.token, '/lots')).ok);
    assert.ok((await call(viewer.token, '/logout', {})).ok);
    assert.equal((await call(viewer.token, '/lots')).status, 401);
    const { token } = await login('leaves', `${WORDS} leaves`);
    await payoutd.admin('/users/leaves', { disabled: true });
    assert.equal((await call(token, '/lots')).status, 401);
    assert.equal((await login('leaves', `${WORDS} leaves`)).status, 401);
    await payoutd.admin('/users/leaves', { disabled: false });
    const again = await login('leaves', `${WORDS} leaves`);
    assert.ok(again.ok);
    const { password } = await payoutd.admin('/users/leaves/password', {});
    assert.equal((await call(again.token, '/lots')).status, 401);
    assert.ok((await login('leaves', password)).must_change_password);
    assert.equal((await call('ps_forged', '/lots')).status, 401);
  });
});

describe('roles', () => {
  test('a merchant\'s people see and touch what is theirs, each by its role', async () => {
    const [owner, maker, checker, viewer] = [await person('owner', 'OWNER'), await person('maker', 'MAKER'),
      await person('checker', 'CHECKER'), await person('viewer', 'VIEWER')];
    const number = phone();
    const sent = [];
    for (const of of [merchant, other]) {
      await of.know(number);
      const [{ lot }] = await of.pay([item(number, 500, 'http://127.0.0.1:1/')]);
      sent.push(lot);
    }
    const [lot, theirs] = sent;
    for (const { token } of [owner, maker, checker, viewer]) {
      const { lots } = await call(token, '/lots');
      assert.deepEqual(lots.map((each) => each.merchant), lots.map(() => merchant.id));
      assert.ok((await call(token, `/lots/${lot}`)).ok);
      assert.equal((await call(token, `/lots/${theirs}`)).status, 404);
      assert.equal((await call(token, `/lots?merchant=${other.id}`)).status, 404);
      assert.equal((await call(token, `/merchants/${other.id}`)).status, 404);
      assert.equal((await call(token, '/merchants')).status, 403);
      assert.equal((await call(token, `/merchants/${merchant.id}/topup`, { amount: 5, currency: 'XOF', reference: 'x' })).status, 403);
    }
    for (const { token } of [maker, viewer])
      assert.equal((await call(token, `/lots/${lot}/confirm`, {})).status, 403);
    assert.equal((await call(checker.token, `/lots/${theirs}/confirm`, {})).status, 404);
    assert.equal((await call(checker.token, `/lots/${lot}/confirm`, { person: 'somebody else' })).status, 403);
    assert.ok((await call(checker.token, `/lots/${lot}/confirm`, {})).ok);
    const data = JSON.stringify([item(number, 700, 'http://127.0.0.1:1/')]);
    for (const { token } of [checker, viewer])
      assert.equal((await call(token, `/merchants/${merchant.id}/lots`, { data })).status, 403);
    assert.equal((await call(maker.token, `/merchants/${other.id}/lots`, { data })).status, 404);
    const made = (await call(maker.token, `/merchants/${merchant.id}/lots`, { data })).data.flat()[0];
    assert.equal(made.code, 0);
    const shown = await call(checker.token, `/lots/${made.lot}`);
    assert.equal(shown.state, 'WAITING');
    assert.equal(shown.sender, 'maker');
    assert.ok((await call(checker.token, `/lots/${made.lot}/confirm`, {})).ok);
    const { acts } = await call(owner.token, '/acts');
    assert.ok(acts.some(({ what, person: who, subject }) => what === 'LOT_SEND' && who === 'maker' && subject === made.lot));
    assert.ok(acts.every((act) => act.merchant === merchant.id));
    assert.ok(acts.some(({ what, person: who, subject }) => what === 'LOT_DECIDE' && who === 'checker' && subject === lot));
    assert.ok(acts.some(({ what, person: who }) => what === 'LOGIN' && who === 'maker'));
  });

  test('an owner keeps its merchant\'s users and settings, and no limit, fee or other merchant', async () => {
    const boss = await person('boss', 'OWNER');
    assert.ok((await call(boss.token, `/merchants/${merchant.id}`, { notify_url: 'https://shop.example/n' })).ok);
    for (const setting of [{ fees: '*:0:0:0:0:0' }, { limit_day: 0 }, { suspended: false }, { calls_per_minute: 0 }])
      assert.equal((await call(boss.token, `/merchants/${merchant.id}`, setting)).status, 403, JSON.stringify(setting));
    assert.ok((await call(boss.token, '/users', { name: 'hired', role: 'MAKER' })).password);
    assert.equal((await call(boss.token, '/users', { name: 'spy', role: 'MAKER', merchant: other.id })).status, 403);
    assert.notEqual((await call(boss.token, '/users', { name: 'king', role: 'PLATFORM' })).ok, true);
    await payoutd.admin('/users', { name: 'theirs', role: 'MAKER', merchant: other.id });
    assert.equal((await call(boss.token, '/users/theirs', { disabled: true })).status, 404);
    const { users } = await call(boss.token, '/users');
    assert.ok(users.some(({ name }) => name === 'hired') && !users.some(({ name }) => name === 'theirs'));
    assert.equal((await call(boss.token, '/users', { name: 'hired', role: 'MAKER' })).status, 409);
  });

  test('the platform\'s people may do all of it, and are named', async () => {
    const root = await person('root', 'PLATFORM', null);
    assert.ok((await call(root.token, '/merchants')).merchants.length >= 2);
    assert.ok((await call(root.token, `/merchants/${other.id}/topup`, { amount: 5, currency: 'XOF', reference: 'by root' })).ok);
    const { acts } = await call(root.token, `/acts?person=root&merchant=${other.id}`);
    assert.equal(acts[0].subject, 'by root');
    // Nobody says another one's word.
    const id = 'EA261124.101112.X123456';
    for (const word of [`/transfers/${id}/settle`, `/transfers/${id}/release`, `/transfers/${id}/refuse`,
      `/screening/${id}/release`, `/screening/${id}/refuse`]) {
      const { error } = await call(root.token, word, { person: 'somebody', evidence: 'x', ...(word.endsWith('/settle') && { outcome: 'paid' }) });
      assert.equal(error, 'person is who is logged in', word);
    }
  });
});

describe('payout', () => {
  test('makes users, logs in as one, and out again', () => {
    const session = path.join(payoutd.folder, 'session');
    const run = (env, ...words) => {
      const done = spawnSync(PAYOUT, [...words, '--json'], { encoding: 'utf8',
        env: { PAYOUT_URL: `http://127.0.0.1:${payoutd.port}`, HOME: payoutd.folder, ...env } });
      return { status: done.status, said: done.stderr, ...(done.stdout ? JSON.parse(done.stdout) : {}) };
    };
    const root = { PAYOUT_ADMIN_TOKEN: payoutd.adminToken };
    const { password } = run(root, 'user', 'create', 'shell', '--role', 'VIEWER', '--merchant', String(merchant.id));
    assert.equal(run({ PAYOUT_PASSWORD: 'wrong' }, 'user', 'login', 'shell', '--session', session).status, 4);
    const came = run({ PAYOUT_PASSWORD: password }, 'user', 'login', 'shell', '--session', session);
    assert.equal(came.status, 0, came.said);
    assert.match(came.said, /password of your own/);
    assert.equal(fs.statSync(session).mode & 0o777, 0o600);
    assert.equal(run({}, 'user', 'list', '--admin-token-file', session).status, 4);
    assert.equal(run({}, 'user', 'logout', '--admin-token-file', session).status, 0);
    assert.equal(run({}, 'user', 'logout', '--admin-token-file', session).status, 4);
    assert.equal(run(root, 'user', 'change', 'shell', '--disabled', 'true').status, 0);
    assert.ok(run(root, 'user', 'password', 'shell').password);
    assert.equal(run(root, 'user', 'reset', 'shell').status, 0);
    assert.ok(run(root, 'user', 'list').users.find(({ name }) => name === 'shell').disabled);
  });
});
