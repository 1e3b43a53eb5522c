// How requests may be written and how replies are: encodings, places of the token, paths, methods, headers.
import assert from 'node:assert/strict';
import net from 'node:net';
import { after, before, describe, test } from 'node:test';
import * as expect from './lib/expect.js';
import { FORM, JSON_TYPE, multipart, urlencoded } from './lib/http.js';
import { Payoutd, item, person, phone } from './lib/payoutd.js';

let payoutd, merchant;
before(async () => {
  payoutd = await Payoutd.start();
  merchant = await payoutd.merchant();
  await merchant.login();
});
after(() => payoutd?.end());

const CONTACT = '/v1/transfer/contact';
const withToken = (path) => `${path}?lang=en&token=${merchant.token}`;
// POSTs a raw body to contact, with the token in the query.
const raw = (body, headers = FORM, target = withToken(CONTACT)) =>
  payoutd.request({ method: 'POST', target, headers, body });
// The first result of a contact that was stored.
const stored = (reply) => {
  const [[first]] = expect.success(reply);
  expect.itemCode(first, 'OK');
  return first;
};

describe('every reply', () => {
  const replies = {
    'of success': () => payoutd.get(withToken('/v1/transfer/check/balance')),
    'of a wrong login': () => payoutd.post('/v1/auth/login', { apikey: 'a', password: 'b' }),
    'of a missing field': () => payoutd.post('/v1/auth/login', {}),
    'of a missing token': () => payoutd.get('/v1/transfer/check/money'),
    'of an unknown transfer': () => payoutd.get(`${withToken('/v1/transfer/check/money')}&transaction_id=x`),
    'of a refused contact': () => raw(urlencoded({ data: JSON.stringify([person('1')]) })),
    'of broken data': () => raw('data=['),
    'of a wrong method': () => payoutd.request({ method: 'DELETE', target: withToken(CONTACT) }),
    'of a path that is not there': () => payoutd.get('/v1/nothing'),
    'of a body that is too large': () => raw('x'.repeat(9 * 1024 * 1024)),
  };
  for (const [what, ask] of Object.entries(replies)) {
    test(`${what} has the API's headers`, async () => expect.headers(await ask()));
  }

  test('says how many calls are left, below the limit', async () => {
    const reply = await payoutd.get(withToken('/v1/transfer/check/balance'));
    assert.equal(reply.headers['x-ratelimit-remaining'], '59');
  });

  test('has a request id of its own', async () => {
    const ids = new Set();
    for (let i = 0; i < 3; i++) ids.add((await payoutd.get('/healthz')).headers['x-request-id']);
    assert.equal(ids.size, 3);
  });
});

describe('a path', () => {
  test('may end in slashes, blanks or both', async () => {
    for (const end of ['/', '//', '%20', '/%20', '%20/', '%09']) {
      expect.success(await payoutd.get(withToken(`/v1/transfer/check/balance${end}`)));
    }
    expect.failure(await payoutd.post('/v1/auth/login%20?lang=en', {}), 'INVALID_PARAM');
  });

  test('may have two slashes where one belongs, or stand behind a host', async () => {
    expect.success(await payoutd.get(withToken('//v1//transfer/check/balance')));
    expect.success(await payoutd.get(withToken(`http://example.com/v1/transfer/check/balance`)));
  });

  test('that is not there gets 404 and 723', async () => {
    for (const path of ['/v1', '/v1/', '/v2/auth/login', '/v1/auth', '/v1/auth/login/x', '/V1/auth/login', '/v1/transfer']) {
      expect.failure(await payoutd.get(`${path}?lang=en`), 'NOT_FOUND');
    }
  });
});

describe('the language', () => {
  const description = async (query) => (await payoutd.post(`/v1/auth/login${query}`, {})).json().description;
  const { fr, en } = expect.codes().INVALID_PARAM;

  test('is French unless English is asked for', async () => {
    assert.equal(await description(''), fr);
    assert.equal(await description('?lang=fr'), fr);
    assert.equal(await description('?lang=en'), en);
  });

  test('that is unknown falls back to French', async () => {
    for (const lang of ['de', '', 'EN ', 'english', '%00', 'x'.repeat(2000)]) {
      assert.equal(await description(`?lang=${encodeURIComponent(lang)}`), fr, lang);
    }
  });

  test('may come in the body', async () => {
    const reply = await raw('{"lang":"en"}', JSON_TYPE, '/v1/auth/login');
    assert.equal(reply.json().description, en);
  });
});

describe('the token', () => {
  const balance = '/v1/transfer/check/balance?lang=en';
  const bearer = (token) => ({ Authorization: `Bearer ${token}` });

  test('is taken from the query', async () => {
    expect.success(await payoutd.get(`${balance}&token=${merchant.token}`));
  });

  test('is taken from Authorization: Bearer', async () => {
    expect.success(await payoutd.get(balance, bearer(merchant.token)));
    expect.success(await payoutd.get(balance, { authorization: `bearer   ${merchant.token}` }));
  });

  test('is taken from a form\'s, a multipart\'s or a JSON\'s field', async () => {
    expect.success(await payoutd.post(balance, { token: merchant.token }));
    const { headers, body } = multipart({ token: merchant.token });
    expect.success(await raw(body, headers, balance));
    expect.success(await raw(JSON.stringify({ token: merchant.token }), JSON_TYPE, balance));
  });

  test('in the query goes before the header, the header before the body', async () => {
    const bad = (reply) => expect.failure(reply, 'INVALID_TOKEN');
    bad(await payoutd.get(`${balance}&token=wrong`, bearer(merchant.token)));
    bad(await payoutd.post(balance, { token: merchant.token }, bearer('wrong')));
    bad(await payoutd.post(`${balance}&token=wrong`, { token: merchant.token }));
    expect.success(await payoutd.post(balance, { token: 'wrong' }, bearer(merchant.token)));
    expect.success(await payoutd.get(`${balance}&token=${merchant.token}`, bearer('wrong')));
  });

  test('that is empty in one place is looked for in the next', async () => {
    expect.success(await payoutd.get(`${balance}&token=`, bearer(merchant.token)));
  });

  test('may have blanks around it, as pasted', async () => {
    expect.success(await payoutd.get(`${balance}&token=${merchant.token}%0A`));
  });

  test('of another scheme is none', async () => {
    expect.failure(await payoutd.get(balance, { Authorization: `Basic ${merchant.token}` }), 'INVALID_TOKEN');
    expect.failure(await payoutd.get(balance, { Authorization: merchant.token }), 'INVALID_TOKEN');
  });

  test('outside the query gets 706 when the merchant wants it there only', async () => {
    const strict = await payoutd.merchant({ token_query_only: true });
    await strict.login();
    expect.failure(await payoutd.get(balance, bearer(strict.token)), 'INVALID_TOKEN');
    expect.failure(await payoutd.post(balance, { token: strict.token }), 'INVALID_TOKEN');
    expect.success(await payoutd.get(`${balance}&token=${strict.token}`));
  });
});

describe('a body', () => {
  test('may be urlencoded', async () => {
    stored(await raw(urlencoded({ data: JSON.stringify([person(phone())]) })));
  });

  test('may be multipart, quoted or not, with or without its boundary in the header', async () => {
    const { headers, body } = multipart({ data: JSON.stringify([person(phone(), { name: 'A & B + 100%' })]) });
    assert.equal(stored(await raw(body, headers)).name, 'A & B + 100%');
    const again = multipart({ data: JSON.stringify([person(phone())]) });
    stored(await raw(again.body, { 'Content-Type': 'multipart/form-data' }));
    const bare = multipart({ data: JSON.stringify([person(phone())]) });
    stored(await raw(bare.body.replace('name="data"', 'name=data'), bare.headers));
  });

  test('may be JSON with data as the value itself or as a text', async () => {
    stored(await raw(JSON.stringify({ data: [person(phone())] }), JSON_TYPE));
    stored(await raw(JSON.stringify({ data: person(phone()) }), JSON_TYPE));
    stored(await raw(JSON.stringify({ data: JSON.stringify([person(phone())]) }), JSON_TYPE));
  });

  test('may be JSON with token, lang and login fields as members', async () => {
    const { apikey, password } = merchant;
    expect.success(await raw(JSON.stringify({ apikey, password }), JSON_TYPE, '/v1/auth/login'));
    const sent = JSON.stringify({ token: merchant.token, lang: 'en', data: [person('1')] });
    expect.failure(await raw(sent, JSON_TYPE, CONTACT), 'INVALID_PHONE');
  });

  test('may be a bare JSON array or object', async () => {
    stored(await raw(JSON.stringify([person(phone())]), JSON_TYPE));
    stored(await raw(JSON.stringify(person(phone())), JSON_TYPE));
  });

  test('may be JSON under a form\'s type, under none, or with a byte-order mark', async () => {
    stored(await raw(JSON.stringify([person(phone())]), FORM));
    stored(await raw(JSON.stringify(person(phone())), FORM));
    stored(await raw(JSON.stringify([person(phone())]), {}));
    stored(await raw(`\ufeff${JSON.stringify([person(phone())])}`, JSON_TYPE));
  });

  test('may be a form under JSON\'s type', async () => {
    stored(await raw(urlencoded({ data: JSON.stringify([person(phone())]) }), JSON_TYPE));
  });

  test('may be bare fields of one item', async () => {
    const one = person(phone());
    const first = stored(await raw(urlencoded(one)));
    assert.equal(first.phone, one.phone);
    const sent = item(one.phone, '500', 'http://127.0.0.1:1/');
    const target = withToken('/v1/transfer/money/send/contact');
    assert.strictEqual(expect.success(await raw(urlencoded(sent), FORM, target))[0][0].code, 0);
  });

  test('may have data as a JSON string that holds JSON', async () => {
    stored(await raw(urlencoded({ data: JSON.stringify(JSON.stringify([person(phone())])) })));
    stored(await raw(JSON.stringify(JSON.stringify([person(phone())])), JSON_TYPE));
  });

  test('may have data as one object', async () => {
    stored(await raw(urlencoded({ data: JSON.stringify(person(phone())) })));
  });

  test('may have blanks around a field\'s name', async () => {
    stored(await raw(`%20data%20=${encodeURIComponent(JSON.stringify([person(phone())]))}`));
    stored(await raw(`data+=${encodeURIComponent(JSON.stringify([person(phone())]))}`));
  });

  test('may come with GET', async () => {
    const body = urlencoded({ data: JSON.stringify([person(phone())]) });
    stored(await payoutd.request({ method: 'GET', target: withToken(CONTACT), headers: FORM, body }));
  });

  test('may stand in the query instead', async () => {
    const data = encodeURIComponent(JSON.stringify([person(phone())]));
    stored(await payoutd.get(`${withToken(CONTACT)}&data=${data}`));
    stored(await payoutd.post(`${withToken(CONTACT)}&data=${encodeURIComponent(JSON.stringify([person(phone())]))}`, {}));
  });
});

describe('data that was not encoded', () => {
  const sentRaw = async (name, around = (text) => `data=${text}`) =>
    stored(await raw(around(JSON.stringify([person(phone(), { name })])))).name;

  test('keeps a raw &', async () => assert.equal(await sentRaw('Tom & Jerry'), 'Tom & Jerry'));
  test('keeps a raw & that looks like a field', async () => assert.equal(await sentRaw('a&token=b&c=d'), 'a&token=b&c=d'));
  test('keeps a raw %', async () => assert.equal(await sentRaw('100% Awa %zz %'), '100% Awa %zz %'));
  test('keeps a raw + in a number', async () => {
    const [[result]] = expect.success(await raw(`data=${JSON.stringify([person(`+225${phone()}`)])}`));
    expect.itemCode(result, 'OK');
  });
  test('keeps raw line ends and blanks between members', async () => {
    const text = JSON.stringify([person(phone())], null, '\r\n  ');
    stored(await raw(`data=${text}`));
  });
  test('may be followed by other fields', async () => {
    assert.equal(await sentRaw('R&D', (text) => `data=${text}&lang=en`), 'R&D');
  });
  test('may follow other fields', async () => {
    assert.equal(await sentRaw('R&D', (text) => `lang=en&data=${text}`), 'R&D');
  });
  test('keeps what is encoded where it was encoded', async () => {
    const name = 'Tom & Jerry + 100% é';
    assert.equal(await sentRaw(name, (text) => `data=${encodeURIComponent(text)}`), name);
  });
  test('keeps letters outside ASCII', async () => assert.equal(await sentRaw('Koné & Traoré'), 'Koné & Traoré'));
});

describe('a method', () => {
  const targets = { login: '/v1/auth/login', balance: '/v1/transfer/check/balance', contact: CONTACT,
    send: '/v1/transfer/money/send/contact', check: '/v1/transfer/check/money' };

  test('OPTIONS gets 204 and the CORS headers, without a token', async () => {
    for (const target of Object.values(targets)) {
      const reply = await payoutd.request({ method: 'OPTIONS', target,
        headers: { Origin: 'https://example.com', 'Access-Control-Request-Method': 'POST' } });
      assert.equal(reply.status, 204);
      assert.equal(reply.text, '');
      assert.equal(reply.headers['access-control-allow-origin'], '*');
      assert.equal(reply.headers['access-control-allow-methods'], 'GET,POST');
      assert.match(reply.headers['access-control-allow-headers'], /Authorization/);
    }
  });

  test('GET and POST are both taken by login, contact and send', async () => {
    for (const target of [targets.login, withToken(targets.contact), withToken(targets.send)]) {
      for (const method of ['GET', 'POST']) {
        const reply = await payoutd.request({ method, target, headers: FORM, body: '' });
        assert.equal(reply.json().code, '704', `${method} ${target}: ${reply.text}`);
      }
    }
  });

  test('that is another gets 708', async () => {
    for (const target of Object.values(targets)) {
      for (const method of ['PUT', 'DELETE', 'PATCH', 'PROPFIND']) {
        expect.failure(await payoutd.request({ method, target: `${withToken(target)}` }), 'NOT_ALLOWED',
          { description: 'This method is not allowed here' });
      }
    }
  });

  test('HEAD is answered as GET without a body where nothing changes, and refused elsewhere', async () => {
    const head = (target) => payoutd.request({ method: 'HEAD', target: withToken(target) });
    const balance = await head(targets.balance);
    assert.equal(balance.status, 200);
    assert.equal(balance.text, '');
    expect.headers(balance);
    for (const target of [targets.contact, targets.send]) assert.equal((await head(target)).status, 403);
  });
});

describe('limits', () => {
  test('a body over the limit gets 413 and is not read as less', async () => {
    const small = await Payoutd.start({ http_body_max: '2K' });
    try {
      const other = await small.merchant();
      const target = await other.target('/transfer/contact');
      const body = (length) => {
        const text = JSON.stringify([person(phone())]);
        return text + ' '.repeat(length - Buffer.byteLength(text));
      };
      const post = (length, more = {}) =>
        small.request({ method: 'POST', target, headers: JSON_TYPE, body: body(length), ...more });
      stored(await post(2048));
      const options = { status: 413, description: 'The request\'s body is too large' };
      expect.failure(await post(2049), 'DATA_NOT_VALID', options);
      expect.failure(await post(7000), 'DATA_NOT_VALID', options);
      stored(await post(2048, { chunked: true }));
      expect.failure(await post(2049, { chunked: true }), 'DATA_NOT_VALID', options);
    } finally {
      await small.end();
    }
  });

  test('a body that is announced far too large is refused before it is sent', async () => {
    const reply = await new Promise((resolve, reject) => {
      const socket = net.connect(payoutd.port, '127.0.0.1', () => {
        socket.write(`POST ${withToken(CONTACT)} HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n`);
      });
      let text = '';
      socket.on('data', (piece) => {
        text += piece;
        if (text.includes('\r\n\r\n')) { socket.destroy(); resolve(text); }
      });
      socket.on('error', reject);
      socket.on('end', () => resolve(text));
    });
    assert.match(reply, /^HTTP\/1.1 413 /);
  });

  test('a form of more than 64 fields gets 704 and says why', async () => {
    const fields = Object.fromEntries(Array.from({ length: 65 }, (_, index) => [`field${index}`, 'x']));
    expect.failure(await payoutd.post(withToken(CONTACT), fields), 'INVALID_PARAM',
      { description: 'The request has too many parameters' });
  });

  test('JSON nested a thousand deep gets 718, and payoutd goes on', async () => {
    expect.failure(await raw(`data=${'['.repeat(100000)}${']'.repeat(100000)}`), 'JSON_PARSE_ERROR');
    expect.success(await payoutd.get(withToken('/v1/transfer/check/balance')));
  });

  test('calls of one merchant over the limit get 429, Retry-After and the true limit', async () => {
    const strict = await Payoutd.start({ http_calls_per_minute: 3 });
    try {
      const busy = await strict.merchant();
      const statuses = [];
      let last;
      for (let i = 0; i < 4; i++) {
        last = await busy.balance();
        statuses.push(last.status);
      }
      assert.deepEqual(statuses, [200, 200, 200, 429]);
      expect.headers(last, { limit: '3', remaining: /^0$/ });
      assert.match(last.headers['retry-after'], /^[1-9]\d?$/);
      const other = await strict.merchant();
      assert.equal((await other.balance()).status, 200, 'the limit is of one merchant');
    } finally {
      await strict.end();
    }
  });
});

describe('the HTTP statuses', () => {
  test('can be other ones by a setting', async () => {
    const other = await Payoutd.start({ http_status: '701:403 704:200' });
    try {
      expect.failure(await other.post('/v1/auth/login?lang=en', { apikey: 'a', password: 'b' }), 'INVALID_CREDENTIALS',
        { status: 403 });
      expect.failure(await other.post('/v1/auth/login?lang=en', {}), 'INVALID_PARAM', { status: 200 });
    } finally {
      await other.end();
    }
  });

  test('can all be 200 for clients that read the body only', async () => {
    const always = await Payoutd.start({ http_status_always_200: 'yes' });
    try {
      const replies = [['/v1/auth/login?lang=en', 'INVALID_PARAM'], ['/v1/nothing?lang=en', 'NOT_FOUND'],
        ['/v1/transfer/check/balance?lang=en', 'INVALID_TOKEN']];
      for (const [target, code] of replies) expect.failure(await always.get(target), code, { status: 200 });
    } finally {
      await always.end();
    }
  });
});

test('garbage on the socket does no harm, and its connection is closed when it is idle at the latest', async () => {
  const brief = await Payoutd.start({ http_idle: '1s' });
  const long = `GET /${'a'.repeat(70000)} HTTP/1.1\r\n\r\n`;
  const send = (garbage) => new Promise((resolve) => {
    const socket = net.connect(brief.port, '127.0.0.1', () => socket.end(garbage));
    socket.on('data', () => {});
    socket.on('error', resolve);
    socket.on('close', resolve);
  });
  try {
    await Promise.all(['\r\n\r\n', 'GET\r\n\r\n', '\x00\xff\x00', 'GET / HTTP/9.9\r\n\r\n', long].map(send));
    assert.equal((await brief.get('/healthz')).status, 200);
  } finally {
    await brief.end();
  }
});
