// The simulator's MTN side, driven by the npm package mtn-momo: a client that we did not write.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';

import momo from 'mtn-momo';

import { MTN, Simulator } from './lib/simulator.js';

let simulator, disbursements, users;

before(async () => {
  simulator = await Simulator.start();
  const library = momo.create({ baseUrl: simulator.url + '/mtn', callbackHost: 'localhost' });
  users = library.Users({ primaryKey: MTN.second });
  const userId = await users.create('localhost');
  const { apiKey } = await users.login(userId);
  disbursements = library.Disbursements({ userId, userSecret: apiKey, primaryKey: MTN.second });
});

after(async () => {
  const { status, totals } = await simulator.stop();
  assert.equal(status, 0);
  assert.equal(totals.doubles, 0);
});

const order = (more = {}) => ({
  amount: '500',
  currency: 'EUR',
  externalId: randomUUID(),
  payee: { partyIdType: 'MSISDN', partyId: '2250506123456' },
  payerMessage: 'Salaire',
  payeeNote: 'Novembre',
  ...more,
});

test('a transfer is accepted and paid', async () => {
  const reference = await disbursements.transfer(order());
  const transaction = await disbursements.getTransaction(reference);
  assert.equal(transaction.status, 'SUCCESSFUL');
  assert.equal(transaction.amount, '500');
  assert.deepEqual(transaction.payee, { partyIdType: 'MSISDN', partyId: '2250506123456' });
  assert.match(transaction.financialTransactionId, /^\d+$/);
});

test('the sandbox\'s numbers are rejected for their reasons', async () => {
  // One order's reason is a text, the next one's an object: the documents have both.
  const reasons = new Set();
  for (let i = 0; i < 2; i++) {
    const reference = await disbursements.transfer(order({
      payee: { partyIdType: 'MSISDN', partyId: '2250506129930' },
    }));
    await assert.rejects(disbursements.getTransaction(reference), (error) => {
      reasons.add(error.name);
      const { reason } = error.transaction;
      assert.equal(reason.code ?? reason, 'PAYEE_NOT_FOUND');
      return error.transaction.status === 'FAILED';
    });
  }
  assert.ok(reasons.has('PayeeNotFoundError'));
});

test('a reference is taken once', async () => {
  const referenceId = randomUUID();
  await disbursements.transfer(order({ referenceId }));
  await assert.rejects(disbursements.transfer(order({ referenceId })),
    { name: 'ResourceAlreadyExistError' });
});

test('what was never sent is not found', async () => {
  await assert.rejects(disbursements.getTransaction(randomUUID()),
    { name: 'ResourceNotFoundError' });
});

test('another currency than the target environment\'s is refused', async () => {
  await assert.rejects(disbursements.transfer(order({ currency: 'XOF' })),
    { name: 'InvalidCurrencyError' });
});

test('a callback goes to the registered host only', async () => {
  await assert.rejects(
    disbursements.transfer(order({ callbackUrl: 'http://elsewhere.example/callback' })),
    { name: 'InvalidCallbackUrlHostError' });
});

test('the outcome is called back by PUT', async () => {
  const receiver = createServer();
  receiver.listen(0, 'localhost');
  await once(receiver, 'listening');
  const callbackUrl = `http://localhost:${receiver.address().port}/callback`;
  const called = once(receiver, 'request');
  const sent = order({ callbackUrl });
  await disbursements.transfer(sent);
  const [request, response] = await called;
  const body = JSON.parse(Buffer.concat(await request.toArray()).toString());
  response.end();
  assert.equal(request.method, 'PUT');
  assert.equal(body.externalId, sent.externalId);
  assert.equal(body.status, 'SUCCESSFUL');
  receiver.close();
});

test('a receiver is active, or is none', async () => {
  assert.equal(await disbursements.isPayerActive('2250506123456'), true);
  assert.equal(await disbursements.isPayerActive('2250506129930'), false);
});

test('the float shrinks by what is paid', async () => {
  const before = Number((await disbursements.getBalance()).availableBalance);
  await disbursements.getTransaction(await disbursements.transfer(order({ amount: '1500' })));
  const { availableBalance, currency } = await disbursements.getBalance();
  assert.equal(Number(availableBalance), before - 1500);
  assert.equal(currency, 'EUR');
});

test('a wrong key gets no token', async () => {
  const library = momo.create({ baseUrl: simulator.url + '/mtn', callbackHost: 'localhost' });
  const stranger = library.Disbursements({
    userId: randomUUID(), userSecret: 'wrong', primaryKey: MTN.second,
  });
  await assert.rejects(stranger.getBalance());
});

test('one transfer under two references is counted as paid twice, and ends with status 1', async () => {
  const other = await Simulator.start();
  const library = momo.create({ baseUrl: other.url + '/mtn', callbackHost: 'localhost' });
  const twice = library.Disbursements({
    userId: MTN.account, userSecret: MTN.secret, primaryKey: MTN.second,
  });
  const externalId = randomUUID();
  await twice.transfer(order({ externalId }));
  assert.equal((await other.totals()).doubles, 0);
  await twice.transfer(order({ externalId }));
  assert.equal((await other.totals()).doubles, 1);
  const { status, totals } = await other.stop();
  assert.equal(status, 1);
  assert.equal(totals.operators.mtn.doubles, 1);
});

test('a script brings faults, and is refused when it is none', async () => {
  const faulty = await Simulator.start({ script: { faults: { throttle: 100 }, retry_after_ms: 3000 } });
  const answer = await fetch(faulty.url + '/mtn/disbursement/token/', { method: 'POST' });
  assert.equal(answer.status, 429);
  assert.equal(answer.headers.get('retry-after'), '3');
  assert.equal((await faulty.script({ faults: { flood: 1 } })).status, 400);
  assert.equal((await faulty.script({ faults: { throttle: 0 } })).status, 200);
  const again = await fetch(faulty.url + '/mtn/disbursement/token/', { method: 'POST' });
  assert.equal(again.status, 401);
  await faulty.stop();
});

test('what is done may stay unanswered', async () => {
  const silent = await Simulator.start({ script: { faults: { cut_after: { only: ['"amount":"777"'] } } } });
  const library = momo.create({ baseUrl: silent.url + '/mtn', callbackHost: 'localhost' });
  const client = library.Disbursements({
    userId: MTN.account, userSecret: MTN.secret, primaryKey: MTN.second,
  });
  const referenceId = randomUUID();
  await assert.rejects(client.transfer(order({ referenceId, amount: '777' })));
  assert.equal((await client.getTransaction(referenceId)).status, 'SUCCESSFUL');
  const { totals } = await silent.stop();
  assert.equal(totals.paid_amount, 777);
});
