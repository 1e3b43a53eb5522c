// Secrets at rest: what the store holds of what signs notifications, and the key file that opens it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { Payoutd, item, payoutdRun, phone, until } from './lib/payoutd.js';
import { Receiver, webhookSignature } from './lib/receiver.js';

// Runs a statement on the store of a payoutd that has stopped; the rows it gives.
function sql(payoutd, statement, ...values) {
  const script = 'import json, sqlite3, sys; store = sqlite3.connect(sys.argv[1]); '
    + 'rows = store.execute(sys.argv[2], json.loads(sys.argv[3])).fetchall(); store.commit(); print(json.dumps(rows))';
  const done = spawnSync('python3', ['-c', script, `${payoutd.folder}/payoutd.db`, statement, JSON.stringify(values)],
    { encoding: 'utf8' });
  assert.equal(done.status, 0, done.stderr);
  return JSON.parse(done.stdout);
}
const kept = (payoutd, merchant) => sql(payoutd, 'SELECT secret_key FROM merchant WHERE id = ?', merchant.id)[0][0];

// Why it does not start.
function refusal(payoutd) {
  const words = Object.entries(payoutd.settings).map(([name, value]) => `--${name.replaceAll('_', '-')}=${value}`);
  const { status, stderr } = payoutdRun(words, { cwd: payoutd.folder });
  assert.equal(status, 1, stderr);
  return stderr.trim().split('\n').map((line) => JSON.parse(line)).find(({ event }) => event === 'not started').why;
}

async function withPayoutd(settings, work) {
  const payoutd = await Payoutd.start(settings);
  const receiver = await Receiver.start();
  try {
    await work(payoutd, receiver);
  } finally {
    await receiver.stop();
    await payoutd.end();
  }
}

async function pay(merchant, url) {
  const number = phone('0000');
  await merchant.know(number);
  const [{ transaction_id: id }] = await merchant.pay([item(number, 500, url)]);
  return id;
}

function rightlySigned({ headers, body }, secret) {
  return headers['webhook-signature'].split(' ')
    .includes(webhookSignature(secret, headers['webhook-id'], headers['webhook-timestamp'], body));
}

async function isToldRightly(merchant, receiver) {
  for (const one of await receiver.end(await pay(merchant, receiver.url()))) assert.ok(rightlySigned(one, merchant.secret));
}

function holdsNowhere(payoutd, secret) {
  for (const name of fs.readdirSync(payoutd.folder).filter((each) => /\.db/.test(each))) {
    assert.equal(fs.readFileSync(path.join(payoutd.folder, name)).includes(secret.slice(6)), false, name);
  }
}

describe('a secret key', () => {
  test('is in no file of the store and in no backup, but signs', () => withPayoutd({}, async (payoutd, receiver) => {
    const merchant = await payoutd.merchant();
    await isToldRightly(merchant, receiver);
    const first = merchant.secret;
    merchant.secret = (await payoutd.admin(`/merchants/${merchant.id}/secret`, {})).secret_key;
    const done = payoutdRun(['backup', `${payoutd.folder}/copy.db`, `--store-url=${payoutd.settings.store_url}`]);
    assert.equal(done.status, 0, done.stderr);
    for (const secret of [first, merchant.secret]) holdsNowhere(payoutd, secret);
    await payoutd.stop();
    for (const secret of [first, merchant.secret]) holdsNowhere(payoutd, secret);
    assert.match(kept(payoutd, merchant), /^v1:[0-9a-f]{8}:[\w-]+$/);
    assert.equal(fs.statSync(payoutd.settings.secrets_key_file).mode & 0o777, 0o600);
    await payoutd.run();
    await isToldRightly(merchant, receiver);
  }));

  test('that lay open is sealed at the first start with a key', () =>
    withPayoutd({ secrets_key_file: '' }, async (payoutd, receiver) => {
      assert.equal(payoutd.events('secrets lie open in the store: [secrets] key_file is empty').length, 1);
      const merchants = [await payoutd.merchant(), await payoutd.merchant()];
      await isToldRightly(merchants[0], receiver);
      await payoutd.stop();
      assert.equal(kept(payoutd, merchants[0]), merchants[0].secret);
      payoutd.settings.secrets_key_file = path.join(payoutd.folder, 'secrets.key');
      await payoutd.run();
      assert.equal(payoutd.events('key made: keep a copy of it apart from the store\'s').length, 1);
      const [{ lay_open: open, damaged }] = payoutd.events('secrets sealed');
      assert.deepEqual({ open, damaged }, { open: 2, damaged: 0 });
      for (const merchant of merchants) await isToldRightly(merchant, receiver);
      await payoutd.stop();
      for (const merchant of merchants) assert.match(kept(payoutd, merchant), /^v1:/);
      await payoutd.run();
      assert.deepEqual(payoutd.events('secrets sealed'), [], 'once is enough');
    }));

  test('of another merchant, or damaged, signs nothing: what is to be told waits', () =>
    withPayoutd({}, async (payoutd, receiver) => {
      const [moved, damaged, whole] = [await payoutd.merchant(), await payoutd.merchant(), await payoutd.merchant()];
      await payoutd.stop();
      sql(payoutd, 'UPDATE merchant SET secret_key = ? WHERE id = ?', kept(payoutd, whole), moved.id);
      const text = kept(payoutd, damaged);
      sql(payoutd, 'UPDATE merchant SET secret_key = ? WHERE id = ?', `${text.slice(0, 40)}${text[40] === 'A' ? 'B' : 'A'}${text.slice(41)}`,
        damaged.id);
      await payoutd.run();
      const ids = [await pay(moved, receiver.url()), await pay(damaged, receiver.url())];
      await isToldRightly(whole, receiver);
      for (const id of ids) {
        const tries = async () => (await payoutd.admin(`/transfers/${id}`)).deliveries;
        await until(async () => (await tries()).length > 0, 'a try is written down');
        for (const { error } of await tries()) assert.equal(error, 'the merchant\'s secret key does not open');
      }
      for (const { id } of [moved, damaged]) {
        assert.ok(payoutd.events('secret does not open').some(({ why }) => why.includes(`open merchant/${id}/secret_key: `)));
      }
      assert.ok(receiver.posts.every(({ fields }) => !ids.includes(fields.transaction_id)), 'nothing was sent');
      for (const merchant of [moved, damaged]) {
        merchant.secret = (await payoutd.admin(`/merchants/${merchant.id}/secret`, {})).secret_key;
      }
      for (const [i, merchant] of [moved, damaged].entries()) {
        for (const one of await receiver.end(ids[i])) assert.ok(rightlySigned(one, merchant.secret));
      }
    }));
});

describe('a key file', () => {
  test('that is another, or is not there, keeps payoutd from starting, and nothing is changed', () =>
    withPayoutd({}, async (payoutd, receiver) => {
      const merchant = await payoutd.merchant();
      const file = payoutd.settings.secrets_key_file;
      await payoutd.stop();
      const text = kept(payoutd, merchant);
      const key = fs.readFileSync(file);
      fs.writeFileSync(file, `${'k'.repeat(43)}\n`);
      const missing = new RegExp(`merchant ${merchant.id} are sealed under the key ${text.slice(3, 11)}, which is not there`);
      assert.match(refusal(payoutd), missing);
      fs.rmSync(file);
      assert.match(refusal(payoutd), missing);
      assert.equal(fs.existsSync(file), false, 'no other key is made');
      payoutd.settings.secrets_key_file = '';
      assert.match(refusal(payoutd), missing);
      assert.equal(kept(payoutd, merchant), text);
      for (const words of [['audit'], ['backup', `${payoutd.folder}/copy.db`], ['export', '--merchant', String(merchant.id)]]) {
        const done = payoutdRun([...words, `--store-url=${payoutd.settings.store_url}`], { cwd: payoutd.folder });
        assert.equal(done.status, 0, `${words}: ${done.stderr}`);
      }
      payoutd.settings.secrets_key_file = file;
      fs.writeFileSync(file, key, { mode: 0o644 });
      fs.chmodSync(file, 0o644);
      assert.match(refusal(payoutd), /others may read it/);
      fs.chmodSync(file, 0o600);
      await payoutd.run();
      await isToldRightly(merchant, receiver);
    }));

  test('gets a new first key by rekey, under which all is sealed at the next start', () =>
    withPayoutd({}, async (payoutd, receiver) => {
      const merchant = await payoutd.merchant();
      const file = payoutd.settings.secrets_key_file;
      const before = fs.readFileSync(file, 'utf8');
      const done = payoutdRun(['rekey', `--secrets-key-file=${file}`]);
      assert.equal(done.status, 0, done.stderr);
      const id = /a new first key, ([0-9a-f]{8})/.exec(done.stdout)[1];
      const after = fs.readFileSync(file, 'utf8');
      assert.ok(after.endsWith(before) && after.length > before.length);
      assert.equal(fs.statSync(file).mode & 0o777, 0o600);
      await payoutd.stop();
      assert.notEqual(kept(payoutd, merchant).slice(3, 11), id);
      await payoutd.run();
      const [{ key, lay_open: open, of_older_keys: older }] = payoutd.events('secrets sealed');
      assert.deepEqual({ key, open, older }, { key: id, open: 0, older: 1 });
      await payoutd.stop();
      assert.equal(kept(payoutd, merchant).slice(3, 11), id);
      fs.writeFileSync(file, after.slice(0, -before.length)); // The old key is not needed any more.
      await payoutd.run();
      await isToldRightly(merchant, receiver);
    }));

  test('seals second factors of users anew, too', () => withPayoutd({}, async (payoutd) => {
    const { password } = await payoutd.admin('/users', { name: 'awa', role: 'PLATFORM' });
    const chosen = 'seven wet dogs by the lake';
    const call = async (token, target, body) => (await payoutd.request({ method: 'POST', target: `/admin/v1${target}`,
      headers: { 'Content-Type': 'application/json', ...(token ? { Authorization: `Bearer ${token}` } : {}) },
      body: JSON.stringify(body) })).json();
    const { token: first } = await call(null, '/login', { name: 'awa', password });
    await call(first, '/me/password', { password, new: chosen });
    const { token } = await call(null, '/login', { name: 'awa', password: chosen });
    assert.ok((await call(token, '/me/totp', { password: chosen })).secret);
    await payoutd.stop();
    const totp = () => sql(payoutd, 'SELECT totp, recovery, totp_on FROM user')[0];
    const before = totp();
    const file = payoutd.settings.secrets_key_file;
    const [, id] = /a new first key, ([0-9a-f]{8})/.exec(payoutdRun(['rekey', `--secrets-key-file=${file}`]).stdout);
    await payoutd.run();
    assert.ok((await call(token, '/me/totp', { password: 'wrong' })).error, 'the session goes on');
    await payoutd.stop();
    const after = totp();
    assert.equal(after[0].slice(3, 11), id);
    assert.notEqual(before[0].slice(3, 11), id);
    assert.deepEqual(after.slice(1), before.slice(1));
    fs.renameSync(file, `${file}.away`);
    assert.match(refusal(payoutd), /sealed under the key/);
    fs.renameSync(`${file}.away`, file);
    await payoutd.run();
  }));

  test('is made by rekey when there is none, and never longer than it can be read', () =>
    withPayoutd({ secrets_key_file: '' }, async (payoutd) => {
      const file = path.join(payoutd.folder, 'made.key');
      const rekey = () => payoutdRun(['rekey', `--secrets-key-file=${file}`]);
      for (let i = 0; i < 8; i++) assert.equal(rekey().status, 0);
      const full = fs.readFileSync(file, 'utf8');
      const { status, stderr } = rekey();
      assert.equal(status, 1);
      assert.match(stderr, /more than 8 keys/);
      assert.equal(fs.readFileSync(file, 'utf8'), full);
      assert.equal(payoutdRun(['rekey', '--secrets-key-file=']).status, 1);
    }));
});

describe('an old password that held on', () => {
  test('is wiped from the store once its time is over', () => withPayoutd({}, async (payoutd) => {
    const merchant = await payoutd.merchant();
    for (const what of ['password', 'secret']) {
      await payoutd.admin(`/merchants/${merchant.id}/${what}`, { old_valid_seconds: 3600 });
    }
    await payoutd.stop();
    const columns = 'password_before, password_before_until_ms, secret_before, secret_before_until_ms';
    const [[password, , secret]] = sql(payoutd, `SELECT ${columns} FROM merchant`);
    assert.match(password, /^\$argon2id\$/);
    assert.match(secret, /^v1:/);
    sql(payoutd, 'UPDATE merchant SET password_before_until_ms = 1, secret_before_until_ms = 1');
    await payoutd.run();
    await payoutd.untilLogged('what held on of before is wiped');
    await payoutd.stop();
    assert.deepEqual(sql(payoutd, `SELECT ${columns} FROM merchant`), [['', 0, '', 0]]);
    await payoutd.run();
  }));
});
