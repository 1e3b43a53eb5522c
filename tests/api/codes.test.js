// Every code of the API: which number, word, status and descriptions it has, and a request that gets it.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import { after, before, describe, test } from 'node:test';
import * as expect from './lib/expect.js';
import { FORM, request, urlencoded } from './lib/http.js';
import { Payoutd, item, person, phone } from './lib/payoutd.js';

let payoutd, merchant, number;
const url = 'http://127.0.0.1:1/';
before(async () => {
  payoutd = await Payoutd.start({ operator_off: 'FLOOZ' });
  merchant = await payoutd.merchant({ money: 1000000 });
  number = phone();
  await merchant.know(number);
});
after(() => payoutd?.end());

// As CinetPay's documentation lists them.
const LIST = `0 OPERATION_SUCCES · -1 OPERATION_ERROR · 602 INSUFFICIENT_BALANCE · 701 INVALID_CREDENTIALS ·
702 COULD_NOT_CREATE_TOKEN · 703 INVALID_USER · 704 INVALID_PARAM · 705 EXPIRED_TOKEN · 706 INVALID_TOKEN ·
707 CANT_REFRESH_TOKEN · 708 NOT_ALLOWED · 709 EXECUTION_ERROR · 710 EXECUTION_ERROR · 715 UNEXPECTED_ERROR ·
716 DATA_NOT_VALID · 717 ERROR_PHONE_NOT_PARTICULAR · 718 JSON_PARSE_ERROR · 719 AMOUNT_TOO_SMALL ·
720 AMOUNT_TOO_LARGE · 721 OPERATOR_NOT_AVAILABLE · 723 NOT_FOUND · 724 ERROR_PHONE_NOT_MY_CONTACT ·
725 MISSING_NOTIFY_URL · 726 ERROR_PHONE_ALREADY_MY_CONTACT · 801 INVALID_AMOUNT · 802 INVALID_PHONE ·
804 OPERATOR_UNAVAILABLE · 805 CLIENT_TRANSACTION_ID_EXIST · 811 INVALID_PAYMENT_METHOD`;

const STATUSES = { 0: 200, '-1': 500, 602: 417, 701: 401, 702: 500, 703: 401, 704: 400, 705: 401, 706: 401, 707: 401,
  708: 403, 709: 503, 710: 503, 715: 500, 716: 417, 717: 417, 718: 400, 719: 417, 720: 417, 721: 417, 723: 404,
  724: 417, 725: 417, 726: 417, 801: 417, 802: 417, 804: 417, 805: 409, 811: 417 };

// A token that was signed with payoutd's own key.
function tokenMade(claims) {
  const key = fs.readFileSync(payoutd.settings.token_key_file, 'utf8').trim();
  const now = Math.floor(Date.now() / 1000);
  const all = { sub: merchant.id, iss: 'payoutd', iat: now, exp: now + 60, nbf: now, jti: 'abcdefghijklmnop', ...claims };
  const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(all)}`;
  return `${signed}.${createHmac('sha256', key).update(signed).digest('base64url')}`;
}

const login = (lang, fields) => payoutd.post(`/v1/auth/login?lang=${lang}`, fields);
const balance = (lang, token) => payoutd.get(`/v1/transfer/check/balance?lang=${lang}&token=${token}`);
const send = (lang, ...items) => merchant.send(items, { lang });

// More logins at once than may wait for their password's check: one of those that found no room.
async function loginWithoutRoom(lang) {
  const agent = new http.Agent({ maxSockets: 160 });
  const replies = await Promise.all(Array.from({ length: 160 }, () => request(payoutd.port, { agent, method: 'POST',
    target: `/v1/auth/login?lang=${lang}`, headers: FORM, body: urlencoded({ apikey: 'nobody', password: 'x' }) })));
  agent.destroy();
  const refused = replies.filter(({ status }) => status !== 401);
  assert.ok(refused.length > 0, 'some found no room');
  assert.match(refused[0].headers['retry-after'], /^\d+$/);
  return refused[0];
}

// name in code.def → a request whose whole reply is that code.
const reached = {
  INSUFFICIENT_BALANCE: (lang) => send(lang, item(number, 1500000, url)),
  INVALID_CREDENTIALS: (lang) => login(lang, { apikey: merchant.apikey, password: 'wrong' }),
  INVALID_USER: (lang) => balance(lang, tokenMade({ sub: 9999999999 })),
  INVALID_PARAM: (lang) => login(lang, {}),
  EXPIRED_TOKEN: (lang) => balance(lang, tokenMade({ iat: 1500000000, nbf: 1500000000, exp: 1500000300 })),
  INVALID_TOKEN: (lang) => balance(lang, 'nonsense'),
  EXECUTION_ERROR: loginWithoutRoom,
  DATA_NOT_VALID: (lang) => merchant.contact([{ name: 'nobody' }], { lang }),
  JSON_PARSE_ERROR: async (lang) => payoutd.post(await merchant.target('/transfer/contact', { lang }), { data: '{' }),
  AMOUNT_TOO_SMALL: (lang) => send(lang, item(number, 195, url)),
  AMOUNT_TOO_LARGE: (lang) => send(lang, item(number, 1500005, url)),
  OPERATOR_NOT_AVAILABLE: (lang) => send(lang, item('78123456', 500, url, { prefix: '226' })),
  NOT_FOUND: (lang) => merchant.check({ transaction_id: 'nothing', lang }),
  NOT_MY_CONTACT: (lang) => send(lang, item(phone(), 500, url)),
  MISSING_NOTIFY_URL: (lang) => send(lang, item(number, 500, '')),
  INVALID_AMOUNT: (lang) => send(lang, item(number, 501, url)),
  INVALID_PHONE: (lang) => send(lang, item('123', 500, url)),
  OPERATOR_UNAVAILABLE: (lang) => send(lang, item(phone('0000', '01'), 500, url)),
  INVALID_PAYMENT_METHOD: (lang) => send(lang, item(number, 500, url, { payment_method: 'NONE' })),
};

// Reached in a test of their own, below: their reply says more than the code's own sentence, or is none of failure.
const reachedOtherwise = ['OK', 'NOT_ALLOWED', 'ALREADY_MY_CONTACT', 'CLIENT_ID_EXISTS'];

// Which no request to a whole payoutd gets, and why.
const unreached = {
  OPERATION_ERROR: 'a word of CinetPay\'s for failures that have no other: every failure here has',
  TOKEN_NOT_CREATED: 'making a token is a computation that can\'t fail',
  TOKEN_NOT_REFRESHED: 'v1.1.0 has no call that refreshes a token',
  EXECUTION_UNKNOWN: 'only when the store can\'t say whether it committed: tests/unit/http brings it about',
  UNEXPECTED_ERROR: 'a refusal is a value and a fault is 709 or 710; nothing else is expected',
  PHONE_NOT_PARTICULAR: 'only an operator can know it, and the sandbox\'s numbers all belong to people',
};

describe('the table of codes', () => {
  test('has the 29 of the documentation, each with its number and word', () => {
    const listed = LIST.split('·').map((each) => each.trim());
    assert.equal(listed.length, 29);
    assert.deepEqual(Object.values(expect.codes()).map(({ number: code, word }) => `${code} ${word}`), listed);
  });

  test('has the documented HTTP status for each', () => {
    for (const { number: code, status } of Object.values(expect.codes())) assert.equal(status, STATUSES[code], code);
  });

  test('has a sentence of its own in French and in English for each', () => {
    for (const lang of ['fr', 'en']) {
      const texts = Object.values(expect.codes()).map((code) => code[lang]);
      assert.equal(new Set(texts).size, texts.length);
      for (const text of texts) assert.match(text, /^[A-ZÉ].{5,}[^.]$/);
    }
  });

  test('is all reached here, but for codes that say why not', () => {
    const told = [...Object.keys(reached), ...reachedOtherwise, ...Object.keys(unreached)];
    assert.deepEqual(told.toSorted(), Object.keys(expect.codes()).toSorted());
  });
});

describe('a request gets', () => {
  for (const [name, ask] of Object.entries(reached)) {
    const code = expect.codes()[name];
    test(`${code.number} ${code.word}, in French and in English`, async () => {
      expect.failure(await ask('fr'), name, { lang: 'fr' });
      expect.failure(await ask('en'), name, { lang: 'en' });
    });
  }

  test('0 OPERATION_SUCCES as a number', async () => {
    const reply = await balance('fr', await merchant.login());
    assert.match(reply.text, /^\{"code":0,"message":"OPERATION_SUCCES","data":/);
  });

  test('708 NOT_ALLOWED, in French and in English', async () => {
    const ask = (lang) => payoutd.request({ method: 'DELETE', target: `/v1/auth/login?lang=${lang}` });
    expect.failure(await ask('fr'), 'NOT_ALLOWED', { description: 'Cette méthode n\'est pas autorisée ici' });
    expect.failure(await ask('en'), 'NOT_ALLOWED', { description: 'This method is not allowed here' });
  });

  test('726 ERROR_PHONE_ALREADY_MY_CONTACT as an item\'s code', async () => {
    const [[known]] = expect.success(await merchant.contact([person(number)]));
    expect.itemCode(known, 'ALREADY_MY_CONTACT');
  });

  test('805 CLIENT_TRANSACTION_ID_EXIST, in French and in English, with the transfer', async () => {
    const sent = item(number, 500, url);
    await merchant.pay([sent]);
    for (const lang of ['fr', 'en']) {
      const [[known]] = expect.failure(await send(lang, sent), 'CLIENT_ID_EXISTS', { lang, data: null });
      expect.itemCode(known, 'CLIENT_ID_EXISTS');
    }
  });
});
