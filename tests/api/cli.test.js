// `payout`, the command line, against a payoutd: what it prints, and the exit status that a script sees.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { payoutOf } from './lib/payout.js';
import { Payoutd, phone } from './lib/payoutd.js';
import { Receiver } from './lib/receiver.js';
import { code } from './lib/totp.js';
import { until, untilEvent } from './lib/wait.js';

let payoutd, merchant, receiver, folder, begin, payout, exits, json;
before(async () => {
  payoutd = await Payoutd.start();
  merchant = await payoutd.merchant({ money: 10000000 });
  receiver = await Receiver.start();
  folder = payoutd.folder;
  ({ begin, payout, exits, json } = payoutOf({ payoutd, merchant, folder, notifyUrl: receiver.url() }));
});
after(async () => {
  await payoutd?.end();
  await receiver?.stop();
});

let files = 0;
function csv(...lines) {
  files += 1;
  const name = `people-${files}.csv`;
  fs.writeFileSync(path.join(folder, name), lines.join('\n'));
  return name;
}
const rows = (name) => fs.readFileSync(path.join(folder, name), 'utf8').trim().split('\n').map((line) => line.split(','));

describe('payout login and balance', () => {
  test('shows a token that works', async () => {
    const { stdout } = await exits(0, ['login']);
    assert.equal((await payoutd.get(`/v1/transfer/check/balance?token=${stdout.trim()}`)).status, 200);
  });

  test('shows the money as a table and as JSON', async () => {
    const poor = await payoutd.merchant({ money: 663 });
    const env = { PAYOUT_APIKEY: poor.apikey, PAYOUT_PASSWORD: poor.password };
    assert.match((await exits(0, ['balance'], { env })).stdout, /^XOF\s+663\s+0\s+663$/m);
    assert.equal((await json(0, ['balance'], { env })).data.available, 663);
  });

  test('ends with 4 when the pair is wrong, in the language asked for', async () => {
    const env = { PAYOUT_PASSWORD: 'wrong' };
    assert.match((await exits(4, ['balance'], { env })).stderr, /701 INVALID_CREDENTIALS: Wrong login/);
    assert.match((await exits(4, ['balance', '--lang', 'fr'], { env })).stderr, /Identifiant de connexion incorrect/);
  });

  test('takes the password from a file or standard input, and never from a flag', async () => {
    fs.writeFileSync(path.join(folder, 'password'), `${merchant.password}\n`, { mode: 0o600 });
    const env = { PAYOUT_PASSWORD: '' };
    await exits(0, ['balance', '--password-file', 'password'], { env });
    await exits(0, ['balance', '--password-file', '-'], { env, input: `${merchant.password}\n` });
    await exits(2, ['balance', '--password', merchant.password], { env });
    await exits(2, ['balance'], { env });
  });

  test('takes settings from a profile that only its owner may read', async () => {
    const file = path.join(folder, 'payout.conf');
    fs.writeFileSync(file, `[shop]\nurl = ${payoutd.url}\napikey = ${merchant.apikey}\npassword = ${merchant.password}\n`);
    const env = { PAYOUT_URL: '', PAYOUT_APIKEY: '', PAYOUT_PASSWORD: '' };
    fs.chmodSync(file, 0o644);
    await exits(2, ['balance', '--config', file, '--profile', 'shop'], { env });
    fs.chmodSync(file, 0o600);
    await exits(0, ['balance', '--config', file, '--profile', 'shop'], { env });
    await exits(2, ['balance', '--config', file, '--profile', 'nowhere'], { env });
  });
});

describe('payout contact add', () => {
  test('adds one, who then stays', async () => {
    const number = phone();
    const words = ['contact', 'add', number, '--prefix', '225', '--name', 'Awa', '--surname', 'Koné'];
    const [added] = await json(0, words);
    assert.equal(added.outcome, 'ACCEPTED');
    const [again] = await json(0, words);
    assert.equal(again.outcome, 'REPEATED');
    assert.equal(again.lot, added.lot);
  });

  test('adds everybody in a CSV, tells who was refused, and ends with 1', async () => {
    const file = csv('prefix,phone,name', `225,${phone()},A`, '225,12345678,B', `225,${phone()},"C, D"`);
    const { stdout } = await exits(1, ['contact', 'add', '--csv', file]);
    assert.match(stdout, /2 added, 0 there before, 1 refused/);
    assert.match(stdout, /^\s+3 .*INVALID_PHONE/m);
  });

  test('ends with 4 when nobody was added', async () => {
    await exits(4, ['contact', 'add', '12345678', '--prefix', '225']);
  });
});

describe('payout send to one', () => {
  test('pays, and says REPEATED to the same again', async () => {
    const number = phone();
    await exits(0, ['contact', 'add', number, '--prefix', '225']);
    const words = ['send', '--to', number, '--prefix', '225', '--amount', '500', '--id', `one-${number}`];
    const [first] = (await json(0, words)).items;
    assert.equal(first.outcome, 'ACCEPTED');
    const [again] = (await json(0, words)).items;
    assert.equal(again.outcome, 'REPEATED');
    assert.equal(again.transaction_id, first.transaction_id);
    const [shown] = (await json(0, ['check', first.transaction_id])).data;
    assert.equal(shown.client_transaction_id, `one-${number}`);
  });

  test('ends with 4 and the reason when it is refused', async () => {
    const { stdout } = await exits(4, ['send', '--to', phone(), '--prefix', '225', '--amount', '500']);
    assert.match(stdout, /REFUSED\s+724\s+ERROR_PHONE_NOT_MY_CONTACT/);
  });

  test('ends with 4 when the money does not cover it, and nothing moves', async () => {
    const poor = await payoutd.merchant({ money: 100 });
    const env = { PAYOUT_APIKEY: poor.apikey, PAYOUT_PASSWORD: poor.password };
    const number = phone();
    await poor.know(number);
    const { stdout, stderr } = await exits(4, ['send', '--to', number, '--prefix', '225', '--amount', '500'], { env });
    assert.match(stdout + stderr, /602/);
    assert.equal((await poor.money()).amount, 100);
  });

  test('ends with 2 when an amount is no amount', async () => {
    for (const amount of ['abc', '-5', '0', '5.5', '']) {
      await exits(2, ['send', '--to', phone(), '--prefix', '225', '--amount', amount]);
    }
  });
});

describe('payout send --csv', () => {
  test('tells every error with its line, and sends nothing', async () => {
    const [good, bad] = [phone(), phone()];
    const before = await merchant.money();
    const file = csv('prefix,phone,amount,client_transaction_id', `225,${good},500,a-${good}`, `225,${bad},abc,b-${good}`,
      `225,${bad},,c-${good}`, `225,${bad},500,a-${good}`, '225,xyz,500,d', '225,"unclosed');
    const { stderr, stdout } = await exits(2, ['send', '--csv', file, '--add-contacts']);
    for (const line of [3, 4, 5, 6]) assert.match(stderr, new RegExp(`^${file}:${line}: `, 'm'), stderr);
    assert.match(stderr, /nothing was sent/);
    assert.equal(stdout, '');
    assert.deepEqual(await merchant.money(), before);
    await exits(4, ['check', '--id', `a-${good}`]);
  });

  test('refuses a file without a phone, an amount, a known column, or rows', async () => {
    for (const lines of [['prefix,amount', '225,500'], ['prefix,phone', '225,0707895086'],
      ['prefix,phone,amount,nonsense', '225,0707895086,500,x'], [''],
      ['prefix,phone,amount'], ['phone,phone,amount', '1,2,3']]) {
      await exits(2, ['send', '--csv', csv(...lines), '--batch', 'x']);
    }
    await exits(2, ['send', '--csv', 'not-there.csv', '--batch', 'x']);
    await exits(0, ['send', '--csv', csv('prefix,phone,amount,nonsense', `225,${phone()},500,x`), '--batch', 'ignored',
      '--ignore-columns', '--add-contacts']);
  });

  test('asks for ids or a batch, so that it can be run again', async () => {
    const { stderr } = await exits(2, ['send', '--csv', csv('prefix,phone,amount', `225,${phone()},500`)]);
    assert.match(stderr, /--batch/);
  });

  test('with --dry-run checks all and sends nothing', async () => {
    const before = await merchant.money();
    const file = csv('prefix;phone;amount', `225;${phone()};500`, `225;${phone()};700`);
    const { stdout } = await exits(0, ['send', '--csv', file, '--batch', 'dry', '--add-contacts', '--dry-run']);
    assert.match(stdout, /2 payments, 1200 in all/);
    assert.match(stdout, /Nothing was sent/);
    assert.deepEqual(await merchant.money(), before);
  });

  test('pays everybody in lots, and run again pays nobody twice', async () => {
    const numbers = Array.from({ length: 25 }, () => phone());
    const file = csv('Prefix,Phone,Amount,Nom', ...numbers.map((number) => `225,${number},200,"N, ${number}"`));
    const words = ['send', '--csv', file, '--batch', `salaries-${process.pid}`, '--add-contacts', '--lot-size', '10',
      '--result', `${file}.out`];
    const before = await merchant.money();
    const first = await json(0, words);
    assert.deepEqual([first.count, first.total, first.accepted, first.refused], [25, 5000, 25, 0]);
    assert.equal(new Set(first.items.map(({ lot }) => lot)).size, 3);
    for (const { transaction_id: id } of first.items) await merchant.ended(id);
    const again = await json(0, words);
    assert.deepEqual([again.accepted, again.repeated], [0, 25]);
    assert.deepEqual(again.items.map(({ transaction_id: id }) => id), first.items.map(({ transaction_id: id }) => id));
    assert.equal((await merchant.money()).amount, before.amount - 5000);
  });

  test('run again in another order and with more rows pays the new ones only', async () => {
    const [a, b, c] = [phone(), phone(), phone()];
    const batch = ['--batch', `order-${a}`, '--add-contacts'];
    await json(0, ['send', '--csv', csv('prefix,phone,amount', `225,${a},500`, `225,${b},600`), ...batch]);
    const again = await json(0, ['send', '--csv', csv('amount,phone,prefix', `700,${c},225`, `600,${b},225`, `500,${a},225`),
      ...batch]);
    assert.deepEqual(again.items.map(({ outcome }) => outcome), ['ACCEPTED', 'REPEATED', 'REPEATED']);
  });

  test('ends with 1 when some were refused, and writes each row\'s result, which can be sent again', async () => {
    const [good, unknown] = [phone(), phone()];
    await merchant.know(good);
    const file = csv('\ufeffprefix,phone,amount,client_transaction_id\r', `225,${good},500,x-${good}\r`,
      `225,${unknown},500,x-${unknown}\r`, `225,${good},195,y-${good}\r`);
    await exits(1, ['send', '--csv', file, '--result', `${file}.out`]);
    const [head, ...lines] = rows(`${file}.out`);
    const column = (name) => lines.map((line) => line[head.indexOf(name)]);
    assert.deepEqual(column('line'), ['2', '3', '4']);
    assert.deepEqual(column('outcome'), ['ACCEPTED', 'REFUSED', 'REFUSED']);
    assert.deepEqual(column('code'), ['0', '724', '719']);
    await merchant.know(unknown);
    await exits(1, ['send', '--csv', `${file}.out`, '--result', `${file}.again`]);
    const [againHead, ...againLines] = rows(`${file}.again`);
    assert.deepEqual(againLines.map((line) => line[againHead.indexOf('outcome')]), ['REPEATED', 'ACCEPTED', 'REFUSED']);
  });

  test('ends with 4 when nobody was accepted', async () => {
    await exits(4, ['send', '--csv', csv('prefix,phone,amount', `225,${phone()},500`), '--batch', 'nobody']);
  });

  test('reads standard input', async () => {
    const input = `prefix\tphone\tamount\n225\t${phone()}\t500\n`;
    await exits(0, ['send', '--csv', '-', '--batch', 'stdin', '--add-contacts'], { input });
  });
});

describe('payout check', () => {
  test('shows a transfer by either id, and a whole lot', async () => {
    const numbers = [phone(), phone('9930')];
    const file = csv('prefix,phone,amount,client_transaction_id',
      ...numbers.map((number) => `225,${number},500,c-${number}`));
    const { items } = await json(0, ['send', '--csv', file, '--add-contacts']);
    for (const { transaction_id: id } of items) await merchant.ended(id);
    assert.match((await exits(0, ['check', items[0].transaction_id])).stdout, / VAL /);
    assert.match((await exits(0, ['check', '--id', `c-${numbers[1]}`])).stdout,
      / REJ .*The receiver has no account with the operator/);
    assert.equal((await json(0, ['check', '--lot', items[0].lot])).data.length, 2);
  });

  test('ends with 4 for what is not there', async () => {
    assert.match((await exits(4, ['check', '--id', 'nothing'])).stderr, /723 NOT_FOUND/);
  });
});

describe('payout of the platform', () => {
  test('makes a merchant, changes it, books its money, and shows it', async () => {
    const made = await json(0, ['merchant', 'create', 'Épicerie Fatou']);
    const id = String(made.id);
    const fund = ['--amount', '5000', '--currency', 'XOF', '--reference', 'bank-1'];
    await exits(0, ['merchant', 'topup', id, ...fund]);
    await exits(0, ['merchant', 'topup', id, ...fund]);
    await exits(0, ['merchant', 'withdraw', id, '--amount', '1000', '--currency', 'XOF', '--reference', 'bank-2']);
    await exits(4, ['merchant', 'withdraw', id, '--amount', '5000', '--currency', 'XOF', '--reference', 'bank-3']);
    await exits(0, ['merchant', 'set', id, '--ip-list', '192.0.2.1', '--merchant-lang', 'en',
      '--confirm-mail', 'awa@example.org', '--approve-above', '90000', '--api-ip-list', '::1 127.0.0.1', '--calls-per-minute', '9000']);
    const shown = await json(0, ['merchant', 'show', id]);
    assert.equal(shown.name, 'Épicerie Fatou');
    assert.equal(shown.ip_list, '192.0.2.1');
    assert.equal(shown.lang, 'en');
    assert.equal(shown.confirm_mail, 'awa@example.org');
    assert.equal(shown.approve_above, 90000);
    assert.equal(shown.api_ip_list, '::1 127.0.0.1');
    assert.equal(shown.calls_per_minute, 9000);
    assert.equal(shown.balances.find(({ account }) => /available/i.test(account)).balance, 4000);
    const env = { PAYOUT_APIKEY: made.apikey, PAYOUT_PASSWORD: made.password };
    assert.equal((await json(0, ['balance'], { env })).data.amount, 4000);
    const { password } = await json(0, ['merchant', 'password', id]);
    await exits(4, ['balance'], { env });
    await exits(0, ['balance'], { env: { ...env, PAYOUT_PASSWORD: password } });
    const { password: third } = await json(0, ['merchant', 'password', id, '--old-valid', '2h']);
    for (const each of [password, third]) await exits(0, ['balance'], { env: { ...env, PAYOUT_PASSWORD: each } });
    const { password: fourth } = await json(0, ['merchant', 'password', id, '--old-valid', '0']);
    for (const each of [password, third]) await exits(4, ['balance'], { env: { ...env, PAYOUT_PASSWORD: each } });
    await exits(0, ['balance'], { env: { ...env, PAYOUT_PASSWORD: fourth } });
    assert.match((await json(0, ['merchant', 'secret', id])).secret_key, /^whsec_/);
    await exits(2, ['merchant', 'secret', id, '--old-valid', 'soon']);
    assert.ok((await exits(0, ['merchant', 'list'])).stdout.includes(id));
  });

  test('lists, shows, confirms and cancels lots that wait', async () => {
    const careful = await payoutd.merchant({ ip_list: '' });
    const number = phone();
    await careful.know(number);
    const env = { PAYOUT_APIKEY: careful.apikey, PAYOUT_PASSWORD: careful.password };
    const send = async (id) => (await json(0, ['send', '--to', number, '--prefix', '225', '--amount', '500', '--id', id],
      { env })).items[0];
    const [yes, no] = [await send('yes'), await send('no')];
    const { stdout } = await exits(0, ['lot', 'list', '--merchant', String(careful.id)]);
    for (const { lot } of [yes, no]) assert.ok(stdout.includes(lot));
    await exits(0, ['lot', 'confirm', yes.lot, '--person', 'Awa']);
    await exits(0, ['lot', 'cancel', no.lot, '--person', 'Awa']);
    await exits(4, ['lot', 'cancel', yes.lot, '--person', 'Awa']);
    assert.equal((await careful.ended(yes.transaction_id)).treatment_status, 'VAL');
    assert.equal((await careful.ended(no.transaction_id)).treatment_status, 'REJ');
    await exits(2, ['lot', 'confirm', yes.lot]);
    const shown = (await exits(0, ['lot', 'show', yes.lot])).stdout;
    assert.match(shown, /CONFIRMED/);
    assert.match(shown, /Awa/);
    assert.match((await exits(0, ['transfer', 'show', yes.transaction_id])).stdout, /VAL/);
    await exits(4, ['lot', 'show', 'nonsense']);
  });

  test('shows what persons did: who, from where, and what was there before, but no secret', async () => {
    const merchant = await payoutd.merchant({ ip_list: '' });
    const id = String(merchant.id);
    await exits(0, ['merchant', 'set', id, '--name', 'Another', '--double-window', '600']);
    const { secret_key } = await json(0, ['merchant', 'secret', id]);
    const { acts } = await json(0, ['act', 'list', '--merchant', id]);
    const changes = acts.filter(({ what }) => what === 'MERCHANT_CHANGE');
    assert.deepEqual(changes[0].after.secret_key, 'changed');
    assert.strictEqual(JSON.stringify(acts).includes(secret_key), false);
    const named = changes.find(({ after: { name } }) => name === 'Another');
    assert.deepEqual(named.after, { name: 'Another', double_window_ms: 600000 });
    assert.strictEqual(named.before.double_window_ms, 0);
    assert.equal(named.person, 'admin-token');
    assert.equal(named.from, '127.0.0.1');
    assert.equal(named.merchant, merchant.id);
    assert.ok(acts.some(({ what, after }) => what === 'MERCHANT_CREATE' && after.currency === 'XOF'));
    assert.ok(acts.some(({ what, after }) => what === 'FUND' && after.kind === 'top-up'));
    const said = await payoutd.admin(`/merchants/${id}?person=Awa%20K.`, { name: 'Third' });
    assert.ok(said.ok);
    assert.equal((await json(0, ['act', 'list', '--person', 'admin-token:Awa K.'])).acts[0].after.name, 'Third');
    assert.match((await exits(0, ['act', 'list'])).stdout, /MERCHANT_CREATE/);
    await exits(4, ['act', 'list', '--since', 'yesterday']);
  });

  test('shows a summary that sums to zero', async () => {
    for (const { total } of (await json(0, ['summary'])).currencies) assert.strictEqual(total, 0);
  });

  test('ends with 4 when the admin token is wrong, and with 2 without one', async () => {
    await exits(4, ['merchant', 'list'], { env: { PAYOUT_ADMIN_TOKEN: 'wrong'.repeat(8) } });
    await exits(2, ['merchant', 'list'], { env: { PAYOUT_ADMIN_TOKEN: '' } });
  });
});

describe('payout of a person', () => {
  test('a user logs in, chooses a password, sets up a second factor and logs out', async () => {
    const { password } = await json(0, ['user', 'create', 'fatou', '--role', 'OWNER', '--merchant', String(merchant.id)]);
    const chosen = 'onze baobabs au bord du fleuve';
    const session = ['--admin-token-file', 'fatou.session'];
    const env = (secret) => ({ env: { PAYOUT_PASSWORD: secret, PAYOUT_ADMIN_TOKEN: '' } });
    const login = ['user', 'login', 'fatou', '--session', 'fatou.session'];
    assert.match((await exits(0, login, env(password))).stderr, /a password of your own/);
    await exits(4, ['lot', 'list', ...session], env(password));
    await exits(4, ['me', 'password', ...session, '--new-password-file', '-'], { ...env('wrong'), input: chosen });
    await exits(0, ['me', 'password', ...session, '--new-password-file', '-'], { ...env(password), input: `${chosen}\n` });
    await exits(4, ['me', 'show', ...session], env(chosen));
    await exits(0, login, env(chosen));
    assert.equal((await json(0, ['me', 'show', ...session], env(chosen))).name, 'fatou');
    const { secret, recovery_codes: codes } = await json(0, ['me', 'totp', ...session], env(chosen));
    assert.equal(codes.length, 8);
    await exits(4, ['me', 'totp', '--code', '000000', ...session], env(chosen));
    await exits(0, ['me', 'totp', '--code', code(secret, -1), ...session], env(chosen));
    await exits(0, ['lot', 'list', ...session], env(chosen));
    await exits(4, login, env(chosen));
    await exits(0, [...login, '--code', code(secret)], env(chosen));
    await exits(0, ['user', 'logout', ...session], env(chosen));
    await exits(4, ['me', 'show', ...session], env(chosen));
  });
});

describe('payout listen', () => {
  // Starts it; its URL once it listens.
  async function listen(words) {
    const running = begin(['listen', '--port', '0', ...words]);
    const found = () => /http:\/\/127\.0\.0\.1:[1-9]\d*/.exec(running.stdout + running.stderr);
    const [url] = await untilEvent(running, 'output', found, 'payout listen says where');
    return { running, url: `${url}/` };
  }
  async function sendTo(url, ...endings) {
    const numbers = endings.map((ending) => phone(ending));
    await merchant.know(...numbers);
    const file = csv('prefix,phone,amount', ...numbers.map((number) => `225,${number},500`));
    return exits(0, ['send', '--csv', file, '--batch', numbers[0]], { env: { PAYOUT_NOTIFY_URL: url } });
  }

  test('prints and verifies notifications until what was expected came', async () => {
    const { running, url } = await listen(['--secret', merchant.secret, '--expect', 'VAL=2', '--expect', 'REJ=1',
      '--seconds', '20']);
    await sendTo(url, '0000', '0000', '9930');
    const { status, stdout, stderr } = await running.end;
    assert.equal(status, 0, stdout + stderr);
    assert.match(stdout, /VAL/);
    assert.match(stdout, /REJ/);
  });

  test('verifies with the old secret key while it holds on', async () => {
    const { secret_key: secret } = await json(0, ['merchant', 'secret', String(merchant.id), '--old-valid', '1h']);
    const right = async (key) => {
      const { running, url } = await listen(['--secret', key, '--expect', 'VAL=1', '--seconds', '20']);
      await sendTo(url, '0000');
      return (await running.end).status === 0;
    };
    await until(() => right(secret), 'notifications are signed with the new key');
    assert.ok(await right(merchant.secret));
    merchant.secret = secret;
  });

  test('ends with 1 when a signature is wrong', async () => {
    const { running, url } = await listen(['--secret', `whsec_${'A'.repeat(32)}`, '--count', '2', '--seconds', '20']);
    await sendTo(url, '0000');
    const { status } = await running.end;
    assert.equal(status, 1);
  });

  test('ends with 1 when what was expected does not come', async () => {
    const { running } = await listen(['--expect', 'VAL=1', '--seconds', '1']);
    assert.equal((await running.end).status, 1);
  });

  test('with --fail-first hears the same again', async () => {
    const { running, url } = await listen(['--secret', merchant.secret, '--fail-first', '2', '--expect', 'VAL=1',
      '--seconds', '20']);
    await sendTo(url, '0000');
    const { status, stdout, stderr } = await running.end;
    assert.equal(status, 0, stdout + stderr);
  });
});

describe('payout', () => {
  test('ends with 2 for what is no command or no flag, and helps', async () => {
    for (const words of [[], ['nonsense'], ['balance', '--nonsense'], ['lot'], ['lot', 'nonsense'], ['check'], ['send']]) {
      await exits(2, words);
    }
    const { stdout } = await exits(0, ['--help']);
    for (const command of ['login', 'balance', 'contact add', 'send', 'check', 'listen', 'merchant create', 'lot confirm']) {
      assert.ok(stdout.includes(command), command);
    }
    await exits(0, ['send', '--help']);
    assert.match((await exits(0, ['--version'])).stdout, /^payout \d+\.\d+\.\d+$/m);
  });

  test('ends with 3 when nobody answers', async () => {
    const { stderr } = await exits(3, ['balance', '--url', 'http://127.0.0.1:1']);
    assert.match(stderr, /nothing was done/);
  });

  test('ends with 5 when the answer to a send was cut off, and says how to go on', async () => {
    const cut = await Receiver.start();
    try {
      // A server that logs anybody in and then cuts each connection.
      cut.server.removeAllListeners('request');
      cut.server.on('request', (request, response) => {
        request.resume();
        if (request.url.includes('login')) response.end('{"code":0,"message":"OPERATION_SUCCES","data":{"token":"t"}}');
        else request.on('end', () => request.socket.destroy());
      });
      const words = ['send', '--to', phone(), '--prefix', '225', '--amount', '500', '--url', cut.url('')];
      const { stdout, stderr } = await exits(5, words);
      assert.match(stdout + stderr, /UNKNOWN|unknown/);
    } finally {
      await cut.stop();
    }
  });

  test('prints no secret when it is refused', async () => {
    const { stdout, stderr } = await exits(4, ['balance'], { env: { PAYOUT_PASSWORD: 'S3cretWr0ng' } });
    assert.equal((stdout + stderr).includes('S3cretWr0ng'), false);
  });
});
