// What a merchant's server hears: pings, signed POSTs, retries, their order, and nothing lost.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Payoutd, item, phone, until } from './lib/payoutd.js';
import { FIELDS, Receiver, webhookSignature, xToken } from './lib/receiver.js';
import { untilEvent } from './lib/wait.js';

let payoutd, merchant, receiver;
before(async () => { payoutd = await Payoutd.start(); });
after(() => payoutd?.end());

// Each test has a server of its own, since a host that answers badly waits for all that is sent to it.
async function withReceiver(work, server = payoutd, settings = {}) {
  receiver = await Receiver.start();
  merchant = await server.merchant(settings);
  try {
    await work();
  } finally {
    await receiver.stop();
  }
}
const hearing = (name, work, settings) => test(name, () => withReceiver(work, payoutd, settings));

async function paid(ending, more = {}, url = receiver.url()) {
  const number = phone(ending);
  await merchant.know(number);
  const [result] = await merchant.pay([item(number, 500, url, more)]);
  return { ...result, phone: number };
}
const states = (posts) => posts.map(({ fields }) => fields.treatment_status);
const delivered = (posts) => posts.filter(({ answered }) => answered >= 200 && answered < 300);

describe('a notification', () => {
  hearing('is announced by a GET of its URL before the first POST', async () => {
    const { transaction_id: id } = await paid();
    await receiver.end(id);
    assert.equal(receiver.calls[0].method, 'GET');
    assert.equal(receiver.calls[0].url, '/notify');
    assert.equal(receiver.calls[0].body, '');
    assert.equal(receiver.calls[1].method, 'POST');
  });

  hearing('is not announced anew for each POST', async () => {
    for (let i = 0; i < 5; i++) await receiver.end((await paid()).transaction_id);
    assert.equal(receiver.pings.length, 1);
    assert.ok(receiver.posts.length >= 10);
  });

  hearing('is a form with all fields, as check/money shows them', async () => {
    const sent = await paid();
    const posts = await receiver.end(sent.transaction_id);
    const last = posts.at(-1);
    assert.equal(last.headers['content-type'], 'application/x-www-form-urlencoded');
    assert.deepEqual([...new URLSearchParams(last.body).keys()], FIELDS);
    const shown = await merchant.transfer(sent.transaction_id);
    for (const name of FIELDS) assert.equal(last.fields[name], shown[name] ?? '', name);
    assert.equal(last.fields.treatment_status, 'VAL');
    assert.equal(last.fields.sending_status, 'CONFIRM');
    assert.equal(last.fields.receiver, `225${sent.phone}`);
    assert.equal(last.fields.amount, '500');
  });

  hearing('has empty fields for what there is not', async () => {
    const { client_transaction_id: _, ...bare } = item(phone(), 500, receiver.url());
    await merchant.know(bare.phone);
    const [{ transaction_id: id }] = await merchant.pay([bare]);
    const [first] = await receiver.end(id);
    assert.equal(first.fields.client_transaction_id, '');
    assert.equal(first.fields.comment, '');
    assert.equal(first.fields.operator_transaction_id, '');
    assert.equal(first.fields.validated_at, '');
  });

  hearing('has a right x-token', async () => {
    const sent = await paid('0000', { client_transaction_id: 'é & = + % 漢' });
    for (const { headers, fields } of await receiver.end(sent.transaction_id)) {
      assert.equal(headers['x-token'], xToken(merchant.secret, fields));
    }
  });

  hearing('has right Standard Webhooks headers', async () => {
    const { transaction_id: id } = await paid();
    const ids = new Set();
    for (const { headers, body, at } of await receiver.end(id)) {
      const { 'webhook-id': webhook, 'webhook-timestamp': timestamp, 'webhook-signature': signature } = headers;
      assert.equal(signature, webhookSignature(merchant.secret, webhook, timestamp, body));
      assert.ok(Math.abs(Number(timestamp) - at / 1000) < 30);
      ids.add(webhook);
    }
    assert.equal(ids.size, 2, 'each notification has its own id');
  });

  hearing('is signed with a new secret key within seconds of there being one', async () => {
    const before = merchant.secret;
    await receiver.end((await paid()).transaction_id);
    merchant.secret = (await payoutd.admin(`/merchants/${merchant.id}/secret`, {})).secret_key;
    assert.notEqual(merchant.secret, before);
    const { transaction_id: id } = await paid();
    const signed = ({ headers, fields }) => headers['x-token'] === xToken(merchant.secret, fields);
    await receiver.end(id);
    await until(async () => {
      const { transaction_id: another } = await paid();
      return (await receiver.end(another)).every(signed);
    }, 'notifications are signed with the new key');
  });

  hearing('says why in the merchant\'s language', async () => {
    const french = (await receiver.end((await paid('9930')).transaction_id)).at(-1);
    assert.equal(french.fields.comment, 'Le destinataire n\'a pas de compte chez l\'opérateur');
    merchant = await payoutd.merchant({ lang: 'en' });
    const english = (await receiver.end((await paid('9930')).transaction_id)).at(-1);
    assert.equal(english.fields.comment, 'The receiver has no account with the operator');
    assert.equal(english.headers['x-token'], xToken(merchant.secret, english.fields));
  });
});

describe('a secret key that is replaced', () => {
  const proofs = ({ headers, fields, body }, secret) => ({
    token: [headers['x-token'], headers['x-token-before']].indexOf(xToken(secret, fields)),
    webhook: headers['webhook-signature'].split(' ')
      .indexOf(webhookSignature(secret, headers['webhook-id'], headers['webhook-timestamp'], body)),
  });
  // All that is told from when on the new key is known to every part of payoutd.
  async function toldWith(secret) {
    let told;
    await until(async () => {
      told = await receiver.end((await paid()).transaction_id);
      return told.every((one) => proofs(one, secret).token === 0);
    }, 'notifications are signed with the new key');
    return told;
  }

  hearing('signs beside the new one for as long as was said', async () => {
    const before = merchant.secret;
    const { secret_key: secret, old_valid_until: end } =
      await payoutd.admin(`/merchants/${merchant.id}/secret`, { old_valid_seconds: 3600 });
    assert.ok(Math.abs(Date.parse(end) - Date.now() - 3600e3) < 60e3);
    for (const one of await toldWith(secret)) {
      assert.deepEqual(proofs(one, secret), { token: 0, webhook: 0 });
      assert.deepEqual(proofs(one, before), { token: 1, webhook: 1 });
    }
  });

  hearing('signs for a day when nobody says how long', async () => {
    const { old_valid_until: end } = await payoutd.admin(`/merchants/${merchant.id}/secret`, {});
    assert.ok(Math.abs(Date.parse(end) - Date.now() - 24 * 3600e3) < 60e3);
  });

  hearing('signs no more when it shall not', async () => {
    const before = merchant.secret;
    const { secret_key: secret, old_valid_until: end } =
      await payoutd.admin(`/merchants/${merchant.id}/secret`, { old_valid_seconds: 0 });
    assert.equal(end, null);
    for (const one of await toldWith(secret)) {
      assert.deepEqual(proofs(one, secret), { token: 0, webhook: 0 });
      assert.deepEqual(proofs(one, before), { token: -1, webhook: -1 });
      assert.equal(one.headers['x-token-before'], undefined);
    }
  });

  test('holds on for thirty days at most', async () => {
    for (const old_valid_seconds of [-1, 2592001, '1h', '']) {
      const { status } = await payoutd.adminReply(`/merchants/${merchant.id}/secret`, { old_valid_seconds });
      assert.equal(status, 400, String(old_valid_seconds));
    }
  });
});

describe('each change is told, in its order', () => {
  hearing('of a transfer that is paid', async () => {
    assert.deepEqual(states(await receiver.end((await paid()).transaction_id)), ['REC', 'VAL']);
  });

  hearing('of a transfer whose outcome was unknown', async () => {
    assert.deepEqual(states(await receiver.end((await paid('9965')).transaction_id)), ['REC', 'NOS', 'VAL']);
  });

  hearing('of a lot that waited and was confirmed', async () => {
    const { transaction_id: id, lot } = await paid();
    await payoutd.admin(`/lots/${lot}/confirm`, { person: 'Awa' });
    const posts = await receiver.end(id);
    assert.deepEqual(states(posts), ['NEW', 'REC', 'VAL']);
    assert.deepEqual(posts.map(({ fields }) => fields.sending_status), ['CONFIRM', 'CONFIRM', 'CONFIRM']);
  }, { ip_list: '' });

  hearing('of a lot that was cancelled', async () => {
    const { transaction_id: id, lot } = await paid();
    await payoutd.admin(`/lots/${lot}/cancel`, { person: 'Awa' });
    const [only, ...more] = await receiver.end(id);
    assert.deepEqual(more, []);
    assert.equal(only.fields.treatment_status, 'REJ');
    assert.equal(only.fields.sending_status, 'PENDING');
    assert.equal(only.fields.comment, 'Le lot a été annulé');
  }, { ip_list: '' });

  hearing('of five hundred at once, each once', async () => {
    const numbers = Array.from({ length: 500 }, () => phone());
    await merchant.know(...numbers);
    const sent = await merchant.pay(numbers.map((number) => item(number, 200, receiver.url())));
    const ids = new Set(sent.map(({ transaction_id: id }) => id));
    await receiver.until(() => receiver.posts.length >= 1000, 'a thousand notifications');
    const heard = new Map();
    for (const { fields, headers } of receiver.posts) {
      assert.ok(ids.has(fields.transaction_id));
      assert.equal(headers['x-token'], xToken(merchant.secret, fields));
      heard.set(fields.transaction_id, [...heard.get(fields.transaction_id) ?? [], fields.treatment_status]);
    }
    for (const story of heard.values()) assert.deepEqual(story, ['REC', 'VAL']);
    assert.equal(new Set(receiver.posts.map(({ headers }) => headers['webhook-id'])).size, 1000);
  });
});

describe('a POST that fails', () => {
  hearing('is sent again, the same under the same id, until it is answered 2xx', async () => {
    let failures = 0;
    receiver.answer = ({ method }) => (method === 'POST' && ++failures <= 3 ? [500, 404, 301][failures - 1] : 204);
    const { transaction_id: id } = await paid();
    await receiver.until(() => delivered(receiver.postsOf(id)).length === 2, 'both notifications are delivered');
    const posts = receiver.postsOf(id);
    assert.deepEqual(states(posts), ['REC', 'REC', 'REC', 'REC', 'VAL']);
    assert.equal(new Set(posts.slice(0, 4).map(({ headers }) => headers['webhook-id'])).size, 1);
    assert.equal(new Set(posts.slice(0, 4).map(({ body }) => body)).size, 1);
    for (const { headers, body } of posts) {
      assert.equal(headers['webhook-signature'],
        webhookSignature(merchant.secret, headers['webhook-id'], headers['webhook-timestamp'], body));
    }
  });

  hearing('is sent again when the connection was cut', async () => {
    let cut = 0;
    receiver.answer = ({ method }) => (method === 'POST' && ++cut === 1 ? null : 200);
    const { transaction_id: id } = await paid();
    await receiver.end(id);
    assert.deepEqual(states(receiver.postsOf(id)), ['REC', 'REC', 'VAL']);
  });

  hearing('holds back what comes after it of the same transfer only', async () => {
    receiver.answer = ({ fields }) => (fields.client_transaction_id === 'held' ? 500 : 200);
    const { transaction_id: held } = await paid('0000', { client_transaction_id: 'held' });
    await receiver.until(() => receiver.postsOf(held).length >= 2, 'it is tried twice');
    await receiver.end((await paid()).transaction_id);
    assert.deepEqual(new Set(states(receiver.postsOf(held))), new Set(['REC']));
    receiver.answer = () => 200;
    const posts = await receiver.end(held);
    assert.equal(posts.at(-1).fields.treatment_status, 'VAL');
  });

  hearing('waits longer each time', async () => {
    receiver.answer = ({ method }) => (method === 'POST' && receiver.posts.length <= 5 ? 503 : 200);
    const { transaction_id: id } = await paid();
    await receiver.end(id);
    const at = receiver.postsOf(id).slice(0, 6).map((post) => post.at);
    const gaps = at.slice(1).map((each, index) => each - at[index]);
    assert.ok(gaps[4] > 2 * gaps[0], `gaps of ${gaps} ms`);
    assert.ok(gaps[0] >= 20, `gaps of ${gaps} ms`);
  });

  hearing('is not followed where it was redirected', async () => {
    const elsewhere = await Receiver.start();
    try {
      let redirected = 0;
      receiver.answer = ({ method }) => (method === 'POST' && ++redirected === 1 ? 302 : 200);
      receiver.server.prependListener('request', (_, response) => response.setHeader('Location', elsewhere.url()));
      await receiver.end((await paid()).transaction_id);
      assert.equal(elsewhere.calls.length, 0);
    } finally {
      await elsewhere.stop();
    }
  });

  hearing('is in the delivery log with each try and what was answered', async () => {
    let failures = 0;
    receiver.answer = ({ method }) => (method === 'POST' && ++failures === 1 ? 500 : 200);
    const { transaction_id: id } = await paid();
    await receiver.end(id);
    const shown = await until(async () => {
      const { notifications, deliveries } = await payoutd.admin(`/transfers/${id}`);
      return notifications.every(({ state }) => state === 'DELIVERED') ? { notifications, deliveries } : null;
    }, 'both are written down as delivered');
    const told = shown.notifications.map(({ number, treatment_status: state }) => [number, state]);
    assert.deepEqual(told, [[1, 'REC'], [2, 'VAL']]);
    const posts = shown.deliveries.filter(({ http_status: status }) => status !== 0);
    assert.deepEqual(posts.map(({ number, http_status: status }) => [number, status]), [[1, 500], [1, 200], [2, 200]]);
  });
});

describe('a ping that fails', () => {
  hearing('delays the POST and never drops it', async () => {
    let refused = 0;
    receiver.answer = ({ method }) => (method === 'GET' && ++refused <= 2 ? 500 : 200);
    const posts = await receiver.end((await paid()).transaction_id);
    assert.deepEqual(states(posts), ['REC', 'VAL']);
    assert.ok(receiver.pings.length >= 1);
  });

  hearing('for good does not keep the POST away for good', async () => {
    receiver.answer = ({ method }) => (method === 'GET' ? 404 : 200);
    const posts = await receiver.end((await paid()).transaction_id);
    assert.deepEqual(states(posts), ['REC', 'VAL']);
  });
});

describe('a server', () => {
  test('that is slow has no more calls at once than the setting says', async () => {
    const narrow = await Payoutd.start({ notify_per_host_max: 3 });
    try {
      await withReceiver(async () => {
        let atOnce = 0;
        let most = 0;
        const held = [];
        receiver.answer = ({ method }) => {
          if (method === 'GET') return 200;
          atOnce += 1;
          most = Math.max(most, atOnce);
          return new Promise((resolve) => {
            held.push(() => { atOnce -= 1; resolve(200); });
            receiver.emit('held');
          });
        };
        const numbers = Array.from({ length: 12 }, () => phone());
        await merchant.know(...numbers);
        const sent = await merchant.pay(numbers.map((number) => item(number, 200, receiver.url())));
        for (let released = 0; released < 24; released++) {
          await untilEvent(receiver, 'held', () => held.length > 0, 'a POST comes');
          held.shift()();
        }
        for (const { transaction_id: id } of sent) await receiver.end(id);
        assert.ok(most >= 1 && most <= 3, `${most} at once`);
      }, narrow);
    } finally {
      await narrow.end();
    }
  });

  test('that does not answer in time is tried again', async () => {
    const impatient = await Payoutd.start({ notify_timeout: '100ms' });
    try {
      await withReceiver(async () => {
        let first = true;
        receiver.answer = ({ method }) => {
          if (method === 'GET' || !first) return 200;
          first = false;
          return new Promise(() => {}); // Never.
        };
        const { transaction_id: id } = await paid();
        await receiver.end(id);
        assert.deepEqual(states(receiver.postsOf(id)), ['REC', 'REC', 'VAL']);
      }, impatient);
    } finally {
      await impatient.end();
    }
  });

  test('on a private address is not called unless it is allowed', async () => {
    const guarded = await Payoutd.start({ notify_private_allowed: '' });
    try {
      await withReceiver(async () => {
        for (const host of ['127.0.0.1', 'localhost', '[::ffff:127.0.0.1]']) {
          const url = `http://${host}:${receiver.port}/`;
          const { transaction_id: id } = await paid('0000', {}, url);
          assert.equal((await merchant.ended(id)).treatment_status, 'VAL');
          const { error } = await until(async () => (await guarded.admin(`/transfers/${id}`)).deliveries[0], 'it is tried');
          assert.match(error, /./);
        }
        assert.equal(receiver.calls.length, 0);
      }, guarded);
    } finally {
      await guarded.end();
    }
  });
});

describe('nothing is lost', () => {
  for (const [how, end] of [['a restart', (server) => server.stop()], ['kill -9', (server) => server.kill()]]) {
    test(`over ${how}: what could not be delivered before is delivered after`, async () => {
      const server = await Payoutd.start({ operator_lease: '5s' });
      try {
        await withReceiver(async () => {
          receiver.answer = ({ method }) => (method === 'POST' ? 500 : 200);
          const numbers = Array.from({ length: 20 }, () => phone());
          await merchant.know(...numbers);
          const sent = await merchant.pay(numbers.map((number) => item(number, 200, receiver.url())));
          for (const { transaction_id: id } of sent) await merchant.ended(id);
          await receiver.until(() => receiver.posts.length > 0, 'a POST is tried');
          await end(server);
          receiver.answer = () => 200;
          await server.run();
          for (const { transaction_id: id } of sent) {
            const posts = await receiver.end(id);
            assert.deepEqual(states(delivered(posts)).filter((state, at, all) => state !== all[at - 1]), ['REC', 'VAL']);
          }
          await until(async () => (await server.admin('/summary')).notifications_waiting === 0, 'all are written down');
        }, server);
      } finally {
        await server.end();
      }
    });
  }
});
