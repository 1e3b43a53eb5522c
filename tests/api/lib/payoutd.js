// A payoutd of one's own: started in a temporary folder, asked over HTTP, stopped cleanly, proved by its
// own audit, removed.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { EventEmitter } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { storeUrl } from '../../postgres/schema.cjs';
import { FORM, JSON_TYPE, request, urlencoded } from './http.js';
import { DEADLINE_MS, until, untilEvent } from './wait.js';

const here = path.dirname(fileURLToPath(import.meta.url));
export const BUILD = path.resolve(process.env.BUILD ?? path.join(here, '../../../build-check'));
export const PAYOUTD = path.join(BUILD, 'src/daemon/payoutd');
export const PAYOUT = path.join(BUILD, 'src/cli/payout');

const LOCAL = '127.0.0.0/8';
const DEFAULTS = {
  http_listen: '127.0.0.1:0',
  log_format: 'json',
  notify_private_allowed: LOCAL,
  notify_retry_first: '50ms',
  operator_sandbox_percent: 1,
  http_logins_per_minute: -1,
  http_address_logins_per_minute: -1,
};

function flags(settings) {
  return Object.entries(settings).map(([name, value]) => `--${name.replaceAll('_', '-')}=${value}`);
}

// A line of the log, in either format; {} for what is none.
export function logLineRead(line) {
  if (line.startsWith('{')) return JSON.parse(line);
  const [, at, level, event, rest] =
    /^(\S+) (error|warning|info|debug) ([^="]+?)((?: [a-z_]+=(?:"(?:[^"\\]|\\.)*"|-?\d+))*)$/.exec(line) ?? [];
  const fields = [...(rest ?? '').matchAll(/ ([a-z_]+)=("(?:[^"\\]|\\.)*"|-?\d+)/g)];
  return { at, level, event, ...Object.fromEntries(fields.map(([, name, value]) => [name, JSON.parse(value)])) };
}

// Runs payoutd for a task that ends by itself: {status, stdout, stderr}.
export function payoutdRun(words, { cwd, env } = {}) {
  const done = spawnSync(PAYOUTD, words, { cwd, env: { PATH: process.env.PATH, ...env }, encoding: 'utf8' });
  if (done.error) throw done.error;
  return done;
}

export class Payoutd extends EventEmitter {
  // settings: section_name → value, as the flags are called. config: the text of an INI file. tls: how it is
  // spoken to over TLS ({ca}). prepare: called with its folder before it runs.
  static async start(settings = {}, { config, env, tls, prepare } = {}) {
    const payoutd = new Payoutd();
    payoutd.folder = fs.mkdtempSync(path.join(os.tmpdir(), 'payoutd-api-'));
    payoutd.settings = { ...DEFAULTS,
      store_url: storeUrl() ?? `sqlite:${payoutd.folder}/payoutd.db`,
      token_key_file: path.join(payoutd.folder, 'token.key'),
      secrets_key_file: path.join(payoutd.folder, 'secrets.key'),
      admin_token_file: path.join(payoutd.folder, 'admin.token'),
      ...settings };
    payoutd.env = env;
    payoutd.tls = tls;
    if (config !== undefined) payoutd.configWrite(config);
    payoutd.log = [];
    prepare?.(payoutd.folder);
    await payoutd.run();
    return payoutd;
  }

  configWrite(text) {
    this.configPath = path.join(this.folder, 'payoutd.conf');
    fs.writeFileSync(this.configPath, text);
  }

  // Starts the process in the folder as it is; again after a stop or a kill.
  async run() {
    const words = [...(this.sandbox ? ['--sandbox'] : []),
      ...(this.configPath === undefined ? [] : ['--config', this.configPath]), ...flags(this.settings)];
    this.child = spawn(PAYOUTD, words, { cwd: this.folder, env: { PATH: process.env.PATH, ...this.env },
      stdio: ['ignore', 'pipe', 'pipe'] });
    this.exit = new Promise((resolve) => {
      this.child.once('close', (code, signal) => resolve({ code, signal }));
    });
    this.agent = new (this.tls === undefined ? http : https).Agent({ keepAlive: true, maxSockets: 64 });
    this.logBegins = this.log.length;
    this.stdout = '';
    this.child.stdout.on('data', (piece) => { this.stdout += piece; });
    let rest = '';
    this.child.stderr.on('data', (piece) => {
      const lines = (rest + piece).split('\n');
      rest = lines.pop();
      this.log.push(...lines);
      this.emit('log');
    });
    const ready = () => this.events('ready').at(-1);
    const ended = this.exit.then(({ code, signal }) => {
      throw new Error(`payoutd ended with ${code ?? signal}:\n${this.log.join('\n')}`);
    });
    ended.catch(() => {}); // Heard by the race; later ends are those that were asked for.
    this.port = (await Promise.race([untilEvent(this, 'log', ready, 'payoutd is ready'), ended])).port;
    this.adminToken = fs.existsSync(this.settings.admin_token_file)
      ? fs.readFileSync(this.settings.admin_token_file, 'utf8').trim() : undefined;
  }

  // This run's log events of that name, read.
  events(name) {
    return this.log.slice(this.logBegins).map(logLineRead).filter(({ event }) => event === name);
  }

  untilLogged(name, check = () => true) {
    return untilEvent(this, 'log', () => this.events(name).find(check), `the log says "${name}"`);
  }

  get url() {
    return `${this.tls === undefined ? 'http' : 'https'}://127.0.0.1:${this.port}`;
  }

  request(options) {
    const statuses = !Object.keys(this.settings).some((name) => name.startsWith('http_status'));
    return request(this.port, { agent: this.agent, tls: this.tls, statuses, ...options });
  }

  get(target, headers) {
    return this.request({ target, headers });
  }

  // POSTs fields as a form.
  post(target, fields, headers) {
    return this.request({ method: 'POST', target, headers: { ...FORM, ...headers }, body: urlencoded(fields) });
  }

  // The admin API: GET without a body, POST with one. The reply's JSON, which must be of success.
  async admin(target, body) {
    const reply = await this.adminReply(target, body);
    assert.equal(reply.status, 200, `${target}: ${reply.text}`);
    return reply.json();
  }

  adminReply(target, body, headers = {}) {
    return this.request({ method: body === undefined ? 'GET' : 'POST', target: `/admin/v1${target}`,
      headers: { Authorization: `Bearer ${this.adminToken}`, ...(body === undefined ? {} : JSON_TYPE), ...headers },
      body: body === undefined ? undefined : JSON.stringify(body) });
  }

  // A new merchant with money, whose lots from this machine are confirmed at once.
  async merchant({ money = 10000000, ...settings } = {}) {
    const made = await this.admin('/merchants', { name: 'Test', ip_list: LOCAL, ...settings });
    const merchant = new Merchant(this, made, settings.currency ?? 'XOF');
    if (money > 0) await merchant.topUp(money);
    return merchant;
  }

  // Sends SIGTERM and demands a clean end.
  async stop() {
    if (this.child.exitCode !== null || this.child.signalCode !== null) {
      throw new Error(`payoutd had ended before it was stopped:\n${this.log.slice(-20).join('\n')}`);
    }
    this.child.kill('SIGTERM');
    const timer = setTimeout(() => this.child.kill('SIGKILL'), 2 * DEADLINE_MS);
    const { code, signal } = await this.exit;
    clearTimeout(timer);
    this.agent.destroy();
    assert.equal(code, 0, `payoutd ended with ${code ?? signal}:\n${this.log.slice(-20).join('\n')}`);
  }

  // kill -9.
  async kill() {
    this.child.kill('SIGKILL');
    await this.exit;
    this.agent.destroy();
  }

  // Proves the ledger of a payoutd that has ended.
  audit() {
    const done = payoutdRun(['audit', `--store-url=${this.settings.store_url}`], { cwd: this.folder });
    assert.equal(done.status, 0, `the audit says:\n${done.stdout}${done.stderr}`);
    return done.stdout;
  }

  // Ends it if it runs, proves its ledger, removes all it has left. For after().
  async end() {
    try {
      if (this.child.exitCode === null && this.child.signalCode === null) await this.stop();
      this.audit();
    } finally {
      fs.rmSync(this.folder, { recursive: true, force: true });
    }
  }

  // One figure of /metrics.
  async metric(name) {
    const line = (await this.get('/metrics')).text.split('\n').find((each) => each.startsWith(`${name} `));
    assert.notEqual(line, undefined, `${name} is among the metrics`);
    return Number(line.split(' ')[1]);
  }
}

export class Merchant {
  constructor(payoutd, { id, apikey, password, secret_key: secret }, currency) {
    Object.assign(this, { payoutd, id, apikey, password, secret, currency });
  }

  topUp(amount, currency = this.currency) {
    this.funded = (this.funded ?? 0) + 1;
    return this.payoutd.admin(`/merchants/${this.id}/topup`, { amount, currency, reference: `top-up-${this.funded}` });
  }

  change(settings) {
    return this.payoutd.admin(`/merchants/${this.id}`, settings);
  }

  async login() {
    const reply = await this.payoutd.post('/v1/auth/login', { apikey: this.apikey, password: this.password });
    assert.equal(reply.status, 200, reply.text);
    this.token = reply.json().data.token;
    return this.token;
  }

  // The path with the token, lang=en and what else is given as its query. null leaves one out.
  async target(path, query = {}) {
    const all = { token: this.token ?? await this.login(), lang: 'en', ...query };
    const kept = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null));
    return `/v1${path}?${urlencoded(kept)}`;
  }

  async get(path, query) {
    return this.payoutd.get(await this.target(path, query));
  }

  // Whole replies.
  async balance(query) {
    return this.get('/transfer/check/balance', query);
  }

  async check(query) {
    return this.get('/transfer/check/money', query);
  }

  async contact(data, query) {
    return this.payoutd.post(await this.target('/transfer/contact', query), { data: JSON.stringify(data) });
  }

  async send(data, query) {
    return this.payoutd.post(await this.target('/transfer/money/send/contact', query), { data: JSON.stringify(data) });
  }

  // Makes people of these numbers contacts.
  async know(...phones) {
    if (phones.length === 0) return;
    const reply = await this.contact(phones.map((phone) => person(phone)));
    assert.equal(reply.json().code, 0, reply.text);
  }

  // Sends, and demands that every item is accepted; their results.
  async pay(items) {
    const reply = await this.send(items);
    assert.equal(reply.status, 200, reply.text);
    const results = reply.json().data.flat();
    assert.deepEqual([...new Set(results.map(({ code }) => code))], [0], reply.text);
    return results;
  }

  // What check/money says of one transfer.
  async transfer(id) {
    const reply = await this.check({ transaction_id: id });
    assert.equal(reply.status, 200, reply.text);
    return reply.json().data[0];
  }

  // Waits until check/money shows the transfer in one of these states.
  async untilState(id, ...states) {
    let last;
    await until(async () => {
      last = await this.transfer(id);
      return states.includes(last.treatment_status);
    }, () => `${id} is ${states.join(' or ')}; it is ${JSON.stringify(last)}`);
    return last;
  }

  ended(id) {
    return this.untilState(id, 'VAL', 'REJ');
  }

  async money() {
    const { amount, inUsing, available } = (await this.balance()).json().data;
    return { amount, inUsing, available };
  }
}

let serial = 0;
// A number of Orange in Côte d'Ivoire that no test has used yet, with these last four digits.
export function phone(ending = '0000', operator = '07') {
  serial += 1;
  return `${operator}${String(serial).padStart(4, '0')}${ending}`;
}

export function person(number, more = {}) {
  return { prefix: '225', phone: number, name: 'Awa', surname: 'Koné', email: 'awa@example.com', ...more };
}

let clientSerial = 0;
export function item(number, amount, url, more = {}) {
  clientSerial += 1;
  return { prefix: '225', phone: number, amount, notify_url: url,
    client_transaction_id: `t-${process.pid}-${clientSerial}`, ...more };
}

export { until };
