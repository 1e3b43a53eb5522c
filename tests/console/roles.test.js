// Every endpoint of the contract with every role: whom it lets in, and nobody else. What the contract does not name
// is not there, and what the table of routes has is in the contract.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Payoutd, phone } from '../api/lib/payoutd.js';
import { Console, person } from './lib/console.js';

const ROLES = ['OWNER', 'MAKER', 'CHECKER', 'VIEWER', 'PLATFORM'];
const people = {};
let payoutd;
let merchant;
let paths;
let values;

before(async () => {
  payoutd = await Payoutd.start({ admin_require_totp: 'no' });
  merchant = await payoutd.merchant();
  for (const role of ROLES) people[role] = await person(payoutd, role.toLowerCase(), role, role === 'PLATFORM' ? null : merchant);
  await payoutd.admin('/users', { name: 'subject', role: 'VIEWER', merchant: merchant.id });
  ({ paths } = await people.OWNER.must('GET', '/openapi.json'));
  const { lot, items: [{ transaction_id: id }] } = await people.MAKER.must('POST', '/send', { key: 'roles-of-every-endpoint', country: '225',
    items: [{ phone: phone(), amount: 500, name: 'Awa' }] });
  values = { lot, phone: '2250700000000', name: 'subject', number: '1', transfer: id };
});
after(() => payoutd.end());

// A path's own words filled in with what is the merchant's.
function target(path) {
  const of = { ...values, id: path.includes('/merchants/') ? merchant.id : path.includes('/contradictions/') ? '1' : values.transfer,
    name: path.includes('/channels/') ? 'sandbox' : values.name };
  return path.replaceAll(/\{(\w+)\}/g, (_, name) => of[name]);
}

test('every endpoint is for the roles that its page names, and no other', async () => {
  const nobody = new Console(payoutd);
  let calls = 0;
  for (const [path, operations] of Object.entries(paths))
    for (const [verb, { 'x-roles': roles }] of Object.entries(operations)) {
      const method = verb.toUpperCase();
      if (roles[0] === 'anybody') continue;
      const call = async (by) => {
        const { status, headers } = await by.request(method, `${target(path)}${by.role === 'PLATFORM' && !path.includes('/acts') ? `?merchant=${merchant.id}` : ''}`,
          method === 'POST' ? { no_such_member: 1 } : undefined, path.endsWith('/events') ? { Connection: 'close' } : {});
        calls += 1;
        assert.equal(headers['x-content-type-options'], 'nosniff', path);
        return status;
      };
      if (path.endsWith('/events') || path.endsWith('/logout') || (path.endsWith('/session') && method === 'POST')) continue; // session.test.js, pages.test.js
      assert.equal(await call(nobody), 401, `${method} ${path}: nobody`);
      for (const role of ROLES) {
        const status = await call(people[role]);
        const may = roles.includes('every role') || roles.includes(role);
        assert.equal(status === 403, !may, `${method} ${path}: ${role} ${may ? 'may' : 'may not'}, answered ${status}`);
        assert.notEqual(status, 405, `${method} ${path}`);
      }
    }
  assert.ok(calls > 300, `${calls} calls`);
});

test('what the routes let a role do is what the contract says, endpoint by endpoint', async () => {
  for (const role of ROLES) {
    const { may } = await people[role].must('GET', '/session');
    const said = Object.entries(paths).flatMap(([path, operations]) => Object.entries(operations)
      .filter(([, { 'x-roles': roles }]) => roles.includes('every role') || roles.includes(role))
      .map(([verb]) => `${verb.toUpperCase()} ${path}`));
    const own = [...new Set(may)].filter((each) => !/\/merchants\/\{id\}\/(lots|contacts)$/.test(each)); // The Payout API's own words: docs/operations.md.
    assert.deepEqual(own.toSorted(), said.toSorted(), role);
  }
});
