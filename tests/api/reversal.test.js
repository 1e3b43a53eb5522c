// Paid transfers that are taken back at their operator, payout-operator-sim's Wave or GSMA: persons ask, the money comes
// back once, and both sides' books agree. What the operator does not take back stays paid.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { CREDENTIALS, Simulator } from '../operators/lib/simulator.js';
import { PAYOUT, Payoutd, item, phone, until } from './lib/payoutd.js';
import { Receiver } from './lib/receiver.js';

const PATIENCE_MS = 60000; // What was in hand when payoutd was killed waits for its lease's end.
const MONEY = 1000000;
const FEE = 25;
const AMOUNT = 500;
const KEPT = 9955; // The simulated Wave does not take it back; it is paid to a number that ends as SPENT.
const SPENT = '9990';
const LOST = 7775; // The answer to taking it back is lost.
const GSMA = { operator: 'FLOOZ', digits: '01' };
const WORD = { evidence: 'the wrong number, ticket 4712', person: 'Awa' };

let simulator, receiver, payoutd;

function channelWrite(folder, connector, settings, secrets) {
  const all = { connector, url: `${simulator.url}/${connector}`, timeout: '3s', connect_timeout: '1s', ...settings };
  for (const [name, secret] of Object.entries(secrets)) {
    all[`${name}_file`] = path.join(folder, `${connector}.${name}`);
    fs.writeFileSync(all[`${name}_file`], secret, { mode: 0o600 });
  }
  fs.mkdirSync(path.join(folder, 'channels'), { recursive: true });
  fs.writeFileSync(path.join(folder, 'channels', `${connector}.conf`),
    `[channel]\n${Object.entries(all).map(([name, value]) => `${name} = ${value}\n`).join('')}`);
}

before(async () => {
  simulator = await Simulator.start();
  receiver = await Receiver.start();
  payoutd = await Payoutd.start({ operator_channels_dir: 'channels', operator_lease: '5s', operator_pace_percent: 1 }, {
    prepare(folder) {
      const { wave, gsma } = CREDENTIALS;
      channelWrite(folder, 'wave', { number: 2, operators: 'WAVECI' }, { secret: wave.secret });
      channelWrite(folder, 'gsma', { number: 3, operators: 'FLOOZ', account: `organisationid:${gsma.account}`,
        environment: '/v1/oauth/accesstoken' }, { secret: `${gsma.account}:${gsma.secret}`, secret_second: gsma.second });
    },
  });
});
after(async () => {
  await payoutd?.end(); // With its audit.
  await receiver?.stop();
  const { status, totals } = await simulator.stop();
  assert.equal(status, 0, 'somebody was paid twice');
  const { wave, gsma } = totals.operators;
  assert.deepEqual([wave.reversed, wave.paid_amount], [4, KEPT]);
  assert.deepEqual([gsma.reversed, gsma.paid_amount], [2, 0]);
});

// A merchant of a fee, and a transfer of it that was paid.
async function paid(amount, { operator = 'WAVECI', digits = '07', ...settings } = {}) {
  const merchant = await payoutd.merchant({ money: MONEY, fees: `*:0:${FEE}:0:0:0`, ...settings });
  const number = phone(amount === KEPT ? SPENT : undefined, digits);
  await merchant.know(number);
  const [{ transaction_id: id }] = await merchant.pay([item(number, amount, receiver.url(), { payment_method: operator })]);
  assert.equal((await merchant.ended(id)).treatment_status, 'VAL');
  await receiver.end(id);
  return { merchant, id };
}

const reverse = (id, word = WORD) => payoutd.admin(`/transfers/${id}/reverse`, word);
const left = (amount) => ({ amount: MONEY - amount, inUsing: 0, available: MONEY - amount });

// From now on it happens to calls that hold one of these, and to no others.
async function faultOf(name, only) {
  assert.equal((await simulator.script({ faults: { [name]: { only } } })).status, 200);
}

async function untilReversal(id, number, state) {
  let shown;
  await until(async () => {
    shown = await payoutd.admin(`/transfers/${id}`);
    return shown.reversals[number - 1]?.state === state;
  }, () => `reversal ${number} is ${state}; it is ${JSON.stringify(shown.reversals)}`, PATIENCE_MS);
  return shown;
}

describe('a paid transfer', () => {
  test('comes back once, its merchant is told, and its fee stays earned', async () => {
    const { merchant, id } = await paid(AMOUNT);
    assert.deepEqual(await merchant.money(), left(AMOUNT + FEE));
    const { reversal, again } = await reverse(id);
    assert.deepEqual([reversal, again], ['ASKED', false]);
    const shown = await untilReversal(id, 1, 'DONE');
    assert.deepEqual([shown.state, shown.reason], ['VAL', 'REVERSED']);
    assert.deepEqual([shown.reversals[0].person, shown.reversals[0].evidence], [WORD.person, WORD.evidence]);
    assert.deepEqual(await merchant.money(), left(FEE));
    // A second word changes nothing.
    const second = await reverse(id, { evidence: 'once more', person: 'Kofi' });
    assert.deepEqual([second.reversal, second.again], ['DONE', true]);
    assert.equal((await payoutd.adminReply(`/transfers/${id}/reverse`, { ...WORD, withdraw: true })).status, 409);
    assert.equal((await payoutd.admin(`/transfers/${id}`)).reversals.length, 1);
    assert.deepEqual(await merchant.money(), left(FEE));
    // The merchant hears it, and reads it.
    const told = () => receiver.postsOf(id).filter(({ fields }) => fields.comment.startsWith('Annulé'));
    await receiver.until(() => told().length > 0, 'the merchant is told');
    assert.deepEqual(told().map(({ fields }) => [fields.treatment_status, fields.comment]), [['VAL', 'Annulé chez l\'opérateur']]);
    assert.equal((await merchant.transfer(id)).comment, 'Reversed at the operator');
    const payment = (await simulator.payments()).find(({ transfer }) => transfer === id);
    assert.equal(payment.state, 'reversed');
    const { acts } = await payoutd.admin(`/acts?merchant=${merchant.id}`);
    assert.equal(acts.filter(({ what, subject }) => what === 'TRANSFER_REVERSE' && subject === id).length, 1);
  });

  test('stays paid when its operator does not take it back', async () => {
    const { merchant, id } = await paid(KEPT);
    for (const number of [1, 2]) { // Whoever asks again gives it to the operator again.
      assert.equal((await reverse(id)).reversal, 'ASKED');
      const shown = await untilReversal(id, number, 'REFUSED');
      assert.equal(shown.state, 'VAL');
      assert.notEqual(shown.reason, 'REVERSED');
      assert.deepEqual(await merchant.money(), left(KEPT + FEE));
    }
  });

  const lost = (name, settings) => test(`is asked about when ${name}'s answer is lost, and comes back once`, async () => {
    const { merchant, id } = await paid(LOST, settings);
    await faultOf('cut_after', ['/reverse']);
    await reverse(id);
    const [{ attempts }] = (await untilReversal(id, 1, 'DONE')).reversals;
    assert.ok(attempts > 1, `${attempts}`);
    assert.ok((await simulator.totals()).faults.cut_after > 0);
    await faultOf('cut_after', []);
    assert.deepEqual(await merchant.money(), left(FEE));
  });

  lost('Wave', {});
  lost('the GSMA', GSMA);

  test('comes back once by the GSMA, too, where a reversal has an id of its own', async () => {
    const { merchant, id } = await paid(AMOUNT, GSMA);
    await reverse(id);
    const { reversals: [{ operator_reference: reference }] } = await untilReversal(id, 1, 'DONE');
    assert.notEqual(reference, '');
    assert.deepEqual(await merchant.money(), left(FEE));
  });

  test('comes back once though payoutd is killed before it hears the answer', async () => {
    const { merchant, id } = await paid(AMOUNT);
    await faultOf('silent_after', ['/reverse']);
    await reverse(id);
    await until(async () => (await simulator.payments()).find(({ transfer }) => transfer === id).state === 'reversed',
      'the operator has done it');
    const [{ state }] = (await payoutd.admin(`/transfers/${id}`)).reversals;
    assert.notEqual(state, 'DONE');
    await payoutd.kill();
    await faultOf('silent_after', []);
    await payoutd.run();
    await untilReversal(id, 1, 'DONE');
    assert.deepEqual(await merchant.money(), left(FEE));
  });

  test('is taken back by two persons where its merchant wants two', async () => {
    const { merchant, id } = await paid(AMOUNT, { two_persons: true });
    const run = (...words) => spawnSync(PAYOUT, ['transfer', 'reverse', id, '--evidence', 'paid twice by hand', ...words, '--json'],
      { encoding: 'utf8', env: { PAYOUT_URL: payoutd.url, PAYOUT_ADMIN_TOKEN: payoutd.adminToken, HOME: payoutd.folder } });
    const said = (...words) => {
      const done = run(...words);
      assert.equal(done.status, 0, done.stderr);
      return JSON.parse(done.stdout).reversal;
    };
    assert.notEqual(run().status, 0); // Nobody said it.
    assert.equal(said('--person', 'Awa'), 'PROPOSED');
    assert.equal(said('--person', 'awa'), 'PROPOSED');
    assert.equal(said('--person', 'Awa', '--withdraw'), 'WITHDRAWN');
    assert.equal(said('--person', 'Kofi'), 'PROPOSED');
    assert.deepEqual(await merchant.money(), left(AMOUNT + FEE));
    assert.equal(said('--person', 'Awa'), 'ASKED');
    const shown = await untilReversal(id, 2, 'DONE');
    assert.deepEqual(shown.reversals.map(({ state, person, second }) => [state, person, second]),
      [['WITHDRAWN', 'Awa', null], ['DONE', 'Kofi', 'Awa']]);
    assert.deepEqual(await merchant.money(), left(FEE));
  });
});

test('what goes through a channel that knows no way back is refused, and nothing is written', async () => {
  const sandbox = await Payoutd.start();
  try {
    const merchant = await sandbox.merchant();
    const number = phone();
    await merchant.know(number);
    const [{ transaction_id: id }] = await merchant.pay([item(number, AMOUNT, receiver.url())]);
    assert.equal((await merchant.ended(id)).treatment_status, 'VAL');
    const reply = await sandbox.adminReply(`/transfers/${id}/reverse`, WORD);
    assert.equal(reply.status, 409);
    assert.match(reply.json().error, /takes nothing back/);
    assert.deepEqual((await sandbox.admin(`/transfers/${id}`)).reversals, []);
  } finally {
    await sandbox.end();
  }
});
