// GET and POST /v1/transfer/check/money.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import * as expect from './lib/expect.js';
import { FORM, JSON_TYPE } from './lib/http.js';
import { Payoutd, item, person, phone } from './lib/payoutd.js';

let payoutd, merchant, url;
before(async () => {
  payoutd = await Payoutd.start();
  url = 'http://127.0.0.1:1/';
  merchant = await payoutd.merchant();
});
after(() => payoutd?.end());

const MEMBERS = ['transaction_id', 'client_transaction_id', 'lot', 'amount', 'receiver', 'receiver_e164', 'operator',
  'sending_status', 'transfer_valid', 'treatment_status', 'comment', 'validated_at', 'operator_transaction_id'];

async function paid(ending) {
  const number = phone(ending);
  await merchant.know(number);
  const [result] = await merchant.pay([item(number, 500, url)]);
  return { ...result, phone: number };
}

describe('what check/money shows', () => {
  test('is one flat list of objects with every member, strings or null', async () => {
    const sent = await paid();
    const data = expect.success(await merchant.check({ transaction_id: sent.transaction_id }));
    assert.equal(data.length, 1);
    assert.deepEqual(Object.keys(data[0]), MEMBERS);
    for (const [name, value] of Object.entries(data[0])) {
      assert.ok(value === null || typeof value === 'string', `${name} is ${JSON.stringify(value)}`);
    }
  });

  test('of a paid transfer is all that is known of it', async () => {
    const sent = await paid();
    await merchant.ended(sent.transaction_id);
    const shown = await merchant.transfer(sent.transaction_id);
    const { validated_at: at, operator_transaction_id: reference, ...rest } = shown;
    assert.deepEqual(rest, { transaction_id: sent.transaction_id, client_transaction_id: sent.client_transaction_id,
      lot: sent.lot, amount: '500', receiver: `225${sent.phone}`, receiver_e164: `+225${sent.phone}`, operator: 'OM',
      sending_status: 'CONFIRM', transfer_valid: 'Y', treatment_status: 'VAL', comment: null });
    assert.match(at, /^20\d\d-\d\d-\d\d \d\d:\d\d:\d\d$/);
    assert.ok(Math.abs(Date.parse(`${at.replace(' ', 'T')}Z`) - Date.now()) < 60000, `${at} is now, in UTC`);
    assert.match(reference, /./);
  });

  test('of a rejected transfer says why, in the language asked for', async () => {
    const sent = await paid('9930');
    const ended = await merchant.ended(sent.transaction_id);
    assert.equal(ended.treatment_status, 'REJ');
    assert.equal(ended.transfer_valid, 'N');
    assert.strictEqual(ended.validated_at, null);
    assert.equal(ended.comment, 'The receiver has no account with the operator');
    const [french] = expect.success(await merchant.check({ transaction_id: sent.transaction_id, lang: 'fr' }));
    assert.equal(french.comment, 'Le destinataire n\'a pas de compte chez l\'opérateur');
  });

  test('of a transfer that waits for its lot is PENDING and NEW', async () => {
    const careful = await payoutd.merchant({ ip_list: '' });
    const number = phone();
    await careful.know(number);
    const [{ transaction_id: id }] = await careful.pay([item(number, 500, url)]);
    const shown = await careful.transfer(id);
    assert.equal(shown.sending_status, 'PENDING');
    assert.equal(shown.treatment_status, 'NEW');
    assert.equal(shown.transfer_valid, 'N');
  });

  test('is the receiver as it was sent, and the number that it stands for', async () => {
    await merchant.contact([person('07895086')]);
    const [{ transaction_id: id }] = await merchant.pay([item('07895086', 500, url)]);
    const shown = await merchant.transfer(id);
    assert.equal(shown.receiver, '22507895086');
    assert.equal(shown.receiver_e164, '+2250707895086');
  });
});

describe('a transfer is found', () => {
  test('by transaction_id, by client_transaction_id, and with its whole lot', async () => {
    const numbers = [phone(), phone(), phone()];
    await merchant.know(...numbers);
    const sent = await merchant.pay(numbers.map((number) => item(number, 500, url)));
    const ids = sent.map(({ transaction_id: id }) => id);
    const found = async (query) => expect.success(await merchant.check(query)).map(({ transaction_id: id }) => id);
    assert.deepEqual(await found({ transaction_id: ids[1] }), [ids[1]]);
    assert.deepEqual(await found({ client_transaction_id: sent[2].client_transaction_id }), [ids[2]]);
    assert.deepEqual(await found({ lot: sent[0].lot }), ids);
  });

  test('by POST: query, form, JSON and multipart', async () => {
    const sent = await paid();
    const fields = { transaction_id: sent.transaction_id };
    const found = (reply) => assert.equal(expect.success(reply)[0].transaction_id, sent.transaction_id);
    found(await payoutd.post(await merchant.target('/transfer/check/money', fields), {}));
    const target = await merchant.target('/transfer/check/money');
    found(await payoutd.post(target, fields));
    found(await payoutd.request({ method: 'POST', target, headers: JSON_TYPE, body: JSON.stringify(fields) }));
  });

  test('by GET with the id in a body', async () => {
    const sent = await paid();
    const target = await merchant.target('/transfer/check/money');
    const body = `transaction_id=${sent.transaction_id}`;
    const reply = await payoutd.request({ method: 'GET', target, headers: FORM, body });
    assert.equal(expect.success(reply)[0].transaction_id, sent.transaction_id);
  });

  test('by a client_transaction_id of any letters', async () => {
    const number = phone();
    await merchant.know(number);
    const id = 'é/ä ?&=+%25"\\ 漢字';
    await merchant.pay([item(number, 500, url, { client_transaction_id: id })]);
    const [shown] = expect.success(await merchant.check({ client_transaction_id: id }));
    assert.equal(shown.client_transaction_id, id);
  });
});

describe('check/money gives', () => {
  test('723 for what is unknown', async () => {
    const unknown = [{ transaction_id: 'EA181025.112233.X123456' }, { transaction_id: 'nonsense' },
      { client_transaction_id: 'never-sent' }, { client_transaction_id: 'x'.repeat(1000) },
      { lot: `00${merchant.id}1539786998` }, { lot: 'nonsense' }, { transaction_id: 'EA999999.999999.A000000' }];
    for (const query of unknown) expect.failure(await merchant.check(query), 'NOT_FOUND');
  });

  test('723 for what is another merchant\'s', async () => {
    const sent = await paid();
    const other = await payoutd.merchant();
    for (const query of [{ transaction_id: sent.transaction_id }, { lot: sent.lot },
      { client_transaction_id: sent.client_transaction_id }]) {
      expect.failure(await other.check(query), 'NOT_FOUND');
    }
  });

  test('704 when no id is given', async () => {
    expect.failure(await merchant.check({}), 'INVALID_PARAM');
    expect.failure(await merchant.check({ transaction_id: '', client_transaction_id: '', lot: '' }), 'INVALID_PARAM');
  });

  test('706 without a token', async () => {
    expect.failure(await payoutd.get('/v1/transfer/check/money?lang=en&transaction_id=x'), 'INVALID_TOKEN');
  });
});
