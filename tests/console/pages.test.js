// What the pages call: money seen, lists checked and sent, lots followed, transfers and contacts found.
import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, describe, test } from 'node:test';
import { Payoutd, phone, until } from '../api/lib/payoutd.js';
import { person } from './lib/console.js';

const EVIL = '<script>alert(1)</script>';
const FORMULA = '=HYPERLINK("http://evil.example")';
let payoutd;
let merchant;
let other;
let awa;
let theirs;
let serial = 0;
const key = () => `list-${process.pid}-${String(serial += 1).padStart(10, '0')}`;
const row = (number, amount, more = {}) => ({ phone: number, amount, name: 'Koné', surname: 'Awa', ...more });
const list = (items, more = {}) => ({ key: key(), country: '225', items, ...more });

before(async () => {
  payoutd = await Payoutd.start({ admin_require_totp: 'no' });
  merchant = await payoutd.merchant();
  other = await payoutd.merchant();
  awa = await person(payoutd, 'awa', 'OWNER', merchant);
  theirs = await person(payoutd, 'moussa', 'OWNER', other);
});
after(() => payoutd.end());

async function sent(items, by = awa) {
  const { lot } = await by.must('POST', '/send', list(items));
  const { hash } = await by.must('GET', `/lots/${lot}`);
  await by.must('POST', `/lots/${lot}/confirm`, { hash });
  await until(async () => (await by.get(`/lots/${lot}/progress`)).done, () => `${lot} ends`);
  return lot;
}

describe('a list', () => {
  test('is checked row by row, and nothing is recorded', async () => {
    const number = phone();
    const answer = await awa.must('POST', '/send/check', list([row(number, '1 500'), row(`+225${number}`, '1.500'), row('12', 500),
      row(phone(), '1,50'), row(phone(), 501), { phone: phone(), amount: 500 }, row(phone(), '2\u202f000')]));
    assert.deepEqual(answer.items.map(({ code }) => code === 0), [true, true, false, false, false, false, true]);
    assert.equal(answer.good, 3);
    assert.deepEqual(answer.items.map((item) => item.same_as), [null, 0, null, null, null, null, null]);
    assert.equal(answer.items[0].phone, `+225${number}`);
    assert.equal(answer.items[0].amount, 1500);
    assert.equal(answer.items[5].word, 'ERROR_PHONE_NOT_MY_CONTACT');
    assert.deepEqual(answer.totals, [{ currency: 'XOF', count: 3, amount: 5000, fees: 0, held: 5000, available: 10000000, enough: true }]);
    assert.equal((await awa.get('/contacts')).contacts.length, 0);
    for (const body of [{}, { items: [] }, { items: 'x' }, { items: [1] }, list([row(phone(), 500)], { key: 'short' }),
      list([{ phone: {}, amount: 5 }]), list([row(phone(), 500)], { operator_wait: -1 })])
      assert.equal((await awa.post('/send/check', body)).status >= 400, true, JSON.stringify(body));
  });

  test('is sent once, however often its key comes', async () => {
    const body = list([row(phone(), 1000), row(phone(), 2000)]);
    const first = await awa.must('POST', '/send', body);
    assert.equal(first.state, 'WAITING');
    assert.equal(first.accepted, 2);
    assert.equal(first.again, false);
    const again = await Promise.all([awa.must('POST', '/send', body), awa.must('POST', '/send', body)]);
    for (const answer of again) {
      assert.equal(answer.again, true);
      assert.equal(answer.lot, first.lot);
      assert.deepEqual(answer.items.map(({ transaction_id: id }) => id), first.items.map(({ transaction_id: id }) => id));
    }
    const shown = await awa.must('GET', `/lots/${first.lot}`);
    assert.equal(shown.sender, 'awa');
    assert.equal(shown.count, 2);
    const warned = await awa.must('POST', '/send/check', list([body.items[0]]));
    assert.equal(warned.items[0].recent.transaction_id, first.items[0].transaction_id);
    assert.deepEqual(warned.items[0].known, { name: 'Koné', surname: 'Awa' });
    await awa.must('POST', `/lots/${first.lot}/cancel`, { hash: shown.hash });
  });
});

test('a lot is followed until its last transfer ends, without asking', async () => {
  const { lot } = await awa.must('POST', '/send', list([row(phone(), 500), row(phone('9930'), 500), row(phone('9905'), 500)]));
  const { hash } = await awa.must('GET', `/lots/${lot}`);
  const events = await new Promise((resolve, reject) => {
    let text = '';
    http.get({ host: '127.0.0.1', port: payoutd.port, path: `/console/v1/lots/${lot}/events`, headers: { Cookie: awa.cookie } }, (reply) => {
      assert.equal(reply.headers['content-type'], 'text/event-stream');
      reply.on('data', (piece) => {
        if (text === '') awa.post(`/lots/${lot}/confirm`, { hash });
        text += piece;
      });
      reply.on('end', () => resolve(text.split('\n\n').filter((each) => each.startsWith('event:'))));
    }).on('error', reject);
  });
  assert.equal(events.at(-1), 'event: end\ndata: {}');
  const progress = events.slice(0, -1).map((event) => JSON.parse(event.split('data: ')[1]));
  assert.equal(progress[0].state, 'WAITING');
  assert.equal(progress[0].done, false);
  assert.equal(progress.at(-1).done, true);
  assert.deepEqual(progress.at(-1).states.map(({ state, count }) => [state, count]), [['VAL', 2], ['REJ', 1]]);
});

test('a server that stops ends what is followed, at once', async () => {
  const { lot } = await awa.must('POST', '/send', list([row(phone(), 500)]));
  const listener = await new Promise((resolve, reject) => {
    http.get({ host: '127.0.0.1', port: payoutd.port, path: `/console/v1/lots/${lot}/events`, headers: { Cookie: awa.cookie } }, (reply) => {
      reply.once('data', () => resolve(reply));
    }).on('error', reject);
  });
  const ended = new Promise((resolve) => { listener.on('end', resolve); listener.resume(); });
  await payoutd.stop();
  await ended;
  await payoutd.run();
});

describe('transfers', () => {
  let lot;
  let number;
  before(async () => {
    number = phone();
    lot = await sent([row(number, 700, { name: EVIL, surname: FORMULA }), row(phone('9930'), 800, { name: 'Traoré', surname: 'Issa' })]);
  });
  const found = async (query, by = awa) => (await by.must('GET', `/transfers?${new URLSearchParams(query)}`)).transfers;

  test('are found by id, own id, lot, number, name, state, operator and day', async () => {
    const all = await found({ q: lot });
    assert.equal(all.length, 2);
    const one = all.find(({ amount }) => amount === 700);
    for (const q of [one.transaction_id, one.client_transaction_id, `+225${number}`, number, `225${number}`, '<SCRIPT>'])
      assert.deepEqual((await found({ q })).map((each) => each.transaction_id), [one.transaction_id], q);
    assert.deepEqual((await found({ q: 'issa tra' })).map(({ amount }) => amount), [800]);
    assert.deepEqual(await found({ q: 'nobody at all' }), []);
    assert.ok((await found({ state: 'REJ' })).every(({ state }) => state === 'REJ'));
    assert.equal((await found({ state: 'REJ', q: lot })).length, 1);
    assert.equal((await found({ operator: 'OM' })).length > 0, true);
    assert.equal((await found({ to: '2020-01-01' })).length, 0);
    assert.equal((await awa.get('/transfers?operator=NOBODY')).word, 'INVALID_PAYMENT_METHOD');
    for (const query of ['state=XXX', 'from=never', 'before=x'])
      assert.equal((await awa.get(`/transfers?${query}`)).status, 400, query);
  });

  test('come page by page, none twice and none left out', async () => {
    const seen = [];
    let next = '';
    do {
      const page = await awa.must('GET', `/transfers?limit=2&before=${next}`);
      seen.push(...page.transfers.map((each) => each.transaction_id));
      next = page.next ?? '';
    } while (next !== '');
    assert.equal(new Set(seen).size, seen.length);
    assert.equal(seen.length, (await found({ limit: 1000 })).length);
    assert.deepEqual(seen, seen.toSorted().reverse());
  });

  test('of another merchant are nobody\'s, by whatever they are asked for', async () => {
    const [{ transaction_id: id, client_transaction_id: own }] = await found({ q: lot });
    for (const q of [id, own, lot, `+225${number}`, '<script>']) assert.deepEqual(await found({ q }, theirs), [], q);
    for (const path of [`/transfers/${id}`, `/lots/${lot}`, `/lots/${lot}/progress`, `/lots/${lot}/events`, `/lots/${lot}/result.csv`,
      `/transfers?merchant=${merchant.id}`, `/transfers.csv?merchant=${merchant.id}`, `/home?merchant=${merchant.id}`, `/lots/all?merchant=${merchant.id}`,
      `/contacts?merchant=${merchant.id}`, `/contacts/225${number}`, `/developer?merchant=${merchant.id}`, `/merchants/${merchant.id}`])
      assert.equal((await theirs.get(path)).status, 404, path);
    for (const path of [`/lots/${lot}/confirm`, `/lots/${lot}/cancel`, `/transfers/${id}/release`, `/send?merchant=${merchant.id}`,
      `/send/check?merchant=${merchant.id}`, `/contacts?merchant=${merchant.id}`, `/contacts/225${number}`, `/merchants/${merchant.id}`,
      `/merchants/${merchant.id}/password`, `/merchants/${merchant.id}/secret`, '/users/awa'])
      assert.equal((await theirs.post(path, { name: 'x' })).status, 404, path);
  });

  test('as a file hold no formula, and as JSON no page', async () => {
    for (const path of [`/lots/${lot}/result.csv`, '/transfers.csv']) {
      const reply = await awa.request('GET', path);
      assert.equal(reply.status, 200);
      assert.equal(reply.headers['content-type'], 'text/csv; charset=utf-8');
      assert.match(reply.headers['content-disposition'], /^attachment; filename="[\w.]+\.csv"$/);
      assert.equal(reply.headers['x-content-type-options'], 'nosniff');
      assert.ok(reply.text.includes(`"'${FORMULA.replaceAll('"', '""')}"`), reply.text);
      assert.ok(!/(^|,)"?[=+@-]/m.test(reply.text), reply.text);
      assert.ok(reply.text.startsWith('\uFEFFtransaction_id,'));
    }
    const reply = await awa.request('GET', `/transfers?q=${lot}`);
    assert.equal(reply.headers['content-type'], 'application/json');
    assert.ok(reply.text.includes(JSON.stringify(EVIL)));
  });

  test('are counted at home, by operator and hour', async () => {
    const home = await awa.must('GET', '/home');
    assert.equal(home.balances[0].currency, 'XOF');
    const { available, inUsing } = await merchant.money();
    assert.deepEqual([home.balances[0].available, home.balances[0].held], [available, inUsing].map(Number));
    const all = await found({ limit: 1000 });
    assert.equal(home.series.reduce((sum, { count }) => sum + count, 0), all.length);
    assert.equal(home.series.reduce((sum, { paid }) => sum + paid, 0), all.filter(({ state }) => state === 'VAL').length);
    assert.equal(home.cut, false);
    assert.ok(home.operators.some(({ payment_method: method, status }) => method === 'OM' && status === 'AVAILABLE'));
    assert.equal(home.waits.lots, (await awa.get('/lots')).lots.length);
    assert.equal((await awa.get('/home?hours=999')).status, 400);
  });
});

describe('contacts', () => {
  test('are added, found, corrected and put together, and keep what they were paid', async () => {
    const [one, two] = [phone(), phone()];
    const added = await awa.must('POST', '/contacts', { country: '225', items: [row(one, undefined, { name: 'Yao', surname: EVIL }),
      row(two, undefined, { name: 'Yao' }), row('1', undefined)] });
    assert.deepEqual([added.added, added.items.map(({ code }) => code === 0)], [2, [true, true, false]]);
    await sent([{ phone: one, amount: 900 }]);
    const names = async (q) => (await awa.must('GET', `/contacts?q=${encodeURIComponent(q)}`)).contacts.map((each) => each.phone);
    assert.deepEqual(await names('yao'), [`+225${one}`, `+225${two}`]);
    assert.deepEqual(await names(`225${one}`), [`+225${one}`]);
    const path = `/contacts/225${two}`;
    const changed = await awa.must('POST', path, { surname: 'Kofi', listed_under: `+225${one}` });
    assert.deepEqual([changed.name, changed.surname, changed.listed_under], ['Yao', 'Kofi', `+225${one}`]);
    assert.equal((await awa.post(`/contacts/225${one}`, { listed_under: `225${two}` })).status, 409, 'no circle');
    assert.equal((await awa.post(path, { listed_under: `225${two}` })).status, 409);
    assert.equal((await awa.post('/contacts/2250000000000', { name: 'x' })).status, 404);
    assert.equal((await awa.post(path, {})).status, 400);
    assert.deepEqual((await awa.must('GET', path)).transfers.map(({ amount }) => amount), [900], 'of the number that it is listed under');
    assert.equal((await awa.must('POST', path, { listed_under: '' })).listed_under, null);
    assert.ok((await awa.get('/acts')).acts.some(({ what, subject }) => what === 'CONTACT_CHANGE' && subject === `+225${two}`));
    const page = await awa.must('GET', '/contacts?limit=1');
    assert.equal(page.contacts.length, 1);
    assert.equal((await awa.must('GET', `/contacts?limit=1000&after=${page.next_after}`)).next_after, null);
  });
});

test('a developer sees the key when it is his, and what the sandbox does', async () => {
  const viewer = await person(payoutd, 'viewer', 'VIEWER', merchant);
  const own = await awa.must('GET', '/developer');
  assert.equal(own.apikey, merchant.apikey);
  assert.ok(own.sandbox_numbers.some(({ ending, curl }) => ending === '9930' && curl.includes('9930')));
  assert.equal((await payoutd.get(own.documents[0].path)).status, 200);
  const seen = await viewer.request('GET', '/developer');
  assert.equal(seen.json().apikey, null);
  assert.ok(!seen.text.includes(merchant.apikey));
});
