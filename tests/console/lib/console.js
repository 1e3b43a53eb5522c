// A person's browser, as far as the server can tell: a cookie, a token against forged requests, an origin.
import assert from 'node:assert/strict';
import { JSON_TYPE } from '../../api/lib/http.js';

export const WORDS = 'quatre mots sans lien';

export class Console {
  constructor(payoutd) {
    Object.assign(this, { payoutd, cookie: undefined, csrf: undefined });
  }

  // headers undefined are left out. The whole reply; a cookie that it sets is kept.
  async request(method, path, body, headers = {}) {
    const sent = { Origin: this.payoutd.url, 'Sec-Fetch-Site': 'same-origin', Host: `127.0.0.1:${this.payoutd.port}`,
      ...(this.cookie ? { Cookie: this.cookie } : {}),
      ...(method === 'POST' ? { ...JSON_TYPE, ...(this.csrf ? { 'X-CSRF-Token': this.csrf } : {}) } : {}), ...headers };
    const kept = Object.fromEntries(Object.entries(sent).filter(([, value]) => value !== undefined));
    const reply = await this.payoutd.request({ method, headers: kept,
      target: path.startsWith('/console') ? path : `/console/v1${path}`,
      body: body === undefined ? undefined : JSON.stringify(body) });
    const [set] = reply.headers['set-cookie'] ?? [];
    if (set !== undefined) this.cookie = set.includes('Max-Age=0') ? undefined : set.split(';')[0];
    return reply;
  }

  async call(method, path, body, headers) {
    const reply = await this.request(method, path, body, headers);
    return { status: reply.status, ...JSON.parse(reply.text) };
  }

  get(path, headers) {
    return this.call('GET', path, undefined, headers);
  }

  post(path, body = {}, headers = {}) {
    return this.call('POST', path, body, headers);
  }

  async login(name, password, more = {}) {
    const answer = await this.post('/login', { name, password, ...more });
    if (answer.ok) this.csrf = answer.csrf;
    return answer;
  }

  // Asserts that it is one of success.
  async must(method, path, body) {
    const answer = await this.call(method, path, body);
    assert.equal(answer.status, 200, `${method} ${path}: ${JSON.stringify(answer)}`);
    return answer;
  }
}

// A user who has chosen a password, logged in: payoutd runs without second factors.
export async function person(payoutd, name, role, merchant) {
  const made = await payoutd.admin('/users', { name, role, ...(merchant ? { merchant: merchant.id } : {}) });
  const browser = new Console(payoutd);
  const first = await browser.login(name, made.password);
  assert.ok(first.must_change_password, JSON.stringify(first));
  await browser.must('POST', '/me/password', { password: made.password, new: `${WORDS} ${name}` });
  assert.ok((await browser.login(name, `${WORDS} ${name}`)).ok);
  return Object.assign(browser, { name, role });
}
