// Secrets planted wherever somebody could put one, rightly or by mistake, through a whole run: none may
// come out again in a log, a metric, a list of processes, a reply, an audit or an export. What is at rest
// in the store is looked at too.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { describe, test } from 'node:test';
import { FORM, JSON_TYPE, multipart, urlencoded } from './lib/http.js';
import { PAYOUT, Payoutd, item, payoutdRun, phone, until } from './lib/payoutd.js';
import { Receiver } from './lib/receiver.js';

const plant = (name) => `planted-${name.replaceAll(/[^a-z]/g, '-')}-${randomBytes(12).toString('hex')}`;

// All that is planted, by what it is; each is looked for as it is, and as it looks when it is encoded.
class Garden {
  secrets = new Map();

  add(name, secret = plant(name)) {
    assert.ok(secret.length >= 16, `${name} is long enough to be told from chance`);
    this.secrets.set(name, secret);
    return secret;
  }

  forms(secret) {
    const bytes = Buffer.from(secret);
    return [secret, encodeURIComponent(secret), bytes.toString('hex'), bytes.toString('base64').replace(/=+$/, ''),
      bytes.toString('base64url')];
  }

  // None of them is in bytes, but for those that are named.
  nowhereIn(bytes, where, ...allowed) {
    const text = Buffer.isBuffer(bytes) ? bytes.toString('latin1') : Buffer.from(bytes).toString('latin1');
    for (const [name, secret] of this.secrets) {
      if (allowed.includes(name)) continue;
      for (const form of this.forms(secret)) {
        const at = text.indexOf(form);
        assert.equal(at, -1, `${name} is in ${where}: …${text.slice(Math.max(0, at - 120), at + 160).replace(/[^ -~]/g, '.')}…`);
      }
    }
  }
}

// Bytes as they are, on a connection of their own; all that comes back.
function raw(port, bytes) {
  return new Promise((resolve) => {
    const pieces = [];
    const socket = net.connect(port, '127.0.0.1', () => socket.end(bytes));
    socket.on('data', (piece) => pieces.push(piece));
    socket.on('error', () => {});
    socket.on('close', () => resolve(Buffer.concat(pieces).toString('latin1')));
  });
}

// Everything that can be said with a secret in it, in the right place and in wrong ones. Replies: all.
async function say(payoutd, garden, merchant) {
  const replies = [];
  const keep = async (promise) => { replies.push((await promise).text); };
  const secret = (name) => garden.secrets.get(name);
  const login = '/v1/auth/login';
  const wrong = secret('wrong password');
  await keep(payoutd.post(login, { apikey: merchant.apikey, password: wrong }));
  await keep(payoutd.post(login, { apikey: wrong, password: wrong }));
  await keep(payoutd.post(`${login}?password=${secret('api password')}`, { apikey: 'nobody' }));
  await keep(payoutd.get(`${login}?apikey=x&password=${secret('api password')}`));
  await keep(payoutd.request({ method: 'POST', target: login, ...multipart({ apikey: 'x', password: wrong }) }));
  await keep(payoutd.request({ method: 'POST', target: login, headers: JSON_TYPE, body: `{"password":"${wrong}"` }));
  await keep(payoutd.request({ method: 'POST', target: login, headers: FORM, body: `password=${wrong}&%zz=${wrong}` }));
  await keep(payoutd.request({ method: 'POST', target: `/${wrong}`, headers: FORM, body: wrong }));
  await keep(payoutd.request({ method: 'PUT', target: `${login}?token=${secret('forged token')}` }));
  for (const token of [secret('forged token'), `${merchant.token}x`, `Bearer ${secret('token')}`]) {
    await keep(payoutd.get(`/v1/transfer/check/balance?token=${encodeURIComponent(token)}`));
    await keep(payoutd.get('/v1/transfer/check/balance', { Authorization: `Bearer ${token}` }));
    await keep(payoutd.get('/v1/transfer/check/balance', { Authorization: token, Cookie: `session=${token}` }));
    await keep(payoutd.post('/v1/transfer/contact', { token, data: '[' }));
  }
  for (const token of [secret('forged admin token'), secret('api password')]) {
    await keep(payoutd.get('/admin/v1/merchants', { Authorization: `Bearer ${token}` }));
    await keep(payoutd.get(`/admin/v1/merchants?token=${token}`));
  }
  await keep(payoutd.adminReply('/merchants', { name: 'x', password: secret('misplaced') }));
  await keep(payoutd.adminReply(`/merchants/${merchant.id}`, { secret_key: secret('misplaced') }));
  await keep(payoutd.adminReply(`/merchants/${merchant.id}`, { notify_url: `x://${secret('misplaced')}` }));
  replies.push(await raw(payoutd.port, `GET /v1?token=${secret('token')} HTTP/9.9\r\nAuthorization: ${secret('token')}\r\n\r\n`));
  replies.push(await raw(payoutd.port, `${secret('misplaced')}\r\n\r\n`));
  replies.push(await raw(payoutd.port, `GET / HTTP/1.1\r\nHost: x\r\nX-${secret('misplaced')}\r\n\r\n`));
  replies.push(await raw(payoutd.port, `POST ${login} HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\npassword=${wrong}`));
  return replies;
}

async function grown(settings, work) {
  const garden = new Garden();
  const payoutd = await Payoutd.start({ log_level: 'debug', ...settings });
  const receiver = await Receiver.start();
  try {
    const merchant = await payoutd.merchant({ notify_url: receiver.url(`/n?key=${garden.add('notify_url key')}`) });
    garden.add('api password', merchant.password);
    garden.add('secret key', merchant.secret);
    garden.add('secret key, unpacked', merchant.secret.replace(/^whsec_/, ''));
    garden.add('admin token', payoutd.adminToken);
    garden.add('token key', fs.readFileSync(payoutd.settings.token_key_file, 'utf8').trim());
    garden.add('key of the secrets', fs.readFileSync(payoutd.settings.secrets_key_file, 'utf8').trim().split('\n').at(-1));
    for (const name of ['wrong password', 'forged token', 'forged admin token', 'misplaced']) garden.add(name);
    garden.add('token', await merchant.login());
    await work({ garden, payoutd, merchant, receiver });
  } finally {
    await payoutd.end();
    await receiver.stop();
  }
}

for (const format of ['json', 'text']) {
  describe(`with a log as ${format}, at its most talkative`, () => {
    test('what is secret stays where it is', async () => {
      await grown({ log_format: format }, async ({ garden, payoutd, merchant, receiver }) => {
        const replies = await say(payoutd, garden, merchant);
        // Paid, and told to a place whose name holds a password; to one that is not there; to one that refuses.
        const userinfo = garden.add('notify_url password');
        receiver.answer = ({ url }) => (url.startsWith('/refused') ? 500 : 200);
        const places = [receiver.url('/ok'), receiver.url('/refused'), 'http://127.0.0.1:9/none']
          .map((url) => url.replace('//', `//awa:${userinfo}@`) + `?secret=${garden.secrets.get('notify_url key')}`);
        for (const place of places) {
          const number = phone();
          await merchant.know(number);
          const [{ transaction_id: id }] = await merchant.pay([item(number, 500, place)]);
          await merchant.ended(id);
          await until(async () => (await payoutd.admin(`/transfers/${id}`)).deliveries.length > 0, 'a try is written down');
          for (const { error } of (await payoutd.admin(`/transfers/${id}`)).deliveries) garden.nowhereIn(error, 'the delivery log');
        }
        garden.nowhereIn(replies.join('\n'), 'the replies', 'notify_url key');
        garden.nowhereIn((await payoutd.get('/metrics')).text, 'the metrics');
        garden.nowhereIn((await payoutd.get('/')).text, 'the root page');
        const pid = payoutd.child.pid;
        garden.nowhereIn(fs.readFileSync(`/proc/${pid}/cmdline`), 'the list of processes');
        garden.nowhereIn(fs.readFileSync(`/proc/${pid}/environ`), 'the environment');
        garden.nowhereIn(JSON.stringify(await payoutd.admin('/merchants')), 'the list of merchants', 'notify_url key');
        payoutd.child.kill('SIGHUP');
        await payoutd.untilLogged('reloaded');
        const words = [`--store-url=${payoutd.settings.store_url}`];
        const folder = payoutd.folder;
        const shown = payoutdRun(['--show-config', ...words, `--token-key-file=${payoutd.settings.token_key_file}`], { cwd: folder });
        garden.nowhereIn(shown.stdout + shown.stderr, 'the settings shown');
        const exported = payoutdRun(['export', '--merchant', String(merchant.id), ...words], { cwd: folder });
        assert.equal(exported.status, 0, exported.stderr);
        garden.nowhereIn(exported.stdout + exported.stderr, 'an export');
        assert.equal(payoutdRun(['backup', `${folder}/copy.db`, ...words], { cwd: folder }).status, 0);
        await payoutd.stop();
        const audited = payoutdRun(['audit', ...words], { cwd: folder });
        garden.nowhereIn(audited.stdout + audited.stderr, 'an audit');
        assert.ok(payoutd.log.length > 20, 'it is talkative');
        garden.nowhereIn(payoutd.log.join('\n'), 'the log');
        garden.nowhereIn(payoutd.stdout, 'what it prints');
        for (const name of fs.readdirSync(folder).filter((each) => /^(payoutd|copy)\.db/.test(each))) {
          // The merchant's own URLs are data, as its contacts are; who may read the store reads them.
          garden.nowhereIn(fs.readFileSync(path.join(folder, name)), name, 'notify_url key', 'notify_url password');
        }
        await payoutd.run(); // For end().
      });
    });
  });
}

describe('payout', () => {
  test('says nothing secret, whatever goes wrong', async () => {
    await grown({}, async ({ garden, payoutd, merchant }) => {
      const env = { PATH: process.env.PATH, HOME: payoutd.folder, PAYOUT_URL: payoutd.url, PAYOUT_APIKEY: merchant.apikey,
        PAYOUT_PASSWORD: merchant.password, PAYOUT_ADMIN_TOKEN: payoutd.adminToken };
      const nobody = `http://awa:${garden.add('url password')}@127.0.0.1:9`;
      const runs = [
        [['balance'], {}],
        [['balance', '--json'], { PAYOUT_PASSWORD: garden.secrets.get('wrong password') }],
        [['balance'], { PAYOUT_URL: nobody }],
        [['merchant', 'list'], { PAYOUT_URL: nobody }],
        [['merchant', 'list'], { PAYOUT_ADMIN_TOKEN: garden.secrets.get('forged admin token') }],
        [['merchant', 'show', String(merchant.id)], {}],
        [['check', 'EA261125.202807.A503241'], {}],
        [['contact', 'add', '--nonsense'], {}],
      ];
      for (const [words, more] of runs) {
        const done = spawnSync(PAYOUT, words, { cwd: payoutd.folder, env: { ...env, ...more }, encoding: 'utf8' });
        garden.nowhereIn(done.stdout + done.stderr, `payout ${words.join(' ')}`, 'notify_url key');
      }
      garden.nowhereIn(payoutd.log.join('\n'), 'the log');
    });
  });
});

describe('payoutd that dies', () => {
  test('leaves no core, and says nothing secret', async () => {
    await grown({}, async ({ garden, payoutd, merchant }) => {
      await say(payoutd, garden, merchant);
      payoutd.child.kill('SIGABRT');
      await payoutd.exit;
      payoutd.agent.destroy();
      garden.nowhereIn(payoutd.log.join('\n'), 'the log');
      assert.deepEqual(fs.readdirSync(payoutd.folder).filter((name) => /core/.test(name)), []);
      await payoutd.run();
    });
  });
});
