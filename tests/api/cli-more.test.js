// `payout` for those who live with it: a send that goes on after it was cut, watching, the doctor, events of the
// sandbox, profiles and secrets, completion, colours, French.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { payoutOf } from './lib/payout.js';
import { PAYOUT, Payoutd, phone } from './lib/payoutd.js';
import { Receiver } from './lib/receiver.js';
import { untilEvent } from './lib/wait.js';

let payoutd, merchant, receiver, folder, begin, exits, json;
before(async () => {
  payoutd = await Payoutd.start();
  merchant = await payoutd.merchant({ money: 10000000 });
  receiver = await Receiver.start();
  folder = payoutd.folder;
  ({ begin, exits, json } = payoutOf({ payoutd, merchant, folder, notifyUrl: receiver.url() }));
});
after(async () => {
  await payoutd?.end();
  await receiver?.stop();
});

const write = (name, text, mode = 0o600) => {
  fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
  fs.writeFileSync(path.join(folder, name), text, { mode });
  return name;
};
const people = (name, count) => write(name, ['prefix,phone,amount', ...Array.from({ length: count }, () => `225,${phone()},500`)].join('\n'));
const journal = (name) => fs.readFileSync(path.join(folder, `${name}.journal`), 'utf8');

describe('payout send FILE', () => {
  test('writes everything down, and pays nobody again', async () => {
    const file = people('staff.csv', 7);
    const first = await json(0, ['send', file, '--lot-size', '3', '--add-contacts']);
    assert.equal(first.accepted, 7);
    const kinds = journal(file).trim().split('\n').map((line) => line.split(',')[0]);
    assert.deepEqual(kinds.filter((kind) => kind === 'begin').length, 3);
    assert.equal(kinds.indexOf('begin') - 1, kinds.indexOf('ready'));
    assert.equal(fs.statSync(path.join(folder, `${file}.journal`)).mode & 0o777, 0o600);
    const again = await json(0, ['send', file]);
    assert.deepEqual(again.items.map((item) => item.transaction_id), first.items.map((item) => item.transaction_id));
  });

  test('asks for a lot that had begun, and sends it when it is not there', async () => {
    const file = people('cut.csv', 4);
    const first = await json(0, ['send', file, '--lot-size', '2', '--add-contacts']);
    // As a kill leaves it: the second lot's end is not written, and a line is cut in the middle.
    const whole = journal(file);
    fs.writeFileSync(path.join(folder, `${file}.journal`), `${whole.slice(0, whole.indexOf('begin,2,2') + 'begin,2,2\n'.length)}line,2,ACCE`);
    const resumed = await json(0, ['send', file]);
    assert.deepEqual(resumed.items.map((item) => item.outcome), ['ACCEPTED', 'ACCEPTED', 'REPEATED', 'REPEATED']);
    assert.deepEqual(resumed.items.map((item) => item.transaction_id), first.items.map((item) => item.transaction_id));
  });

  test('does not go on with other payments, another account, or what is no journal', async () => {
    const file = people('other.csv', 2);
    await exits(0, ['send', file, '--add-contacts']);
    fs.appendFileSync(path.join(folder, file), `\n225,${phone()},500`);
    assert.match((await exits(2, ['send', file])).stderr, /the payments are not those it was begun with/);
    const rich = await payoutd.merchant();
    const env = { PAYOUT_APIKEY: rich.apikey, PAYOUT_PASSWORD: rich.password };
    assert.match((await exits(2, ['send', file], { env })).stderr, /another server or account/);
    write('notes.txt', 'my notes\n');
    assert.match((await exits(2, ['send', file, '--journal', 'notes.txt'])).stderr, /no journal of payout's/);
    assert.equal(fs.readFileSync(path.join(folder, 'notes.txt'), 'utf8'), 'my notes\n');
  });

  test('sends what was refused for want of money once there is some', async () => {
    const poor = await payoutd.merchant({ money: 0 });
    const env = { PAYOUT_APIKEY: poor.apikey, PAYOUT_PASSWORD: poor.password };
    const file = people('poor.csv', 2);
    await exits(4, ['send', file, '--add-contacts'], { env });
    await poor.topUp(100000);
    await exits(0, ['send', file, '--add-contacts'], { env });
  });
});

describe('payout watch', () => {
  test('follows a lot to its end, and tells by its exit status', async () => {
    const file = write('mixed.csv', `prefix,phone,amount,client_transaction_id\n225,${phone('9905')},500,w-1\n225,${phone('9950')},500,w-2`);
    const sent = await json(0, ['send', '--csv', file, '--add-contacts']);
    const { stdout } = await exits(1, ['watch', sent.items[0].lot, '--every', '20']);
    assert.match(stdout, /w-1 \d+ VAL/);
    assert.match(stdout, /2 transfers: 1 paid, 1 rejected, 0 not ended/);
    await exits(4, ['watch', 'nowhere']);
  });
});

describe('payout doctor', () => {
  test('finds nothing wrong where nothing is', async () => {
    const found = Object.fromEntries((await json(0, ['doctor'], { env: { PAYOUT_SECRET: merchant.secret } }))
      .map(({ what, verdict }) => [what, verdict]));
    assert.deepEqual(found, { server: 'ok', tls: 'ok', clock: 'ok', credentials: 'ok', addresses: 'ok', money: 'ok', notify_url: 'ok', secret: 'ok' });
  });

  test('finds wrong credentials, a dead notify_url and a dead server', async () => {
    assert.match((await exits(1, ['doctor'], { env: { PAYOUT_PASSWORD: 'wrong' } })).stdout, /^WRONG\s+credentials\s+701/m);
    assert.match((await exits(1, ['doctor'], { env: { PAYOUT_NOTIFY_URL: 'http://127.0.0.1:1/' } })).stdout, /^WRONG\s+notify_url/m);
    assert.match((await exits(1, ['doctor'], { env: { PAYOUT_URL: 'http://127.0.0.1:1' } })).stdout, /^WRONG\s+server/m);
  });
});

describe('payout trigger and listen', () => {
  test('each event comes, and is handed on with its signatures', async () => {
    const listening = begin(['listen', '--port', '0', '--json', '--forward-to', receiver.url('/mine'), '--expect', 'REJ=1', '--secret', merchant.secret]);
    await untilEvent(listening, 'output', () => /http:\S+/.exec(listening.stderr), 'it listens');
    const [url] = /http:\S+/.exec(listening.stderr);
    const env = { PAYOUT_NOTIFY_URL: url };
    await exits(0, ['trigger', 'transfer.rej'], { env });
    const { status, stdout } = await listening.end;
    assert.equal(status, 0, stdout);
    assert.match(stdout, /"x_token":"right","webhook_signature":"right"/);
    const handed = receiver.posts.filter((call) => call.url === '/mine');
    assert.ok(handed.some(({ fields }) => fields.treatment_status === 'REJ'));
    assert.ok(handed.every(({ headers }) => headers['x-token'] && headers['webhook-signature']));
    for (const event of ['transfer.new', '9905']) await exits(0, ['trigger', event]);
  });

  test('a failing server behind it makes payoutd try again', async () => {
    let failures = 0;
    receiver.answer = (call) => (call.url === '/flaky' && call.method === 'POST' && failures++ === 0 ? 500 : 200);
    const listening = begin(['listen', '--port', '0', '--forward-to', receiver.url('/flaky'), '--expect', 'VAL=1']);
    await untilEvent(listening, 'output', () => /http:\S+/.exec(listening.stderr), 'it listens');
    await exits(0, ['trigger', 'transfer.val'], { env: { PAYOUT_NOTIFY_URL: /http:\S+/.exec(listening.stderr)[0] } });
    const { status, stdout } = await listening.end;
    assert.equal(status, 0, stdout);
    assert.match(stdout, /answered 500/);
    receiver.answer = () => 200;
  });

  test('pays nobody on another machine unless told that it is a sandbox, and knows its events', async () => {
    const env = { PAYOUT_URL: 'http://192.0.2.1' };
    assert.match((await exits(2, ['trigger', 'transfer.val'], { env })).stderr, /if it is a sandbox, say --sandbox/);
    await exits(2, ['trigger', 'transfer.nothing']);
    assert.match((await exits(0, ['trigger', '--list'])).stdout, /^transfer\.nos\s+no answer/m);
  });
});

describe('profiles and secrets', () => {
  const env = { PAYOUT_URL: '', PAYOUT_APIKEY: '', PAYOUT_PASSWORD: '' };
  test('a profile may be a file of its own, its password a command\'s or a file\'s', async () => {
    write('secret.txt', `${merchant.password}\n`);
    write('.config/payout/shop.conf', `url = ${payoutd.url}\napikey = ${merchant.apikey}\npassword_command = cat secret.txt\n`);
    write('.config/payout/default.conf', `url = ${payoutd.url}\napikey = ${merchant.apikey}\npassword_file = secret.txt\n`);
    await exits(0, ['balance', '--profile', 'shop'], { env });
    await exits(0, ['balance'], { env });
    await exits(0, ['balance', '--profile', 'shop'], { env: { ...env, XDG_CONFIG_HOME: path.join(folder, '.config'), HOME: '/' } });
    await exits(2, ['balance', '--profile', 'nobody'], { env });
    fs.chmodSync(path.join(folder, '.config/payout/shop.conf'), 0o644);
    await exits(2, ['balance', '--profile', 'shop'], { env });
  });

  test('a command that fails or says nothing gives no secret', async () => {
    for (const command of ['false', 'true', `echo ${merchant.password}; false`]) {
      const failing = { PAYOUT_PASSWORD: '', PAYOUT_PASSWORD_COMMAND: command, XDG_CONFIG_HOME: '/nowhere' };
      assert.match((await exits(2, ['balance'], { env: failing })).stderr, /gives no secret/);
    }
    await exits(0, ['balance'], { env: { PAYOUT_PASSWORD: '', PAYOUT_PASSWORD_COMMAND: 'cat secret.txt' } });
  });
});

describe('what a person sees', () => {
  // Completes the last of words in bash.
  function complete(...words) {
    const script = `source <("$0" completion bash); COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _payout; echo "\${COMPREPLY[*]}"`;
    const done = spawnSync('bash', ['--norc', '-c', script, PAYOUT, 'payout', ...words], { encoding: 'utf8', env: { PATH: process.env.PATH } });
    assert.equal(done.stderr, '');
    return done.stdout.trim().split(' ');
  }

  test('bash completes commands, flags and what stands behind a flag\'s value', () => {
    assert.deepEqual(complete('lot', ''), ['list', 'show', 'confirm', 'cancel']);
    assert.deepEqual(complete('--profile', 'shop', 'lot', 'co'), ['confirm']);
    assert.ok(complete('send', '--').includes('--journal'));
    assert.ok(complete('').includes('doctor'));
    assert.deepEqual(complete('completion', 'z'), ['zsh']);
  });

  test('zsh and fish are told every command', async () => {
    const zsh = (await exits(0, ['completion', 'zsh'])).stdout, fish = (await exits(0, ['completion', 'fish'])).stdout;
    for (const [, name] of (await exits(0, ['--help'])).stdout.matchAll(/^ {2}((?:[a-z]+ )?[a-z]+) {2,}/gm)) {
      assert.ok(zsh.includes(`" ${name}"`), name);
      assert.ok(fish.includes(` ${name.split(' ').at(-1)}`), name);
    }
    await exits(2, ['completion', 'tcsh']);
  });

  test('is coloured on a terminal only, and not with NO_COLOR', async () => {
    const terminal = (env) => exits(0, ['--help'], { env }).then(() => spawnSync('script', ['-qec', `${PAYOUT} balance`, '/dev/null'],
      { encoding: 'utf8', env: { PATH: process.env.PATH, HOME: folder, PAYOUT_URL: payoutd.url, PAYOUT_APIKEY: merchant.apikey,
        PAYOUT_PASSWORD: merchant.password, TERM: 'xterm', ...env } }).stdout);
    assert.match(await terminal({}), /\x1b\[1m/);
    assert.doesNotMatch(await terminal({ NO_COLOR: '1' }), /\x1b/);
    assert.doesNotMatch((await exits(0, ['balance'], { env: { TERM: 'xterm' } })).stdout, /\x1b/);
  });

  test('is French by the locale or --lang', async () => {
    const french = { PAYOUT_LANG: '', LANG: 'fr_CI.UTF-8' };
    assert.match((await exits(0, ['balance'], { env: french })).stdout, /^devise\s+montant\s+engagé\s+disponible$/m);
    assert.match((await exits(0, ['balance', '--lang', 'en'], { env: french })).stdout, /^currency\s+amount/m);
    assert.match((await exits(4, ['balance', '--lang=fr'], { env: { PAYOUT_PASSWORD: 'wrong' } })).stderr, /le serveur a refusé : 701/);
  });
});
