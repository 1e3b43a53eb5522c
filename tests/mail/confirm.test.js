// The page behind the link in a mail: that looking decides nothing, that the form's POST does, and that no
// other link opens anything.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { FORM, urlencoded } from '../api/lib/http.js';
import { Payoutd, item, person, phone, until } from '../api/lib/payoutd.js';
import { MailServer, linkOf, mailSettings } from './lib/mail_server.js';

const url = 'http://127.0.0.1:1/';
let server;
let payoutd;
before(async () => {
  server = await MailServer.start();
  payoutd = await Payoutd.start(mailSettings(server));
});
after(async () => {
  try {
    await payoutd?.end();
  } finally {
    await server?.stop();
  }
});

let serial = 0;
// A lot that waits, with the links that its mails carry: {merchant, lot, ids, links, addresses}.
async function lotSend({ count = 2, persons = 1, on = payoutd, names = [], ...settings } = {}) {
  const addresses = Array.from({ length: persons }, () => `person-${serial += 1}@example.com`);
  const merchant = await on.merchant({ money: 1000000, ip_list: '', confirm_mail: addresses.join(' '), lang: 'en', ...settings });
  const numbers = Array.from({ length: count }, () => phone());
  await merchant.contact(numbers.map((number, index) => person(number, names[index])));
  const sent = await merchant.pay(numbers.map((number) => item(number, 500, url)));
  const mails = await Promise.all(addresses.map((address) => server.mailTo(address)));
  return { merchant, lot: sent[0].lot, ids: sent.map(({ transaction_id: id }) => id), numbers, addresses,
    links: mails.map(linkOf) };
}

// The form's fields as the page has them.
function formOf(page) {
  const [, form] = /<form method="post">(.*?)<\/form>/s.exec(page) ?? [];
  assert.notEqual(form, undefined, page);
  return Object.fromEntries([...form.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)">/g)]
    .map(([, name, value]) => [name, value]));
}

async function decide(link, decision, more = {}, on = payoutd) {
  const page = await on.get(link);
  return on.post(link, { ...formOf(page.text), decision, ...more });
}

const lotState = async (lot, on = payoutd) => (await on.admin(`/lots/${lot}`)).state;
const title = (reply) => /<h1>(.*?)<\/h1>/.exec(reply.text)[1];

describe('looking at a lot', () => {
  test('shows what it is, in a page that nothing else can read or run in', async () => {
    const { lot, links: [link], numbers, addresses, merchant } = await lotSend({ count: 60 });
    const reply = await payoutd.get(link);
    assert.equal(reply.status, 200);
    assert.equal(title(reply), 'A lot waits for your decision');
    for (const text of [lot, '30,000\u00a0XOF', '<dd>60</dd>', 'Test', '127.0.0.1', addresses[0], numbers[0], numbers[49],
      'Awa Koné', 'and 10 others']) assert.ok(reply.text.includes(text), text);
    assert.ok(!reply.text.includes(numbers[50]));
    const [, style] = /<style>(.*?)<\/style>/s.exec(reply.text);
    const hash = createHash('sha256').update(style).digest('base64');
    assert.equal(reply.headers['content-security-policy'],
      `default-src 'none'; style-src 'sha256-${hash}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`);
    assert.equal(reply.headers['referrer-policy'], 'no-referrer');
    assert.equal(reply.headers['cache-control'], 'no-store');
    assert.equal(reply.headers['x-robots-tag'], 'noindex, nofollow');
    assert.equal(reply.headers['x-content-type-options'], 'nosniff');
    assert.equal(reply.headers['content-type'], 'text/html; charset=utf-8');
    assert.equal(reply.headers['access-control-allow-origin'], undefined);
    assert.ok(!/<script| on\w+=|style=|src=/i.test(reply.text), 'no script, nothing from elsewhere');
    assert.deepEqual(await merchant.money(), { amount: 1000000, inUsing: 30000, available: 970000 });
  });

  test('changes nothing: 20 times, with HEAD, and with the form\'s fields in the query', async () => {
    const { lot, links: [link], merchant } = await lotSend();
    const proof = formOf((await payoutd.get(link)).text);
    for (let i = 0; i < 20; i += 1) assert.equal((await payoutd.get(link)).status, 200);
    const head = await payoutd.request({ method: 'HEAD', target: link });
    assert.deepEqual([head.status, head.text], [200, '']);
    const query = urlencoded({ ...proof, decision: 'confirm' });
    assert.equal((await payoutd.get(`${link}?${query}`)).status, 200);
    for (const method of ['PUT', 'DELETE', 'PATCH']) {
      assert.equal((await payoutd.request({ method, target: link, headers: FORM, body: query })).status, 405);
    }
    assert.equal(await lotState(lot), 'WAITING');
    assert.deepEqual(await merchant.money(), { amount: 1000000, inUsing: 1000, available: 999000 });
  });

  test('is done in the merchant\'s language', async () => {
    const { links: [link] } = await lotSend({ lang: 'fr' });
    const reply = await payoutd.get(`${link}?lang=en`);
    assert.match(reply.text, /<html lang="fr">/);
    assert.equal(title(reply), 'Un lot attend votre décision');
    assert.ok(reply.text.includes('Confirmer et payer') && reply.text.includes('1\u202f000\u00a0XOF'));
  });

  test('shows names as what they are', async () => {
    const { links: [link] } = await lotSend({ names: [{ name: '</td><script>alert(1)</script>', surname: '\u202egnp.exe' }],
      name: '<b onclick="x">B</b>' });
    const { text } = await payoutd.get(link);
    assert.ok(text.includes('&lt;/td&gt;&lt;script&gt;alert(1)&lt;/script&gt; gnp. exe'));
    assert.ok(text.includes('&lt;b onclick=&quot;x&quot;&gt;B&lt;/b&gt;'));
  });
});

describe('the form', () => {
  test('confirms: the transfers go out, and the link says so ever after', async () => {
    const { lot, links: [link], merchant, ids, numbers } = await lotSend();
    const reply = await decide(link, 'confirm');
    assert.deepEqual([reply.status, title(reply)], [200, 'Lot confirmed']);
    for (const id of ids) assert.equal((await merchant.ended(id)).treatment_status, 'VAL');
    assert.deepEqual(await merchant.money(), { amount: 999000, inUsing: 0, available: 999000 });
    const again = await payoutd.get(link);
    assert.equal(title(again), 'Lot confirmed');
    assert.ok(!again.text.includes('<form') && !again.text.includes(numbers[0]), 'neither a form nor names');
    assert.equal(await lotState(lot), 'CONFIRMED');
  });

  test('cancels: the money is given back', async () => {
    const { lot, links: [link], merchant, ids } = await lotSend();
    const reply = await decide(link, 'cancel');
    assert.deepEqual([reply.status, title(reply)], [200, 'Lot cancelled']);
    assert.equal(await lotState(lot), 'CANCELLED');
    assert.equal((await merchant.transfer(ids[0])).treatment_status, 'REJ');
    assert.deepEqual(await merchant.money(), { amount: 1000000, inUsing: 0, available: 1000000 });
  });

  test('sent twice decides once, and not otherwise', async () => {
    const { links: [link], merchant, ids } = await lotSend();
    const fields = formOf((await payoutd.get(link)).text);
    const replies = await Promise.all(Array.from({ length: 4 }, () => payoutd.post(link, { ...fields, decision: 'confirm' })));
    assert.deepEqual(replies.map(({ status }) => status), [200, 200, 200, 200]);
    const late = await payoutd.post(link, { ...fields, decision: 'cancel' });
    assert.deepEqual([late.status, title(late)], [409, 'Lot confirmed']);
    assert.match(late.text, /Your decision changed nothing/);
    for (const id of ids) await merchant.ended(id);
    assert.deepEqual(await merchant.money(), { amount: 999000, inUsing: 0, available: 999000 });
  });

  test('counts only whole, as a browser sends it', async () => {
    const { lot, links: [link, other] } = await lotSend({ persons: 2 });
    const fields = { ...formOf((await payoutd.get(link)).text), decision: 'confirm' };
    const { proof, ...without } = fields;
    assert.match(fields.hash, /^[0-9a-f]{64}$/);
    const foreign = formOf((await payoutd.get(other)).text).proof;
    const bad = [
      [urlencoded(without), FORM], [urlencoded({ ...fields, proof: foreign }), FORM],
      [urlencoded({ ...fields, proof: `${proof.slice(0, -1)}?` }), FORM], [urlencoded({ proof }), FORM],
      [urlencoded({ ...fields, decision: 'CONFIRM' }), FORM],
      [urlencoded({ ...fields, hash: undefined }), FORM], [urlencoded({ ...fields, hash: fields.hash.slice(2) }), FORM],
      [urlencoded(fields), {}],
      [urlencoded(fields), { 'Content-Type': 'text/plain' }], [JSON.stringify(fields), { 'Content-Type': 'application/json' }],
      ['', FORM], ['\0\xff%zz&&&==', FORM],
    ];
    for (const [body, headers] of bad) {
      const reply = await payoutd.request({ method: 'POST', target: link, headers, body });
      assert.equal(reply.status, 400, body);
      assert.match(reply.headers['content-type'], /^text\/html/);
    }
    const changed = await payoutd.post(link, { ...fields, hash: fields.hash.replace(/./, (digit) => (digit === 'a' ? 'b' : 'a')) });
    assert.equal(changed.status, 409);
    assert.match(changed.text, /the lot is not the one that you were shown/);
    const query = await payoutd.request({ method: 'POST', target: `${link}?${urlencoded(fields)}`, headers: FORM, body: '' });
    assert.equal(query.status, 400);
    assert.equal(await lotState(lot), 'WAITING');
  });

  test('is for whoever is still on the merchant\'s list', async () => {
    const { lot, links: [link, other], merchant, addresses } = await lotSend({ persons: 2 });
    const fields = { ...formOf((await payoutd.get(link)).text), decision: 'confirm' };
    await merchant.change({ confirm_mail: addresses[1] });
    assert.equal((await payoutd.get(link)).status, 404);
    assert.equal((await payoutd.post(link, fields)).status, 404);
    assert.equal(await lotState(lot), 'WAITING');
    assert.equal((await decide(other, 'cancel')).status, 200);
  });

  test('comes too late once another decided', async () => {
    const { lot, links: [link] } = await lotSend();
    const fields = { ...formOf((await payoutd.get(link)).text), decision: 'confirm' };
    await payoutd.admin(`/lots/${lot}/cancel`, { person: 'somebody' });
    const reply = await payoutd.post(link, fields);
    assert.deepEqual([reply.status, title(reply)], [409, 'Lot cancelled']);
    assert.equal(await lotState(lot), 'CANCELLED');
  });

  test('comes too late once the time has run out, and the money is given back', async () => {
    const own = await Payoutd.start(mailSettings(server));
    try {
      const { lot, links: [link], merchant } = await lotSend({ on: own, lot_expiry_seconds: 60 });
      const fields = { ...formOf((await own.get(link)).text), decision: 'confirm' };
      await own.stop(); // A minute is the least; instead of waiting for it, the lot is made a minute older.
      const older = 'import sqlite3, sys; store = sqlite3.connect(sys.argv[1]); '
        + 'store.execute("UPDATE lot SET expires_at_ms = expires_at_ms - 60000"); store.commit()';
      const done = spawnSync('python3', ['-c', older, `${own.folder}/payoutd.db`], { encoding: 'utf8' });
      assert.equal(done.status, 0, done.stderr);
      await own.run();
      const reply = await own.post(link, fields);
      assert.deepEqual([reply.status, title(reply)], [409, 'Lot expired']);
      await until(async () => await lotState(lot, own) === 'EXPIRED', 'the lot expires');
      assert.equal(title(await own.get(link)), 'Lot expired');
      assert.deepEqual(await merchant.money(), { amount: 1000000, inUsing: 0, available: 1000000 });
    } finally {
      await own.end();
    }
  });
});

describe('a lot that two persons confirm', () => {
  const two = () => lotSend({ persons: 2, approve_above: 500 });

  test('waits after the first word, however often that is said, and goes out after the second', async () => {
    const { lot, links: [first, second], addresses, merchant, ids } = await two();
    assert.match((await payoutd.get(first)).text, /needs the confirmation of two different persons/);
    const given = await decide(first, 'confirm');
    assert.deepEqual([given.status, title(given)], [200, 'A lot waits for your decision']);
    assert.match(given.text, /You have confirmed this lot. It waits for a second person/);
    assert.ok(!given.text.includes('value="confirm"') && given.text.includes('value="cancel"'));
    const again = await payoutd.post(first, { ...formOf(given.text), decision: 'confirm' });
    assert.equal(title(again), 'A lot waits for your decision');
    assert.deepEqual(await merchant.money(), { amount: 1000000, inUsing: 1000, available: 999000 });
    const seen = await payoutd.get(second);
    assert.ok(seen.text.includes(`<dt>Confirmed by</dt><dd>${addresses[0]}, `));
    const last = await decide(second, 'confirm');
    assert.equal(title(last), 'Lot confirmed');
    for (const id of ids) assert.equal((await merchant.ended(id)).treatment_status, 'VAL');
    const shown = await payoutd.admin(`/lots/${lot}`);
    assert.deepEqual(shown.approvals.map(({ act, person, from }) => [act, person, from]),
      [['GIVEN', addresses[0], '127.0.0.1'], ['CONFIRMED', addresses[1], '127.0.0.1']]);
  });

  test('is cancelled by one of them', async () => {
    const { links: [first, second], merchant } = await two();
    await decide(first, 'confirm');
    assert.equal(title(await decide(second, 'cancel')), 'Lot cancelled');
    assert.equal(title(await payoutd.get(first)), 'Lot cancelled');
    assert.deepEqual(await merchant.money(), { amount: 1000000, inUsing: 0, available: 1000000 });
  });
});

describe('another link', () => {
  test('forged, cut, longer or of another payoutd opens nothing', async () => {
    const { lot, links: [link] } = await lotSend();
    const token = link.slice('/confirm/'.length);
    const bytes = Buffer.from(token, 'base64url');
    const turned = (at) => {
      const copy = Buffer.from(bytes);
      copy[at] ^= 1;
      return copy.toString('base64url');
    };
    const stranger = await Payoutd.start(mailSettings(server));
    let foreign;
    try {
      foreign = (await lotSend({ on: stranger })).links[0].slice('/confirm/'.length);
    } finally {
      await stranger.end();
    }
    const forged = [turned(0), turned(5), turned(13), turned(14), turned(20), turned(30), turned(60), token.slice(0, -1),
      token.slice(4), `${token}A`, `${token}.`, 'x', '..', '%00', '%2e%2e%2f', 'A'.repeat(92), 'A'.repeat(5000), foreign,
      Buffer.alloc(69).toString('base64url')];
    for (const each of forged) {
      for (const method of ['GET', 'POST']) {
        const reply = await payoutd.request({ method, target: `/confirm/${each}`, headers: FORM,
          body: method === 'POST' ? 'decision=confirm' : undefined });
        assert.equal(reply.status, 404, `${method} ${each}`);
        assert.ok(!reply.text.includes(lot));
      }
    }
    assert.equal(await lotState(lot), 'WAITING');
  });

  test('is looked for so many times a minute only', async () => {
    const own = await Payoutd.start({ http_trusted_proxies: '127.0.0.0/8' });
    try {
      const from = { 'X-Forwarded-For': '203.0.113.7' };
      let reply;
      for (let i = 0; i < 200 && reply?.status !== 429; i += 1) reply = await own.get(`/confirm/${'A'.repeat(92)}`, from);
      assert.equal(reply.status, 429);
      assert.match(reply.headers['content-type'], /^text\/html/);
      assert.ok(Number(reply.headers['retry-after']) > 0);
      assert.equal((await own.get(`/confirm/${'A'.repeat(92)}`, { 'X-Forwarded-For': '203.0.113.8' })).status, 404);
    } finally {
      await own.end();
    }
  });

  test('is in no log', async () => {
    const { links: [link] } = await lotSend();
    await decide(link, 'confirm');
    await payoutd.untilLogged('lot decided by link');
    assert.ok(!payoutd.log.join('\n').includes(link.slice('/confirm/'.length)));
    assert.ok(!fs.readFileSync(`${payoutd.folder}/payoutd.db`).includes(link.slice('/confirm/'.length)));
  });
});

describe('an address that is a user\'s', () => {
  const userOf = (merchant, address, more = {}) => payoutd.admin('/users',
    { name: `awa-${serial += 1}`, role: 'CHECKER', merchant: merchant.id, mail: address, ...more });

  test('is the same person: nobody gives both words on a lot', async () => {
    const { merchant, lot, links: [mine, other], addresses } = await lotSend({ persons: 2, approve_above: 500 });
    const { name } = await userOf(merchant, addresses[0].toUpperCase());
    assert.ok((await payoutd.admin(`/lots/${lot}/confirm`, { person: name })).ok);
    await decide(mine, 'confirm');
    assert.equal(await lotState(lot), 'WAITING');
    const { approvals } = await payoutd.admin(`/lots/${lot}`);
    assert.deepEqual(approvals.map(({ person: who }) => who), [name]);
    assert.equal((await decide(other, 'confirm')).status, 200);
    assert.equal(await lotState(lot), 'CONFIRMED');
  });

  test('decides no more once the user may not log in', async () => {
    const { merchant, lot, links: [link], addresses } = await lotSend();
    const { name } = await userOf(merchant, addresses[0]);
    assert.equal((await payoutd.get(link)).status, 200);
    await payoutd.admin(`/users/${name}`, { disabled: true });
    assert.equal((await payoutd.get(link)).status, 404);
    assert.equal(await lotState(lot), 'WAITING');
  });
});
