// payout-operator-sim as a process, on a port that was free.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');
export const build = process.env.BUILD ?? path.join(root, 'build-check');

const program = path.join(build, 'src/simulator/payout-operator-sim');

/** What lets a caller in, by operator, as `payout-operator-sim --credentials` shows it. */
export const CREDENTIALS = credentials();
export const MTN = CREDENTIALS.mtn;

function credentials() {
  const [head, ...rows] = execFileSync(program, ['--credentials'], { encoding: 'utf8' }).trimEnd().split('\n');
  const names = head.trim().split(/ +/);
  const columns = names.map((name) => head.indexOf(name));
  return Object.fromEntries(rows.map((row) => {
    const values = columns.map((from, i) => row.slice(from, columns[i + 1]).trim());
    return [values[0], Object.fromEntries(names.map((name, i) => [name, values[i]]))];
  }));
}

export class Simulator {
  /** @param {{seed?: number, script?: object, port?: number, silentMs?: number}} options */
  static async start(options = {}) {
    const simulator = new Simulator();
    const words = ['--port', String(options.port ?? 0), '--seed', String(options.seed ?? 1)];
    if (options.silentMs) words.push('--silent', String(options.silentMs));
    if (options.script) words.push('--script', JSON.stringify(options.script));
    simulator.process = spawn(program, words,
      { stdio: ['ignore', 'pipe', 'inherit'] });
    simulator.ended = once(simulator.process, 'exit');
    const lines = createInterface({ input: simulator.process.stdout })[Symbol.asyncIterator]();
    const { value } = await lines.next();
    simulator.url = /^listening on (http:\S+)$/.exec(value)[1];
    simulator.lines = lines;
    return simulator;
  }

  async json(target, options) {
    const answer = await fetch(this.url + target, options);
    return { status: answer.status, body: await answer.json() };
  }

  async totals() {
    return (await this.json('/_sim/totals')).body;
  }

  async script(script) {
    return this.json('/_sim/script', { method: 'POST', body: JSON.stringify(script) });
  }

  /** All payments, in the order in which they came. */
  async payments() {
    const all = [];
    for (;;) {
      const { body } = await this.json(`/_sim/payments?from=${all.length + 1}&count=1000`);
      if (body.payments.length === 0) return all;
      all.push(...body.payments);
    }
  }

  /** Stops it; returns its exit status (1: somebody was paid twice) and its last totals. */
  async stop() {
    this.process.kill('SIGTERM');
    const { value } = await this.lines.next();
    const [status] = await this.ended;
    return { status, totals: value === undefined ? null : JSON.parse(value) };
  }
}
