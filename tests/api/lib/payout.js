// `payout`, the command line, run against a payoutd.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { PAYOUT } from './payoutd.js';
import { DEADLINE_MS } from './wait.js';

// What runs payout in folder, as merchant: begin gives a payout that runs (emits 'output'; end is {status, stdout,
// stderr}), payout waits for its end, exits demands an exit status, json reads what it wrote.
export function payoutOf({ payoutd, merchant, folder, notifyUrl }) {
  function begin(words, { env = {}, input = '', wrap = [] } = {}) {
    const running = new EventEmitter();
    const [program, ...rest] = [...wrap, PAYOUT, ...words];
    running.child = spawn(program, rest, { cwd: folder, env: { PATH: process.env.PATH, HOME: folder, PAYOUT_URL: payoutd.url,
      PAYOUT_APIKEY: merchant.apikey, PAYOUT_PASSWORD: merchant.password, PAYOUT_ADMIN_TOKEN: payoutd.adminToken,
      PAYOUT_LANG: 'en', PAYOUT_NOTIFY_URL: notifyUrl, ...env } });
    const timer = setTimeout(() => running.child.kill('SIGKILL'), 2 * DEADLINE_MS);
    running.stdout = '';
    running.stderr = '';
    running.child.stdout.on('data', (piece) => { running.stdout += piece; running.emit('output'); });
    running.child.stderr.on('data', (piece) => { running.stderr += piece; running.emit('output'); });
    running.child.stdin.on('error', () => {}); // It may end before it has read anything.
    running.child.stdin.end(input);
    running.end = new Promise((resolve) => {
      running.child.once('close', (status) => {
        clearTimeout(timer);
        resolve({ status, stdout: running.stdout, stderr: running.stderr });
      });
    });
    return running;
  }
  const payout = (words, options) => begin(words, options).end;
  async function exits(status, words, options) {
    const done = await payout(words, options);
    assert.equal(done.status, status, `payout ${words.join(' ')}:\n${done.stdout}${done.stderr}`);
    return done;
  }
  const json = async (status, words, options) => JSON.parse((await exits(status, [...words, '--json'], options)).stdout);
  return { begin, payout, exits, json };
}
