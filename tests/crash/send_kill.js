// Kills `payout send FILE` of 5,000 rows with SIGKILL at random points, KILLS times in all, over as many
// files as that takes, and runs it again each time until it ends. Half of the files have ids of their own,
// half have those that the journal made. Then everybody was paid once: one transfer a row, of its amount,
// and the money is what it must be.
//   node send_kill.js BUILD KILLS [SEED]
'use strict';
const assert = require('node:assert');
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const build = path.resolve(process.argv[2]);
const kills = Number(process.argv[3]);
const seed = Number(process.argv[4] || Date.now() % 1e9);
process.env.BUILD = build;
const ROWS = 5000, LOT_SIZE = 100, MONEY = 1e12, AMOUNT = 500;
let random = seed, killed = 0, afterBegin = 0;

// Numbers that can be drawn again with the same seed.
function below(limit) {
  random = (Math.imul(random, 1103515245) + 12345) & 0x7fffffff;
  return Math.floor((random / 0x80000000) * limit);
}

function fileMake(folder, number) {
  const name = `people-${number}.csv`;
  const own = number % 2 === 0;
  const lines = ['prefix,phone,amount,name,surname,client_transaction_id'];
  for (let i = 0; i < ROWS; i++) {
    lines.push(`225,07${String(i).padStart(4, '0')}${String(number).padStart(4, '0')},${AMOUNT + 5 * (i % 7)},N,S,${own ? `own-${number}-${i}` : ''}`);
  }
  fs.writeFileSync(path.join(folder, name), lines.join('\n'));
  return name;
}

// Runs it once; killed after a time unless it ended before. How it ended.
function sendRun(payoutd, merchant, payout, name, killAfterMs) {
  return new Promise((resolve) => {
    const child = spawn(payout, ['send', name, '--lot-size', LOT_SIZE, '--add-contacts', '--json'], {
      cwd: payoutd.folder, stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env.PATH, HOME: payoutd.folder, PAYOUT_URL: payoutd.url, PAYOUT_APIKEY: merchant.apikey,
        PAYOUT_PASSWORD: merchant.password, PAYOUT_NOTIFY_URL: 'http://127.0.0.1:9/' } });
    let stdout = '', stderr = '';
    child.stdout.on('data', (piece) => { stdout += piece; });
    child.stderr.on('data', (piece) => { stderr += piece; });
    const timer = killAfterMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfterMs);
    child.once('close', (status, signal) => {
      clearTimeout(timer);
      resolve({ status, signal, stdout, stderr });
    });
  });
}

function journalKinds(folder, name) {
  try {
    return fs.readFileSync(path.join(folder, `${name}.journal`), 'utf8').split('\n').map((line) => line.split(',')[0]);
  } catch {
    return [];
  }
}

async function main() {
  const { Payoutd, PAYOUT, until } = await import('../api/lib/payoutd.js');
  // Nobody hears of it: this is about who is paid.
  const payoutd = await Payoutd.start({ notify_retry_first: '1h', http_access_log: 'no' });
  try {
    const merchant = await payoutd.merchant({ money: MONEY });
    let files = 0, whole = 1500;
    const ids = new Set();
    while (killed < kills) {
      const name = fileMake(payoutd.folder, files);
      files += 1;
      let done, ofThis = 0;
      for (;;) {
        // Anywhere between its start and its end, the whole of which is learnt from runs that ended.
        const begun = Date.now();
        done = await sendRun(payoutd, merchant, PAYOUT, name, killed < kills ? below(whole) : undefined);
        if (done.signal !== 'SIGKILL') {
          if (ofThis === 0) whole = Math.max(100, Date.now() - begun);
          break;
        }
        killed += 1;
        ofThis += 1;
        const kinds = journalKinds(payoutd.folder, name);
        if (kinds.filter((kind) => kind === 'begin').length > kinds.filter((kind) => kind === 'end').length) afterBegin += 1;
      }
      assert.equal(done.status, 0, done.stderr || done.stdout.slice(0, 600));
      const told = JSON.parse(done.stdout);
      assert.equal(told.count, ROWS);
      assert.equal(told.accepted + told.repeated, ROWS, done.stderr);
      for (const item of told.items) {
        assert.ok(item.transaction_id, `line ${item.line} has its transfer`);
        assert.ok(!ids.has(item.transaction_id), `${item.transaction_id} stands for one row`);
        ids.add(item.transaction_id);
      }
      // Again: there is nothing left to do.
      const again = await sendRun(payoutd, merchant, PAYOUT, name);
      assert.equal(again.status, 0, again.stderr);
    }
    let wanted = 0;
    for (let i = 0; i < ROWS; i++) wanted += AMOUNT + 5 * (i % 7);
    await until(async () => (await merchant.money()).inUsing === 0, 'all have ended', 60000);
    const { amount } = await merchant.money();
    assert.equal(ids.size, files * ROWS);
    assert.equal(MONEY - amount, wanted * files, 'exactly what is in the files was paid');
    assert.ok(afterBegin > 0, 'some kills came while a lot was on its way');
    console.log(`${killed} kills, ${afterBegin} of them with a lot on its way; ${files} files of ${ROWS}, everybody paid once`);
  } finally {
    await payoutd.end();
  }
}

main().catch((error) => {
  console.error(`seed ${seed}:`, error);
  process.exit(1);
});
