// Kills payoutd with SIGKILL in the middle of a send of 10,000 items, N times over, on one database, while
// it also pays and notifies what came before. After each restart: every answered item is there once and as
// it was answered, every unanswered lot is there whole or not at all, and the ledger is right. At the end
// all transfers have ended and every change of each was notified in order. On PostgreSQL every second
// round kills the database server instead, and payoutd has to live on.
//   node kill.js BUILD ROUNDS [SEED]
'use strict';
const assert = require('node:assert');
const { spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const http = require('node:http');
const os = require('node:os');
const path = require('node:path');
const { storeUrl } = require('../postgres/schema.cjs');

const build = path.resolve(process.argv[2]);
const rounds = Number(process.argv[3]);
let random = Number(process.argv[4] || Date.now() % 1e9);
const payoutd = path.join(build, 'src/daemon/payoutd');
const store = storeUrl(); // Run by tests/postgres/server.py: on PostgreSQL.
const storeFlags = store === undefined ? [] : [`--store-url=${store}`, '--worker-lease=1s'];
const ITEMS = 10000, LOT = 500, CONNECTIONS = 8, PEOPLE = 500;
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'payoutd-kill-'));

// Numbers that can be drawn again with the same seed.
function below(limit) {
  random = (Math.imul(random, 1103515245) + 12345) & 0x7fffffff;
  return Math.floor((random / 0x80000000) * limit);
}

// --- The merchant's server ---
const heard = new Map(); // transaction_id -> treatment_status last heard
let posts = 0, outOfOrder = 0;
const ORDER = { NEW: 0, REC: 1, NOS: 2, VAL: 3, REJ: 3 };
const receiver = http.createServer((request, response) => {
  let body = '';
  request.on('data', (piece) => { body += piece; });
  request.on('end', () => {
    if (request.method === 'POST') {
      posts++;
      const id = /transaction_id=([^&]*)/.exec(body)[1];
      const status = /treatment_status=([^&]*)/.exec(body)[1];
      const before = heard.get(id);
      if (before !== undefined && ORDER[status] < ORDER[before]) outOfOrder++;
      heard.set(id, status);
    }
    response.end();
  });
});

// --- payoutd ---
let server, port, credentials;
function start() {
  return new Promise((resolve, reject) => {
    server = spawn(payoutd, ['--sandbox', '--http-listen=127.0.0.1:0', '--http-access-log=no', '--log-format=json',
      '--notify-retry-first=200ms', '--operator-lease=5s', '--operator-sandbox-percent=10', ...storeFlags], { cwd: folder });
    const log = fs.createWriteStream(path.join(folder, 'log'), { flags: 'a' });
    server.stdout.resume();
    let text = '';
    server.stderr.on('data', (piece) => {
      log.write(piece);
      if (text === null) return;
      text += piece;
      const ready = /"ready".*?"port":(\d+)/.exec(text);
      if (ready === null) return;
      port = Number(ready[1]);
      text = null;
      const file = fs.readFileSync(path.join(folder, 'payoutd-sandbox/payout.conf'), 'utf8');
      credentials = Object.fromEntries(file.split('\n').filter((line) => / = /.test(line) && !line.startsWith(';'))
        .map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' = ') + 3)]));
      resolve();
    });
    server.once('exit', (code, signal) => {
      if (text !== null) reject(new Error(`payoutd ended with ${code} ${signal}:\n${text}`));
    });
  });
}
function ended(child) {
  return child.exitCode !== null || child.signalCode !== null ? Promise.resolve()
    : new Promise((resolve) => { child.once('exit', resolve); });
}

let agent = new http.Agent({ keepAlive: true, maxSockets: CONNECTIONS });
// Resolves with the reply, or with null when the connection broke before there was a whole one.
function call(method, target, fields) {
  return new Promise((resolve) => {
    const body = fields === undefined ? '' : new URLSearchParams(fields).toString();
    const request = http.request({ port, host: '127.0.0.1', method, path: target, agent,
      headers: { 'Content-Type': 'application/x-www-form-urlencoded', 'Content-Length': Buffer.byteLength(body) } },
    (response) => {
      let text = '';
      response.on('data', (piece) => { text += piece; });
      response.on('end', () => resolve(response.complete ? { status: response.statusCode, text } : null));
      response.on('error', () => resolve(null));
    });
    request.on('error', () => resolve(null));
    request.end(body);
  });
}
async function login() {
  const reply = await call('POST', '/v1/auth/login', { apikey: credentials.apikey, password: credentials.password });
  return JSON.parse(reply.text).data.token;
}
async function check(token, query) {
  const reply = await call('GET', `/v1/transfer/check/money?token=${token}&${query}`);
  return { code: JSON.parse(reply.text).code, data: JSON.parse(reply.text).data };
}
async function metric(name) {
  const reply = await call('GET', '/metrics');
  const line = reply.text.split('\n').find((each) => each.startsWith(`${name} `));
  return Number(line.split(' ')[1]);
}
function audit() {
  const done = spawnSync(payoutd, ['audit', '--sandbox', ...storeFlags], { cwd: folder, encoding: 'utf8' });
  assert.strictEqual(done.status, 0, `the audit says:\n${done.stdout}${done.stderr}`);
}

const phone = (person) => `07${String(person).padStart(8, '0')}`;
async function contacts(token) {
  const data = Array.from({ length: PEOPLE }, (_, person) => ({ prefix: '225', phone: phone(person), name: 'N', surname: 'S', email: '' }));
  const reply = await call('POST', `/v1/transfer/contact?token=${token}`, { data: JSON.stringify(data) });
  assert.strictEqual(JSON.parse(reply.text).code, 0, reply.text);
}

// --- A round ---
const known = new Map(); // client_transaction_id -> transaction_id, as answered
let lotsWhole = 0, lotsAbsent = 0, lotsAnswered = 0;

function items(round, lot) {
  return Array.from({ length: LOT }, (_, index) => ({ prefix: '225', phone: phone((index * 7 + lot) % PEOPLE),
    amount: 200 + 5 * (index % 50), notify_url: `http://127.0.0.1:${receiver.address().port}/n`,
    client_transaction_id: `r${round}-l${lot}-i${index}` }));
}
async function sendLot(token, round, lot) {
  const data = items(round, lot);
  const reply = await call('POST', `/v1/transfer/money/send/contact?token=${token}`, { data: JSON.stringify(data) });
  if (reply === null) return null;
  return { status: reply.status, reply: JSON.parse(reply.text) };
}
function remember(answer) {
  assert.strictEqual(answer.reply.code, 0, JSON.stringify(answer).slice(0, 300));
  for (const item of answer.reply.data[0]) {
    assert.strictEqual(item.code, 0);
    known.set(item.client_transaction_id, item.transaction_id);
  }
  return answer.reply.data[0][0].lot;
}

const databasePid = process.env.PAYOUT_TEST_POSTGRES_PID;
const ofDatabase = (round) => databasePid !== undefined && round % 2 === 1;
// Until payoutd can read its store again.
async function back() {
  const deadline = Date.now() + 120000;
  for (;;) {
    const reply = await call('GET', '/readyz');
    if (reply !== null && reply.status === 200) return;
    assert(Date.now() < deadline, 'the store does not come back');
    assert.strictEqual(server.exitCode, null, 'payoutd lives on');
    await new Promise((resolve) => { setTimeout(resolve, 100); });
  }
}

async function sendUntilKilled(round, token) {
  const lots = ITEMS / LOT;
  const killAfter = below(lots);
  const answers = new Array(lots).fill(null);
  let next = 0, answered = 0, killed = false;
  const strike = () => {
    if (killed) return;
    killed = true;
    if (ofDatabase(round)) process.kill(Number(fs.readFileSync(databasePid, 'utf8').split('\n')[0]), 'SIGQUIT');
    else server.kill('SIGKILL');
  };
  if (killAfter === 0) setTimeout(strike, below(60));
  const connection = async () => {
    while (next < lots && !killed) {
      const lot = next++;
      const answer = await sendLot(token, round, lot);
      if (answer === null || (ofDatabase(round) && answer.status === 503)) continue;
      answers[lot] = remember(answer);
      answered++;
      if (answered === killAfter) setTimeout(strike, below(40));
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, connection));
  strike();
  if (ofDatabase(round)) await back();
  else await ended(server);
  return { answers, sent: next };
}

async function verify(round, token, answers, sent) {
  for (let lot = 0; lot < sent; lot++) {
    if (answers[lot] !== null) {
      lotsAnswered++;
      const found = await check(token, `lot=${answers[lot]}`);
      assert.strictEqual(found.data.length, LOT, 'an answered lot is whole');
      for (const transfer of found.data)
        assert.strictEqual(transfer.transaction_id, known.get(transfer.client_transaction_id), 'as it was answered');
      continue;
    }
    const first = await check(token, `client_transaction_id=r${round}-l${lot}-i0`);
    const last = await check(token, `client_transaction_id=r${round}-l${lot}-i${LOT - 1}`);
    assert.strictEqual(first.code, last.code, 'an unanswered lot is there whole or not at all');
    if (first.code === 0) {
      lotsWhole++;
      const found = await check(token, `lot=${first.data[0].lot}`);
      assert.strictEqual(found.data.length, LOT, 'an unanswered lot that is there is whole');
      for (const transfer of found.data) known.set(transfer.client_transaction_id, transfer.transaction_id);
    } else {
      lotsAbsent++;
    }
    if (below(2) === 0) await sendAgain(round, lot, token, first.code === 0);
  }
}
// The client that never heard sends the same once more: it learns the first ids, or they are made now.
async function sendAgain(round, lot, token, there) {
  const answer = await sendLot(token, round, lot);
  if (!there) {
    remember(answer);
    return;
  }
  for (const item of answer.reply.data[0]) {
    assert.strictEqual(item.code, 805, 'the same id again makes no second transfer');
    assert.strictEqual(item.transaction_id, known.get(item.client_transaction_id), 'and names the first');
  }
}

async function everythingEnds() {
  const deadline = Date.now() + 600000;
  let token = await login();
  while (await metric('payoutd_notifications_waiting') > 0 || await metric('payoutd_transfers_due') > 0) {
    assert(Date.now() < deadline, 'transfers or notifications are left over');
    await new Promise((resolve) => { setTimeout(resolve, 200); });
  }
  token = await login();
  const balance = JSON.parse((await call('GET', `/v1/transfer/check/balance?token=${token}`)).text).data;
  assert.strictEqual(balance.inUsing, 0, 'nothing is held when all has ended');
  const ids = new Set(known.values());
  assert.strictEqual(ids.size, known.size, 'an id for each');
  for (const [client, id] of known) assert(['VAL', 'REJ'].includes(heard.get(id)), `${client} ${id}: ${heard.get(id)}`);
  assert.strictEqual(heard.size, known.size, 'nobody heard of what is not known');
  assert.strictEqual(outOfOrder, 0, 'a notification was older than one before');
}

async function main() {
  console.log(`# seed ${random}`);
  await new Promise((resolve) => { receiver.listen(0, '127.0.0.1', resolve); });
  await start();
  await contacts(await login());
  for (let round = 0; round < rounds; round++) {
    const { answers, sent } = await sendUntilKilled(round, await login());
    agent.destroy();
    agent = new http.Agent({ keepAlive: true, maxSockets: CONNECTIONS });
    if (!ofDatabase(round)) await start();
    await verify(round, await login(), answers, sent);
    if (round % 5 === 4 || round === rounds - 1) audit();
  }
  await everythingEnds();
  audit();
  server.kill('SIGTERM');
  await ended(server);
  assert.strictEqual(server.exitCode, 0, 'it ends well when asked');
  receiver.close();
  receiver.closeAllConnections();
  agent.destroy();
  console.log(`# killed ${rounds} times; lots: ${lotsAnswered} answered and there, unanswered ${lotsWhole} whole, ${lotsAbsent} absent; `
    + `${known.size} transfers ended, ${posts} notifications`);
  fs.rmSync(folder, { recursive: true });
}
main().then(() => { console.log('ok'); }, (error) => {
  console.log(`${error.stack}\nfolder: ${folder}`);
  if (server) server.kill('SIGKILL');
  process.exit(1);
});
