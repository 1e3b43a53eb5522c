// Lots: what waits for a person's yes, from which addresses it does not, and what time does to it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import * as expect from './lib/expect.js';
import { FORM, urlencoded } from './lib/http.js';
import { Payoutd, item, phone, until } from './lib/payoutd.js';

let payoutd;
const url = 'http://127.0.0.1:1/';
before(async () => { payoutd = await Payoutd.start(); });
after(() => payoutd?.end());

// A merchant of whom no address is listed, and a lot of these amounts that waits.
async function waiting(amounts = [500, 700], settings = {}, server = payoutd) {
  const merchant = await server.merchant({ money: 10000, ip_list: '', ...settings });
  const numbers = amounts.map(() => phone());
  await merchant.know(...numbers);
  const sent = await merchant.pay(numbers.map((number, index) => item(number, amounts[index], url)));
  return { merchant, lot: sent[0].lot, ids: sent.map(({ transaction_id: id }) => id) };
}

describe('a lot from an address that is not listed', () => {
  test('waits: PENDING and NEW, its money held', async () => {
    const { merchant, ids } = await waiting();
    for (const id of ids) {
      const shown = await merchant.transfer(id);
      assert.equal(shown.sending_status, 'PENDING');
      assert.equal(shown.treatment_status, 'NEW');
    }
    assert.deepEqual(await merchant.money(), { amount: 10000, inUsing: 1200, available: 8800 });
  });

  test('is in the list of lots that wait, with its sum, count, source and time', async () => {
    const { merchant, lot } = await waiting();
    const { lots } = await payoutd.admin(`/lots?merchant=${merchant.id}`);
    assert.equal(lots.length, 1);
    const { created_at: created, expires_at: expires, ...rest } = lots[0];
    assert.deepEqual(rest, { lot, merchant: merchant.id, state: 'WAITING', count: 2, total: { XOF: 1200 }, fees: {},
      source: '127.0.0.1', listed: false, sender: '', persons: 1, hash: rest.hash, decided_at: null });
    assert.match(rest.hash, /^[0-9a-f]{64}$/);
    assert.equal(Date.parse(expires) - Date.parse(created), 72 * 3600 * 1000, 'three days');
  });

  test('is paid once it is confirmed', async () => {
    const { merchant, lot, ids } = await waiting();
    const confirmed = await payoutd.admin(`/lots/${lot}/confirm`, { person: 'Awa' });
    assert.equal(confirmed.state, 'CONFIRMED');
    for (const id of ids) {
      const shown = await merchant.ended(id);
      assert.equal(shown.treatment_status, 'VAL');
      assert.equal(shown.sending_status, 'CONFIRM');
    }
    assert.deepEqual(await merchant.money(), { amount: 8800, inUsing: 0, available: 8800 });
    assert.deepEqual((await payoutd.admin(`/lots?merchant=${merchant.id}`)).lots, []);
  });

  test('gives its money back once it is cancelled', async () => {
    const { merchant, lot, ids } = await waiting();
    await payoutd.admin(`/lots/${lot}/cancel`, { person: 'Awa' });
    for (const id of ids) {
      const shown = await merchant.transfer(id);
      assert.equal(shown.treatment_status, 'REJ');
      assert.equal(shown.comment, 'The lot was cancelled');
    }
    assert.deepEqual(await merchant.money(), { amount: 10000, inUsing: 0, available: 10000 });
  });

  test('is decided once: the same again changes nothing, the opposite is refused', async () => {
    const first = await waiting();
    await payoutd.admin(`/lots/${first.lot}/confirm`, { person: 'Awa' });
    await payoutd.admin(`/lots/${first.lot}/confirm`, { person: 'Awa' });
    assert.equal((await payoutd.adminReply(`/lots/${first.lot}/cancel`, { person: 'Awa' })).status, 409);
    const second = await waiting();
    await payoutd.admin(`/lots/${second.lot}/cancel`, { person: 'Awa' });
    await payoutd.admin(`/lots/${second.lot}/cancel`, { person: 'Awa' });
    assert.equal((await payoutd.adminReply(`/lots/${second.lot}/confirm`, { person: 'Awa' })).status, 409);
    assert.equal((await second.merchant.money()).available, 10000);
  });

  test('is decided once even when many decide at once', async () => {
    const { merchant, lot, ids } = await waiting();
    const verbs = Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? 'confirm' : 'cancel'));
    const replies = await Promise.all(verbs.map((verb) => payoutd.adminReply(`/lots/${lot}/${verb}`, { person: 'Awa' })));
    const won = new Set(verbs.filter((_, index) => replies[index].status === 200));
    assert.equal(won.size, 1, 'only one of the two ways was taken');
    const end = (await merchant.ended(ids[0])).treatment_status;
    assert.equal(end, won.has('confirm') ? 'VAL' : 'REJ');
  });

  test('that is not there gets 404', async () => {
    for (const lot of ['nonsense', '0010000000001539786998']) {
      assert.equal((await payoutd.adminReply(`/lots/${lot}/confirm`, { person: 'Awa' })).status, 404);
      assert.equal((await payoutd.adminReply(`/lots/${lot}`)).status, 404);
    }
  });
});

describe('a lot above what its merchant lets one person confirm', () => {
  const above = (settings) => waiting([500, 700], { approve_above: 1199, ...settings });
  const decide = (lot, verb, body) => payoutd.adminReply(`/lots/${lot}/${verb}`, body);

  test('is paid once two persons have confirmed it', async () => {
    const { merchant, lot, ids } = await above();
    const { hash, persons } = await payoutd.admin(`/lots/${lot}`);
    assert.equal(persons, 2);
    const first = await payoutd.admin(`/lots/${lot}/confirm`, { person: 'Awa', hash });
    assert.deepEqual([first.state, first.given, first.persons, first.again], ['WAITING', 1, 2, false]);
    const same = await payoutd.admin(`/lots/${lot}/confirm`, { person: ' awa ', hash });
    assert.deepEqual([same.state, same.given, same.again], ['WAITING', 1, true]);
    assert.deepEqual(await merchant.money(), { amount: 10000, inUsing: 1200, available: 8800 });
    const second = await payoutd.admin(`/lots/${lot}/confirm`, { person: 'Kofi', hash });
    assert.deepEqual([second.state, second.given, second.again], ['CONFIRMED', 2, false]);
    for (const id of ids) assert.equal((await merchant.ended(id)).treatment_status, 'VAL');
    const { approvals } = await payoutd.admin(`/lots/${lot}`);
    assert.deepEqual(approvals.map(({ number, act, person, from }) => [number, act, person, from]),
      [[1, 'GIVEN', 'Awa', '127.0.0.1'], [2, 'CONFIRMED', 'Kofi', '127.0.0.1']]);
  });

  test('is cancelled by one', async () => {
    const { merchant, lot } = await above();
    await payoutd.admin(`/lots/${lot}/confirm`, { person: 'Awa' });
    assert.equal((await payoutd.admin(`/lots/${lot}/cancel`, { person: 'Awa' })).state, 'CANCELLED');
    assert.equal((await decide(lot, 'confirm', { person: 'Kofi' })).status, 409);
    assert.equal((await merchant.money()).available, 10000);
  });

  test('waits even from a listed address', async () => {
    const { lot } = await above({ ip_list: '127.0.0.1' });
    const { state, listed, persons } = await payoutd.admin(`/lots/${lot}`);
    assert.deepEqual({ state, listed, persons }, { state: 'WAITING', listed: true, persons: 2 });
  });

  test('needs two persons whatever its merchant is set to later', async () => {
    const { merchant, lot } = await above();
    await payoutd.admin(`/merchants/${merchant.id}`, { approve_above: 0 });
    assert.equal((await payoutd.admin(`/lots/${lot}/confirm`, { person: 'Awa' })).state, 'WAITING');
  });

  test('is exactly what was looked at', async () => {
    const { lot } = await above();
    const other = await decide(lot, 'confirm', { person: 'Awa', hash: 'ab'.repeat(32) });
    assert.equal(other.status, 409);
    assert.match(other.text, /hash/);
    for (const body of [{}, { person: ' ' }, { person: 'x'.repeat(129) }, { person: 'Awa', hash: 'ab' }, { person: 'Awa', hash: 'AB'.repeat(32) }]) {
      assert.equal((await decide(lot, 'confirm', body)).status, 400, JSON.stringify(body));
    }
    assert.deepEqual((await payoutd.admin(`/lots/${lot}`)).approvals, []);
  });
});

describe('the mails about a lot', () => {
  test('are one for each address, and overtaken by a decision', async () => {
    const { lot } = await waiting([500, 700, 900], { confirm_mail: 'awa@shop.example kofi@shop.example' });
    const mails = async () => (await payoutd.admin(`/lots/${lot}`)).mails.map(({ to, state }) => [to, state]);
    assert.deepEqual(await mails(), [['awa@shop.example', 'WAITING'], ['kofi@shop.example', 'WAITING']]);
    await payoutd.admin(`/lots/${lot}/confirm`, { person: 'Awa' });
    assert.deepEqual(await mails(), [['awa@shop.example', 'OVERTAKEN'], ['kofi@shop.example', 'OVERTAKEN']]);
  });
});

describe('the list of addresses', () => {
  const sendingStatus = async (ipList, { server = payoutd, headers = {} } = {}) => {
    const merchant = await server.merchant({ ip_list: ipList });
    const number = phone();
    await merchant.know(number);
    const reply = await server.request({ method: 'POST', target: await merchant.target('/transfer/money/send/contact'),
      headers: { ...FORM, ...headers }, body: urlencoded({ data: JSON.stringify([item(number, 500, url)]) }) });
    const [[{ transaction_id: id, lot }]] = expect.success(reply);
    const { source } = await server.admin(`/lots/${lot}`);
    return { status: (await merchant.transfer(id)).sending_status, source };
  };

  test('confirms a lot from a listed address or network at once', async () => {
    for (const list of ['127.0.0.1', '127.0.0.0/8', '192.0.2.1 2001:db8::/32 127.0.0.1', '0.0.0.0/0']) {
      assert.equal((await sendingStatus(list)).status, 'CONFIRM', list);
    }
  });

  test('lets a lot from any other address wait', async () => {
    for (const list of ['', '127.0.0.2', '192.0.2.0/24', '::1']) {
      assert.equal((await sendingStatus(list)).status, 'PENDING', list);
    }
  });

  test('is not passed by an X-Forwarded-For that nobody vouches for', async () => {
    const { status, source } = await sendingStatus('203.0.113.7', { headers: { 'X-Forwarded-For': '203.0.113.7' } });
    assert.equal(status, 'PENDING');
    assert.equal(source, '127.0.0.1');
  });

  test('is held against the X-Forwarded-For of a trusted proxy', async () => {
    const behind = await Payoutd.start({ http_trusted_proxies: '127.0.0.1 10.0.0.0/8' });
    try {
      const ask = (list, forwarded) =>
        sendingStatus(list, { server: behind, headers: { 'X-Forwarded-For': forwarded } });
      // The admin calls of this test come without the header: they are the proxy's own.
      assert.deepEqual(await ask('203.0.113.0/24', '203.0.113.7'), { status: 'CONFIRM', source: '203.0.113.7' });
      assert.deepEqual(await ask('203.0.113.0/24', '203.0.113.7, 10.1.2.3'), { status: 'CONFIRM', source: '203.0.113.7' });
      assert.deepEqual(await ask('127.0.0.0/8', '203.0.113.7'), { status: 'PENDING', source: '203.0.113.7' });
      // What stands further left is whatever the client claims.
      assert.deepEqual(await ask('203.0.113.0/24', '203.0.113.7, 198.51.100.9'),
        { status: 'PENDING', source: '198.51.100.9' });
      assert.deepEqual(await ask('2001:db8::/32', '[2001:db8::7]:443'), { status: 'CONFIRM', source: '2001:db8::7' });
    } finally {
      await behind.end();
    }
  });
});

test('a lot that nobody confirms in time gives its money back', async () => {
  const server = await Payoutd.start();
  try {
    const { merchant, lot, ids } = await waiting([500], { lot_expiry_seconds: 60 }, server);
    const { created_at: created, expires_at: expires } = await server.admin(`/lots/${lot}`);
    assert.equal(Date.parse(expires) - Date.parse(created), 60000);
    // A minute is the least; instead of waiting for it, the lot is made a minute older.
    await server.stop();
    const older = 'import sqlite3, sys; store = sqlite3.connect(sys.argv[1]); '
      + 'store.execute("UPDATE lot SET expires_at_ms = expires_at_ms - 60000"); store.commit()';
    const done = spawnSync('python3', ['-c', older, `${server.folder}/payoutd.db`], { encoding: 'utf8' });
    assert.equal(done.status, 0, done.stderr);
    await server.run();
    await until(async () => (await server.admin(`/lots/${lot}`)).state === 'EXPIRED', 'the lot expires');
    const shown = await merchant.transfer(ids[0]);
    assert.equal(shown.treatment_status, 'REJ');
    assert.equal(shown.comment, 'The lot was not confirmed in time');
    assert.deepEqual(await merchant.money(), { amount: 10000, inUsing: 0, available: 10000 });
    assert.equal((await server.adminReply(`/lots/${lot}/confirm`, { person: 'Awa' })).status, 409);
  } finally {
    await server.end();
  }
});

describe('the admin API', () => {
  test('refuses a wrong token, none, and the merchant\'s', async () => {
    const merchant = await payoutd.merchant();
    for (const token of ['wrong', '', await merchant.login(), `${payoutd.adminToken}x`]) {
      const reply = await payoutd.get('/admin/v1/merchants', { Authorization: `Bearer ${token}` });
      assert.equal(reply.status, 401, reply.text);
    }
    assert.equal((await payoutd.get('/admin/v1/merchants')).status, 401);
    assert.equal((await payoutd.get(`/admin/v1/merchants?token=${payoutd.adminToken}`)).status, 401);
  });

  test('refuses who comes through a proxy that it was not told of', async () => {
    const reply = await payoutd.adminReply('/merchants', undefined, { 'X-Forwarded-For': '127.0.0.1' });
    assert.equal(reply.status, 403);
  });

  test('refuses addresses that are not listed', async () => {
    const closed = await Payoutd.start({ admin_from: '192.0.2.1' });
    try {
      assert.equal((await closed.adminReply('/merchants')).status, 403);
    } finally {
      await closed.end();
    }
  });

  test('is not there without a token file', async () => {
    const none = await Payoutd.start({ admin_token_file: '' });
    try {
      assert.equal((await none.get('/admin/v1/merchants', { Authorization: 'Bearer ' })).status, 404);
    } finally {
      await none.end();
    }
  });

  test('shows every setting of a merchant but no password or secret key', async () => {
    const merchant = await payoutd.merchant({ name: 'Épicerie', notify_url: 'https://example.com/n', lang: 'en' });
    const reply = await payoutd.adminReply(`/merchants/${merchant.id}`);
    const shown = reply.json();
    assert.equal(shown.name, 'Épicerie');
    assert.equal(shown.notify_url, 'https://example.com/n');
    assert.equal(shown.lang, 'en');
    assert.equal(shown.apikey, merchant.apikey);
    for (const secret of [merchant.password, merchant.secret]) assert.equal(reply.text.includes(secret), false);
  });

  test('refuses settings that mean nothing, in whole sentences', async () => {
    const merchant = await payoutd.merchant();
    const bad = [{ nonsense: 1 }, { lang: 'de' }, { ip_list: 'x' }, { notify_url: 'ftp://x' }, { lot_expiry_seconds: 59 },
      { suspended: 'perhaps' }, { confirm_mail: 'awa@example.org,x' }, { api_ip_list: '1.2.3' }, { approve_above: -1 },
      { calls_per_minute: 'x' }, { currency: 'EUR' }, { name: '' }, {}];
    for (const settings of bad) {
      const reply = await payoutd.adminReply(`/merchants/${merchant.id}`, settings);
      assert.equal(reply.status, 400, JSON.stringify(settings));
      assert.match(reply.json().error, /^\w.* /);
    }
  });

  test('pages through merchants', async () => {
    const ids = [];
    for (let after = 0; after !== undefined;) {
      const page = await payoutd.admin(`/merchants?limit=3&after=${after}`);
      assert.ok(page.merchants.length <= 3);
      ids.push(...page.merchants.map(({ id }) => id));
      after = page.next_after;
    }
    const all = (await payoutd.admin('/merchants?limit=1000')).merchants.map(({ id }) => id);
    assert.deepEqual(ids, all);
    assert.equal(new Set(ids).size, ids.length);
  });
});
