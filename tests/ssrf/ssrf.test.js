// What a merchant's notify_url must not reach: this machine, its neighbours, a cloud's metadata; by
// whatever name, number, redirection or change of mind. Runs in a network of its own (see
// tools/check.py), where each of those addresses, and public ones, have somebody who listens.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Payoutd, item, phone, until } from '../api/lib/payoutd.js';
import { Dns } from './dns.js';

const PUBLIC = '8.8.4.4';
const PUBLIC_TOO = '9.9.9.9';
// One for each way to answer without an end: a host that answered badly is left alone for a while.
const ENDLESS = Array.from({ length: 6 }, (_, index) => `8.8.5.${index + 1}`);
const PUBLIC_V6 = '2606:4700:4700::1111';
const PRIVATE = ['10.1.2.3', '100.64.1.1', '169.254.169.254', '172.16.5.6', '192.0.0.8', '192.168.7.8', '198.18.0.1'];
const PRIVATE_V6 = ['fd00::1', 'fec0::1', '64:ff9b::7f00:1', '64:ff9b::a01:203', '2002:7f00:1::', '2001:db8::1'];
const MEMORY_KB_MAX = 32 * 1024; // For eight answers at once, of which 256 KiB each are read.

let dns, server, payoutd, merchant, folder;
const calls = []; // All that anybody heard: {to, method, path}.
let answer = (request, response) => response.end();

function networkMake() {
  const links = fs.readFileSync('/proc/net/dev', 'utf8').split('\n').slice(2).filter((line) => line !== '');
  assert.deepEqual(links.map((line) => line.trim().split(':')[0]), ['lo'], 'a network of its own: unshare -r -n -m');
  const ip = (...words) => execFileSync('ip', words);
  ip('link', 'set', 'lo', 'up');
  for (const address of [PUBLIC, PUBLIC_TOO, ...ENDLESS, ...PRIVATE]) ip('addr', 'add', `${address}/32`, 'dev', 'lo');
  for (const address of [PUBLIC_V6, ...PRIVATE_V6]) ip('-6', 'addr', 'add', `${address}/128`, 'dev', 'lo', 'nodad');
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'payoutd-ssrf-'));
  fs.writeFileSync(path.join(folder, 'resolv.conf'), 'nameserver 127.0.0.1\noptions timeout:1 attempts:1\n');
  execFileSync('mount', ['--bind', path.join(folder, 'resolv.conf'), fs.realpathSync('/etc/resolv.conf')]);
}

before(async () => {
  networkMake();
  dns = await Dns.start();
  server = http.createServer((request, response) => {
    calls.push({ to: request.socket.localAddress.replace(/^::ffff:/, ''), method: request.method, path: request.url });
    request.on('error', () => {});
    response.on('error', () => {});
    answer(request, response);
  });
  await new Promise((resolve) => { server.listen({ port: 0, host: '::' }, resolve); });
  payoutd = await Payoutd.start({ notify_private_allowed: '', notify_timeout: '2s' },
    // What would hide the address that is really called.
    { env: { http_proxy: `http://127.0.0.1:${server.address().port}`, all_proxy: `http://127.0.0.1:${server.address().port}` } });
  merchant = await payoutd.merchant({ money: 100000000 });
});
after(async () => {
  await payoutd?.end();
  server?.closeAllConnections();
  server?.close();
  await dns?.stop();
  if (folder !== undefined) {
    execFileSync('umount', [fs.realpathSync('/etc/resolv.conf')]);
    fs.rmSync(folder, { recursive: true });
  }
});

const url = (host, at = '/n') => `http://${host}:${server.address().port}${at}`;
const heardAt = (at) => calls.filter((call) => call.path === at);

async function pay(to) {
  const number = phone();
  await merchant.know(number);
  const [{ transaction_id: id }] = await merchant.pay([item(number, 500, to)]);
  return id;
}

const deliveries = async (id) => (await payoutd.admin(`/transfers/${id}`)).deliveries;
// The first tries of what was sent to each URL, when all have been made.
async function triedAll(ids) {
  const all = [];
  for (const id of ids) all.push(await until(async () => (await deliveries(id))[0], `a try for ${id} is written down`));
  return all;
}

describe('a notify_url', () => {
  test('of a public address is called', async () => {
    await pay(url(PUBLIC, '/public'));
    await pay(url(`[${PUBLIC_V6}]`, '/public6'));
    await until(() => heardAt('/public').some(({ method }) => method === 'POST'), 'IPv4 is called');
    await until(() => heardAt('/public6').some(({ method }) => method === 'POST'), 'IPv6 is called');
    assert.deepEqual(new Set(heardAt('/public').map(({ to }) => to)), new Set([PUBLIC]));
  });

  const hosts = ['localhost', 'LOCALHOST.', '127.0.0.1', '127.1', '127.255.255.254', '2130706433', '0x7f000001', '0177.0.0.1',
    '0x7f.1', '017700000001', '0', '0.0.0.0', '[::1]', '[::]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[::127.0.0.1]',
    '１２７.０.０.１', '127。0。0。1', ...PRIVATE, ...PRIVATE_V6.map((each) => `[${each}]`), '[fe80::1%25lo]', '224.0.0.1', '255.255.255.255'];
  test('that means this machine or its neighbours is never called, however it is written', async () => {
    const ids = [];
    for (const [index, host] of hosts.entries()) {
      for (const form of [host, `awa:secret@${host}`]) {
        const number = phone();
        await merchant.know(number);
        const reply = await merchant.send([item(number, 500, url(form, `/hidden/${index}`))]);
        const [result] = reply.json().data.flat();
        if (result.code === 0) ids.push(result.transaction_id); // Others are not even taken.
      }
    }
    assert.ok(ids.length > hosts.length);
    for (const tried of await triedAll(ids)) assert.equal(tried.http_status, 0, JSON.stringify(tried));
    assert.deepEqual(calls.filter((call) => call.path.startsWith('/hidden')), []);
  });

  test('is not called at a private address that its name stands for', async () => {
    dns.names.set('plain.test', () => [{ type: 'A', value: '127.0.0.1' }]);
    dns.names.set('meta.test', () => [{ type: 'A', value: '169.254.169.254' }]);
    dns.names.set('six.test', () => [{ type: 'AAAA', value: '::1' }]);
    dns.names.set('mapped.test', () => [{ type: 'AAAA', value: '::ffff:7f00:1' }]);
    dns.names.set('nat.test', () => [{ type: 'AAAA', value: '64:ff9b::a01:203' }]);
    dns.names.set('alias.test', () => [{ type: 'CNAME', value: 'localhost' }, { type: 'A', value: '127.0.0.1', name: 'localhost' }]);
    const names = [...dns.names.keys()];
    const ids = [];
    for (const name of names) ids.push(await pay(url(name, `/named/${name}`)));
    for (const tried of await triedAll(ids)) {
      assert.equal(tried.http_status, 0);
      assert.match(tried.error, /private address/);
    }
    assert.deepEqual(calls.filter((call) => call.path.startsWith('/named')), []);
    for (const name of names) assert.ok((dns.asked.get(`${name} A`) ?? 0) > 0, `${name} was looked up`);
  });

  test('whose name stands for good and bad addresses reaches the good ones only', async () => {
    const bad = PRIVATE.map((value) => ({ type: 'A', value }));
    dns.names.set('mixed.test', () => [...bad, { type: 'A', value: PUBLIC }, { type: 'AAAA', value: '::1' }]);
    const [tried] = await triedAll([await pay(url('mixed.test', '/mixed'))]);
    assert.ok([0, 200].includes(tried.http_status));
    assert.deepEqual(heardAt('/mixed').filter(({ to }) => to !== PUBLIC), []);
  });

  test('whose name means something else each time it is asked is called where it may be only', async () => {
    // Public for whoever looks first, private for whoever connects.
    dns.names.set('rebind.test', (before) => [{ type: 'A', value: before % 2 === 0 ? PUBLIC : '127.0.0.1' }]);
    dns.names.set('rebind-other.test', (before) => [{ type: 'A', value: before % 2 === 1 ? PUBLIC : '10.1.2.3' }]);
    answer = (request, response) => { response.shouldKeepAlive = false; response.statusCode = 503; response.end(); };
    for (const name of ['rebind.test', 'rebind-other.test']) {
      const id = await pay(url(name, '/rebind'));
      await until(async () => (await deliveries(id)).length >= 4, `${name} was tried again and again`);
    }
    answer = (request, response) => response.end();
    assert.deepEqual(heardAt('/rebind').filter(({ to }) => to !== PUBLIC), []);
  });

  test('that redirects is not followed', async () => {
    const targets = ['127.0.0.1', '169.254.169.254', 'localhost', '[::1]', PUBLIC_TOO].map((host) => url(host, '/redirected'));
    const others = ['file:///etc/passwd', 'gopher://127.0.0.1/', '//127.0.0.1/redirected', 'ftp://127.0.0.1/'];
    const status = [301, 302, 303, 307, 308];
    let each = 0;
    answer = (request, response) => {
      const at = each++;
      response.writeHead(status[at % status.length], { Location: [...targets, ...others][at % (targets.length + others.length)] });
      response.end();
    };
    const id = await pay(url(PUBLIC, '/redirects'));
    await until(async () => (await deliveries(id)).length >= 6, 'it was tried again and again');
    answer = (request, response) => response.end();
    for (const { http_status: got } of await deliveries(id)) assert.ok(got === 0 || status.includes(got) || got === 200, String(got));
    assert.deepEqual(heardAt('/redirected'), []);
    assert.ok(heardAt('/redirects').length > 0);
  });
});

describe('an answer', () => {
  const memoryKb = (name) => Number(fs.readFileSync(`/proc/${payoutd.child.pid}/status`, 'utf8')
    .match(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm'))[1]);
  // Writes pieces as fast as they are taken, until the other side has enough.
  function flood(response, piece) {
    const more = () => {
      while (!response.destroyed && response.write(piece)) continue;
      if (!response.destroyed) response.once('drain', more);
    };
    more();
  }

  const endless = {
    'without an end': (request, response) => { response.writeHead(200); flood(response, Buffer.alloc(65536, 'x')); },
    'with a length that is not true': (request, response) => {
      response.writeHead(200, { 'Content-Length': '999999999999' });
      flood(response, Buffer.alloc(65536, 'x'));
    },
    'of headers without an end': (request) => {
      const { socket } = request;
      socket.on('error', () => {});
      socket.write('HTTP/1.1 200 OK\r\n');
      flood(socket, Buffer.from(`X-Header: ${'y'.repeat(8000)}\r\n`.repeat(8)));
    },
    'of one header without an end': (request) => {
      const { socket } = request;
      socket.on('error', () => {});
      socket.write('HTTP/1.1 200 OK\r\nX-Header: ');
      flood(socket, Buffer.alloc(65536, 'z'));
    },
    'of early hints without an end': (request) => {
      const { socket } = request;
      socket.on('error', () => {});
      flood(socket, Buffer.from('HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'.repeat(1000)));
    },
    'that bursts when it is unpacked': (request, response) => {
      response.writeHead(200, { 'Content-Encoding': 'gzip' });
      flood(response, Buffer.alloc(65536));
    },
  };
  for (const [index, [what, give]] of Object.entries(endless).entries()) {
    test(`${what} costs neither memory nor the others' time`, async () => {
      const before = memoryKb('VmRSS');
      let given = 0;
      fs.writeFileSync(`/proc/${payoutd.child.pid}/clear_refs`, '5'); // The peak begins anew.
      answer = (request, response) => {
        if (!request.socket.localAddress.endsWith(ENDLESS[index])) {
          response.end();
          return;
        }
        given++;
        give(request, response);
      };
      const bad = [];
      for (let i = 0; i < 8; i++) bad.push(await pay(url(ENDLESS[index], '/endless')));
      const good = await pay(url(PUBLIC_TOO, '/meanwhile'));
      await until(async () => (await deliveries(good)).some(({ http_status: got }) => got === 200), 'others are told meanwhile');
      await triedAll(bad);
      answer = (request, response) => response.end();
      assert.ok(given > 0);
      assert.ok(memoryKb('VmHWM') - before < MEMORY_KB_MAX, `${memoryKb('VmHWM') - before} kB more at the most`);
    });
  }
});
