// TLS by payoutd itself: what it speaks, the certificate that is replaced under it, what it makes of those who
// don't speak TLS, or don't end their handshake.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import tls from 'node:tls';
import { certificateMake, rootMake } from './lib/certificate.js';
import * as expect from './lib/expect.js';
import { request } from './lib/http.js';
import { PAYOUT, Payoutd, item, payoutdRun, person, phone } from './lib/payoutd.js';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'payoutd-tls-'));
const at = (name) => path.join(folder, name);
const root = rootMake(folder);
const ca = fs.readFileSync(root);
after(() => fs.rmSync(folder, { recursive: true, force: true }));

// The files that payoutd is told to read, with the content of the pair called name.
function place(name, { certificate = true, key = true } = {}) {
  for (const [ending, wanted] of [['pem', certificate], ['key', key]]) {
    if (!wanted) continue;
    fs.copyFileSync(at(`${name}.${ending}`), at(`fresh.${ending}`));
    fs.chmodSync(at(`fresh.${ending}`), 0o600);
    fs.renameSync(at(`fresh.${ending}`), at(`live.${ending}`)); // As certbot and others do.
  }
}
const FILES = { http_tls_certificate_file: at('live.pem'), http_tls_key_file: at('live.key') };
const start = (settings) => Payoutd.start({ ...FILES, http_tls_look: '1d', ...settings }, { tls: { ca } });

// One handshake. Resolves with {name, protocol, cipher}, name being the certificate's; rejects when it fails.
function shake(port, options = {}) {
  return new Promise((resolve, reject) => {
    const socket = tls.connect({ host: '127.0.0.1', port, ca, ...options }, () => {
      resolve({ name: socket.getPeerCertificate().subject.CN, protocol: socket.getProtocol(), cipher: socket.getCipher().name });
      socket.destroy();
    });
    socket.on('error', reject);
  });
}

// What a process has worked, in hundredths of a second.
function cpuTicks(pid) {
  const fields = fs.readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1).split(' ').map(Number);
  return fields[11] + fields[12]; // utime and stime
}

before(() => {
  certificateMake(folder, 'between', { authority: true });
  certificateMake(folder, 'first', { by: 'between' });
  fs.appendFileSync(at('first.pem'), fs.readFileSync(at('between.pem'))); // A chain, as authorities give them out.
  certificateMake(folder, 'second');
  certificateMake(folder, 'third');
});

describe('a payoutd with a certificate', () => {
  let payoutd, merchant;
  before(async () => {
    place('first');
    payoutd = await start({ http_idle: '2s' });
    merchant = await payoutd.merchant();
  });
  after(() => payoutd?.end());

  test('pays over TLS as it does without', async () => {
    const number = phone();
    await merchant.know(number);
    const [{ transaction_id: id }] = await merchant.pay([item(number, 500, 'http://127.0.0.1:1/')]);
    assert.equal((await merchant.ended(id)).treatment_status, 'VAL');
  });

  test('says on every reply that it is to be spoken to over TLS only', async () => {
    for (const target of ['/healthz', '/v1/auth/login', '/nothing', '/admin/v1/merchants']) {
      assert.equal((await payoutd.get(target)).headers['strict-transport-security'], 'max-age=31536000', target);
    }
  });

  test('speaks TLS 1.3 and 1.2, with ciphers that keep the past secret', async () => {
    assert.equal((await shake(payoutd.port)).protocol, 'TLSv1.3');
    assert.equal((await shake(payoutd.port, { maxVersion: 'TLSv1.2' })).protocol, 'TLSv1.2');
    assert.match((await shake(payoutd.port, { maxVersion: 'TLSv1.2' })).cipher, /^ECDHE-.*(GCM|CHACHA20)/);
  });

  test('speaks nothing older or weaker', async () => {
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' };
    await assert.rejects(shake(payoutd.port, old));
    const weak = ['AES128-SHA', 'AES256-GCM-SHA384', 'ECDHE-ECDSA-AES128-SHA', 'ECDHE-ECDSA-AES256-SHA384', 'NULL', 'aNULL'];
    for (const ciphers of weak) {
      await assert.rejects(shake(payoutd.port, { maxVersion: 'TLSv1.2', ciphers: `${ciphers}@SECLEVEL=0` }), undefined, ciphers);
    }
  });

  test('takes and gives large bodies', async () => {
    await merchant.login();
    const people = Array.from({ length: 10000 }, () => person(phone(), { name: 'N'.repeat(60) }));
    const reply = await merchant.contact(people);
    assert.ok(reply.text.length > 1000000);
    assert.equal(reply.json().data[0].length, 10000);
  });

  test('answers many who come at once, each with a handshake and a password of its own', async () => {
    const body = new URLSearchParams({ apikey: merchant.apikey, password: merchant.password }).toString();
    const replies = await Promise.all(Array.from({ length: 40 }, () => request(payoutd.port, { method: 'POST', tls: { ca },
      agent: false, target: '/v1/auth/login', headers: { 'Content-Type': 'application/x-www-form-urlencoded' }, body })));
    for (const reply of replies) expect.success(reply);
  });

  test('shows its metrics when the certificate ends', async () => {
    const days = (await payoutd.metric('payoutd_tls_certificate_expires_timestamp_seconds') - Date.now() / 1000) / 86400;
    assert.ok(days > 29 && days <= 30, `${days} days`);
  });

  test('closes the door on who speaks HTTP in the clear, or nothing that means anything', async () => {
    for (const bytes of ['GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n', '\0'.repeat(600), '\x16\x03\x01\x40\0'.padEnd(700, 'x')]) {
      const socket = net.connect(payoutd.port, '127.0.0.1');
      let got = '';
      socket.on('data', (piece) => { got += piece.toString('latin1'); });
      socket.on('error', () => {}); // A reset is as good.
      socket.write(bytes, 'latin1');
      await new Promise((resolve) => { socket.once('close', resolve); });
      assert.doesNotMatch(got, /HTTP/);
    }
    assert.equal((await payoutd.request({ target: '/healthz', agent: false })).status, 200);
  });

  test('is spoken to by payout, with the root in its configuration', async () => {
    const said = execFileSync(PAYOUT, ['balance'], { encoding: 'utf8', env: { PATH: process.env.PATH, PAYOUT_URL: payoutd.url,
      PAYOUT_CA_FILE: root, PAYOUT_APIKEY: merchant.apikey, PAYOUT_PASSWORD: merchant.password } });
    assert.match(said, /XOF/);
  });
});

describe('handshakes that never end', () => {
  test('keep nobody out, are cut when they are silent for too long, and hold no stop up', async () => {
    place('first');
    const payoutd = await start({ http_idle: '1s', http_threads: 2 });
    try {
      // Half of them send a part of a hello, half of them nothing at all.
      const half = Buffer.from('160301020001000 1fc0303'.replaceAll(' ', ''), 'hex');
      const sockets = Array.from({ length: 300 }, (_, index) => {
        const socket = net.connect(payoutd.port, '127.0.0.1', () => { if (index % 2 === 0) socket.write(half); });
        socket.on('error', () => {});
        return socket;
      });
      await Promise.all(sockets.map((socket) => once(socket, 'connect')));
      const closed = Promise.all(sockets.map((socket) => new Promise((resolve) => { socket.once('close', resolve).resume(); })));
      const ticks = cpuTicks(payoutd.child.pid);
      for (let i = 0; i < 20; i++) assert.equal((await payoutd.request({ target: '/healthz', agent: false })).status, 200);
      await closed;
      // libmicrohttpd alone would try them again and again, on both cores, all that second.
      assert.ok(cpuTicks(payoutd.child.pid) - ticks < 60, `${cpuTicks(payoutd.child.pid) - ticks} hundredths of a second`);
      const late = net.connect(payoutd.port, '127.0.0.1');
      late.on('error', () => {});
      await once(late, 'connect');
      late.write(half);
      await payoutd.get('/healthz');
    } finally {
      await payoutd.end(); // Demands an orderly end.
    }
  });
});

describe('a certificate that is replaced', () => {
  const swaps = {
    'by a signal': [{}, (payoutd) => payoutd.child.kill('SIGHUP'), 'reloaded'],
    'without a word': [{ http_tls_look: '20ms' }, () => {}, 'certificate'],
  };
  for (const [how, [settings, tell, event]] of Object.entries(swaps)) {
    test(`${how} is shown to who comes then; who is there goes on`, async () => {
      place('first');
      const payoutd = await start(settings);
      try {
        const old = tls.connect({ host: '127.0.0.1', port: payoutd.port, ca });
        await once(old, 'secureConnect');
        place('second');
        tell(payoutd);
        await payoutd.untilLogged(event, () => payoutd.events('certificate').length > 1);
        assert.equal((await shake(payoutd.port)).name, 'second');
        old.write('GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
        let text = '';
        for await (const piece of old) text += piece;
        assert.match(text, /^HTTP\/1.1 200/);
      } finally {
        await payoutd.end();
      }
    });
  }

  test('by halves is not shown before the other half is there', async () => {
    place('first');
    const payoutd = await start({ http_tls_look: '20ms' });
    try {
      place('third', { key: false });
      const { why } = await payoutd.untilLogged('certificate not replaced');
      assert.match(why, /live.key is not the key of the first certificate in .*live.pem/);
      assert.equal((await shake(payoutd.port)).name, 'first');
      fs.writeFileSync(at('live.pem'), 'nothing');
      await payoutd.untilLogged('certificate not replaced', (line) => /no chain of certificates/.test(line.why));
      assert.equal((await shake(payoutd.port)).name, 'first');
      place('third');
      await payoutd.untilLogged('certificate', () => payoutd.events('certificate').length > 1);
      assert.equal((await shake(payoutd.port)).name, 'third');
    } finally {
      await payoutd.end();
    }
  });

  test('by a wrong one leaves all of a reload undone', async () => {
    place('first');
    const payoutd = await start();
    try {
      fs.copyFileSync(at('second.key'), at('live.key'));
      payoutd.child.kill('SIGHUP');
      assert.match((await payoutd.untilLogged('not reloaded')).why, /is not the key/);
      assert.equal((await shake(payoutd.port)).name, 'first');
    } finally {
      await payoutd.end();
    }
  });
});

describe('a start', () => {
  const refused = (settings) => {
    const words = Object.entries({ store_url: `sqlite:${at('x.db')}`, token_key_file: at('token.key'),
      secrets_key_file: at('secrets.key'), admin_token_file: '',
      http_listen: '127.0.0.1:0', ...FILES, ...settings }).map(([name, value]) => `--${name.replaceAll('_', '-')}=${value}`);
    const { status, stderr } = payoutdRun(words, { cwd: folder });
    assert.equal(status, 1, stderr);
    return stderr;
  };
  before(() => {
    place('first');
    fs.writeFileSync(at('garbage'), '-----BEGIN CERTIFICATE-----\nnothing\n-----END CERTIFICATE-----\n', { mode: 0o600 });
    execFileSync('openssl', ['pkcs8', '-topk8', '-in', at('first.key'), '-out', at('locked.key'), '-passout', 'pass:secret']);
    fs.chmodSync(at('locked.key'), 0o600);
    fs.copyFileSync(at('first.key'), at('open.key'));
    fs.chmodSync(at('open.key'), 0o644);
  });
  const cases = {
    'without the key': [{ http_tls_key_file: '' }, /tls_certificate_file and tls_key_file need each other/],
    'without the certificate': [{ http_tls_certificate_file: '' }, /tls_certificate_file and tls_key_file need each other/],
    'with a certificate that is not there': [{ http_tls_certificate_file: at('none.pem') },
      /\[http\] tls_certificate_file: .*none.pem: No such file/],
    'with a certificate that is none': [{ http_tls_certificate_file: at('garbage') }, /garbage: no chain of certificates in PEM/],
    'with a folder': [{ http_tls_certificate_file: folder }, /this is no file/],
    'with a key that is none': [{ http_tls_key_file: at('garbage') }, /\[http\] tls_key_file: .*garbage: no private key in PEM/],
    'with a key that wants a passphrase': [{ http_tls_key_file: at('locked.key') }, /locked.key: the key wants a passphrase/],
    'with a key that everybody may read': [{ http_tls_key_file: at('open.key') }, /open.key: everybody may read it/],
    "with another one's key": [{ http_tls_key_file: at('second.key') }, /second.key is not the key of the first certificate/],
  };
  for (const [what, [settings, says]] of Object.entries(cases)) {
    test(`${what} is refused, with a sentence`, () => assert.match(refused(settings), says));
  }
});

describe('a payoutd without a certificate', () => {
  let payoutd;
  before(async () => { payoutd = await Payoutd.start({ http_trusted_proxies: '127.0.0.1' }); });
  after(() => payoutd?.end());
  const hsts = async (headers) => (await payoutd.get('/healthz', headers)).headers['strict-transport-security'];

  test('says nothing of TLS, but behind a proxy that it trusts and that speaks it', async () => {
    assert.equal(await hsts(), undefined);
    assert.equal(await hsts({ 'X-Forwarded-Proto': 'http' }), undefined);
    assert.equal(await hsts({ 'X-Forwarded-Proto': 'https' }), 'max-age=31536000');
  });

  test('does not believe it of others', async () => {
    const other = await Payoutd.start();
    try {
      assert.equal((await other.get('/healthz', { 'X-Forwarded-Proto': 'https' })).headers['strict-transport-security'], undefined);
    } finally {
      await other.end();
    }
  });

  test('refuses who speaks TLS to it, and goes on', async () => {
    await assert.rejects(shake(payoutd.port));
    assert.equal((await payoutd.get('/healthz')).status, 200);
  });

  test('gets one with a restart only', async () => {
    const other = await Payoutd.start({}, { config: '' });
    try {
      other.configWrite(`[http]\ntls_certificate_file = ${at('live.pem')}\ntls_key_file = ${at('live.key')}\n`);
      other.child.kill('SIGHUP');
      assert.match((await other.untilLogged('not reloaded')).why, /TLS begins and ends with a restart only/);
    } finally {
      await other.end();
    }
  });
});
