// What every reply of the API must look like.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');

// The codes of the API as code.def writes them: name → {number, word, status, fr, en}.
export function codes() {
  const text = fs.readFileSync(path.join(root, 'include/payout/code.def'), 'utf8').replace(/\/\*.*?\*\//gs, '');
  const line = /CODE\((\w+),\s*(-?\d+),\s*"(\w+)",\s*(\d+),\s*"([^"]*)",\s*"([^"]*)"\)/g;
  return Object.fromEntries([...text.matchAll(line)].map(([, name, number, word, status, fr, en]) =>
    [name, { number: Number(number), word, status: Number(status), fr, en }]));
}

// The sandbox's table: [{ending, behaviour, reason, delayMs, happens}].
export function sandboxRows() {
  const text = fs.readFileSync(path.join(root, 'include/payout/sandbox.def'), 'utf8').replace(/\/\*.*?\*\//gs, '');
  const line = /ROW\((\d+),\s*(\w+),\s*(\w+),\s*(\d+),\s*"([^"]*)"\)/g;
  return [...text.matchAll(line)].map(([, ending, behaviour, reason, delay, happens]) =>
    ({ ending, behaviour, reason, delayMs: Number(delay), happens }));
}

const HEADERS = {
  'content-type': 'application/json',
  'cache-control': 'private, must-revalidate',
  pragma: 'no-cache',
  expires: '-1',
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'GET,POST',
  'access-control-allow-headers': 'X-Requested-With, Content-Type, X-Auth-Token, Origin, Authorization',
  'access-control-expose-headers': 'api.client.transfert',
};

// The headers that every reply has.
export function headers(reply, { limit = '60', remaining = /^\d+$/ } = {}) {
  for (const [name, value] of Object.entries(HEADERS)) assert.equal(reply.headers[name], value, name);
  assert.equal(reply.headers['x-ratelimit-limit'], limit);
  assert.match(reply.headers['x-ratelimit-remaining'], remaining);
}

// A reply of success; its data.
export function success(reply) {
  assert.equal(reply.status, 200, reply.text);
  headers(reply);
  const body = reply.json();
  assert.deepEqual(Object.keys(body), ['code', 'message', 'data'], reply.text);
  assert.strictEqual(body.code, 0);
  assert.equal(body.message, 'OPERATION_SUCCES');
  return body.data;
}

// A whole reply of failure with this code of code.def; its data.
export function failure(reply, name, { lang = 'en', status, description, data = [] } = {}) {
  const code = codes()[name];
  assert.notEqual(code, undefined, `${name} is a code`);
  assert.equal(reply.status, status ?? code.status, reply.text);
  headers(reply);
  const body = reply.json();
  assert.deepEqual(Object.keys(body), ['code', 'message', 'description', 'data'], reply.text);
  assert.strictEqual(body.code, String(code.number));
  assert.equal(body.message, code.word);
  assert.equal(body.description, description ?? code[lang], reply.text);
  if (data !== null) assert.deepEqual(body.data, data);
  return body.data;
}

// An item's result with this code: its members code and status.
export function itemCode(result, name) {
  const code = codes()[name];
  assert.strictEqual(result.code, code.number, JSON.stringify(result));
  assert.equal(result.status, name === 'OK' ? 'success' : code.word);
}

// Exactly these members, all of that type.
export function shape(object, types) {
  assert.deepEqual(Object.keys(object).sort(), Object.keys(types).sort());
  for (const [name, type] of Object.entries(types)) assert.equal(typeof object[name], type, name);
}
