// Two payoutd that answer and two that work, on one store in PostgreSQL: run by tests/postgres/server.py.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Merchant, Payoutd, until } from '../api/lib/payoutd.js';
import { Receiver } from '../api/lib/receiver.js';
import { OPERATORS, channelWrite, items } from '../operators/lib/payouts.js';
import { Simulator } from '../operators/lib/simulator.js';
import schema from './schema.cjs';

const OPERATOR = 'mtn';
const MERCHANTS = 8; // Of several shards.
const LEASE = '2s';
const ORDER = { NEW: 0, REC: 1, NOS: 2, VAL: 3, REJ: 3 };
const PATIENCE_MS = 60000;

let simulator, receiver, folder, store, merchants;
let made = 0;
const processes = {};
const sent = []; // All transfers that were answered.

async function start(name, role, settings = {}) {
  const payoutd = await Payoutd.start({ store_url: store, daemon_role: role, worker_name: name, worker_lease: LEASE,
    token_key_file: path.join(folder, 'token.key'), secrets_key_file: path.join(folder, 'secrets.key'),
    admin_token_file: path.join(folder, 'admin.token'), operator_channels_dir: path.join(folder, 'channels'),
    operator_lease: '5s', operator_pace_percent: 1, http_access_log: 'no', ...settings });
  processes[name] = payoutd;
  return payoutd;
}

// The same merchant, through another process.
function through(payoutd, merchant) {
  return Object.assign(Object.create(Merchant.prototype), merchant, { payoutd });
}

// Each merchant has a lot of `count` sent, through one api and the other in turn.
async function sendAll(count) {
  const apis = [processes.api1, processes.api2];
  await Promise.all(merchants.map(async (merchant, m) => {
    const through_ = through(apis[(made + m) % 2], merchant);
    const lot = items(OPERATORS[OPERATOR], count, receiver.url());
    lot.forEach((item, i) => { item.client_transaction_id = `s${made}-m${m}-${i}`; });
    const known = await through_.contact(lot.map(({ prefix, phone }) => (
      { prefix, phone, name: 'Koné', surname: 'Awa', email: 'awa@example.com' })));
    assert.equal(known.json().code, 0, known.text);
    sent.push(...(await through_.pay(lot)).map(({ transaction_id: id }) => id));
  }));
  made += 1;
}

function told() {
  const all = new Map();
  for (const { method, fields } of receiver.calls) {
    if (method !== 'POST') continue;
    const before_ = all.get(fields.transaction_id) ?? [];
    all.set(fields.transaction_id, [...before_, fields.treatment_status]);
  }
  return all;
}

async function untilAllEnded() {
  let left;
  await until(() => {
    const all = told();
    left = sent.filter((id) => !/VAL|REJ/.test((all.get(id) ?? []).at(-1)));
    return left.length === 0;
  }, () => `all have ended and were told; not ${left.length}: ${left.slice(0, 3)}`, PATIENCE_MS);
}

async function bookCheck() {
  const { doubles, two_workers: twoWorkers, overlaps, paid, rejected } = await simulator.totals();
  assert.deepEqual({ doubles, twoWorkers, overlaps }, { doubles: 0, twoWorkers: 0, overlaps: 0 });
  assert.equal(paid + rejected, sent.length, 'each is there once');
  for (const [id, states] of told()) {
    const numbers = states.map((state) => ORDER[state]);
    assert.deepEqual(numbers, [...numbers].sort(), `${id} was told in order: ${states}`);
  }
}

const held = (payoutd, duty) => payoutd.metric(`payoutd_sharing_leases{duty="${duty}"}`);

async function untilShared(shares) {
  let now;
  await until(async () => {
    now = {};
    for (const name of Object.keys(shares)) {
      now[name] = [await held(processes[name], 'operators'), await held(processes[name], 'notifications')];
    }
    return Object.entries(shares).every(([name, share]) => now[name].every((each) => each === share));
  }, () => `the shares are ${JSON.stringify(shares)}: ${JSON.stringify(now)}`, PATIENCE_MS);
}

before(async () => {
  store = schema.storeUrl();
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'payoutd-processes-'));
  fs.mkdirSync(path.join(folder, 'channels'));
  simulator = await Simulator.start({ seed: 5, script: { latency_ms: 100, pending_ms: 50 } });
  channelWrite(folder, OPERATOR, OPERATORS[OPERATOR], simulator.url);
  receiver = await Receiver.start();
  // Two at once on an empty database: one makes its tables, and both have the same keys.
  await Promise.all([start('api1', 'api'), start('work1', 'worker')]);
  await Promise.all([start('api2', 'api'), start('work2', 'worker')]);
  merchants = [];
  for (let i = 0; i < MERCHANTS; i += 1) merchants.push(await processes.api1.merchant({ money: 1e8 }));
  for (const merchant of merchants) await merchant.login(); // Its token holds with the other api, too.
});

after(async () => {
  for (const payoutd of Object.values(processes)) {
    payoutd.child.kill('SIGCONT');
    await payoutd.kill();
    fs.rmSync(payoutd.folder, { recursive: true, force: true });
  }
  await receiver?.stop();
  simulator?.process.kill('SIGKILL');
  fs.rmSync(folder, { recursive: true, force: true });
});

test('two workers share the work, and what two apis took is paid once and told once, in order', async () => {
  await untilShared({ work1: 8, work2: 8 });
  await sendAll(20);
  await untilAllEnded();
  await bookCheck();
  for (const [id, states] of told()) {
    assert.equal(new Set(states).size, states.length, `${id} was told each once: ${states}`);
  }
  for (const name of ['work1', 'work2']) {
    assert.ok(await processes[name].metric('payoutd_operators_claimed_total') > 0, `${name} worked`);
    assert.ok(await processes[name].metric('payoutd_sharing_wakes_total{by="notify"}') > 0, `${name} was told`);
  }
});

test('a process with a role answers what belongs to it', async () => {
  assert.equal((await processes.work1.get('/admin/v1/merchants')).status, 404);
  assert.equal((await processes.work1.get('/readyz')).status, 200);
  assert.equal((await processes.api1.get('/readyz')).status, 200);
});

test('a channel that is switched off at one api is off at the other', async () => {
  const off = async (payoutd) => (await payoutd.admin(`/channels/${OPERATOR}`)).off;
  for (const [said, from, to] of [[true, 'api1', 'api2'], [false, 'api2', 'api1']]) {
    await processes[from].admin(`/channels/${OPERATOR}/switch`, { switch: said ? 'off' : 'on', person: 'Fatou', reason: 'a test' });
    await until(async () => await off(processes[to]) === said, `${to} has heard that it is ${said ? 'off' : 'on'}`);
  }
});

test('what a killed worker held is taken over when its lease is over', async () => {
  await sendAll(20);
  await processes.work1.kill();
  await untilShared({ work2: 16 });
  await untilAllEnded();
  await bookCheck();
});

test('a worker that slept longer than its lease has nothing in hand when it wakes', async () => {
  await start('work3', 'worker');
  await untilShared({ work2: 8, work3: 8 });
  await sendAll(20);
  processes.work2.child.kill('SIGSTOP');
  await untilShared({ work3: 16 });
  await untilAllEnded();
  await sendAll(5);
  processes.work2.child.kill('SIGCONT');
  await untilShared({ work2: 8, work3: 8 });
  await untilAllEnded();
  await bookCheck();
  assert.ok(await processes.work2.metric('payoutd_sharing_lost_total') > 0, 'it says what it lost');
});

test('a payoutd with another key is refused', async () => {
  const key = path.join(folder, 'other.key');
  fs.writeFileSync(key, `${'k'.repeat(40)}\n`, { mode: 0o600 });
  await assert.rejects(start('stranger', 'api', { token_key_file: key }), /key_file/);
});

test('a worker that stops gives its share back at once', async () => {
  await processes.work2.stop();
  await untilShared({ work3: 16 });
  for (const name of ['api1', 'api2', 'work3']) await processes[name].stop();
  processes.work3.audit();
  const { status, totals } = await simulator.stop();
  assert.equal(status, 0, JSON.stringify(totals));
});
