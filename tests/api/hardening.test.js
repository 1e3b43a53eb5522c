// What payoutd gives up when it starts: root, groups, core dumps, files that others can read.
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, test } from 'node:test';
import { PAYOUTD, Payoutd, item, payoutdRun, phone } from './lib/payoutd.js';

const NOBODY = { name: 'nobody', uid: 65534, gid: 65534 };
const root = process.getuid() === 0;

// /proc/PID/status as {Name: value}.
function status(pid) {
  return Object.fromEntries(fs.readFileSync(`/proc/${pid}/status`, 'utf8').trim().split('\n')
    .map((line) => line.split(/:\s*/)).map(([name, value]) => [name, value.trim()]));
}

// The words that reach a socket of systemd's kind, in order. (node has no datagrams of that family.)
async function* told(socket) {
  const script = 'import socket, sys; s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.bind(sys.argv[1]); print("bound", flush=True)\n' +
    'while True: print(s.recv(4096).decode(), flush=True)';
  const child = spawn('python3', ['-c', script, socket], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    for await (const line of createInterface(child.stdout)) yield line;
  } finally {
    child.kill();
  }
}

// Whoever runs the tests: as root payoutd becomes nobody; anybody else's stays who it is.
describe('a payoutd that runs', () => {
  let payoutd, now;
  before(async () => {
    payoutd = await Payoutd.start(root ? { daemon_user: NOBODY.name } : {},
      { prepare: (folder) => root && fs.chownSync(folder, NOBODY.uid, NOBODY.gid) });
    now = status(payoutd.child.pid);
  });
  after(() => payoutd?.end());

  test('is nobody in particular, whoever started it', () => {
    const uid = root ? NOBODY.uid : process.getuid();
    const gid = root ? NOBODY.gid : process.getgid();
    assert.deepEqual(now.Uid.split('\t').map(Number), [uid, uid, uid, uid]);
    assert.deepEqual(now.Gid.split('\t').map(Number), [gid, gid, gid, gid]);
    if (root) assert.deepEqual(now.Groups.split(' ').map(Number), [NOBODY.gid]);
    for (const set of ['CapEff', 'CapPrm', 'CapAmb']) assert.match(now[set], /^0+$/, set);
  });

  test('can get no more rights, leaves no core dump, and keeps its keys in memory', () => {
    assert.equal(now.NoNewPrivs, '1');
    assert.match(fs.readFileSync(`/proc/${payoutd.child.pid}/limits`, 'utf8'), /^Max core file size +0 +0 /m);
    assert.ok(Number.parseInt(now.VmLck, 10) > 0, now.VmLck);
    // Of a process that can be dumped these files are its user's own.
    if (root) assert.equal(fs.statSync(`/proc/${payoutd.child.pid}/environ`).uid, 0);
    else assert.throws(() => fs.readFileSync(`/proc/${payoutd.child.pid}/environ`), { code: 'EACCES' });
  });

  test('makes files for its own user only', async () => {
    assert.equal(now.Umask, '0077');
    const files = fs.readdirSync(payoutd.folder);
    assert.ok(files.includes('payoutd.db') && files.includes('payoutd.db-wal') && files.includes('token.key'), files.join(' '));
    for (const file of files) {
      const about = fs.statSync(path.join(payoutd.folder, file));
      assert.equal(about.mode & 0o777, 0o600, file);
      assert.equal(about.uid, root ? NOBODY.uid : process.getuid(), file);
    }
  });

  test('pays', async () => {
    const merchant = await payoutd.merchant();
    const number = phone();
    await merchant.know(number);
    const [{ transaction_id: id }] = await merchant.pay([item(number, 500, 'http://127.0.0.1:1/')]);
    assert.equal((await merchant.ended(id)).treatment_status, 'VAL');
  });

  test('backs up as its own user too', () => {
    const copy = path.join(payoutd.folder, 'copy.db');
    const done = payoutdRun([`--store-url=${payoutd.settings.store_url}`, ...(root ? ['--daemon-user=nobody'] : []), 'backup', copy]);
    assert.equal(done.status, 0, done.stderr);
    assert.equal(fs.statSync(copy).uid, root ? NOBODY.uid : process.getuid());
    assert.equal(fs.statSync(copy).mode & 0o777, 0o600);
  });
});

describe('a payoutd', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'payoutd-hardening-'));
  fs.chmodSync(folder, 0o755);
  after(() => fs.rmSync(folder, { recursive: true, force: true }));
  const words = (...more) => [`--store-url=sqlite:${folder}/none/payoutd.db`, `--token-key-file=${folder}/none/token.key`,
    '--http-listen=127.0.0.1:0', ...more];

  test('does not start when it can not become who it shall be', () => {
    const missing = payoutdRun(words('--daemon-user=no-such-user-here'));
    assert.equal(missing.status, 1);
    assert.match(missing.stderr, /\[daemon\] user no-such-user-here: there is none/);
    const same = payoutdRun(words('--daemon-user=root'));
    assert.equal(same.status, 1);
    assert.match(same.stderr, /\[daemon\] user: root is what is to be given up/);
    // Somebody else can become nobody else.
    fs.copyFileSync(PAYOUTD, `${folder}/payoutd`);
    fs.chmodSync(`${folder}/payoutd`, 0o755);
    const asNobody = root ? ['setpriv', `--reuid=${NOBODY.uid}`, `--regid=${NOBODY.gid}`, '--clear-groups'] : [];
    const [program, ...rest] = [...asNobody, `${folder}/payoutd`, ...words('--daemon-user=daemon')];
    const other = spawnSync(program, rest, { encoding: 'utf8', env: { PATH: process.env.PATH } });
    assert.equal(other.status, 1, other.stderr);
    assert.match(other.stderr, /only root can become daemon/);
    assert.ok(!fs.existsSync(`${folder}/none`));
  });

  test('says when it runs as root, and may have its port from root', async () => {
    const payoutd = await Payoutd.start();
    assert.equal(payoutd.events('runs as root').length, root ? 1 : 0);
    await payoutd.end();
    if (!root) return;
    let port = 600 + Math.floor(Math.random() * 400);
    for (let free = false; !free; port++) {
      const probe = net.createServer();
      free = await new Promise((resolve) => {
        probe.once('error', () => resolve(false));
        probe.listen(port + 1, '127.0.0.1', () => probe.close(() => resolve(true)));
      });
    }
    const low = await Payoutd.start({ daemon_user: NOBODY.name, http_listen: `127.0.0.1:${port}` },
      { prepare: (made) => fs.chownSync(made, NOBODY.uid, NOBODY.gid) });
    assert.equal(low.port, port);
    assert.equal((await low.get('/healthz')).status, 200);
    assert.equal(low.events('runs as root').length, 0);
    await low.end();
  });

  test('keeps core dumps when it is told to', async () => {
    const payoutd = await Payoutd.start({ daemon_core_dumps: 'yes' });
    assert.ok(fs.readFileSync(`/proc/${payoutd.child.pid}/environ`, 'utf8').length > 0);
    assert.equal(fs.statSync(`/proc/${payoutd.child.pid}/environ`).uid, process.getuid());
    await payoutd.end();
  });

  test('opens no file in the place of standard input, output or error', async () => {
    // Without any of them, its log can go nowhere: but not into the store either.
    const lone = fs.mkdtempSync(path.join(folder, 'lone-'));
    const flags = [`--store-url=sqlite:${lone}/payoutd.db`, `--token-key-file=${lone}/token.key`, '--admin-token-file=',
      `--secrets-key-file=${lone}/secrets.key`, '--http-listen=127.0.0.1:0'].join(' ');
    const script = `${PAYOUTD} ${flags} <&- >&- 2>&- & pid=$!; ` +
      `while [ ! -e ${lone}/token.key ]; do [ -d /proc/$pid ] || exit 1; done; ls -l /proc/$pid/fd; kill $pid; wait $pid`;
    const listed = execFileSync('sh', ['-c', script], { encoding: 'utf8' });
    for (const number of [0, 1, 2]) assert.match(listed, new RegExp(` ${number} -> /dev/null$`, 'm'));
  });

  test('tells systemd when it is ready, reads its settings again, and ends', async () => {
    const socket = path.join(folder, 'notify');
    const words = told(socket);
    const next = async () => (await words.next()).value;
    assert.equal(await next(), 'bound');
    const payoutd = await Payoutd.start({}, { env: { NOTIFY_SOCKET: socket } });
    assert.equal(await next(), 'READY=1');
    payoutd.child.kill('SIGHUP');
    assert.equal(await next(), 'RELOADING=1');
    assert.equal(await next(), 'READY=1');
    await payoutd.end();
    assert.equal(await next(), 'STOPPING=1');
    await words.return();
  });
});
