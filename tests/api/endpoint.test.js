// Who hears of a merchant's transfers besides each one's notify_url; signatures as others' packages verify
// them; sending again what has ended.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { Webhook, WebhookVerificationError } from 'standardwebhooks';
import { Webhook as SvixWebhook } from 'svix';
import { PAYOUT, Payoutd, item, phone, until } from './lib/payoutd.js';
import { FIELDS, Receiver, xToken } from './lib/receiver.js';

let payoutd, merchant, told, receiver;
before(async () => { payoutd = await Payoutd.start(); });
after(() => payoutd?.end());

// notify_url is told's, endpoints are receiver's; both are fresh for each test.
const hearing = (name, work) => test(name, async () => {
  told = await Receiver.start();
  receiver = await Receiver.start();
  merchant = await payoutd.merchant();
  try {
    await work();
  } finally {
    await receiver.stop();
    await told.stop();
  }
});

const endpoints = (path = '', body = undefined) => payoutd.admin(`/merchants/${merchant.id}/endpoints${path}`, body);
const add = (more = {}) => endpoints('', { url: receiver.url('/hook'), ...more });

async function paid(ending = '0000') {
  const number = phone(ending);
  await merchant.know(number);
  const [result] = await merchant.pay([item(number, 500, told.url())]);
  return result.transaction_id;
}

// What a JSON body tells; forms are read by the receiver itself.
const json = (post) => JSON.parse(post.body);
const jsonPosts = (id) => receiver.posts.filter((post) => post.body.startsWith('{') && json(post).data.transaction_id === id);
const idOf = (post) => post.headers['webhook-id'];

// True when the package finds a right signature. Both parse what they verified as JSON, which a form is not.
function verifies(Package, secret, post) {
  try {
    new Package(secret).verify(post.body, post.headers, { jsonParse: false });
    return true;
  } catch (error) {
    if (error instanceof SyntaxError) return true;
    assert.ok(error instanceof WebhookVerificationError || error.constructor.name === 'WebhookVerificationError', error);
    return false;
  }
}
function verified(post, ...secrets) {
  for (const Package of [Webhook, SvixWebhook]) {
    for (const secret of secrets) assert.ok(verifies(Package, secret, post), `${Package.name} ${post.headers['webhook-signature']}`);
    assert.ok(!verifies(Package, 'whsec_c29tZWJvZHkgZWxzZQ==', post));
    assert.ok(!verifies(Package, secrets[0], { ...post, body: `${post.body} ` }));
  }
}

describe('signatures are verified by standardwebhooks and svix', () => {
  hearing('of a notify_url', async () => {
    const posts = await told.end(await paid());
    posts.forEach((post) => verified(post, merchant.secret));
  });

  hearing('of a notify_url by both keys while the old one holds on', async () => {
    const { secret_key: fresh } = await payoutd.admin(`/merchants/${merchant.id}/secret`, { old_valid_seconds: 3600 });
    const post = await until(async () => {
      const posts = await told.end(await paid());
      return posts.find(({ headers }) => headers['webhook-signature'].includes(' '));
    }, 'two signatures');
    verified(post, fresh, merchant.secret);
  });

  hearing('of endpoints, in a form and in JSON, each by its own key', async () => {
    const form = await add();
    const other = await add({ url: receiver.url('/json'), format: 'json' });
    assert.notEqual(form.secret_key, other.secret_key);
    const id = await paid();
    await receiver.end(id);
    await receiver.until(() => jsonPosts(id).length === 2, 'both heard in JSON');
    receiver.postsOf(id).forEach((post) => verified(post, form.secret_key));
    jsonPosts(id).forEach((post) => {
      verified(post, other.secret_key);
      assert.equal(new Webhook(other.secret_key).verify(post.body, post.headers).data.transaction_id, id);
      assert.ok(!verifies(Webhook, merchant.secret, post));
    });
  });

  hearing('of an endpoint by both keys while the old one holds on, and by the new one then', async () => {
    const { number, secret_key: old } = await add();
    await receiver.end(await paid());
    const rotated = await endpoints(`/${number}/rotate`, { old_valid_seconds: 3600 });
    assert.match(rotated.old_valid_until, /^\d{4}-/);
    const both = await until(async () => (await receiver.end(await paid()))
      .find(({ headers }) => headers['webhook-signature'].includes(' ')), 'two signatures');
    verified(both, rotated.secret_key, old);
    assert.equal(both.headers['x-token'], xToken(rotated.secret_key, both.fields));
    assert.equal(both.headers['x-token-before'], xToken(old, both.fields));
    const { secret_key: last } = await endpoints(`/${number}/rotate`, { old_valid_seconds: 0 });
    const one = await until(async () => (await receiver.end(await paid()))
      .find((post) => verifies(Webhook, last, post)), 'the last key signs');
    assert.ok(!one.headers['webhook-signature'].includes(' '));
    assert.ok(!verifies(Webhook, rotated.secret_key, one));
  });
});

describe('an endpoint', () => {
  hearing('hears each change in its order, as the notify_url does, under the same ids', async () => {
    await add();
    const id = await paid();
    const heard = await receiver.end(id), direct = await told.end(id);
    assert.deepEqual(heard.map(({ fields }) => fields.treatment_status), ['REC', 'VAL']);
    assert.deepEqual(heard.map(idOf), direct.map(idOf));
    assert.deepEqual(heard.map(({ body }) => body), direct.map(({ body }) => body));
    const shown = await payoutd.admin(`/transfers/${id}`);
    assert.deepEqual(shown.notifications.map(({ endpoint, number }) => [endpoint, number]), [[0, 1], [0, 2], [1, 1], [1, 2]]);
  });

  hearing('of JSON is told type, time and the same fields', async () => {
    await add({ format: 'json' });
    const id = await paid();
    await receiver.until(() => jsonPosts(id).length === 2, 'both are heard');
    const [first, last] = jsonPosts(id).map(json);
    assert.deepEqual([first.type, last.type], ['transfer.rec', 'transfer.val']);
    assert.match(last.timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.deepEqual(Object.keys(last.data), FIELDS);
    const direct = (await told.end(id)).at(-1);
    assert.deepEqual(last.data, direct.fields);
    assert.equal(jsonPosts(id)[0].headers['content-type'], 'application/json');
  });

  hearing('hears only what it wants', async () => {
    await add({ events: 'VAL, REJ' });
    const ids = [await paid(), await paid('9930')];
    for (const id of ids) {
      await told.end(id);
      await receiver.end(id);
    }
    assert.deepEqual(ids.map((id) => receiver.postsOf(id).map(({ fields }) => fields.treatment_status)), [['VAL'], ['REJ']]);
    assert.deepEqual((await endpoints()).endpoints.map(({ events }) => events), ['VAL REJ']);
  });

  hearing('that is switched off or removed hears nothing', async () => {
    const { number } = await add();
    const other = await add({ url: receiver.url('/other') });
    await endpoints(`/${number}`, { enabled: false });
    await endpoints(`/${other.number}/remove`, {});
    const id = await paid();
    await told.end(id);
    assert.deepEqual((await payoutd.admin(`/transfers/${id}`)).notifications.map(({ endpoint }) => endpoint), [0, 0]);
    assert.deepEqual((await endpoints()).endpoints.map((each) => [each.number, each.state]), [[number, 'OFF']]);
    assert.equal((await add()).number, 3); /* Numbers are never given twice. */
  });

  hearing('is one of eight at most, and what is no URL or event is refused', async () => {
    const status = async (path, body) => (await payoutd.adminReply(`/merchants/${merchant.id}/endpoints${path}`, body)).status;
    for (const bad of [{}, { url: 'ftp://x' }, { url: 'x' }, { url: 'http://a', events: 'PAID' }, { url: 'http://a', format: 'xml' }]) {
      assert.equal(await status('', bad), 400, JSON.stringify(bad));
    }
    for (let i = 0; i < 8; i++) await add();
    assert.equal(await status('', { url: receiver.url() }), 409);
    assert.equal(await status('/9', { enabled: false }), 404);
    assert.equal(await status('/1', {}), 400);
    assert.equal((await payoutd.adminReply('/merchants/1000000000/endpoints', { url: 'http://a' })).status, 404);
  });

  hearing('never costs the notify_url its notification', async () => {
    receiver.answer = () => 500;
    await add();
    const id = await paid();
    assert.equal((await told.end(id)).length, 2);
  });

  hearing('is written down with who made and changed it, and its key is not', async () => {
    const { number, secret_key: secret } = await payoutd.admin(`/merchants/${merchant.id}/endpoints`, { url: receiver.url('/hook') });
    await endpoints(`/${number}/rotate`, {});
    const acts = await payoutd.admin(`/acts?merchant=${merchant.id}`);
    assert.deepEqual(acts.acts.slice(0, 2).map(({ what, subject }) => [what, subject]),
      [['ENDPOINT_CHANGE', String(number)], ['ENDPOINT_ADD', String(number)]]);
    assert.equal(acts.acts[1].after.url, receiver.url('/hook'));
    assert.equal(acts.acts[0].after.secret_key, 'changed');
    assert.ok(!JSON.stringify(acts).includes(secret.slice(6)));
  });
});

describe('sending again', () => {
  // Heard is not yet written down.
  const settled = (id) => until(async () => {
    const { notifications } = await payoutd.admin(`/transfers/${id}`);
    return notifications.every(({ state }) => state === 'DELIVERED') && notifications;
  }, `all of ${id} is written down as delivered`);
  const redeliver = (body) => payoutd.admin('/notifications/redeliver', body);

  hearing('a transfer is told of its last change under the same id, and counted', async () => {
    await add();
    const id = await paid();
    const before = (await receiver.end(id)).at(-1);
    await told.end(id);
    await settled(id);
    const done = await redeliver({ transaction_id: id });
    assert.equal(done.redelivered, 2);
    await receiver.until(() => receiver.postsOf(id).length === 3, 'the endpoint hears it again');
    await told.until(() => told.postsOf(id).length === 3, 'the notify_url hears it again');
    const again = receiver.postsOf(id).at(-1);
    assert.equal(idOf(again), idOf(before));
    assert.equal(again.body, before.body);
    const shown = await settled(id);
    assert.deepEqual(shown.map(({ redeliveries }) => redeliveries), [0, 1, 0, 1]);
    assert.deepEqual(shown.map(({ attempts }) => attempts), [1, 2, 1, 2]);
  });

  hearing('the same asked twice sends once', async () => {
    const id = await paid();
    await told.end(id);
    await settled(id);
    const first = await redeliver({ transaction_id: id, number: 1 });
    const second = await redeliver({ transaction_id: id, number: 1, as_of: first.as_of });
    assert.deepEqual([first.redelivered, second.redelivered, second.again], [1, 0, 1]);
    assert.equal((await payoutd.adminReply('/notifications/redeliver', { transaction_id: id, number: 9 })).status, 404);
  });

  hearing('what died while an endpoint was off is listed, and goes out in order when it is on again', async () => {
    const { number } = await add();
    receiver.answer = ({ method }) => (method === 'GET' ? 200 : 503);
    const ids = [await paid(), await paid(), await paid()];
    for (const id of ids) await told.end(id);
    await endpoints(`/${number}`, { enabled: false });
    const list = (more = '') => payoutd.admin(`/notifications/dead?merchant=${merchant.id}${more}`);
    await until(async () => (await list()).notifications.length === 6, 'all six are dead');
    const { notifications } = await list();
    assert.deepEqual(notifications.map((each) => [each.endpoint, each.number]), ids.flatMap(() => [[1, 1], [1, 2]]));
    assert.ok(notifications.some(({ http_status: status }) => status === 503));
    const pages = [];
    for (let after = ''; after !== undefined;) {
      const page = await list(`&limit=2${after}`);
      pages.push(...page.notifications);
      after = page.next === null ? undefined : `&after=${page.next}`;
    }
    assert.deepEqual(pages, notifications);
    assert.equal((await redeliver({ merchant: merchant.id })).off, 6);
    receiver.answer = () => 200;
    receiver.calls.length = 0;
    await endpoints(`/${number}`, { enabled: true });
    let done = { next: undefined, redelivered: 0 }, all = 0;
    do {
      done = await redeliver({ merchant: merchant.id, limit: 4, after: done.next, as_of: done.as_of });
      all += done.redelivered;
    } while (done.next !== null);
    assert.equal(all, 6);
    for (const id of ids) await receiver.end(id);
    for (const id of ids) assert.deepEqual(receiver.postsOf(id).map(({ fields }) => fields.treatment_status), ['REC', 'VAL']);
    await until(async () => (await list()).notifications.length === 0, 'nothing is dead any more');
  });

  hearing('of a period, also what was delivered', async () => {
    const ids = [await paid(), await paid()];
    for (const id of ids) {
      await told.end(id);
      await settled(id);
    }
    const status = async (body) => (await payoutd.adminReply('/notifications/redeliver', body)).status;
    assert.equal(await status({ all: true, merchant: merchant.id }), 400);
    assert.equal(await status({ all: true, from: '2020-01-01' }), 400);
    const done = await redeliver({ merchant: merchant.id, all: true, from: '2020-01-01' });
    assert.equal(done.redelivered, 4);
    for (const id of ids) await told.until(() => told.postsOf(id).length === 4, 'all are heard again');
  });
});

describe('the command line', () => {
  const payout = (...words) => {
    const done = spawnSync(PAYOUT, [...words, '--json'], { encoding: 'utf8',
      env: { PATH: process.env.PATH, HOME: payoutd.folder, PAYOUT_URL: payoutd.url, PAYOUT_ADMIN_TOKEN: payoutd.adminToken } });
    assert.equal(done.status, 0, `${words.join(' ')}: ${done.stderr}`);
    return JSON.parse(done.stdout);
  };

  hearing('makes, shows, changes, rotates and removes endpoints, and sends again', async () => {
    const id = String(merchant.id);
    const made = payout('endpoint', 'add', id, '--at', receiver.url('/cli'), '--events', 'VAL REJ');
    assert.match(made.secret_key, /^whsec_/);
    const number = String(made.number);
    payout('endpoint', 'change', id, number, '--format', 'json');
    assert.notEqual(payout('endpoint', 'rotate', id, number, '--old-valid', '0').secret_key, made.secret_key);
    assert.deepEqual(payout('endpoint', 'list', id).endpoints.map(({ format, events }) => [format, events]), [['json', 'VAL REJ']]);
    const transfer = await paid();
    await told.end(transfer);
    await until(async () => (await payoutd.admin(`/transfers/${transfer}`)).notifications.every(({ state }) => state === 'DELIVERED'),
      'it is written down');
    assert.equal(payout('notification', 'redeliver', transfer, '--endpoint', '0').redelivered, 1);
    assert.deepEqual(payout('notification', 'dead', '--merchant', id).notifications, []);
    assert.equal(payout('notification', 'redeliver', '--merchant', id).redelivered, 0);
    payout('endpoint', 'remove', id, number);
    assert.deepEqual(payout('endpoint', 'list', id).endpoints, []);
  });
});

describe('the figures', () => {
  hearing('say how old what is due is, and how long it took', async () => {
    await told.end(await paid());
    assert.ok(await payoutd.metric('payoutd_notification_delay_seconds_count') > 0);
    assert.ok(await payoutd.metric('payoutd_notification_lag_seconds') >= 0);
  });
});
