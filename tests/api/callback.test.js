// Channels to operators, against an operator on this machine that speaks as MTN MoMo does: who may call back, what
// becomes of it, how a channel is switched off, and what merchants see of all that.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { JSON_TYPE } from './lib/http.js';
import { PAYOUT, Payoutd, item, payoutdRun, phone, until } from './lib/payoutd.js';

const SECRET = 'a-secret-that-only-mtn-knows';
const URL_ = 'http://127.0.0.1:1/';

// MTN as far as payoutd asks it: tokens, transfers, and what became of them.
class Operator {
  constructor() {
    this.transfers = new Map(); // By X-Reference-Id: {body, status, asked}.
    this.server = http.createServer((request, response) => {
      let body = '';
      request.on('data', (piece) => { body += piece; });
      request.on('end', () => this.answer(request, body, (status, object) => {
        response.writeHead(status, JSON_TYPE).end(object === undefined ? '' : JSON.stringify(object));
      }));
    });
  }

  listen(port = 0) {
    return new Promise((resolve) => { this.server.listen(port, '127.0.0.1', () => {
      this.port = this.server.address().port;
      resolve();
    }); });
  }

  close() {
    this.server.closeAllConnections();
    return new Promise((resolve) => { this.server.close(resolve); });
  }

  answer({ method, url, headers }, body, reply) {
    const id = url.split('/').at(-1);
    if (url.endsWith('/token/')) reply(200, { access_token: 'token', token_type: 'access_token', expires_in: 3600 });
    else if (url.endsWith('/account/balance')) reply(200, { availableBalance: '9000000', currency: 'XOF' });
    else if (method === 'POST' && url.endsWith('/v1_0/transfer')) {
      this.transfers.set(headers['x-reference-id'], { ...JSON.parse(body), status: 'PENDING', asked: 0 });
      this.callbackUrl = headers['x-callback-url'];
      reply(202);
    } else if (this.transfers.has(id)) {
      const { asked, ...shown } = this.transfers.get(id);
      this.transfers.get(id).asked = asked + 1;
      reply(200, { ...shown, financialTransactionId: '4711' });
    } else reply(404, { code: 'RESOURCE_NOT_FOUND' });
  }

  // What it was told to pay under our reference.
  of(reference) {
    return [...this.transfers.values()].find(({ externalId }) => externalId === reference);
  }
}

describe('channels', () => {
  let operator;
  let payoutd;
  let merchant;
  const receiver = () => phone('0000', '05'); // MTN's

  before(async () => {
    operator = new Operator();
    await operator.listen();
    payoutd = await Payoutd.start({ operator_channels_dir: 'channels', operator_public_url: 'https://pay.example.com' }, {
      prepare(folder) {
        fs.mkdirSync(path.join(folder, 'channels'));
        const secret = (name, text) => {
          fs.writeFileSync(path.join(folder, name), text, { mode: 0o600 });
          return path.join(folder, name);
        };
        fs.writeFileSync(path.join(folder, 'channels/mtn-ci.conf'), `[channel]
connector = mtn_momo
number = 9
operators = MOMO
url = http://127.0.0.1:${operator.port}
environment = mtnivorycoast
account = 6f1d6e1a-5c0e-4f0e-8a57-3f7e0c2f9a11
secret_file = ${secret('key', 'key\n')}
secret_second_file = ${secret('subscription', 'subscription\n')}
callback_secret_file = ${secret('callback', SECRET)}
timeout = 2s
connect_timeout = 1s
`);
      },
    });
    merchant = await payoutd.merchant();
  });
  after(async () => {
    await payoutd?.end();
    await operator?.close();
  });

  async function sent(amount = 500) {
    const number = receiver();
    await merchant.know(number);
    const [{ transaction_id: id }] = await merchant.pay([item(number, amount, URL_)]);
    return id;
  }

  function call(body, { secret = SECRET, channel = 'mtn-ci', method = 'POST' } = {}) {
    return payoutd.request({ method, target: `/callback/v1/${channel}/${secret}`, headers: JSON_TYPE,
      body: typeof body === 'string' ? body : JSON.stringify(body) });
  }

  async function callbacks(became) {
    const text = (await payoutd.get('/metrics')).text;
    return Number(new RegExp(`payoutd_callbacks_total\\{became="${became}"\\} (\\d+)`).exec(text)[1]);
  }

  function payout(...words) {
    return spawnSync(PAYOUT, ['--url', payoutd.url, '--admin-token-file', payoutd.settings.admin_token_file, ...words],
      { encoding: 'utf8' });
  }

  describe('a callback', () => {
    test('is believed to have come, and what it says is asked about', async () => {
      const id = await sent();
      await until(() => operator.of(id), 'the operator has it');
      assert.equal(operator.callbackUrl, `https://pay.example.com/callback/v1/mtn-ci/${SECRET}`);
      assert.equal(operator.of(id).amount, '500');
      const { asked } = operator.of(id);
      const reply = await call({ externalId: id, status: 'SUCCESSFUL' });
      assert.equal(reply.status, 200, reply.text);
      await until(() => operator.of(id).asked > asked, 'it was asked about');
      assert.equal((await merchant.transfer(id)).treatment_status, 'REC', 'the operator has not said so itself');
      operator.of(id).status = 'SUCCESSFUL';
      assert.equal((await call({ externalId: id, status: 'FAILED' }, { method: 'PUT' })).status, 200);
      assert.equal((await merchant.ended(id)).treatment_status, 'VAL');
      const known = await callbacks('known');
      assert.equal((await call({ externalId: id, status: 'FAILED' })).status, 200);
      assert.equal(await callbacks('known'), known + 1, 'of a final transfer it is taken, and changes nothing');
      assert.equal((await merchant.transfer(id)).treatment_status, 'VAL');
    });

    test('that does not prove its sender gets 401, and no log has a word of it', async () => {
      const forged = await callbacks('forged');
      const word = 'words-of-a-forger';
      for (const secret of ['a-secret-that-only-mtn-know', `${SECRET}x`, word, `${SECRET}/more`]) {
        const reply = await call({ externalId: word }, { secret });
        assert.equal(reply.status, 401, secret);
      }
      assert.equal((await payoutd.request({ method: 'POST', target: '/callback/v1/mtn-ci', body: '{}' })).status, 401);
      assert.equal(await callbacks('forged'), forged + 5);
      assert.equal(payoutd.events('callback forged')[0].channel, 'mtn-ci');
      const log = payoutd.log.join('\n');
      assert.ok(!log.includes(word) && !log.includes(SECRET), 'neither body nor secret');
      assert.ok((await payoutd.admin('/callbacks')).callbacks.every(({ body }) => !body.includes(word)));
    });

    test('about nothing that is known is parked, once, and says so', async () => {
      const body = { externalId: 'EA251018.112507.Z999999', status: 'SUCCESSFUL' };
      for (let times = 1; times <= 3; times += 1) {
        const reply = await call(body);
        assert.equal(reply.status, 202, reply.text);
        const { callbacks: [newest, ...older] } = await payoutd.admin('/callbacks');
        assert.equal(newest.channel, 'mtn-ci');
        assert.equal(newest.reference, body.externalId);
        assert.equal(newest.body, JSON.stringify(body));
        assert.equal(newest.times, times);
        assert.ok(older.every(({ reference }) => reference !== body.externalId));
      }
      assert.equal((await call('not even JSON')).status, 202);
      const page = await payoutd.admin('/callbacks?limit=1');
      assert.equal(page.callbacks[0].body, 'not even JSON');
      assert.equal((await payoutd.admin(`/callbacks?before=${page.next_before}&limit=1`)).callbacks[0].times, 3);
      const shown = payout('callback', 'list', '--json');
      assert.equal(shown.status, 0, shown.stderr);
      assert.equal(JSON.parse(shown.stdout).callbacks[0].body, 'not even JSON');
    });

    test('has its own doors: an unknown channel, another method, too large a body', async () => {
      assert.equal((await call({}, { channel: 'mtn' })).status, 404);
      assert.equal((await payoutd.request({ method: 'DELETE', target: `/callback/v1/mtn-ci/${SECRET}` })).status, 405);
      assert.equal((await call('x'.repeat(64 * 1024 + 1))).status, 413);
      assert.equal((await call('x'.repeat(64 * 1024))).status, 202);
    });

    test('may be preceded by a look whether anybody is there', async () => {
      for (const target of ['/callback/v1/mtn-ci', `/callback/v1/mtn-ci/${SECRET}`, '/callback/v1/nobody'])
        assert.equal((await payoutd.get(target)).status, 200);
    });

    test('that comes a thousand times takes nobody else\'s place', async () => {
      const replies = await Promise.all(Array.from({ length: 1000 }, (_, index) => call({ externalId: `none-${index % 10}` })));
      assert.deepEqual(new Set(replies.map(({ status }) => status).filter((status) => status !== 503)), new Set([202]));
      assert.equal((await merchant.balance()).status, 200);
      const { callbacks: parked } = await payoutd.admin('/callbacks?limit=1000');
      assert.equal(parked.filter(({ reference }) => reference.startsWith('none-')).length, 10, 'each is kept once');
    });
  });

  describe('an operator', () => {
    const seen = async (method) => (await merchant.get('/operators')).json().data
      .find(({ payment_method: each }) => each === method);
    const codeOf = async (number) => {
      await merchant.know(number);
      const reply = (await merchant.send([item(number, 500, URL_)])).json();
      return reply.data.flat()[0]?.code ?? Number(reply.code);
    };

    test('that no channel reaches is refused with 721, and shown as off', async () => {
      assert.equal(await codeOf(phone('0000', '07')), 721);
      const { status, country, prefix, currency, operator: name, since } = await seen('OM');
      assert.deepEqual({ status, country, prefix, currency, name, since },
        { status: 'off', country: 'CI', prefix: '225', currency: 'XOF', name: 'OM', since: null });
      assert.equal((await seen('MOMO')).status, 'available');
      assert.equal((await merchant.get('/operators', { token: 'x' })).json().code, '706');
    });

    test('whose channels a person switched off is refused with 804, after a restart too', async () => {
      const number = receiver();
      const off = payout('channel', 'off', 'mtn-ci', '--reason', 'their maintenance', '--person', 'Awa');
      assert.equal(off.status, 0, off.stderr);
      assert.equal(await codeOf(number), 804);
      assert.equal((await seen('MOMO')).status, 'off');
      await payoutd.stop();
      await payoutd.run();
      assert.equal(await codeOf(number), 804);
      const { since } = await seen('MOMO');
      const [shown] = (await payoutd.admin('/channels')).channels;
      assert.deepEqual([shown.name, shown.number, shown.connector, shown.operators, shown.off, shown.switched_by, shown.reason],
        ['mtn-ci', 9, 'mtn_momo', ['MOMO'], true, 'Awa', 'their maintenance']);
      assert.equal(shown.switched_at.slice(0, 19).replace('T', ' '), since);
      const [act] = (await payoutd.admin('/acts')).acts;
      assert.deepEqual([act.what, act.subject, act.after.switched, act.after.person],
        ['CHANNEL_SWITCH', 'mtn-ci', 'off', 'Awa']);
      const on = payout('channel', 'on', 'mtn-ci', '--reason', 'over', '--person', 'Awa');
      assert.equal(on.status, 0, on.stderr);
      assert.equal(await codeOf(number), 0);
      assert.equal((await payoutd.admin('/channels/mtn-ci')).off, false);
      assert.equal((await seen('MOMO')).status, 'available');
    });

    test('is switched by who says why, and only one that is there', async () => {
      const reply = async (name, body) => (await payoutd.adminReply(`/channels/${name}/switch`, body)).status;
      assert.equal(await reply('mtn', { switch: 'off', reason: 'a', person: 'Awa' }), 404);
      for (const body of [{ switch: 'of', reason: 'a', person: 'Awa' }, { switch: 'off', person: 'Awa' },
        { switch: 'off', reason: 'a' }, { switch: 'off', reason: 'x'.repeat(501), person: 'Awa' }]) {
        assert.ok([400, 417].includes(await reply('mtn-ci', body)), JSON.stringify(body));
      }
      assert.equal((await payoutd.adminReply('/channels/mtn')).status, 404);
      assert.equal((await seen('MOMO')).status, 'available');
    });

    test('that is down refuses nobody: what is sent waits, says why, and leaves when it is back', async () => {
      const { port } = operator;
      await operator.close();
      const ids = [];
      for (let i = 0; i < 6; i += 1) ids.push(await sent());
      await until(async () => (await seen('MOMO')).status === 'down', 'it is seen to be down');
      const late = await sent();
      await until(async () => (await merchant.transfer(late)).comment !== null, 'it says why it waits');
      const { treatment_status: state, comment } = await merchant.transfer(late);
      assert.deepEqual([state, comment], ['NEW', 'The operator is down: the transfer leaves as soon as it is back']);
      assert.equal((await seen('MOMO')).comment, comment);
      assert.ok(Date.parse((await seen('MOMO')).since) > 0);
      assert.notEqual((await payoutd.admin('/channels/mtn-ci')).state, 'open');
      const transfers = operator.transfers;
      operator = new Operator();
      operator.transfers = transfers;
      await operator.listen(port);
      for (const id of [...ids, late]) await until(() => operator.of(id), `${id} left`);
      assert.equal((await seen('MOMO')).status, 'available');
      for (const id of [...ids, late]) {
        operator.of(id).status = 'SUCCESSFUL';
        assert.equal((await call({ externalId: id })).status, 200);
      }
      for (const id of [...ids, late]) assert.equal((await merchant.ended(id)).treatment_status, 'VAL');
    });
  });

  test('are checked whole before a start, each mistake with its file and line', () => {
    const folder = path.join(payoutd.folder, 'broken');
    fs.mkdirSync(folder);
    fs.writeFileSync(path.join(folder, 'a.conf'), '[channel]\nconnector = mtn_momo\nnumber = 9\noperators = MOMO OMCM\n');
    fs.writeFileSync(path.join(folder, 'b.conf'), '[channel]\nconnector = wave\nnumber = 9\noperators = WAVECI\nurl = http://wave.example\n');
    const words = [`--operator-channels-dir=${folder}`, `--secrets-key-file=${payoutd.settings.secrets_key_file}`];
    const { status, stderr } = payoutdRun([...words, '--check-config']);
    assert.equal(status, 2);
    assert.match(stderr, /a\.conf:4: operators: OMCM is paid in XAF, and not in XOF/);
    assert.match(stderr, /b\.conf:5: url: /);
    assert.match(stderr, /b\.conf:3: number: .*a\.conf has the same/);
    const started = payoutdRun([...words, `--store-url=sqlite:${payoutd.folder}/other.db`, '--http-listen=127.0.0.1:0',
      `--token-key-file=${payoutd.folder}/other.key`, `--admin-token-file=${payoutd.folder}/other.token`]);
    assert.equal(started.status, 1);
    assert.match(started.stderr, /a\.conf:4: operators/);
  });
});
