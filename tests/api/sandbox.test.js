// The sandbox operator: each row of its table ends as the table says it.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import * as expect from './lib/expect.js';
import { Payoutd, item, phone, until } from './lib/payoutd.js';
import { Receiver } from './lib/receiver.js';

const rows = expect.sandboxRows();
const REASONS = {
  RECEIVER_UNKNOWN: 'The receiver has no account with the operator',
  RECEIVER_LIMIT: 'The receiver\'s account has reached its limit',
  RECEIVER_BLOCKED: 'The receiver\'s account is blocked',
  RECEIVER_NAME: 'The receiver\'s name does not match',
  OPERATOR_REFUSED: 'The operator refused the transfer',
  OPERATOR_FLOAT: 'The platform\'s float with the operator is insufficient',
};
// behaviour → the states that the merchant is told of, one after the other.
const STORIES = {
  PENDING_PAID: ['REC', 'VAL'],
  SLOW: ['REC', 'VAL'],
  REJECTED: ['REC', 'REJ'],
  PENDING_REJECTED: ['REC', 'REJ'],
  UNKNOWN_PAID: ['REC', 'NOS', 'VAL'],
  UNKNOWN_REJECTED: ['REC', 'NOS', 'REJ'],
  NEVER_SEEN: ['REC', 'NOS', 'VAL'],
  DOWN: ['REC', 'VAL'],
  TWICE: ['REC', 'VAL'],
  CONTRADICTS: ['REC', 'VAL'],
};
const SEVEN_DAYS = '9975';

test('the table has a row for each thing that can happen, and every row is tested here', () => {
  assert.equal(rows.length, 19);
  for (const { behaviour, reason } of rows) {
    assert.ok(behaviour in STORIES, behaviour);
    assert.ok(reason === 'NONE' || reason in REASONS, reason);
  }
  assert.deepEqual(new Set(rows.map(({ behaviour }) => behaviour)), new Set(Object.keys(STORIES)));
});

describe('with its delays at a hundredth', () => {
  let payoutd, receiver, merchant;
  before(async () => {
    receiver = await Receiver.start();
    payoutd = await Payoutd.start({ operator_sandbox_percent: 1 });
    merchant = await payoutd.merchant({ lang: 'en' });
  });
  after(async () => {
    await payoutd?.end();
    await receiver?.stop();
  });

  // Pays one, and tells its whole story: what the merchant heard, and what check/money says at its end.
  async function story(number, amount) {
    const before = await merchant.money();
    await merchant.know(number);
    const [{ transaction_id: id }] = await merchant.pay([item(number, amount, receiver.url())]);
    const posts = await receiver.end(id);
    const shown = await merchant.transfer(id);
    const after = await merchant.money();
    return { id, heard: posts.map(({ fields }) => fields.treatment_status), shown, spent: before.amount - after.amount };
  }

  function assertStory({ behaviour, reason }, { heard, shown, spent }, amount) {
    const expected = STORIES[behaviour];
    assert.deepEqual(heard, expected);
    const paid = expected.at(-1) === 'VAL';
    assert.equal(shown.treatment_status, expected.at(-1));
    assert.equal(shown.transfer_valid, paid ? 'Y' : 'N');
    assert.equal(shown.comment, paid ? null : REASONS[reason]);
    assert.equal(shown.validated_at === null, !paid);
    assert.equal(spent, paid ? amount : 0);
  }

  for (const row of rows.filter(({ ending }) => ending !== SEVEN_DAYS)) {
    test(`a number that ends in ${row.ending}: ${row.happens}`, async () => {
      assertStory(row, await story(phone(row.ending), 500), 500);
    });
  }

  for (const row of rows.filter(({ ending, delayMs }) => ending !== SEVEN_DAYS && delayMs <= 10000)) {
    test(`an amount of ${row.ending}: ${row.happens}`, async () => {
      assertStory(row, await story(phone('1234'), Number(row.ending)), Number(row.ending));
    });
  }

  test('any other number is paid at once', async () => {
    assertStory({ behaviour: 'TWICE' }, await story(phone('0000'), 500), 500);
  });

  test('the number\'s row goes before the amount\'s', async () => {
    const { shown } = await story(phone('9930'), 9945);
    assert.equal(shown.comment, REASONS.RECEIVER_UNKNOWN);
  });

  test('a number of any country and operator follows the table', async () => {
    const merchants = { 237: await payoutd.merchant({ currency: 'XAF' }), 224: await payoutd.merchant({ currency: 'GNF' }) };
    for (const [prefix, number] of [['237', '691239930'], ['224', '621239930']]) {
      await merchants[prefix].contact([{ prefix, phone: number, name: 'A', surname: 'B', email: '' }]);
      const [{ transaction_id: id }] = await merchants[prefix].pay([item(number, 1000, receiver.url(), { prefix })]);
      assert.equal((await merchants[prefix].ended(id)).treatment_status, 'REJ');
    }
  });

  test(`a number that ends in ${SEVEN_DAYS} stays unknown`, async () => {
    const number = phone(SEVEN_DAYS);
    await merchant.know(number);
    const [{ transaction_id: id }] = await merchant.pay([item(number, 500, receiver.url())]);
    const shown = await merchant.untilState(id, 'NOS');
    assert.equal(shown.comment, 'Outcome unknown: the operator is being asked');
    assert.equal(shown.transfer_valid, 'N');
    assert.strictEqual(shown.validated_at, null);
  });

  test('an operator that contradicts itself is written down for a person, and the transfer stays paid', async () => {
    const before = (await payoutd.admin('/summary')).contradictions;
    const { id } = await story(phone('9995'), 500);
    assert.equal((await payoutd.admin('/summary')).contradictions, before + 1);
    assert.equal((await merchant.transfer(id)).treatment_status, 'VAL');
  });

  test('an operator that says the same twice contradicts nothing', async () => {
    const before = (await payoutd.admin('/summary')).contradictions;
    await story(phone('9990'), 500);
    assert.equal((await payoutd.admin('/summary')).contradictions, before);
  });
});

describe('with its delays a thousandfold', () => {
  let payoutd, merchant;
  before(async () => {
    payoutd = await Payoutd.start({ operator_sandbox_percent: 100000 });
    merchant = await payoutd.merchant({ money: 100000 });
  });
  after(() => payoutd?.end());

  const UNTIL_THEN = {
    PENDING_PAID: { treatment_status: 'REC', comment: 'In progress at the operator' },
    PENDING_REJECTED: { treatment_status: 'REC', comment: 'In progress at the operator' },
    SLOW: { treatment_status: 'REC', comment: null },
    UNKNOWN_PAID: { treatment_status: 'NOS', comment: 'Outcome unknown: the operator is being asked' },
    UNKNOWN_REJECTED: { treatment_status: 'NOS', comment: 'Outcome unknown: the operator is being asked' },
    NEVER_SEEN: { treatment_status: 'NOS', comment: 'Outcome unknown: the operator is being asked' },
    DOWN: { treatment_status: 'NEW', comment: 'The operator is down: the transfer leaves as soon as it is back' },
  };
  const slow = rows.filter(({ delayMs }) => delayMs > 0);

  test('each transfer that takes time stands where the table says, its money held', async () => {
    const numbers = slow.map(({ ending }) => phone(ending));
    await merchant.know(...numbers);
    const sent = await merchant.pay(numbers.map((number) => item(number, 500, 'http://127.0.0.1:1/')));
    for (const [index, { transaction_id: id }] of sent.entries()) {
      const { treatment_status: state, comment } = UNTIL_THEN[slow[index].behaviour];
      const shown = await until(async () => {
        const now = await merchant.transfer(id);
        return now.treatment_status === state && now.comment === comment ? now : null;
      }, async () => `${slow[index].happens}: ${state}, ${comment}; it is ${JSON.stringify(await merchant.transfer(id))}`);
      assert.equal(shown.sending_status, 'CONFIRM');
    }
    assert.deepEqual(await merchant.money(), { amount: 100000, inUsing: 500 * slow.length,
      available: 100000 - 500 * slow.length });
  });

  test('what stood there stands there after a restart', async () => {
    const number = phone('9910');
    await merchant.know(number);
    const [{ transaction_id: id }] = await merchant.pay([item(number, 500, 'http://127.0.0.1:1/')]);
    await merchant.untilState(id, 'REC');
    await payoutd.stop();
    await payoutd.run();
    assert.equal((await merchant.transfer(id)).treatment_status, 'REC');
    assert.equal((await merchant.money()).inUsing, 500 * (slow.length + 1));
  });
});
