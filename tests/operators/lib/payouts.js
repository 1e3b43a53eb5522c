// N payouts through one simulated operator, with every fault at once, and what both sides' books say of
// them afterwards.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { Payoutd, until } from '../../api/lib/payoutd.js';
import { Receiver } from '../../api/lib/receiver.js';
import { CREDENTIALS, Simulator } from './simulator.js';

const LOT = 500;
const PATIENCE = 500; // Looks, of some 10 ms, at which nothing had ended.
const SETTLER = 'Fatou';
const CALLBACK_SECRET = '0123456789abcdef0123456789abcdef';

// How a channel speaks to each, and whom it pays: a number of eight free digits behind `numbers`.
export const OPERATORS = {
  mtn: { connector: 'mtn_momo', operators: 'MOMO', prefix: '225', numbers: '05', environment: 'mtnivorycoast' },
  wave: { connector: 'wave', operators: 'WAVECI', prefix: '225', numbers: '07', method: 'WAVECI' },
  gsma: { connector: 'gsma', operators: 'FLOOZ', prefix: '225', numbers: '01',
    account: 'organisationid:sim-gsma-client', secret: 'sim-gsma-client:sim-gsma-secret',
    environment: '/v1/oauth/accesstoken' },
  orange: { connector: 'orange', operators: 'OMSN', prefix: '221', numbers: '77', digits: 7,
    environment: '771111111', patience: PATIENCE },
  // Each receiver is introduced before it is paid: of many at a time most would be, and then find it closed.
  cinetpay: { connector: 'cinetpay', operators: 'OM', prefix: '225', numbers: '07', underWay: 16 },
  cinetpay_v2: { connector: 'cinetpay_v2', operators: 'OM', prefix: '225', numbers: '07', patience: PATIENCE },
};

// Every fault that there is, each with this share in percent; what takes time takes little.
export function script(percent) {
  const names = ['late', 'error_before', 'error_after', 'silent_before', 'silent_after', 'cut_before', 'cut_after',
    'malformed', 'throttle', 'maintenance', 'token_early', 'callback_lost', 'callback_twice', 'callback_late',
    'callback_first', 'skew', 'pending', 'reject'];
  return {
    faults: Object.fromEntries(names.map((name) => [name, percent])),
    latency_ms: 20, late_ms: 300, pending_ms: 50, pending_long_ms: 1500, callback_late_ms: 1000,
    callback_first_ms: 50, retry_after_ms: 1000, maintenance_ms: 1000, token_ms: 12000,
  };
}

async function freePort() {
  const server = net.createServer();
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const { port } = server.address();
  await new Promise((resolve) => { server.close(resolve); });
  return port;
}

export function channelWrite(folder, name, operator, url) {
  const known = CREDENTIALS[name];
  const secrets = { secret: operator.secret ?? known.secret, secret_second: known.second,
    callback_secret: CALLBACK_SECRET };
  const lines = ['[channel]', `connector = ${operator.connector}`, 'number = 2', `operators = ${operator.operators}`,
    `url = ${url}/${name}`, `account = ${operator.account ?? known.account}`,
    `environment = ${operator.environment ?? ''}`, `under_way_max = ${operator.underWay ?? 256}`, 'timeout = 1s', 'connect_timeout = 500ms',
    'float_ask = 5s'];
  for (const [setting, value] of Object.entries(secrets)) {
    if (value === '') continue;
    const file = path.join(folder, `${name}.${setting}`);
    fs.writeFileSync(file, value, { mode: 0o600 });
    lines.push(`${setting}_file = ${file}`);
  }
  fs.writeFileSync(path.join(folder, 'channels', `${name.replace('_', '-')}.conf`), `${lines.join('\n')}\n`);
}

async function payoutdStart(name, operator, url, pace) {
  const port = await freePort();
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'payoutd-channels-'));
  fs.mkdirSync(path.join(folder, 'channels'));
  channelWrite(folder, name, operator, url);
  const payoutd = await Payoutd.start({ http_listen: `127.0.0.1:${port}`,
    operator_public_url: `http://127.0.0.1:${port}`, operator_channels_dir: path.join(folder, 'channels'),
    operator_lease: '5s', operator_pace_percent: pace, http_access_log: 'no' });
  payoutd.channelsFolder = folder;
  return payoutd;
}

// Numbers and amounts that nobody gives a meaning to.
export function items(operator, count, notifyUrl) {
  const digits = operator.digits ?? 8;
  return Array.from({ length: count }, (_, i) => ({
    prefix: operator.prefix,
    phone: operator.numbers + String(Math.floor(i / 9000) * 10000 + (i % 9000)).padStart(digits, '0'),
    amount: 200 + 5 * (i % 300),
    notify_url: notifyUrl,
    client_transaction_id: `p-${i}`,
    ...(operator.method === undefined ? {} : { payment_method: operator.method }),
  }));
}

async function send(merchant, all) {
  for (let at = 0; at < all.length; at += LOT) {
    const lot = all.slice(at, at + LOT);
    const known = await merchant.contact(lot.map(({ prefix, phone }) => (
      { prefix, phone, name: 'Koné', surname: 'Awa', email: 'awa@example.com' })));
    assert.equal(known.json().code, 0, known.text);
    const results = await merchant.pay(lot);
    results.forEach((result, i) => { lot[i].transaction_id = result.transaction_id; });
  }
}

// What the platform's people do with what no operator will ever tell: they look into the operator's
// books, and decide. transfers were unknown before the books are read: what is given out after that is not
// among them. Returns how many that were.
async function settle(payoutd, simulator, transfers) {
  const paid = new Map((await simulator.payments()).map((payment) => [payment.transfer, payment]));
  let settled = 0;
  for (const { transaction_id: id } of transfers) {
    const payment = paid.get(id) ?? paid.get(id.replaceAll('.', '-'));
    const outcome = payment?.state === 'paid' ? 'paid' : 'rejected';
    const reply = await payoutd.adminReply(`/transfers/${id}/settle`, { outcome, person: SETTLER,
      evidence: `the simulator's books: ${payment?.state ?? 'never seen'}` });
    // 409: it is not unknown, the operator is still being asked.
    assert.ok(reply.status === 200 || reply.status === 409, reply.text);
    settled += reply.status === 200;
  }
  return settled;
}

// Each transfer's last word to the merchant, as far as it was heard by now: read once, not again.
class Told {
  final = new Map();
  latest = new Map();
  heard = 0;

  constructor(receiver) {
    this.receiver = receiver;
  }

  read() {
    for (; this.heard < this.receiver.calls.length; this.heard += 1) {
      const { transaction_id: id, treatment_status: state } = this.receiver.calls[this.heard].fields;
      if (id !== undefined) this.latest.set(id, state);
      if (state !== 'VAL' && state !== 'REJ') continue;
      const before = this.final.get(id);
      assert.ok(before === undefined || before === state, `${id} was told to be ${before} and ${state}`);
      this.final.set(id, state);
    }
    return this.final;
  }
}

// Runs it; throws where anything is not as it has to be. Returns a line of the table.
export async function payouts(name, { count, percent = 5, seed = 1, pace = 1, deadlineMs = 600000 }) {
  const operator = OPERATORS[name];
  const simulator = await Simulator.start({ seed, script: script(percent), silentMs: 1500 });
  const receiver = await Receiver.start();
  const payoutd = await payoutdStart(name, operator, simulator.url, pace);
  const began = Date.now();
  try {
    const merchant = await payoutd.merchant({ money: 1e9 });
    const all = items(operator, count, receiver.url());
    await send(merchant, all);
    const sum = all.reduce((total, { amount }) => total + amount, 0);
    const open = () => all.filter(({ transaction_id: id }) => !final.has(id));
    const told = new Told(receiver);
    const { final } = told;
    let settled = 0;
    let quiet = 0;
    await until(async () => {
      const { exitCode, signalCode } = payoutd.child;
      assert.ok(exitCode === null && signalCode === null,
        `payoutd ended with ${exitCode ?? signalCode}:\n${payoutd.log.slice(-20).join('\n')}`);
      const before = final.size;
      told.read();
      quiet = final.size === before ? quiet + 1 : 0;
      // Nothing has ended for a long time: what is left waits for a person.
      if (operator.patience !== undefined && quiet > operator.patience && final.size < count) {
        settled += await settle(payoutd, simulator, open().filter(({ transaction_id: id }) => (
          told.latest.get(id) === 'NOS')));
        quiet = 0;
      }
      return final.size === count;
    }, () => `all have ended; ${open().length} have not: ${open().slice(0, 3).map(({ transaction_id: id }) => id)}`,
    deadlineMs);
    const seconds = (Date.now() - began) / 1000;
    await merchant.login(); // Its token lives five minutes.
    const money = await merchant.money();
    await payoutd.stop();
    payoutd.audit();
    const { status, totals } = await simulator.stop();
    const valid = all.filter(({ transaction_id: id }) => final.get(id) === 'VAL');
    const paidAmount = valid.reduce((total, { amount }) => total + amount, 0);
    const side = totals.operators[name];
    assert.equal(status, 0, 'somebody was paid twice');
    assert.equal(side.doubles, 0);
    assert.equal(side.overlaps, 0, 'no transfer is in two workers\' hands at a time');
    assert.equal(side.open, 0, 'the operator has orders that it has not decided');
    assert.equal(side.paid, valid.length, 'as many are paid on both sides');
    assert.equal(side.paid_amount, paidAmount, 'the sums are equal on both sides');
    assert.deepEqual(money, { amount: 1e9 - paidAmount, inUsing: 0, available: 1e9 - paidAmount });
    return { name, count, sum, paid: valid.length, paidAmount, rejected: count - valid.length, settled, seconds,
      calls: side.calls, callbacks: side.callbacks, doubles: side.doubles, overlaps: side.overlaps,
      faults: Object.values(totals.faults).reduce((a, b) => a + b, 0) };
  } finally {
    await payoutd.kill();
    for (const folder of [payoutd.folder, payoutd.channelsFolder])
      fs.rmSync(folder, { recursive: true, force: true });
    await receiver.stop();
    simulator.process.kill('SIGKILL');
  }
}
