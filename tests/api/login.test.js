// POST /v1/auth/login, and the token that it gives.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import fs from 'node:fs';
import { after, before, describe, test } from 'node:test';
import * as expect from './lib/expect.js';
import { Payoutd, until } from './lib/payoutd.js';

let payoutd, merchant, key;
before(async () => {
  payoutd = await Payoutd.start();
  merchant = await payoutd.merchant();
  key = fs.readFileSync(payoutd.settings.token_key_file, 'utf8').trim();
});
after(() => payoutd?.end());

const base64url = (text) => Buffer.from(text).toString('base64url');
const claimsOf = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));
const pair = () => ({ apikey: merchant.apikey, password: merchant.password });

// A token as payoutd would sign it, with other claims.
function tokenMade(claims, { by = key, header = { alg: 'HS256', typ: 'JWT' } } = {}) {
  const signed = `${base64url(JSON.stringify(header))}.${base64url(JSON.stringify(claims))}`;
  return `${signed}.${createHmac('sha256', by).update(signed).digest('base64url')}`;
}
function claims(more = {}) {
  const now = Math.floor(Date.now() / 1000);
  return { sub: merchant.id, iss: 'payoutd', iat: now, exp: now + 300, nbf: now, jti: 'abcdefghijklmnop', ...more };
}
const balanceWith = (token) => payoutd.get(`/v1/transfer/check/balance?lang=en&token=${token}`);

describe('the right pair', () => {
  test('gets a token and nothing else', async () => {
    const data = expect.success(await payoutd.post('/v1/auth/login', pair()));
    expect.shape(data, { token: 'string' });
  });

  test('gets a JWT of HS256 with the claims that clients read', async () => {
    const token = await merchant.login();
    assert.deepEqual(JSON.parse(Buffer.from(token.split('.')[0], 'base64url')), { alg: 'HS256', typ: 'JWT' });
    const read = claimsOf(token);
    assert.deepEqual(Object.keys(read).sort(), ['exp', 'iat', 'iss', 'jti', 'nbf', 'sub']);
    assert.strictEqual(read.sub, merchant.id);
    assert.equal(read.jti.length, 16);
    assert.equal(read.nbf, read.iat);
    assert.ok(Math.abs(read.iat - Date.now() / 1000) < 30);
  });

  test('gets a token that can stand in a URL unescaped', async () => {
    assert.match(await merchant.login(), /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/);
  });

  test('gets a token that lives five minutes', async () => {
    const { iat, exp } = claimsOf(await merchant.login());
    assert.equal(exp - iat, 300);
  });

  test('gets another token each time', async () => {
    assert.notEqual(await merchant.login(), await merchant.login());
  });

  test('gets a token whose signature the key file proves', async () => {
    const [head, body, signature] = (await merchant.login()).split('.');
    assert.equal(createHmac('sha256', key).update(`${head}.${body}`).digest('base64url'), signature);
  });

  test('may stand in the query, with GET or with POST', async () => {
    const query = new URLSearchParams(pair());
    expect.success(await payoutd.get(`/v1/auth/login?${query}`));
    expect.success(await payoutd.post(`/v1/auth/login?${query}`, {}));
  });
});

describe('a wrong pair', () => {
  const SEED = '{"code":"701","message":"INVALID_CREDENTIALS","description":"Identifiant de connexion incorrect","data":[]}';

  test('gets 401 and 701, byte for byte as the collection shows it', async () => {
    const reply = await payoutd.post('/v1/auth/login', { ...pair(), password: 'wrong' });
    assert.equal(reply.status, 401);
    assert.equal(reply.text, SEED);
    expect.headers(reply);
  });

  test('says the same of an apikey that is not there', async () => {
    const reply = await payoutd.post('/v1/auth/login', { apikey: 'nobody', password: 'wrong' });
    assert.equal(reply.status, 401);
    assert.equal(reply.text, SEED);
  });

  test('says the same of what is too long to be anybody\'s', async () => {
    for (const fields of [{ apikey: 'x'.repeat(5000), password: 'x' }, { ...pair(), password: 'x'.repeat(5000) }]) {
      expect.failure(await payoutd.post('/v1/auth/login?lang=en', fields), 'INVALID_CREDENTIALS');
    }
  });

  test('does not tell by its time whether the apikey is there', async () => {
    const medianMs = async (fields) => {
      const times = [];
      for (let i = 0; i < 5; i++) {
        const begin = performance.now();
        await payoutd.post('/v1/auth/login', fields);
        times.push(performance.now() - begin);
      }
      return times.sort((a, b) => a - b)[2];
    };
    const known = await medianMs({ apikey: merchant.apikey, password: 'wrong' });
    const unknown = await medianMs({ apikey: 'nobody', password: 'wrong' });
    assert.ok(unknown > known / 4 && unknown < known * 4, `known ${known} ms, unknown ${unknown} ms`);
  });

  test('is not the password in another case or with a blank', async () => {
    for (const password of [merchant.password.toLowerCase(), ` ${merchant.password}`, `${merchant.password} `]) {
      if (password === merchant.password) continue;
      expect.failure(await payoutd.post('/v1/auth/login?lang=en', { ...pair(), password }), 'INVALID_CREDENTIALS');
    }
  });
});

describe('a missing field', () => {
  test('gets 704', async () => {
    for (const fields of [{}, { apikey: merchant.apikey }, { password: merchant.password },
      { apikey: '', password: merchant.password }, { apikey: merchant.apikey, password: '' }]) {
      expect.failure(await payoutd.post('/v1/auth/login?lang=en', fields), 'INVALID_PARAM');
    }
  });
});

describe('a token', () => {
  test('that is missing or broken gets 706', async () => {
    const token = await merchant.login();
    const broken = ['', 'nonsense', 'a.b.c', `${token}x`, token.slice(0, -1), token.slice(1), `${token}.`, '....',
      token.split('.').slice(0, 2).join('.'), 'x'.repeat(4000)];
    for (const each of broken) expect.failure(await balanceWith(each), 'INVALID_TOKEN');
    expect.failure(await payoutd.get('/v1/transfer/check/balance?lang=en'), 'INVALID_TOKEN');
  });

  test('with any one character changed gets 706', async () => {
    const token = await merchant.login();
    for (let at = 0; at < token.length; at += 7) {
      const other = token[at] === 'A' ? 'B' : 'A';
      expect.failure(await balanceWith(token.slice(0, at) + other + token.slice(at + 1)), 'INVALID_TOKEN');
    }
  });

  test('without a signature, or of somebody else\'s key, gets 706', async () => {
    const none = `${base64url('{"alg":"none","typ":"JWT"}')}.${base64url(JSON.stringify(claims()))}.`;
    expect.failure(await balanceWith(none), 'INVALID_TOKEN');
    expect.failure(await balanceWith(tokenMade(claims(), { by: 'another key of somebody else' })), 'INVALID_TOKEN');
    expect.failure(await balanceWith(tokenMade(claims(), { header: { alg: 'HS512', typ: 'JWT' } })), 'INVALID_TOKEN');
  });

  test('of the same key, made elsewhere, is taken', async () => {
    expect.success(await balanceWith(tokenMade(claims())));
  });

  test('that is over gets 705', async () => {
    const now = Math.floor(Date.now() / 1000);
    expect.failure(await balanceWith(tokenMade(claims({ iat: now - 301, nbf: now - 301, exp: now - 1 }))),
      'EXPIRED_TOKEN');
  });

  test('that is not valid yet gets 706', async () => {
    const now = Math.floor(Date.now() / 1000);
    expect.failure(await balanceWith(tokenMade(claims({ nbf: now + 3600, exp: now + 7200 }))), 'INVALID_TOKEN');
  });

  test('of a merchant that is not there gets 703', async () => {
    expect.failure(await balanceWith(tokenMade(claims({ sub: 9999999999 }))), 'INVALID_USER');
  });

  test('lives as long as the setting says, then gets 705', async () => {
    const brief = await Payoutd.start({ token_lifetime: '1s' });
    try {
      const target = await (await brief.merchant()).target('/transfer/check/balance');
      expect.success(await brief.get(target));
      const refused = await until(async () => {
        const reply = await brief.get(target);
        return reply.status === 200 ? null : reply;
      }, 'the token expires');
      expect.failure(refused, 'EXPIRED_TOKEN');
    } finally {
      await brief.end();
    }
  });
});

describe('a merchant', () => {
  test('that is suspended can neither log in nor use its token: 703', async () => {
    const suspended = await payoutd.merchant();
    const token = await suspended.login();
    await suspended.change({ suspended: true });
    expect.failure(await balanceWith(token), 'INVALID_USER');
    const fields = { apikey: suspended.apikey, password: suspended.password };
    expect.failure(await payoutd.post('/v1/auth/login?lang=en', fields), 'INVALID_USER');
    expect.failure(await payoutd.post('/v1/auth/login?lang=en', { ...fields, password: 'wrong' }), 'INVALID_CREDENTIALS');
    await suspended.change({ suspended: false });
    expect.success(await balanceWith(token));
  });

  test('with a new password can\'t log in with the old one', async () => {
    const changed = await payoutd.merchant();
    const { password } = await payoutd.admin(`/merchants/${changed.id}/password`, {});
    assert.notEqual(password, changed.password);
    const fields = { apikey: changed.apikey, password: changed.password };
    expect.failure(await payoutd.post('/v1/auth/login?lang=en', fields), 'INVALID_CREDENTIALS');
    expect.success(await payoutd.post('/v1/auth/login?lang=en', { ...fields, password }));
  });
});

test('too many logins of one apikey get 429, Retry-After and the true limit', async () => {
  const strict = await Payoutd.start({ http_logins_per_minute: 2 });
  try {
    const guessed = await strict.merchant();
    const login = (apikey) => strict.post('/v1/auth/login?lang=en', { apikey, password: 'wrong' });
    for (const remaining of ['1', '0']) {
      const reply = await login(guessed.apikey);
      assert.equal(reply.status, 401);
      assert.equal(reply.headers['x-ratelimit-limit'], '2');
      assert.equal(reply.headers['x-ratelimit-remaining'], remaining);
    }
    const limited = await login(guessed.apikey);
    assert.equal(limited.status, 429);
    assert.match(limited.headers['retry-after'], /^[1-9]\d?$/);
    expect.headers(limited, { limit: '2', remaining: /^0$/ });
    assert.equal((await login('another')).status, 401, 'the limit is of one apikey');
  } finally {
    await strict.end();
  }
});
