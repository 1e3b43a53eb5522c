// The Postman collection of the API: the seed's five requests and payoutd's own one, with variables for what is
// somebody's, and what a real payoutd answers saved beside them.
import http from 'node:http';

const SCHEMA = 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json';
const NUMBER = '0707895086';
const PERSON = { prefix: '225', phone: NUMBER, name: 'Awa', surname: 'Koné', email: 'awa@example.com' };
const PAYMENT = { prefix: '225', phone: NUMBER, amount: 500, notify_url: '{{notify_url}}',
  client_transaction_id: '{{client_transaction_id}}' };

const form = (fields) => Object.entries(fields).map(([key, value]) => ({ key, value, type: 'text' }));
const data = (...items) => ({ data: JSON.stringify(items) });

// Each request once as it is sent, then what it is sent as for its examples: {name, query, body}.
const REQUESTS = [{
  name: 'Authentification / Authentication', method: 'POST', path: 'v1/auth/login', query: { lang: 'en' },
  body: { apikey: '{{apikey}}', password: '{{password}}' },
  after: ['pm.collectionVariables.set("token", pm.response.json().data.token);'],
  examples: [{ name: 'A token' }, { name: '701: a wrong password', body: { apikey: '{{apikey}}', password: 'wrong' } }],
}, {
  name: 'Solde du compte transfert / Transfer Account Information', method: 'GET', path: 'v1/transfer/check/balance',
  query: { token: '{{token}}', lang: 'en' },
  examples: [{ name: 'The balance' }, { name: '706: a token that is none', query: { token: 'nonsense', lang: 'en' } }],
}, {
  name: 'Ajouter un ou plusieurs contacts sur CinetPay / Add one or more contacts to CinetPay', method: 'POST',
  path: 'v1/transfer/contact', query: { token: '{{token}}', lang: 'en' },
  body: data(PERSON),
  examples: [{ name: 'A contact' }, { name: '726 and 802: known, and no number', body: data(PERSON, { ...PERSON, phone: '123' }) },
    { name: '718: no JSON', body: { data: '[' } }],
}, {
  name: 'Envoyer de l\'argent d\'un ou plusieurs de vos contacts / Send money from one or more of your CinetPay contacts', method: 'POST',
  path: 'v1/transfer/money/send/contact',
  query: { token: '{{token}}', lang: 'en' }, body: data(PAYMENT),
  after: ['const [[sent]] = pm.response.json().data;', 'pm.collectionVariables.set("transaction_id", sent.transaction_id);'],
  examples: [{ name: 'A transfer' }, { name: '805: sent before' },
    { name: '724: not a contact', body: data({ ...PAYMENT, phone: '0707895087', client_transaction_id: 'other-1' }) },
    { name: '602: more than there is', body: data({ ...PAYMENT, amount: 1000000, client_transaction_id: 'other-2' }) }],
}, {
  name: 'Avoir les informations d\'un transfert d\'argent / Get information about a payout', method: 'GET',
  path: 'v1/transfer/check/money',
  query: { token: '{{token}}', client_transaction_id: '{{client_transaction_id}}', lang: 'en' },
  examples: [{ name: 'By client_transaction_id' },
    { name: 'By transaction_id', query: { token: '{{token}}', lang: 'en', transaction_id: '{{transaction_id}}' } },
    { name: '723: nobody knows it', query: { token: '{{token}}', lang: 'en', transaction_id: 'nothing' } }],
}, {
  name: 'Opérateurs / Operators (payoutd)', method: 'GET', path: 'v1/operators', query: { token: '{{token}}', lang: 'en' },
  examples: [{ name: 'All of them' }],
}];

function postmanRequest({ method, path, query, body }) {
  const raw = Object.entries(query).map(([key, value]) => `${key}=${value}`).join('&');
  return { method, header: [],
    ...(body === undefined ? {} : { body: { mode: 'urlencoded', urlencoded: form(body) } }),
    url: { raw: `{{base_url}}/${path}?${raw}`, host: ['{{base_url}}'], path: path.split('/'),
      query: Object.entries(query).map(([key, value]) => ({ key, value })) } };
}

const filled = (fields, variables) => Object.fromEntries(Object.entries(fields).map(([name, value]) =>
  [name, String(value).replace(/\{\{(\w+)\}\}/g, (_, variable) => variables[variable])]));

// What the variables become after a request, as its script in the collection has it. A transfer is waited for: what
// is saved of it later shall not depend on who is quicker.
async function learn(merchant, path, reply, variables) {
  if (reply.status !== 200) return;
  const { data: told } = reply.json();
  if (path === 'v1/auth/login') variables.token = told.token;
  if (!path.endsWith('send/contact')) return;
  variables.transaction_id = told[0][0].transaction_id;
  await merchant.ended(variables.transaction_id);
}

// Sends every example to payoutd, as a merchant who has no contacts yet, and has less than 1000000; the collection.
export async function collectionMake(payoutd, merchant, notifyUrl) {
  const variables = { apikey: merchant.apikey, password: merchant.password, notify_url: notifyUrl,
    client_transaction_id: 'first-1' };
  const items = [];
  for (const { examples, after = [], name, ...sent } of REQUESTS) {
    const saved = [];
    for (const { name: called, ...other } of examples) {
      const asked = { ...sent, ...other };
      const target = `/${asked.path}?${new URLSearchParams(filled(asked.query, variables))}`;
      const reply = await (asked.body === undefined ? payoutd.get(target) : payoutd.post(target, filled(asked.body, variables)));
      await learn(merchant, asked.path, reply, variables);
      saved.push({ name: called, originalRequest: postmanRequest(asked), status: http.STATUS_CODES[reply.status],
        code: reply.status, _postman_previewlanguage: 'json',
        header: Object.entries(reply.headers).map(([key, value]) => ({ key, value })), cookie: [], body: reply.text });
    }
    const script = ['pm.test("it is done", () => pm.expect(pm.response.json().code).to.eql(0));', ...after];
    items.push({ name, event: [{ listen: 'test', script: { type: 'text/javascript', exec: script } }],
      request: postmanRequest(sent), response: saved });
  }
  return { info: { name: 'CinetPay Payout API V1.1.0, by payoutd', schema: SCHEMA,
    description: 'Fill in base_url, apikey and password; then run it from top to bottom.' },
  item: items,
  variable: [['base_url', 'http://127.0.0.1:8086'], ['apikey', ''], ['password', ''], ['token', ''], ['transaction_id', ''],
    ['client_transaction_id', 'first-1'], ['notify_url', 'https://shop.example/notify']].map(([key, value]) => ({ key, value })) };
}

// The collection without what is another one each time.
export function collectionConstant(collection) {
  const CHANGING = ['date', 'x-request-id', 'x-ratelimit-remaining', 'content-length'];
  const copy = structuredClone(collection);
  for (const { response } of copy.item) {
    for (const saved of response) {
      saved.header = saved.header.map(({ key, value }) => ({ key, value: CHANGING.includes(key) ? '…' : value }));
      saved.body = saved.body.replace(/ey[\w-]+\.[\w-]+\.[\w-]+/g, 'TOKEN').replace(/EA\d{6}\.\d{6}\.[A-Z]\d{6}/g, 'ID')
        .replace(/"00\d{20,}"/g, '"LOT"').replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, 'TIME')
        .replace(/"SB\d+"/g, '"REFERENCE"').replaceAll(/http:(\\?\/){2}127\.0\.0\.1:\d+/g, 'http://receiver');
    }
  }
  return copy;
}
