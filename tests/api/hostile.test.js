// Hostile clients: each attack gets the right answer or none, good clients are served meanwhile, memory has
// a bound. How quickly good clients are served meanwhile is measured by bench/hostile.py.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { after, before, describe, test } from 'node:test';
import * as expect from './lib/expect.js';
import { FORM, urlencoded } from './lib/http.js';
import { Payoutd, item, logLineRead, person, phone, until } from './lib/payoutd.js';

const BALANCE = '/v1/transfer/check/balance';
const LOGIN = '/v1/auth/login';
const MB = 1024 * 1024;

const memoryMb = (payoutd, name = 'VmHWM') => Number(fs.readFileSync(`/proc/${payoutd.child.pid}/status`, 'utf8')
  .match(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm'))[1]) / 1024;

// A connection that sends bytes and stays; resolves when it is there and they are on their way.
function hold(port, bytes, from = '127.0.0.1') {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ port, host: '127.0.0.1', localAddress: from });
    socket.on('data', () => {});
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      socket.on('error', () => {});
      if (bytes === '') resolve(socket);
      else socket.write(bytes, () => resolve(socket));
    });
  });
}

// Sends bytes as they are, and reads until the other side has ended; its answer.
function raw(port, bytes) {
  return new Promise((resolve) => {
    const pieces = [];
    const socket = net.connect(port, '127.0.0.1', () => socket.end(bytes));
    socket.on('data', (piece) => pieces.push(piece));
    socket.on('error', () => {});
    socket.on('close', () => resolve(Buffer.concat(pieces).toString('latin1')));
  });
}

async function withPayoutd(settings, work) {
  const payoutd = await Payoutd.start(settings);
  try {
    await work(payoutd, await payoutd.merchant());
  } finally {
    await payoutd.end();
  }
}

async function served(merchant) {
  expect.success(await merchant.balance());
  const number = phone();
  await merchant.know(number);
  const [{ transaction_id: id }] = await merchant.pay([item(number, 500, 'http://127.0.0.1:9/')]);
  assert.equal((await merchant.ended(id)).treatment_status, 'VAL');
}

describe('many connections', () => {
  test('ten thousand that say nothing cost little, and nobody waits for them', async () => {
    await withPayoutd({ http_connections_max: 12000 }, async (payoutd, merchant) => {
      const sockets = [];
      try {
        for (let begun = 0; begun < 10000; begun += 250) {
          const more = Array.from({ length: 250 }, (_, index) => hold(payoutd.port, '', `127.0.0.${2 + index % 4}`));
          sockets.push(...await Promise.all(more));
        }
        await served(merchant);
        assert.ok(memoryMb(payoutd) < 200, `${memoryMb(payoutd)} MB`);
      } finally {
        for (const socket of sockets) socket.destroy();
      }
    });
  });

  test('that send a head or a body byte by byte keep nobody else from being served', async () => {
    await withPayoutd({}, async (payoutd, merchant) => {
      const begins = ['GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ', `POST ${LOGIN} HTTP/1.1\r\nHost: x\r\nContent-Length: 4000\r\n\r\n`];
      const sockets = await Promise.all(Array.from({ length: 600 }, (_, index) => hold(payoutd.port, begins[index % 2])));
      try {
        for (let turn = 0; turn < 20; turn++) {
          for (const socket of sockets) socket.write('x');
          expect.success(await merchant.balance());
        }
        await served(merchant);
      } finally {
        for (const socket of sockets) socket.destroy();
      }
    });
  });

  test('that say or read a byte at a time are ended when their time is over', async () => {
    await withPayoutd({ http_request: '1s', http_idle: '1d' }, async (payoutd, merchant) => {
      const begins = ['', 'GET / HT', 'GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ',
        `POST ${LOGIN} HTTP/1.1\r\nHost: x\r\nContent-Length: 4000\r\n\r\n`,
        `POST ${LOGIN} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nfff\r\n`];
      const sockets = await Promise.all(begins.map((bytes) => hold(payoutd.port, bytes)));
      const numbers = Array.from({ length: 4000 }, () => phone());
      const body = urlencoded({ data: JSON.stringify(numbers.map((number) => ({ ...person(number), more: 'm'.repeat(1000) }))) });
      const deaf = await hold(payoutd.port, '');
      deaf.pause(); // Its answers are larger than what lies between us holds.
      const target = await merchant.target('/transfer/contact');
      for (let i = 0; i < 4; i++) deaf.write(`POST ${target} HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
      await until(async () => {
        for (const socket of sockets) if (!socket.destroyed) socket.write('x');
        return await payoutd.metric('payoutd_http_slow_total') === sockets.length + 1;
      }, 'all are shown out');
      for (const socket of sockets) await until(() => socket.destroyed, 'the connection is closed');
      deaf.destroy();
      await served(merchant);
    });
  });

  test('that say nothing make room for others at once', async () => {
    await withPayoutd({ http_connections_max: 64, http_idle: '1d', http_request: '1d' }, async (payoutd, merchant) => {
      const sockets = await Promise.all(Array.from({ length: 600 }, () => hold(payoutd.port, '')));
      payoutd.agent.destroy(); // From here on it comes as everybody does.
      payoutd.agent = new http.Agent({ keepAlive: false });
      await served(merchant);
      assert.ok(await payoutd.metric('payoutd_http_made_room_total') > 0);
      for (const socket of sockets) socket.destroy();
    });
  });

  test('that send bodies that never end make room, too', async () => {
    await withPayoutd({ http_connections_max: 16, http_idle: '1d', http_request: '1d' }, async (payoutd, merchant) => {
      const begin = `POST ${LOGIN} HTTP/1.1\r\nHost: x\r\nContent-Length: 4000\r\n\r\nx`;
      const sockets = await Promise.all(Array.from({ length: 60 }, () => hold(payoutd.port, begin)));
      payoutd.agent.destroy();
      payoutd.agent = new http.Agent({ keepAlive: false });
      await served(merchant);
      for (const socket of sockets) socket.destroy();
    });
  });

  test('of one address are as many as may be, over all threads; of a trusted proxy more', async () => {
    await withPayoutd({ http_connections_per_ip_max: 5, http_threads: 4, http_trusted_proxies: '127.0.0.1' }, async (payoutd) => {
      const there = async (from) => {
        const sockets = await Promise.all(Array.from({ length: 12 }, () => hold(payoutd.port, '', from)));
        await payoutd.get('/healthz');
        return sockets;
      };
      const sockets = [...await there('127.0.0.7'), ...await there('127.0.0.1')];
      await until(() => sockets.filter(({ destroyed }) => destroyed).length >= 7, 'seven are shown out');
      assert.equal(await payoutd.metric('payoutd_http_too_many_total'), 7);
      assert.ok(sockets.slice(12).every(({ destroyed }) => !destroyed), 'of the proxy none');
      const [left] = sockets.filter(({ destroyed }) => !destroyed);
      left.destroy();
      const another = async () => {
        const socket = await hold(payoutd.port, 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n', '127.0.0.7');
        return new Promise((resolve) => {
          socket.once('data', () => resolve(true));
          socket.once('close', () => resolve(false));
        }).finally(() => socket.destroy());
      };
      await until(another, 'a place that was left is another\'s');
      for (const socket of sockets) socket.destroy();
    });
  });

  test('more than there can be are refused a place, not the others their answers', async () => {
    await withPayoutd({ http_connections_max: 64, http_idle: '1s' }, async (payoutd, merchant) => {
      const sockets = await Promise.all(Array.from({ length: 300 }, () => hold(payoutd.port, '')));
      await served(merchant); // Once the silent ones have been shown out.
      for (const socket of sockets) socket.destroy();
    });
  });
});

describe('memory', () => {
  test('held by bodies that never end has a bound, within which small requests always are', async () => {
    await withPayoutd({ http_memory_max: '16M', http_body_max: '4M' }, async (payoutd, merchant) => {
      const begun = memoryMb(payoutd);
      const part = `POST ${LOGIN} HTTP/1.1\r\nHost: x\r\nContent-Length: ${4 * MB}\r\n\r\n${'x'.repeat(2 * MB)}`;
      const sockets = await Promise.all(Array.from({ length: 60 }, () => hold(payoutd.port, part)));
      await until(async () => await payoutd.metric('payoutd_http_memory_full_total') >= 50, 'no more is taken');
      await served(merchant);
      assert.ok(await payoutd.metric('payoutd_http_held_bytes') <= 18 * MB, 'what is small comes on top');
      const big = async () => payoutd.request({ method: 'POST', target: await merchant.target('/transfer/contact'), headers: FORM,
        body: `data=${encodeURIComponent(JSON.stringify([person(phone())]))}&more=${'y'.repeat(100000)}` });
      const refused = await big();
      expect.failure(refused, 'EXECUTION_ERROR', { status: 503 });
      assert.match(refused.headers['retry-after'], /^\d+$/);
      for (const socket of sockets) socket.destroy();
      await until(async () => await payoutd.metric('payoutd_http_held_bytes') < MB, 'what they held is free again');
      expect.success(await big());
      assert.ok(memoryMb(payoutd) - begun < 120, `${memoryMb(payoutd) - begun} MB more`);
    });
  });

  test('held by answers that nobody reads has the same bound', async () => {
    await withPayoutd({ http_memory_max: '16M' }, async (payoutd, merchant) => {
      const begun = memoryMb(payoutd);
      const numbers = Array.from({ length: 2000 }, () => phone());
      const body = `data=${encodeURIComponent(JSON.stringify(numbers.map((number) => person(number))))}`;
      const target = await merchant.target('/transfer/contact');
      const request = `POST ${target} HTTP/1.1\r\nHost: x\r\nContent-Type: ${FORM['Content-Type']}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
      const deaf = await Promise.all(Array.from({ length: 100 }, async () => {
        const socket = await hold(payoutd.port, '');
        socket.pause();
        socket.write(request);
        return socket;
      }));
      await until(async () => await payoutd.metric('payoutd_http_memory_full_total') > 0, 'no more is taken');
      await served(merchant);
      for (const socket of deaf) socket.destroy();
      assert.ok(memoryMb(payoutd) - begun < 200, `${memoryMb(payoutd) - begun} MB more`);
    });
  });
});

describe('what is no HTTP, or too much of it', () => {
  let payoutd, merchant;
  before(async () => { payoutd = await Payoutd.start({ http_idle: '1s' }); merchant = await payoutd.merchant(); });
  after(() => payoutd?.end());

  const garbage = {
    'NULs': '\x00'.repeat(5000),
    'a TLS greeting': Buffer.from('16030102000100fc0303', 'hex').toString('latin1'),
    'HTTP/2': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    'no version': 'GET /\r\n\r\n',
    'a version to come': 'GET / HTTP/9.9\r\nHost: x\r\n\r\n',
    'a NUL in the line': 'GET /\x00admin HTTP/1.1\r\nHost: x\r\n\r\n',
    'a NUL in a header': 'GET / HTTP/1.1\r\nHost: x\r\nX: a\x00b\r\n\r\n',
    'a header without a name': 'GET / HTTP/1.1\r\nHost: x\r\n: y\r\n\r\n',
    'a folded header': 'GET / HTTP/1.1\r\nHost: x\r\nX: a\r\n b\r\n\r\n',
    'two lengths': `POST ${LOGIN} HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 50\r\n\r\nhello`,
    'a length and chunks': `POST ${LOGIN} HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    'a negative length': `POST ${LOGIN} HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n`,
    'a length that wraps': `POST ${LOGIN} HTTP/1.1\r\nHost: x\r\nContent-Length: 18446744073709551617\r\n\r\nx`,
    'a chunk that wraps': `POST ${LOGIN} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff1\r\nx\r\n0\r\n\r\n`,
    'a chunk of no number': `POST ${LOGIN} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n`,
    'a request hidden in a body': `POST ${LOGIN} HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\nGET /admin/v1/merchants HTTP/1.1\r\nHost: x\r\n\r\n`,
    'ten thousand headers': `GET / HTTP/1.1\r\nHost: x\r\n${'X-A: b\r\n'.repeat(10000)}\r\n`,
    'one endless header': `GET / HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(MB)}\r\n\r\n`,
    'an endless path': `GET /${'a'.repeat(MB)} HTTP/1.1\r\nHost: x\r\n\r\n`,
    'ten thousand parameters': `GET ${BALANCE}?${'a=b&'.repeat(10000)} HTTP/1.1\r\nHost: x\r\n\r\n`,
    'ten thousand cookies': `GET / HTTP/1.1\r\nHost: x\r\nCookie: ${'a=b; '.repeat(10000)}\r\n\r\n`,
  };
  for (const [what, bytes] of Object.entries(garbage)) {
    test(`${what}: no harm, and no answer of success but to what is asked rightly`, async () => {
      const answer = await raw(payoutd.port, Buffer.from(bytes, 'latin1'));
      assert.doesNotMatch(answer, /"code":0|"merchants"/);
      const statuses = [...answer.matchAll(/^HTTP\/1\.[01] (\d+)/gm)].map(([, status]) => Number(status));
      assert.ok(statuses.every((status) => status >= 400 || status === 200), answer.slice(0, 200));
      expect.success(await merchant.balance());
    });
  }
  for (const what of ['two lengths', 'a length and chunks', 'a request hidden in a body']) {
    test(`${what}: is refused with 400, and nothing after it is read`, async () => {
      const answer = await raw(payoutd.port, `${garbage[what]}GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n`);
      assert.match(answer, /^HTTP\/1\.1 400 /);
      assert.equal(answer.match(/^HTTP\/1\./gm).length, 1, answer);
    });
  }
  test('leaves memory where it was', () => assert.ok(memoryMb(payoutd) < 150, `${memoryMb(payoutd)} MB`));
});

describe('what is no data', () => {
  let payoutd, merchant;
  before(async () => { payoutd = await Payoutd.start(); merchant = await payoutd.merchant(); });
  after(() => payoutd?.end());

  const post = async (path, data) => payoutd.request({ method: 'POST', target: await merchant.target(path), headers: FORM,
    body: Buffer.concat([Buffer.from('data='), Buffer.isBuffer(data) ? data : Buffer.from(encodeURIComponent(data))]) });

  const bombs = {
    'nested a hundred thousand deep': '['.repeat(100000) + ']'.repeat(100000),
    'objects nested a hundred thousand deep': '{"a":'.repeat(100000) + '1' + '}'.repeat(100000),
    'of more items than may be': `[${Array(10001).fill('{}').join(',')}]`,
    'of a million empty lists': `[${Array(1000000).fill('[]').join(',')}]`,
    'with a key a hundred thousand times': `[{${Array(100000).fill('"a":1').join(',')}}]`,
    'with keys that look alike': `[{${Array.from({ length: 100000 }, (_, at) => `"k${at}":1`).join(',')}}]`,
    'of a text without an end': `["${'a'.repeat(5000000)}`,
    'that is a number of a million digits': '9'.repeat(1000000),
    'of lone surrogates': '[{"prefix":"225","phone":"\\ud800"}]',
  };
  for (const [what, data] of Object.entries(bombs)) {
    test(`JSON ${what} is refused with its code`, async () => {
      const reply = await post('/transfer/money/send/contact', data);
      assert.ok(reply.status >= 400 && reply.status < 500, `${reply.status} ${reply.text.slice(0, 200)}`);
      assert.match(reply.json().code, /^7\d\d$/);
      expect.success(await merchant.balance());
    });
  }

  const amounts = ['1e400', '-1e400', '9'.repeat(400), '-0', '1e-400', '1.5', '0x10', 'NaN', 'Infinity', '9223372036854775808',
    '-9223372036854775809', '18446744073709551616', '"9223372036854775807"', '"1e3"', '"５００"', '"500\\u0000"', 'null', 'true',
    '[500]', '{"$gt":0}'];
  test('no amount but a whole positive number in its tranche is paid', async () => {
    const number = phone();
    await merchant.know(number);
    const before = await merchant.money();
    for (const amount of amounts) {
      const reply = await post('/transfer/money/send/contact', `[{"prefix":"225","phone":"${number}","amount":${amount},"notify_url":"http://127.0.0.1:9/"}]`);
      assert.ok(reply.status >= 400 && reply.status < 500, `${amount}: ${reply.text}`);
    }
    assert.deepEqual(await merchant.money(), before);
  });

  const texts = [Buffer.from([0xff]), Buffer.from([0xc0, 0xaf]), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from([0xf4, 0x90, 0x80, 0x80]),
    Buffer.from([0xe2, 0x82]), Buffer.from([0]), Buffer.from('\\u0000')];
  for (const bytes of texts) {
    test(`a name of the bytes ${bytes.toString('hex')} is refused`, async () => {
      const number = phone();
      const json = Buffer.concat([Buffer.from('[{"prefix":"225","phone":"'), Buffer.from(number), Buffer.from('","name":"a'), bytes,
        Buffer.from('b","surname":"x","email":"a@example.com"}]')]);
      const reply = await post('/transfer/contact', json);
      assert.ok(reply.status >= 400 && reply.status < 500, reply.text);
      assert.doesNotThrow(() => new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(reply.text)));
    });
  }
});

describe('who claims to be somebody else', () => {
  let payoutd, merchant, other;
  before(async () => {
    payoutd = await Payoutd.start();
    merchant = await payoutd.merchant();
    other = await payoutd.merchant();
    await merchant.login();
    await other.login();
  });
  after(() => payoutd?.end());

  const base64 = (text) => Buffer.from(text).toString('base64url');
  const signed = (key, head, payload) => `${head}.${payload}.${createHmac('sha256', key).update(`${head}.${payload}`).digest('base64url')}`;

  test('has no token that is taken', async () => {
    const token = await merchant.login();
    const [head, payload, mark] = token.split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url'));
    const [, otherPayload] = (await other.login()).split('.');
    const later = base64(JSON.stringify({ ...claims, exp: claims.exp + 3600 }));
    const forged = {
      'of no algorithm': `${base64('{"alg":"none","typ":"JWT"}')}.${payload}.`,
      'of no algorithm, written otherwise': `${base64('{"typ":"JWT","alg":"nOnE"}')}.${payload}.${mark}`,
      'of an empty key': signed('', head, payload),
      'of a key that everybody knows': signed('secret', head, payload),
      'of the merchant\'s own apikey': signed(merchant.apikey, head, payload),
      'of the merchant\'s own secret': signed(merchant.secret, head, payload),
      'with another merchant in it': `${head}.${otherPayload}.${mark}`,
      'that lives longer': `${head}.${later}.${mark}`,
      'with a mark cut short': token.slice(0, -1),
      'with a mark that goes on': `${token}A`,
      'without a mark': `${head}.${payload}.`,
      'of four parts': `${token}.${mark}`,
      'with a key id that is a path': signed('', base64('{"alg":"HS256","kid":"/dev/null"}'), payload),
      'of nothing but dots': '..',
      'of a NUL': `${token}\u0000`,
      'that is an object': '[object Object]',
    };
    for (const shown of Object.values(forged)) {
      expect.failure(await payoutd.get(`${BALANCE}?lang=en&token=${encodeURIComponent(shown)}`), 'INVALID_TOKEN');
    }
  });

  test('with the first of two tokens is himself, whatever the second says', async () => {
    const reply = await payoutd.get(`${BALANCE}?lang=en&token=x&token=${merchant.token}`);
    assert.ok(reply.status === 200 || reply.json().code === '706', reply.text);
  });

  test('with the token of another merchant sees nothing of this one', async () => {
    const number = phone();
    await merchant.know(number);
    const [{ transaction_id: id }] = await merchant.pay([item(number, 500, 'http://127.0.0.1:9/')]);
    const seen = await other.check({ transaction_id: id });
    expect.failure(seen, 'NOT_FOUND', { data: null });
    const guess = await payoutd.get('/admin/v1/merchants', { Authorization: `Bearer ${merchant.token}` });
    assert.ok(guess.status === 401 || guess.status === 403 || guess.status === 404 || guess.status === 400, guess.text);
  });

  test('with a token that is over is refused as such', async () => {
    await withPayoutd({ token_lifetime: '1s' }, async (brief, somebody) => {
      const token = await somebody.login();
      const reply = await until(async () => {
        const got = await brief.get(`${BALANCE}?lang=en&token=${token}`);
        return got.status === 200 ? undefined : got;
      }, 'it is over');
      expect.failure(reply, 'EXPIRED_TOKEN');
    });
  });
});

describe('who writes more than data', () => {
  const injections = ["' OR '1'='1", "'; DROP TABLE merchant; --", '" OR ""="', 'x\'); DELETE FROM transfer; --', '1; ATTACH DATABASE \'/tmp/x\' AS y',
    '%27%20OR%201=1', '${jndi:ldap://127.0.0.1/a}', '{{7*7}}', '$(touch /tmp/x)', '`id`', '%s%s%n%x', '../../etc/passwd'];
  const lines = ['a\r\n2026-11-25T00:00:00.000Z error forged line', 'a\n{"event":"forged"}', 'a\u2028forged', '\x1b[31mforged\x1b[0m', 'a" event="forged'];

  for (const format of ['json', 'text']) {
    test(`neither changes a statement nor the log as ${format}`, async () => {
      await withPayoutd({ log_format: format, log_level: 'debug' }, async (payoutd, merchant) => {
        for (const text of [...injections, ...lines]) {
          const encoded = encodeURIComponent(text);
          await payoutd.post(`${LOGIN}?lang=${encoded}`, { apikey: text, password: text });
          await payoutd.get(`/v1/${encoded}?${encoded}=${encoded}&token=${encoded}`);
          await merchant.check({ transaction_id: text, lang: text });
          await merchant.check({ client_transaction_id: text });
          await payoutd.get(BALANCE, { 'X-Forwarded-For': encoded, 'User-Agent': encoded });
          await payoutd.adminReply(`/merchants/${encoded}`);
          await payoutd.adminReply('/merchants', { name: text, notify_url: text });
          const number = phone();
          await merchant.contact([{ prefix: '225', phone: number, name: text, surname: text, email: text }]);
          await merchant.send([item(number, 500, `http://127.0.0.1:9/${encoded}`, { client_transaction_id: `${text}-${number}` })]);
        }
        await served(merchant);
        assert.equal((await payoutd.admin('/merchants')).merchants[0].id > 0, true);
        for (const line of payoutd.log) {
          const read = logLineRead(line);
          assert.notEqual(read.event, undefined, `a line of the log: ${line}`);
          assert.notEqual(read.event, 'forged');
          assert.doesNotMatch(line, /^forged|[\x00-\x08\x0b-\x1f\x7f\u2028]/, line);
        }
      });
    });
  }
});
