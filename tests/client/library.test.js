// libpayout as those who build against it meet it: what is installed, its names, its headers in C and C++, its
// reference, and the examples, which run against a payoutd.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { BUILD, Payoutd, phone } from '../api/lib/payoutd.js';
import { Receiver } from '../api/lib/receiver.js';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const examples = path.join(root, 'examples');
let folder, prefix, library;

const run = (program, words, options = {}) => execFileSync(program, words, { encoding: 'utf8', ...options });
function find(name, under = folder) {
  return fs.readdirSync(under, { recursive: true }).map((each) => path.join(under, each))
    .find((each) => path.basename(each) === name);
}
function flags(...words) {
  const env = { ...process.env, PKG_CONFIG_SYSROOT_DIR: folder, PKG_CONFIG_PATH: path.join(library, 'pkgconfig') };
  return run('pkg-config', [...words, 'payout'], { env }).trim().split(/\s+/);
}
function compile(name, words = flags('--cflags', '--libs')) {
  const cpp = name.endsWith('.cpp');
  const program = path.join(folder, name.replace(/\.\w+$/, ''));
  run(cpp ? 'c++' : 'cc', [cpp ? '-std=c++17' : '-std=c11', ...(cpp ? [] : ['-D_POSIX_C_SOURCE=200809L']), '-Wall', '-Wextra',
    '-Wpedantic', '-Werror', path.join(examples, name), '-o', program, ...words], { stdio: 'pipe' });
  return program;
}

before(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'libpayout-'));
  run('meson', ['install', '-C', BUILD, '--no-rebuild', '--quiet', '--destdir', folder], { stdio: 'pipe' });
  library = path.dirname(find('libpayout.so'));
  prefix = path.dirname(find('payout.h'));
});
after(() => fs.rmSync(folder, { recursive: true, force: true }));

// What the headers declare.
function declared() {
  const text = ['payout.h', 'transport.h', 'code.h'].map((name) => fs.readFileSync(path.join(prefix, name), 'utf8')).join('\n');
  return [...text.matchAll(/^PAYOUT_API[^;(]*?(payout_\w+)\(/gms)].map(([, name]) => name).sort();
}

describe('the library', () => {
  test('shows what the headers declare, with its version, and nothing else', () => {
    const shown = run('nm', ['-D', '--defined-only', path.join(library, 'libpayout.so')]).trim().split('\n')
      .map((line) => line.split(' ').at(-1)).filter((name) => name !== 'LIBPAYOUT_0');
    assert.deepEqual(shown.sort(), declared().map((name) => `${name}@@LIBPAYOUT_0`));
    assert.ok(shown.length >= 30);
  });

  test('has the soname 0', () => {
    assert.match(run('objdump', ['-p', path.join(library, 'libpayout.so')]), /SONAME\s+libpayout\.so\.0\n/);
  });

  test('hides its own names in the static one, too', () => {
    const shown = run('nm', ['--defined-only', '-g', path.join(library, 'libpayout.a')]).trim().split('\n')
      .filter((line) => / [A-Z] /.test(line)).map((line) => line.split(' ').at(-1));
    assert.deepEqual(shown.sort(), declared());
  });

  test('can be built against as C11 and as C++17', () => {
    for (const [compiler, standard, language] of [['cc', 'c11', 'c'], ['c++', 'c++17', 'c++']]) {
      for (const header of ['payout', 'transport', 'code']) {
        const source = `#include <payout/${header}.h>\n#include <payout/${header}.h>\n`;
        run(compiler, [`-std=${standard}`, '-x', language, '-Wall', '-Wextra', '-Wpedantic', '-Werror', '-fsyntax-only',
          ...flags('--cflags'), '-'], { input: source, stdio: 'pipe' });
      }
    }
  });

  test('documents every public name', () => {
    const config = `${fs.readFileSync(path.join(root, 'docs/Doxyfile'), 'utf8')}\nOUTPUT_DIRECTORY = ${folder}/reference\n`;
    const done = spawnSync('doxygen', ['-'], { cwd: root, input: config, encoding: 'utf8' });
    assert.equal(done.status, 0, done.stderr);
    assert.equal(done.stderr, '');
    const page = fs.readFileSync(find('payout_8h.html', path.join(folder, 'reference')), 'utf8');
    for (const name of declared().filter((each) => !/payout_(code|http)_/.test(each))) assert.ok(page.includes(name), name);
  });
});

describe('the examples', () => {
  let payoutd, merchant, receiver, env;
  before(async () => {
    payoutd = await Payoutd.start();
    merchant = await payoutd.merchant({ money: 1000000 });
    receiver = await Receiver.start();
    env = { PATH: process.env.PATH, LD_LIBRARY_PATH: library, PAYOUT_URL: payoutd.url, PAYOUT_APIKEY: merchant.apikey,
      PAYOUT_PASSWORD: merchant.password, PAYOUT_SECRET: merchant.secret, PAYOUT_NOTIFY_URL: receiver.url() };
  });
  after(async () => {
    await payoutd?.end();
    await receiver?.stop();
  });

  test('send pays once, however often it is run', () => {
    const send = compile('send.c');
    const words = ['225', phone(), '500', 'example-1'];
    assert.match(run(send, words, { env }), /^ACCEPTED EA\d+\.\d+\.\w+\n$/);
    assert.match(run(send, words, { env }), /^REPEATED EA/);
  });

  test('send works with the static library, too', () => {
    // What it leans on stays shared: Debian's libcurl has more behind it than can be had as archives.
    const send = compile('send.c', [...flags('--cflags'), path.join(library, 'libpayout.a'), '-lcurl', '-ljansson', '-lsodium']);
    assert.doesNotMatch(run('ldd', [send]), /libpayout/);
    assert.match(run(send, ['225', phone(), '500', 'example-static'], { env }), /^ACCEPTED/);
  });

  test('bulk pays many in parts', () => {
    const rows = Array.from({ length: 250 }, (_, i) => `225 ${phone()} 500 bulk-${i}`).join('\n');
    const done = run(compile('bulk.c'), [], { env, input: rows });
    assert.equal(done.match(/ACCEPTED/g).length, 250);
    assert.match(done, /250 of 250 sent\n$/);
  });

  test('loop asks several things at once', () => {
    const done = run(compile('loop.c'), ['bulk-0', 'bulk-249', 'nobody'], { env });
    assert.match(done, /^available \d+$/m);
    assert.match(done, /^bulk-249 (NEW|REC|VAL)$/m);
    assert.match(done, /^nobody NOT_FOUND$/m);
  });

  test('verify believes what payoutd sent, and nothing that was changed', async () => {
    const verify = compile('verify.c');
    const post = await receiver.until(() => receiver.posts[0], 'a notification');
    const headers = { X_TOKEN: post.headers['x-token'], WEBHOOK_ID: post.headers['webhook-id'],
      WEBHOOK_TIMESTAMP: post.headers['webhook-timestamp'], WEBHOOK_SIGNATURE: post.headers['webhook-signature'],
      CONTENT_TYPE: post.headers['content-type'] };
    const judge = (input, more = {}) => spawnSync(verify, [], { env: { ...env, ...headers, ...more }, input, encoding: 'utf8' });
    assert.match(judge(post.body).stdout, / 500: x-token right, webhook right$/m);
    assert.equal(judge(post.body.replace('amount=500', 'amount=5000')).status, 1);
    assert.equal(judge(post.body, { WEBHOOK_TIMESTAMP: '1000000000' }).status, 1);
    assert.equal(judge(post.body, { PAYOUT_SECRET: 'whsec_bm90aGluZw==' }).status, 1);
  });

  test('balance works from C++', () => {
    assert.match(run(compile('balance.cpp'), [], { env }), /^\d+\n$/);
  });
});
