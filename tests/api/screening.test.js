// Names are checked before money goes: against a list in a file, and by a service over HTTP.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { EventEmitter } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { PAYOUT, Payoutd, item, person, phone, until } from './lib/payoutd.js';
import { Receiver, webhookSignature } from './lib/receiver.js';
import { untilEvent } from './lib/wait.js';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'payoutd-screening-'));
const WORD = { person: 'Awa K.', evidence: 'born in another year' };
let receiver;
before(async () => { receiver = await Receiver.start(); });
after(async () => {
  await receiver?.stop();
  fs.rmSync(folder, { recursive: true, force: true });
});

// Pays 500 to somebody new of that name; the merchant and the transfer's id.
async function pay(payoutd, name, surname, merchant) {
  const payer = merchant ?? await payoutd.merchant({ money: 10000 });
  const number = phone();
  const known = (await payer.contact([person(number, { name, surname })])).json();
  assert.equal(known.code, 0);
  const [sent] = await payer.pay([item(number, 500, receiver.url())]);
  return { merchant: payer, id: sent.transaction_id };
}

const matched = (payoutd, id) => until(
  async () => (await payoutd.admin('/screening')).matches.find((each) => each.transaction_id === id),
  `${id} waits for a person`);

describe('with a list', () => {
  const list = path.join(folder, 'list.csv');
  let payoutd;
  before(async () => {
    fs.writeFileSync(list, 'id,name,aliases,country,born\nS1,Mamadou Saliou DIALLO,Modi Diallo,GN,1961\nS2,N\'Guessan Koffi\n');
    payoutd = await Payoutd.start({ screening_list_file: list });
  });
  after(() => payoutd?.end());

  test('a name that is like none is paid, and what the list said is kept', async () => {
    const { merchant, id } = await pay(payoutd, 'Traoré', 'Awa');
    assert.equal((await merchant.ended(id)).treatment_status, 'VAL');
    const { screenings, screening } = await payoutd.admin(`/transfers/${id}`);
    assert.equal(screening, 'CLEAR');
    assert.equal(screenings.length, 1);
    assert.equal(screenings[0].result, 'CLEAR');
    assert.equal(screenings[0].source, 'list');
    assert.match(screenings[0].version, /^sha256:[0-9a-f]{16}$/);
  });

  test('a name like one of the list waits, and goes on when a person lets it', async () => {
    const { merchant, id } = await pay(payoutd, 'Diallo', 'Mamadou');
    const match = await matched(payoutd, id);
    assert.equal(match.name, 'Diallo');
    assert.equal(match.surname, 'Mamadou');
    assert.equal(match.entry, 'S1 Mamadou Saliou DIALLO (GN, 1961)');
    assert.equal(match.score, 98);
    assert.equal(match.attempts, 0, 'no operator has it');
    const shown = await merchant.transfer(id);
    assert.equal(shown.treatment_status, 'NEW');
    assert.equal(shown.sending_status, 'CONFIRM');
    assert.match(shown.comment, /person has to decide|personne doit décider/);
    assert.equal(await payoutd.metric('payoutd_screening_matched'), 1);
    assert.equal((await payoutd.admin(`/screening/${id}/release`, WORD)).again, false);
    assert.equal((await merchant.ended(id)).treatment_status, 'VAL');
    assert.equal((await payoutd.admin(`/screening/${id}/release`, WORD)).again, true);
    const { settlements } = await payoutd.admin(`/transfers/${id}`);
    assert.deepEqual(settlements.map(({ act, person: who }) => [act, who]), [['NAME_RELEASED', 'Awa K.']]);
    const { acts } = await payoutd.admin(`/acts?merchant=${merchant.id}&limit=1000`);
    const told = acts.filter(({ subject }) => subject === id);
    assert.deepEqual(told.map(({ person: who, after }) => [who, after.result ?? after.act]).sort(),
      [['admin-token:Awa K.', 'NAME_RELEASED'], ['screening', 'MATCH']]);
  });

  test('a refused name gives the money back, and the merchant is told why', async () => {
    const { merchant, id } = await pay(payoutd, "N'Guéssan", 'koffi');
    await matched(payoutd, id);
    assert.equal((await payoutd.admin(`/screening/${id}/refuse`, WORD)).state, 'REJ');
    const posts = await receiver.end(id);
    assert.equal(posts.at(-1).fields.treatment_status, 'REJ');
    assert.match(posts.at(-1).fields.comment, /^Refusé après vérification|^Refused after a check/);
    assert.deepEqual(await merchant.money(), { amount: 10000, inUsing: 0, available: 10000 });
    assert.equal((await payoutd.adminReply(`/screening/${id}/release`, WORD)).status, 409);
  });

  test('a word needs a person and a reason, and something that waits', async () => {
    const { merchant, id } = await pay(payoutd, 'Koné', 'Awa');
    await merchant.ended(id);
    assert.equal((await payoutd.adminReply(`/screening/${id}/release`, WORD)).status, 409);
    assert.notEqual((await payoutd.adminReply(`/screening/${id}/release`, { person: 'Awa' })).status, 200);
    assert.notEqual((await payoutd.adminReply('/screening/XX/refuse', WORD)).status, 200);
  });

  test('somebody without a name is for a person to look at', async () => {
    const { id } = await pay(payoutd, '', '');
    assert.equal((await matched(payoutd, id)).entry, 'there is no name to compare');
    await payoutd.admin(`/screening/${id}/refuse`, WORD);
  });

  test('payout screening lists, decides and checks', async () => {
    const cli = (...words) => spawnSync(PAYOUT, ['screening', ...words, '--url', payoutd.url,
      '--admin-token-file', payoutd.settings.admin_token_file], { encoding: 'utf8' });
    const { merchant, id } = await pay(payoutd, 'Dialo', 'Mamadou Saliou');
    await matched(payoutd, id);
    assert.match(cli('list').stdout, /S1 Mamadou Saliou DIALLO/);
    const released = cli('release', id, '--person', 'Awa', '--evidence', 'seen');
    assert.equal(released.status, 0, released.stderr);
    assert.equal((await merchant.ended(id)).treatment_status, 'VAL');
    const check = cli('check', 'modi DIALLO');
    assert.equal(check.status, 0, check.stderr);
    assert.match(check.stdout, /match/);
    assert.match(check.stdout, /as Modi Diallo/);
    assert.match(cli('check', 'Awa Traoré').stdout, /clear/);
  });

  test('another list takes the place of the one in force, and a broken one does not', async () => {
    fs.writeFileSync(list, 'id,name\nS9,Zorro de la Vega\n"S10');
    await until(async () => await payoutd.metric('payoutd_screening_list_broken') === 1, 'it is seen to be broken');
    const check = async (name) => (await payoutd.admin('/screening/check', { name })).result;
    assert.equal(await check('Mamadou Diallo'), 'match');
    assert.equal(await check('Zorro de la Vega'), 'clear');
    fs.writeFileSync(`${list}.new`, '# entries: 1\nid,name\nS9,Zorro de la Vega\n');
    fs.renameSync(`${list}.new`, list);
    await until(async () => await payoutd.metric('payoutd_screening_list_broken') === 0, 'the next one is read');
    assert.equal(await check('Mamadou Diallo'), 'clear');
    assert.equal(await check('de la vega ZORRO'), 'match');
    assert.equal(await payoutd.metric('payoutd_screening_list_entries'), 1);
  });
});

// A screening service: answers by name, as it is told to.
class Service extends EventEmitter {
  calls = [];
  answer = () => ({ status: 200, body: { result: 'clear', reference: 'R1', score: 3 } });

  static async start() {
    const service = new Service();
    service.server = http.createServer((request, response) => {
      let body = '';
      request.on('data', (piece) => { body += piece; });
      request.on('end', () => {
        const call = { headers: request.headers, text: body, asked: JSON.parse(body) };
        const { status, body: answer } = service.answer(call);
        service.calls.push(call);
        response.writeHead(status, { 'Content-Type': 'application/json' });
        response.end(typeof answer === 'string' ? answer : JSON.stringify(answer));
        service.emit('call');
      });
    });
    await new Promise((resolve) => { service.server.listen(0, '127.0.0.1', resolve); });
    service.url = `http://127.0.0.1:${service.server.address().port}/screen`;
    return service;
  }

  async stop() {
    this.server.closeAllConnections();
    await new Promise((resolve) => { this.server.close(resolve); });
  }
}

describe('with a service', () => {
  const bearer = path.join(folder, 'bearer'), key = path.join(folder, 'key');
  const secret = `whsec_${Buffer.from('screening-key-of-the-test').toString('base64')}`;
  let payoutd, service;
  before(async () => {
    fs.writeFileSync(bearer, 'token-of-the-test\n', { mode: 0o600 });
    fs.writeFileSync(key, `${secret}\n`, { mode: 0o600 });
    service = await Service.start();
    payoutd = await Payoutd.start({ screening_url: service.url, screening_bearer_file: bearer,
      screening_key_file: key });
  });
  after(async () => {
    await payoutd?.end();
    await service?.stop();
  });

  test('it is asked who is to get what, signed, and what it answers is kept', async () => {
    const { merchant, id } = await pay(payoutd, 'Traoré', 'Awa');
    assert.equal((await merchant.ended(id)).treatment_status, 'VAL');
    const { asked, headers, text } = service.calls.find((call) => call.asked.transaction_id === id);
    const { phone: number, ...rest } = asked;
    assert.deepEqual(rest, { merchant: Number(merchant.id), transaction_id: id, name: 'Traoré', surname: 'Awa',
      amount: 500, currency: 'XOF', country: 'CI', operator: 'OM' });
    assert.match(number, /^\+225\d{10}$/);
    assert.equal(headers.authorization, 'Bearer token-of-the-test');
    assert.equal(headers['webhook-id'], id);
    assert.equal(headers['webhook-signature'], webhookSignature(secret, id, headers['webhook-timestamp'], text));
    const [kept] = (await payoutd.admin(`/transfers/${id}`)).screenings;
    assert.deepEqual([kept.result, kept.source, kept.version, kept.score], ['CLEAR', 'url', 'R1', 3]);
  });

  test('a match waits for a person, with what the service found', async () => {
    service.answer = ({ asked }) => ({ status: 200, body: asked.name === 'Bar'
      ? { result: 'match', score: 91, reference: 'R2', entries: [{ id: 'X7', name: 'Foo Bar' }, 'Foe Bar'] }
      : { result: 'clear' } });
    const { merchant, id } = await pay(payoutd, 'Bar', 'Foo');
    const found = await matched(payoutd, id);
    assert.deepEqual([found.score, found.version, found.entry], [91, 'R2', 'X7 Foo Bar; Foe Bar']);
    await payoutd.admin(`/screening/${id}/release`, WORD);
    assert.equal((await merchant.ended(id)).treatment_status, 'VAL');
    assert.equal((await payoutd.adminReply('/screening/check', { name: 'Foo Bar' })).status, 409, 'there is no list');
  });

  test('while it does not answer nothing is paid, and everything once it does', async () => {
    const wrong = [{ status: 500, body: '' }, { status: 200, body: '{"result":"maybe"}' },
      { status: 200, body: '{"result":"clear","score":101}' }, { status: 200, body: 'clear' }];
    let turn = 0;
    service.answer = () => wrong[turn++ % wrong.length];
    const first = await pay(payoutd, 'Traoré', 'Awa');
    const second = await pay(payoutd, 'Traoré', 'Aya', first.merchant);
    await untilEvent(service, 'call', () => turn > 1, 'it is asked again');
    for (const { merchant, id } of [first, second]) {
      const shown = await until(async () => {
        const now = await merchant.transfer(id);
        return now.comment !== '' && now;
      }, 'the comment says that it waits');
      assert.equal(shown.treatment_status, 'NEW');
      assert.match(shown.comment, /en attente|still to be checked/);
    }
    assert.equal(await payoutd.metric('payoutd_screening_down'), 1);
    service.answer = () => ({ status: 200, body: { result: 'clear' } });
    for (const { merchant, id } of [first, second]) {
      assert.equal((await merchant.ended(id)).treatment_status, 'VAL');
      assert.equal((await payoutd.admin(`/transfers/${id}`)).screenings.length, 1);
    }
    assert.equal(await payoutd.metric('payoutd_screening_down'), 0);
  });
});

test('what a killed payoutd had asked about is asked about again, and is let go when screening is off', async () => {
  const service = await Service.start();
  service.answer = () => ({ status: 503, body: '' });
  const payoutd = await Payoutd.start({ screening_url: service.url });
  try {
    const { merchant, id } = await pay(payoutd, 'Traoré', 'Awa');
    await untilEvent(service, 'call', () => service.calls.length > 0, 'it was asked');
    await payoutd.kill();
    const { screening_url: url, ...off } = payoutd.settings;
    payoutd.settings = off;
    await payoutd.run();
    merchant.token = undefined;
    assert.equal((await merchant.ended(id)).treatment_status, 'VAL');
    const { screenings, screening } = await payoutd.admin(`/transfers/${id}`);
    assert.equal(screening, 'SKIPPED');
    assert.deepEqual(screenings.map(({ result }) => result), ['SKIPPED']);
  } finally {
    await payoutd.end();
    await service.stop();
  }
});

test('a list and a service together are refused, and without its list nothing is paid', async () => {
  await assert.rejects(Payoutd.start({ screening_url: 'http://127.0.0.1:1/', screening_list_file: '/nowhere' }),
    /list_file or url, not both/);
  const list = path.join(folder, 'later.csv');
  const payoutd = await Payoutd.start({ screening_list_file: list });
  try {
    const { merchant, id } = await pay(payoutd, 'Traoré', 'Awa');
    await until(async () => (await merchant.transfer(id)).comment !== '', 'the comment says that it waits');
    assert.equal((await merchant.transfer(id)).treatment_status, 'NEW');
    fs.writeFileSync(list, 'S1,Mamadou Diallo\n');
    assert.equal((await merchant.ended(id)).treatment_status, 'VAL');
  } finally {
    await payoutd.end();
  }
});
