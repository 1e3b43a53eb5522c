// payoutd as the people see it who run it: health, metrics, stopping, reloading, settings, logs, keys.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import * as expect from './lib/expect.js';
import { FORM } from './lib/http.js';
import { Payoutd, item, logLineRead, payoutdRun, phone, until } from './lib/payoutd.js';
import { Receiver } from './lib/receiver.js';
import { untilEvent } from './lib/wait.js';

const url = 'http://127.0.0.1:1/';
// Runs work with a payoutd of its own, and ends it.
async function withPayoutd(settings, options, work) {
  const payoutd = await Payoutd.start(settings, options);
  try {
    return await work(payoutd);
  } finally {
    await payoutd.end();
  }
}
function withFolder(work) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'payoutd-api-'));
  try {
    return work(folder);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

// Prometheus text: {types: name → type, samples: [{name, labels, value}]}. Throws at a line that is none.
function metricsRead(text) {
  const types = new Map();
  const helped = new Set();
  const samples = [];
  assert.ok(text.endsWith('\n'));
  for (const line of text.slice(0, -1).split('\n')) {
    const [, help] = /^# HELP ([a-z_:]+) \S.*$/.exec(line) ?? [];
    const [, typed, type] = /^# TYPE ([a-z_:]+) (counter|gauge|histogram)$/.exec(line) ?? [];
    const [, name, labels, value] =
      /^([a-z_:]+)(?:\{((?:[a-z_]+="(?:[^"\\]|\\.)*",?)*)\})? (-?[0-9.e+]+)$/.exec(line) ?? [];
    if (help) {
      assert.equal(helped.has(help), false, `${help} is explained once`);
      helped.add(help);
    } else if (typed) {
      assert.ok(helped.has(typed), `${typed} is explained`);
      types.set(typed, type);
    } else {
      assert.ok(name, `a line of metrics: ${line}`);
      const pairs = [...(labels ?? '').matchAll(/([a-z_]+)="((?:[^"\\]|\\.)*)"/g)].map(([, key, text_]) => [key, text_]);
      samples.push({ name, labels: Object.fromEntries(pairs), value: Number(value) });
    }
  }
  return { types, samples };
}

describe('health', () => {
  let payoutd;
  before(async () => { payoutd = await Payoutd.start({ http_trusted_proxies: '127.0.0.1' }); });
  after(() => payoutd?.end());

  test('/healthz and /readyz say ok, to GET and HEAD', async () => {
    for (const target of ['/healthz', '/readyz', '/healthz/']) {
      const reply = await payoutd.get(target);
      assert.equal(reply.status, 200);
      assert.equal(reply.text, 'ok\n');
      assert.equal((await payoutd.request({ method: 'HEAD', target })).status, 200);
      assert.equal((await payoutd.request({ method: 'POST', target })).status, 405);
    }
  });

  test('/ says what answers here', async () => {
    assert.equal((await payoutd.get('/')).json().service, 'payoutd');
  });

  test('/metrics is Prometheus text: each sample has a type and an explanation', async () => {
    const reply = await payoutd.get('/metrics');
    assert.equal(reply.status, 200);
    assert.match(reply.headers['content-type'], /^text\/plain; version=0\.0\.4/);
    const { types, samples } = metricsRead(reply.text);
    assert.ok(samples.length > 50);
    const seen = new Set();
    for (const { name, labels } of samples) {
      const family = types.has(name) ? name : name.replace(/_(bucket|sum|count)$/, '');
      assert.ok(types.has(family), `${name} has a type`);
      if (family !== name) assert.equal(types.get(family), 'histogram');
      const key = `${name} ${JSON.stringify(labels)}`;
      assert.equal(seen.has(key), false, `${key} is there once`);
      seen.add(key);
    }
  });

  test('/metrics has histograms whose buckets rise to their count', async () => {
    await payoutd.merchant();
    const { types, samples } = metricsRead((await payoutd.get('/metrics')).text);
    const histograms = [...types].filter(([, type]) => type === 'histogram').map(([name]) => name);
    assert.ok(histograms.includes('payoutd_http_request_seconds') && histograms.includes('payoutd_lane_wait_seconds'));
    for (const name of histograms) {
      const routes = new Set(samples.filter((each) => each.name === `${name}_count`).map(({ labels }) => labels.route));
      for (const route of routes) {
        const of = (suffix) => samples.filter((each) => each.name === name + suffix && each.labels.route === route);
        const buckets = of('_bucket');
        const bounds = buckets.map(({ labels }) => Number(labels.le.replace('+Inf', 'Infinity')));
        for (let at = 1; at < buckets.length; at++) {
          assert.ok(bounds[at] > bounds[at - 1], `${name}: bounds ${bounds}`);
          assert.ok(buckets[at].value >= buckets[at - 1].value, `${name} below ${bounds[at]}`);
        }
        assert.equal(buckets.at(-1).labels.le, '+Inf');
        assert.equal(buckets.at(-1).value, of('_count')[0].value);
        assert.equal(of('_sum').length, 1);
      }
    }
  });

  test('/metrics counts requests by route and status, and wrong logins', async () => {
    const figures = async () => {
      const { samples } = metricsRead((await payoutd.get('/metrics')).text);
      const of = (name, labels) => samples.find((each) => each.name === name
        && Object.entries(labels).every(([key, value]) => each.labels[key] === value))?.value ?? 0;
      return { requests: of('payoutd_http_requests_total', { route: 'login', status: '401' }),
        refused: of('payoutd_logins_refused_total', {}) };
    };
    const first = await figures();
    for (let i = 0; i < 3; i++) await payoutd.post('/v1/auth/login', { apikey: 'a', password: 'b' });
    const second = await figures();
    assert.equal(second.requests - first.requests, 3);
    assert.equal(second.refused - first.refused, 3);
  });

  test('/metrics is for listed addresses only', async () => {
    assert.equal((await payoutd.get('/metrics', { 'X-Forwarded-For': '203.0.113.7' })).status, 403);
  });
});

describe('SIGTERM', () => {
  test('ends an idle payoutd with 0, and it begins again where it was', () =>
    withPayoutd({}, {}, async (payoutd) => {
      const merchant = await payoutd.merchant({ money: 1234 });
      await payoutd.stop();
      assert.equal(payoutd.events('stopped').length, 1);
      await payoutd.run();
      assert.equal((await merchant.money()).amount, 1234);
    }));

  test('in the middle of a load loses no item that was answered', () =>
    withPayoutd({}, {}, async (payoutd) => {
      const merchant = await payoutd.merchant({ money: 1000000000, ip_list: '' });
      const number = phone();
      await merchant.know(number);
      const target = await merchant.target('/transfer/money/send/contact');
      const answered = [];
      const unanswered = [];
      let stopping = false;
      const sendOn = async () => {
        while (!stopping) {
          const items = Array.from({ length: 50 }, () => item(number, 200, url));
          try {
            const reply = await payoutd.post(target, { data: JSON.stringify(items) });
            if (reply.status === 200) answered.push(...reply.json().data[0]);
            else unanswered.push(items);
          } catch {
            unanswered.push(items); // The connection was cut: who knows.
            return;
          }
        }
      };
      const senders = Array.from({ length: 20 }, sendOn);
      await until(() => answered.length >= 2000, 'two thousand are answered');
      const stopped = payoutd.stop();
      await payoutd.untilLogged('stopping');
      await stopped;
      stopping = true;
      await Promise.all(senders);
      await payoutd.run();
      const { transfers } = await everything(payoutd, merchant);
      for (const { transaction_id: id, client_transaction_id: client } of answered) {
        assert.equal(transfers.get(client), id, `${client} is there`);
      }
      const answeredIds = new Set(answered.map(({ client_transaction_id: client }) => client));
      for (const items of unanswered) {
        const there = items.filter(({ client_transaction_id: client }) => transfers.has(client)).length;
        assert.ok(there === 0 || there === items.length, `a lot is there whole or not at all: ${there} of ${items.length}`);
      }
      const known = unanswered.flat().filter(({ client_transaction_id: client }) => transfers.has(client)).length;
      assert.equal(transfers.size, answeredIds.size + known);
      assert.equal((await merchant.money()).inUsing, 200 * transfers.size);
    }));

  // All transfers of a merchant whose lots wait: client's id → id.
  async function everything(payoutd, merchant) {
    const transfers = new Map();
    const { lots } = await payoutd.admin(`/lots?merchant=${merchant.id}&limit=1000`);
    for (const { lot, count } of lots) {
      const found = expect.success(await merchant.check({ lot }));
      assert.equal(found.length, count);
      for (const each of found) transfers.set(each.client_transaction_id, each.transaction_id);
    }
    return { transfers };
  }

  test('lets a reply that is on its way be read to its end', () =>
    withPayoutd({}, {}, async (payoutd) => {
      const merchant = await payoutd.merchant({ money: 1000000000, ip_list: '' });
      const number = phone();
      await merchant.know(number);
      const items = Array.from({ length: 10000 }, () => item(number, 200, url));
      const begun = payoutd.post(await merchant.target('/transfer/money/send/contact'), { data: JSON.stringify(items) });
      await until(async () => (await payoutd.metric('payoutd_http_requests_open')) >= 2, 'the request is under way');
      const stopped = payoutd.stop();
      const reply = await begun;
      await stopped;
      if (reply.status === 200) assert.equal(reply.json().data[0].length, 10000);
      else assert.equal(reply.status, 503);
      await payoutd.run();
      assert.equal((await merchant.money()).inUsing, reply.status === 200 ? 2000000 : 0);
    }));

  test('and kill -9 both leave what was answered', () =>
    withPayoutd({}, {}, async (payoutd) => {
      const merchant = await payoutd.merchant({ ip_list: '' });
      const number = phone();
      await merchant.know(number);
      const [first] = await merchant.pay([item(number, 500, url)]);
      await payoutd.kill();
      await payoutd.run();
      assert.equal((await merchant.transfer(first.transaction_id)).treatment_status, 'NEW');
      assert.equal((await merchant.money()).inUsing, 500);
    }));
});

describe('SIGHUP', () => {
  const reload = async (payoutd, config, event = 'reloaded') => {
    payoutd.configWrite(config);
    const had = payoutd.events(event).length;
    payoutd.child.kill('SIGHUP');
    await untilEvent(payoutd, 'log', () => payoutd.events(event).length > had, `the log says ${event}`);
    return payoutd.events(event).at(-1);
  };

  test('takes over which operators are off: 804, and back', () =>
    withPayoutd({}, { config: '[operator]\noff =\n' }, async (payoutd) => {
      const merchant = await payoutd.merchant();
      const [orange, mtn] = [phone('0000', '07'), phone('0000', '05')];
      await merchant.know(orange, mtn);
      await merchant.pay([item(orange, 500, url)]);
      await reload(payoutd, '[operator]\noff = OM WAVECI\n');
      const [[off, on]] = expect.success(await merchant.send([item(orange, 500, url), item(mtn, 500, url)]));
      expect.itemCode(off, 'OPERATOR_UNAVAILABLE');
      expect.itemCode(on, 'OK');
      await reload(payoutd, '[operator]\noff =\n');
      await merchant.pay([item(orange, 500, url)]);
    }));

  test('leaves everything as it is when the file is wrong, and says what is', () =>
    withPayoutd({}, { config: '[http]\nitems_max = 2\n' }, async (payoutd) => {
      const merchant = await payoutd.merchant();
      const { why } = await reload(payoutd, '[http]\nitems_max = many\n', 'not reloaded');
      assert.match(why, /many.*items_max/);
      const people = Array.from({ length: 3 }, () => ({ prefix: '225', phone: phone() }));
      expect.failure(await merchant.contact(people), 'DATA_NOT_VALID',
        { description: '3 items in one request: the most is 2' });
      await reload(payoutd, '[http]\nitems_max = 3\n');
      expect.success(await merchant.contact(people));
    }));

  test('says which settings need a restart', () =>
    withPayoutd({}, { config: '[token]\nlifetime = 5m\n' }, async (payoutd) => {
      const { settings } = await reload(payoutd, '[token]\nlifetime = 7m\n', 'needs a restart');
      assert.match(settings, /token-lifetime/);
    }));

  test('does not disturb requests under way', () =>
    withPayoutd({}, { config: '' }, async (payoutd) => {
      const merchant = await payoutd.merchant();
      await merchant.login();
      let done = false;
      const ask = async () => { while (!done) assert.equal((await merchant.balance()).status, 200); };
      const asking = Array.from({ length: 4 }, ask);
      for (let round = 0; round < 10; round++) await reload(payoutd, `[http]\nitems_max = ${round + 1}\n`);
      done = true;
      await Promise.all(asking);
    }));
});

describe('settings', () => {
  test('that are right are said to be', () => {
    const { status, stdout, stderr } = payoutdRun(['--check-config']);
    assert.equal(status, 0, stderr);
    assert.match(stdout, /the settings are right/);
  });

  test('that are wrong are all told at once, each with its place', () => withFolder((folder) => {
    const file = path.join(folder, 'wrong.conf');
    fs.writeFileSync(file, '[http]\nthreads = lots\nbody_max = 5X\nnonsense = 1\n[nowhere]\nx = 1\n'
      + '[operator]\noff = NOBODY\n[log]\nlevel = loud\n[token]\nlifetime = 5 parsecs\n');
    const { status, stdout, stderr } = payoutdRun(['--check-config', '--config', file, '--http-status=999:200']);
    assert.equal(status, 2);
    assert.equal(stdout, '');
    const wrong = ['threads', 'lots', 'body_max', '5X', 'nonsense', 'nowhere', 'NOBODY', 'loud', 'parsecs', '999:200'];
    for (const part of wrong) {
      assert.ok(stderr.includes(part), `${part} is in:\n${stderr}`);
    }
    assert.ok(stderr.trim().split('\n').length >= 7, stderr);
  }));

  test('of a file that is not there are wrong', () => {
    const { status, stderr } = payoutdRun(['--check-config', '--config', '/nowhere/payoutd.conf']);
    assert.equal(status, 2);
    assert.match(stderr, /\/nowhere\/payoutd\.conf/);
  });

  test('come from the file, then the environment, then flags: the last one counts', () => withFolder((folder) => {
    const file = path.join(folder, 'payoutd.conf');
    fs.writeFileSync(file, '[http]\nitems_max = 11\nthreads = 3\nidle = 33s\n');
    const env = { PAYOUTD_HTTP_ITEMS_MAX: '22', PAYOUTD_HTTP_THREADS: '4' };
    const { status, stdout } = payoutdRun(['--show-config', '--config', file, '--http-items-max=33'], { env });
    assert.equal(status, 0);
    assert.match(stdout, /^items_max = 33$/m);
    assert.match(stdout, /^threads = 4$/m);
    assert.match(stdout, /^idle = 33s$/m);
  }));

  test('that are shown can be read again', () => withFolder((folder) => {
    const file = path.join(folder, 'shown.conf');
    const first = payoutdRun(['--show-config', '--http-items-max=17', '--token-lifetime=90s', '--http-body-max=3M']);
    fs.writeFileSync(file, first.stdout);
    const second = payoutdRun(['--show-config', '--config', file]);
    assert.equal(second.status, 0, second.stderr);
    assert.equal(second.stdout, first.stdout);
  }));

  test('that are no flag or no task end with 2', () => {
    for (const words of [['--nonsense=1'], ['nonsense'], ['backup'], ['audit', 'x']]) {
      assert.equal(payoutdRun(words).status, 2, words.join(' '));
    }
  });

  test('are all told by --help', () => {
    const { status, stdout } = payoutdRun(['--help']);
    assert.equal(status, 0);
    for (const flag of ['--store-url', '--http-listen', '--token-key-file', '--check-config', '--sandbox',
      '--operator-off']) {
      assert.ok(stdout.includes(flag), flag);
    }
  });
});

describe('a payoutd that can\'t start says why and ends with 1', () => {
  const why = (words) => withFolder((folder) => {
    const all = ['--log-format=json', '--http-listen=127.0.0.1:0', `--store-url=sqlite:${folder}/p.db`,
      `--token-key-file=${folder}/t`, `--admin-token-file=${folder}/a`, `--secrets-key-file=${folder}/s`, ...words(folder)];
    const { status, stderr } = payoutdRun(all);
    assert.equal(status, 1, stderr);
    return stderr.trim().split('\n').map((line) => JSON.parse(line)).find(({ event }) => event === 'not started').why;
  });

  test('when its port is taken', () => withPayoutd({}, {}, async (payoutd) => {
    assert.match(why(() => [`--http-listen=127.0.0.1:${payoutd.port}`]), /in use/);
  }));
  test('when its store can\'t be opened', () => assert.match(why(() => ['--store-url=sqlite:/nowhere/p.db']), /\/nowhere/));
  test('when its store is of no kind it knows', () => assert.match(why(() => ['--store-url=mysql://x']), /sqlite:/));
  test('when others may read its keys', () => {
    assert.match(why((folder) => {
      fs.writeFileSync(path.join(folder, 't'), `${'k'.repeat(43)}\n`, { mode: 0o644 });
      fs.chmodSync(path.join(folder, 't'), 0o644);
      return [];
    }), /others may read it/);
  });
  test('when a key is too short', () => {
    assert.match(why((folder) => {
      fs.writeFileSync(path.join(folder, 't'), 'short\n', { mode: 0o600 });
      return [];
    }), /characters/);
  });
  test('when another payoutd has its store', () => withPayoutd({}, {}, async (payoutd) => {
    assert.match(why(() => [`--store-url=${payoutd.settings.store_url}`]), /./);
  }));
});

describe('the log', () => {
  // Everything that a client can send wrong or right, then the log of it.
  async function busy(payoutd) {
    const receiver = await Receiver.start();
    const merchant = await payoutd.merchant();
    const { secret_key: secret } = await payoutd.admin(`/merchants/${merchant.id}/secret`, {});
    const { password } = await payoutd.admin(`/merchants/${merchant.id}/password`, {});
    const wrong = 'Wr0ngPassw0rdOfSomebody';
    await payoutd.post('/v1/auth/login', { apikey: merchant.apikey, password: wrong });
    await payoutd.get(`/v1/auth/login?apikey=${merchant.apikey}&password=${wrong}`);
    merchant.password = password;
    const token = await merchant.login();
    await payoutd.get('/v1/transfer/check/balance', { Authorization: `Bearer ${token}` });
    await merchant.get('/nothing');
    await payoutd.request({ method: 'POST', target: `/v1/transfer/contact?token=${token}`, headers: FORM,
      body: `data={"token":"${token}"` });
    await payoutd.get('/admin/v1/merchants', { Authorization: `Bearer ${payoutd.adminToken}wrong` });
    const number = phone();
    await merchant.know(number);
    const [{ transaction_id: id }] = await merchant.pay([item(number, 500, receiver.url('/n?key=S3cretOfTheMerchantsUrl'))]);
    await receiver.end(id);
    await receiver.stop();
    const key = fs.readFileSync(payoutd.settings.token_key_file, 'utf8').trim();
    return { token, password, wrong, secret, apikey: merchant.apikey, key, admin: payoutd.adminToken,
      first: merchant.secret, webhook: secret.slice(6), ofUrl: 'S3cretOfTheMerchantsUrl' };
  }

  for (const format of ['json', 'text']) {
    test(`in ${format} has no secret in it, whatever is sent`, () =>
      withPayoutd({ log_level: 'debug', log_format: format }, {}, async (payoutd) => {
        const secrets = await busy(payoutd);
        await payoutd.stop();
        const text = payoutd.log.join('\n');
        assert.ok(payoutd.log.length > 10);
        for (const [what, secret] of Object.entries(secrets)) {
          assert.equal(text.includes(secret), false, `${what} is in the log`);
        }
      }));
  }

  for (const format of ['json', 'text']) test(`in ${format} is a line an event, each with its time and level`, () =>
    withPayoutd({ log_level: 'debug', log_format: format }, {}, async (payoutd) => {
      await busy(payoutd);
      await payoutd.stop();
      for (const line of payoutd.log) {
        assert.equal(line.startsWith('{'), format === 'json', line);
        const { at, level, event } = logLineRead(line);
        assert.match(at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
        assert.match(level, /^(error|warning|info|debug)$/);
        assert.match(event, /./);
      }
    }));

  test('has a line for each request, under the id that its reply names', () =>
    withPayoutd({}, {}, async (payoutd) => {
      const merchant = await payoutd.merchant();
      const reply = await merchant.balance();
      const line = await payoutd.untilLogged('request', (each) => each.request === reply.headers['x-request-id']);
      assert.equal(line.route, 'balance');
      assert.equal(line.status, 200);
      assert.equal(line.merchant, merchant.id);
      assert.equal(line.from, '127.0.0.1');
      assert.ok(line.duration_us > 0);
    }));

  test('can\'t be given lines by who calls', () =>
    withPayoutd({}, {}, async (payoutd) => {
      await payoutd.get('/v1/x%0A%7B%22event%22:%22forged%22%7D?lang=%0Aforged', { 'X-Forwarded-For': '1.2.3.4' });
      await payoutd.post('/v1/auth/login', { apikey: 'x\n{"event":"forged"}', password: 'x' });
      await payoutd.stop();
      for (const line of payoutd.log) assert.notEqual(JSON.parse(line).event, 'forged');
    }));
});

describe('payoutd --sandbox', () => {
  test('needs nothing: it makes a merchant, money and keys, prints them, and keeps them', async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'payoutd-api-'));
    const payoutd = new Payoutd();
    try {
      Object.assign(payoutd, { folder, log: [], settings: { http_listen: '127.0.0.1:0', log_format: 'json' } });
      const runs = [];
      payoutd.settings.admin_token_file = 'payoutd-sandbox/admin.token';
      payoutd.sandbox = true;
      for (let run = 0; run < 2; run++) {
        await payoutd.run();
        await until(() => /payout --config/.test(payoutd.stdout), 'the whole text is printed');
        const shown = Object.fromEntries(['apikey', 'password', 'secret'].map((name) =>
          [name, new RegExp(`^\\s*${name}\\s+(\\S+)`, 'm').exec(payoutd.stdout)[1]]));
        const reply = await payoutd.post('/v1/auth/login', { apikey: shown.apikey, password: shown.password });
        const { token } = expect.success(reply);
        const balance = expect.success(await payoutd.get(`/v1/transfer/check/balance?token=${token}`));
        assert.equal(balance.available, 1000000000);
        runs.push(shown);
        await payoutd.stop();
      }
      assert.deepEqual(runs[1], runs[0], 'the second run has the first one\'s keys');
      const kept = fs.readFileSync(path.join(folder, 'payoutd-sandbox/payout.conf'), 'utf8');
      for (const value of Object.values(runs[0])) assert.ok(kept.includes(value));
      assert.equal(fs.statSync(path.join(folder, 'payoutd-sandbox/payout.conf')).mode & 0o077, 0, 'for its owner only');
    } finally {
      fs.rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe('the store', () => {
  test('can be copied while payoutd runs, and the copy is a whole ledger', () =>
    withPayoutd({}, {}, async (payoutd) => {
      const merchant = await payoutd.merchant({ money: 5000, ip_list: '' });
      const number = phone();
      await merchant.know(number);
      const [{ transaction_id: id }] = await merchant.pay([item(number, 500, url)]);
      const copy = path.join(payoutd.folder, 'copy.db');
      const done = payoutdRun(['backup', copy, `--store-url=${payoutd.settings.store_url}`]);
      assert.equal(done.status, 0, done.stderr);
      await merchant.pay([item(number, 500, url)]);
      const { token_key_file, secrets_key_file } = payoutd.settings;
      const other = await Payoutd.start({ store_url: `sqlite:${copy}`, token_key_file, secrets_key_file });
      try {
        const target = await merchant.target('/transfer/check/balance');
        assert.equal(expect.success(await other.get(target)).inUsing, 500);
        assert.equal((await other.get(await merchant.target('/transfer/check/money', { transaction_id: id }))).status, 200);
      } finally {
        await other.end();
      }
    }));

  test('that somebody has changed does not pass the audit', async () => {
    for (const statement of [
      'UPDATE account SET balance_minor = balance_minor + 5 WHERE number = (SELECT max(number) FROM account)',
      'UPDATE movement SET amount_minor = amount_minor + 5 WHERE id = 1', 'DELETE FROM movement WHERE id = 2',
      'UPDATE transfer SET state = 4 WHERE state = 1']) {
      await assertAuditFinds(statement);
    }
  });

  async function assertAuditFinds(statement) {
    const payoutd = await Payoutd.start();
    try {
      const merchant = await payoutd.merchant({ ip_list: '' });
      const number = phone();
      await merchant.know(number);
      await merchant.pay([item(number, 500, url)]);
      await payoutd.stop();
      payoutd.audit();
      const script = 'import sqlite3, sys; store = sqlite3.connect(sys.argv[1]); '
        + '[store.execute(f"DROP TRIGGER {name}") for name, in '
        + 'store.execute("SELECT name FROM sqlite_master WHERE type = \'trigger\'").fetchall()]; '
        + 'changed = store.execute(sys.argv[2]).rowcount; store.commit(); sys.exit(0 if changed == 1 else 3)';
      const done = spawnSync('python3', ['-c', script, `${payoutd.folder}/payoutd.db`, statement], { encoding: 'utf8' });
      assert.equal(done.status, 0, `${statement}: ${done.stderr}`);
      assert.throws(() => payoutd.audit(), /WRONG/, statement);
    } finally {
      fs.rmSync(payoutd.folder, { recursive: true, force: true });
    }
  }
});

test('connections over the most wait for their turn', () =>
  withPayoutd({ http_connections_max: 8, http_threads: 1 }, {}, async (payoutd) => {
    const agent = new http.Agent({ keepAlive: false, maxSockets: 40 });
    const replies = await Promise.all(Array.from({ length: 40 }, () => payoutd.request({ target: '/healthz', agent })));
    for (const { status } of replies) assert.equal(status, 200);
  }));
