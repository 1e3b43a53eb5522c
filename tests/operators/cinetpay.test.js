// The simulator's CinetPay side, driven by CinetPay's own Postman collection (tests/api/seed) through newman:
// a client that we did not write. Only host, credentials, token and contacts are other ones.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import newman from 'newman';
import { CREDENTIALS, Simulator } from './lib/simulator.js';

const file = new URL('../api/seed/cinetpay-payout-v1.1.0.postman_collection.json', import.meta.url);
const text = fs.readFileSync(file, 'utf8');
const [LOGIN, BALANCE, CONTACT, SEND, CHECK] = JSON.parse(text).item.map(({ name }) => name);
const { account, secret } = CREDENTIALS.cinetpay;
let simulator, token;

function run(replacements = {}) {
  let changed = text;
  const all = { 'https://client.cinetpay.com': `${simulator.url}/cinetpay`, your_apikey_here: account,
    your_password_here: secret, your_token_here: token, ...replacements };
  for (const [from, to] of Object.entries(all)) {
    assert.ok(changed.includes(from), `${from} is in the collection`);
    changed = changed.replaceAll(from, to);
  }
  const collection = JSON.parse(changed);
  for (const { request } of collection.item) delete request.urlObject;
  return new Promise((resolve, reject) => {
    newman.run({ collection, reporters: [], timeoutRequest: 10000 }, (error, summary) => {
      if (error) { reject(error); return; }
      resolve(Object.fromEntries(summary.run.executions.map(({ item, response }) => (
        [item.name, { status: response.code, body: JSON.parse(response.stream.toString()) }]))));
    });
  });
}

before(async () => {
  simulator = await Simulator.start();
  const answer = await fetch(`${simulator.url}/cinetpay/v1/auth/login`,
    { method: 'POST', body: new URLSearchParams({ apikey: account, password: secret }) });
  ({ data: { token } } = await answer.json());
  // The collection sends to one whom it does not add.
  const data = [{ prefix: '225', phone: '07895086', name: 'Test E', surname: 'Test F', email: 'teste@exemple.com' }];
  await fetch(`${simulator.url}/cinetpay/v1/transfer/contact?token=${token}&lang=fr`,
    { method: 'POST', body: new URLSearchParams({ data: JSON.stringify(data) }) });
});
after(async () => { assert.equal((await simulator.stop()).status, 0); });

test('the collection logs in, reads the balance, adds contacts, sends to them and asks', async () => {
  const replies = await run();
  assert.equal(replies[LOGIN].body.code, 0);
  assert.match(replies[LOGIN].body.data.token, /^[0-9a-f-]+$/);
  assert.deepEqual(Object.keys(replies[BALANCE].body.data), ['amount', 'inUsing', 'available']);
  assert.deepEqual(replies[CONTACT].body.data.flat().map(({ code, status }) => `${code} ${status}`),
    replies[CONTACT].body.data.flat().map(() => '0 success'));
  const sent = replies[SEND].body.data.flat();
  assert.ok(sent.length > 0);
  for (const { code, treatment_status: state, transaction_id: id } of sent) {
    assert.equal(code, 0);
    assert.equal(state, 'NEW');
    assert.match(id, /^EA\d{6}\.\d{6}\.[A-Z]\d{6}$/);
  }
  assert.equal(replies[CHECK].body.code, '723'); // It asks for an id that nobody sent.
});

test('a second run finds the contacts known, and the ids taken', async () => {
  const replies = await run();
  for (const { code } of replies[CONTACT].body.data.flat()) assert.equal(code, 726);
  assert.equal(replies[SEND].body.code, '805');
  const { orders, doubles } = (await simulator.totals()).operators.cinetpay;
  assert.equal(orders, 2);
  assert.equal(doubles, 0);
});

test('a wrong password and a stranger\'s token are refused in CinetPay\'s words', async () => {
  const good = token;
  token = 'x';
  const replies = await run({ [secret]: 'wrong' }).finally(() => { token = good; });
  assert.equal(replies[LOGIN].status, 401);
  assert.equal(replies[LOGIN].body.code, '701');
  assert.equal(replies[BALANCE].body.code, '706');
});
