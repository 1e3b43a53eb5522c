// The bridge: a payoutd in front of an account that speaks the Payout API v1.1.0 (another payoutd, whose sandbox pays).
// A plain client of the first is paid by the second; both books agree; whenever the first is killed, nobody is paid twice.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { request } from './lib/http.js';
import { BUILD, Payoutd, item, phone, until } from './lib/payoutd.js';
import { Receiver } from './lib/receiver.js';

const MONEY = 10000000;
const PATIENCE_MS = 60000;

// The far side: what CinetPay is to a platform.
async function farStart(receiver) {
  const far = await Payoutd.start({ operator_sandbox_percent: 1, http_calls_per_minute: 0 });
  const account = await far.merchant({ money: MONEY, notify_url: receiver.url('/far') });
  return { far, account };
}

// What a merchant of the platform calls, with one channel; secrets: setting → what its file holds.
function channelStart(channel, secrets, settings = {}) {
  return Payoutd.start({ operator_channels_dir: 'channels', operator_lease: '5s', ...settings }, {
    prepare(folder) {
      fs.mkdirSync(path.join(folder, 'channels'));
      for (const [name, secret] of Object.entries(secrets)) {
        channel[name] = path.join(folder, name);
        fs.writeFileSync(channel[name], secret, { mode: 0o600 });
      }
      const lines = Object.entries({ number: 2, timeout: '3s', connect_timeout: '1s', under_way_max: 16, ...channel })
        .map(([name, value]) => `${name} = ${value}\n`);
      fs.writeFileSync(path.join(folder, 'channels', 'cinetpay.conf'), `[channel]\n${lines.join('')}`);
    },
  });
}

// The near side, before an account of the far one. called: the far side's notifications reach it, and prove themselves
// by the URL and by x-token; else it is by asking alone that it knows.
async function nearStart(account, { called = false } = {}) {
  const port = called ? await portFree() : 0;
  return channelStart({ connector: 'cinetpay', operators: 'OM FLOOZ MOMO', url: account.payoutd.url,
    account: account.apikey, environment: 'contacts@example.com' },
  { secret_file: account.password,
    ...(called ? { secret_second_file: account.secret, callback_secret_file: 'a-secret-in-the-url' } : {}) },
  called ? { http_listen: `127.0.0.1:${port}`, operator_public_url: `http://127.0.0.1:${port}` } : {});
}

// A port that nobody listens on: a callback goes to one that is known before payoutd runs, and after it was killed.
async function portFree() {
  const server = net.createServer();
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const { port } = server.address();
  await new Promise((resolve) => { server.close(resolve); });
  return port;
}

async function transfersOf(payoutd) {
  const { transfers, next } = await payoutd.admin('/transfers?limit=10000');
  assert.equal(next, null);
  return transfers;
}

// Each transfer of the near side that was paid was paid once, by one of the far side that has its id as the
// client's, of the same amount to the same number; what was rejected was paid by none. Money is where that says.
async function booksAgree(near, merchant, far, account) {
  const here = await transfersOf(near);
  const there = await transfersOf(far);
  const paid = (transfers) => transfers.filter(({ state }) => state === 'VAL');
  const sum = (transfers) => transfers.reduce((total, { delivered }) => total + delivered, 0);
  for (const { transaction_id: id, state, delivered, receiver_e164: number, operator_reference: reference } of here) {
    const matches = there.filter(({ client_transaction_id: known }) => known === id);
    if (state === 'REJ' && matches.length === 0) continue;
    assert.equal(matches.length, 1, id);
    assert.equal(matches[0].state, state, id);
    assert.equal(matches[0].delivered, delivered, id);
    assert.equal(matches[0].receiver_e164, number, id);
    assert.equal(matches[0].transaction_id, reference, id);
  }
  const ours = new Set(here.map(({ transaction_id: id }) => id));
  for (const { client_transaction_id: id } of there) assert.ok(ours.has(id), `${id} was asked for`);
  assert.equal(sum(paid(there)), sum(paid(here)));
  const left = MONEY - sum(paid(here));
  assert.deepEqual(await merchant.money(), { amount: left, inUsing: 0, available: left });
  assert.deepEqual(await account.money(), { amount: left, inUsing: 0, available: left });
}

describe('one payoutd pays through another', () => {
  let receiver, far, account, near, merchant;
  before(async () => {
    receiver = await Receiver.start();
    ({ far, account } = await farStart(receiver));
    near = await nearStart(account);
    merchant = await near.merchant({ money: MONEY });
  });
  after(async () => {
    await near?.end();
    await far?.end();
    await receiver?.stop();
  });

  async function pay(ending, amount = 500) {
    const number = phone(ending);
    await merchant.know(number);
    const [{ transaction_id: id }] = await merchant.pay([item(number, amount, receiver.url())]);
    return { id, shown: await merchant.ended(id) };
  }

  test('a client that knows nothing of it is paid', async () => {
    const { id, shown } = await pay('0000');
    assert.equal(shown.treatment_status, 'VAL');
    const posts = await receiver.end(id);
    assert.equal(posts.at(-1).fields.treatment_status, 'VAL');
    const [there] = (await transfersOf(far)).filter(({ client_transaction_id: known }) => known === id);
    assert.equal(there.state, 'VAL');
    assert.equal(shown.operator_transaction_id, there.transaction_id);
    await booksAgree(near, merchant, far, account);
  });

  for (const [ending, comment] of [
    ['9930', 'The receiver has no account with the operator'],
    ['9935', 'The receiver\'s account has reached its limit'],
    ['9940', 'The receiver\'s account is blocked'],
    ['9945', 'The receiver\'s name does not match'],
    ['9950', 'The operator refused the transfer'],
    ['9955', 'The platform\'s float with the operator is insufficient'],
  ]) {
    test(`what the far side rejects is refunded, with its reason: ${comment}`, async () => {
      const { shown } = await pay(ending);
      assert.equal(shown.treatment_status, 'REJ');
      assert.equal(shown.comment, comment);
      await booksAgree(near, merchant, far, account);
    });
  }

  for (const ending of ['9905', '9965', '9980']) {
    test(`what the far side does not know at once is asked about until it does: ${ending}`, async () => {
      const { shown } = await pay(ending);
      assert.equal(shown.treatment_status, 'VAL');
      await booksAgree(near, merchant, far, account);
    });
  }

  test('what the account has not enough money for waits, and is paid once it has', async () => {
    const { available } = await account.money();
    await far.admin(`/merchants/${account.id}/withdraw`, { amount: available, currency: 'XOF', reference: 'all' });
    const number = phone();
    await merchant.know(number);
    const [{ transaction_id: id }] = await merchant.pay([item(number, 500, receiver.url())]);
    await until(async () => (await near.admin(`/transfers/${id}`)).reason === 'OPERATOR_FLOAT',
      () => `${id} waits for money`);
    assert.equal((await transfersOf(far)).filter(({ client_transaction_id: known }) => known === id).length, 0);
    await account.topUp(available);
    assert.equal((await merchant.ended(id)).treatment_status, 'VAL');
    await booksAgree(near, merchant, far, account);
  });
});

describe('with the near side killed again and again', () => {
  let receiver, far, account, near, merchant;
  before(async () => {
    receiver = await Receiver.start();
    ({ far, account } = await farStart(receiver));
    near = await nearStart(account, { called: true });
    merchant = await near.merchant({ money: MONEY });
  });
  after(async () => {
    await near?.end();
    await far?.end();
    await receiver?.stop();
  });

  test('everybody is paid once', async () => {
    const endings = ['0000', '0000', '9905', '9930', '9965', '9980'];
    const numbers = Array.from({ length: 120 }, (_, at) => phone(endings[at % endings.length]));
    await merchant.know(...numbers);
    await merchant.pay(numbers.map((number, at) => item(number, 500 + 5 * at, receiver.url())));
    // Each time when so many of them have come to the far side: in the middle of what is under way.
    for (const arrived of [1, 15, 40, 75, 110]) {
      await until(async () => (await transfersOf(far)).length >= arrived, `${arrived} have arrived`, PATIENCE_MS);
      await near.kill();
      near.audit();
      await near.run();
      merchant.token = undefined;
    }
    let open;
    await until(async () => {
      open = (await transfersOf(near)).filter(({ state }) => state !== 'VAL' && state !== 'REJ');
      return open.length === 0;
    }, () => `all have ended; ${open.length} have not, as ${JSON.stringify(open[0])}`, 2 * PATIENCE_MS);
    const here = await transfersOf(near);
    assert.equal(here.length, numbers.length);
    assert.equal((await transfersOf(far)).length, numbers.length);
    assert.equal(here.filter(({ state }) => state === 'REJ').length, numbers.length / endings.length);
    await booksAgree(near, merchant, far, account);
  });
});

// CinetPay's JSON API as payout-operator-sim is it, with faults behind which everything was done.
describe('a client of the old API is carried to the new one', () => {
  let simulator, port, payoutd, merchant;
  before(async () => {
    const script = { faults: { pending: 20, reject: 20, error_after: 10, silent_after: 5 }, pending_long_ms: 500 };
    simulator = spawn(path.join(BUILD, 'src/simulator/payout-operator-sim'),
      ['--port', '0', '--silent', '500', '--script', JSON.stringify(script)], { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [simulator.stdout, simulator.stderr]) stream.on('data', (piece) => { said += piece; });
    [, port] = await until(() => /127\.0\.0\.1:(\d+)/.exec(said), () => `the simulator listens: ${said}`);
    payoutd = await channelStart({ connector: 'cinetpay_v2', operators: 'OM FLOOZ MOMO',
      url: `http://127.0.0.1:${port}/cinetpay_v2` },
    { secret_file: 'sk_test_sim_key', secret_second_file: 'sim-cinetpay-v2-password',
      callback_secret_file: '0123456789abcdef' },
    { operator_public_url: 'http://127.0.0.1:1' }); // Callbacks do not come: asking is enough.
    merchant = await payoutd.merchant({ money: MONEY });
  });
  after(async () => {
    await payoutd?.end();
    simulator?.kill('SIGKILL');
  });

  test('and what it is told is what CinetPay did', async () => {
    const numbers = Array.from({ length: 60 }, () => phone());
    await merchant.know(...numbers);
    await merchant.pay(numbers.map((number, at) => item(number, 500 + 5 * at, 'http://127.0.0.1:1/')));
    let open;
    await until(async () => {
      open = (await transfersOf(payoutd)).filter(({ state }) => state !== 'VAL' && state !== 'REJ');
      return open.length === 0;
    }, () => `all have ended; ${open.length} have not, as ${JSON.stringify(open[0])}`, 2 * PATIENCE_MS);
    const here = await transfersOf(payoutd);
    const there = (await request(port, { target: '/_sim/totals' })).json().operators.cinetpay_v2;
    const paid = here.filter(({ state }) => state === 'VAL');
    const sum = paid.reduce((total, { delivered }) => total + delivered, 0);
    assert.deepEqual([there.orders, there.paid, there.paid_amount, there.rejected, there.doubles],
      [here.length, paid.length, sum, here.length - paid.length, 0]);
    assert.deepEqual(await merchant.money(), { amount: MONEY - sum, inUsing: 0, available: MONEY - sum });
    assert.ok(paid.every(({ operator_reference: reference }) => reference !== ''));
  });
});
