// Mails that ask for a confirmation, over a true mail server: what leaves, when it leaves again, and that no
// secret is told on the way.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Payoutd, item, person, phone, until } from '../api/lib/payoutd.js';
import { certificateMake, rootMake } from '../api/lib/certificate.js';
import { MailServer, headerOf, linkOf, mailSettings } from './lib/mail_server.js';

const url = 'http://127.0.0.1:1/';
const PASSWORD = 'planted-mail-password';
let folder;
before(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'payoutd-mail-'));
  rootMake(folder);
  certificateMake(folder, 'mail');
  fs.writeFileSync(path.join(folder, 'password'), `${PASSWORD}\n`, { mode: 0o600 });
});
after(() => fs.rmSync(folder, { recursive: true, force: true }));

const at = (name) => path.join(folder, name);

// Runs act(payoutd, server) over a mail server and a payoutd of its own.
async function withMail(act, settings = {}, options = {}) {
  const server = await MailServer.start(options);
  let payoutd;
  try {
    payoutd = await Payoutd.start(mailSettings(server, settings));
    await act(payoutd, server);
  } finally {
    try {
      await payoutd?.end();
    } finally {
      await server.stop();
    }
  }
}

// A lot that waits, of a merchant whose lots these addresses confirm.
export async function lotSend(payoutd, { count = 2, addresses = 'caisse@example.com', ...settings } = {}) {
  const merchant = await payoutd.merchant({ money: 1000000, ip_list: '', confirm_mail: addresses, ...settings });
  const numbers = Array.from({ length: count }, () => phone());
  await merchant.know(...numbers);
  const sent = await merchant.pay(numbers.map((number) => item(number, 500, url)));
  return { merchant, lot: sent[0].lot, ids: sent.map(({ transaction_id: id }) => id), numbers };
}

describe('a lot that waits', () => {
  test('makes one mail, however many its transfers are', () => withMail(async (payoutd, server) => {
    const { lot, numbers } = await lotSend(payoutd, { count: 500 });
    const mail = await server.mailTo('caisse@example.com');
    await until(async () => await payoutd.metric('payoutd_mails_sent_total') === 1, 'it is written down as sent');
    assert.equal(await payoutd.metric('payoutd_mails_waiting'), 0);
    assert.equal(server.mails.length, 1);
    assert.deepEqual(mail.to, ['caisse@example.com']);
    assert.equal(mail.sender, 'payoutd@pay.example.com');
    assert.deepEqual(mail.defects, []);
    assert.match(headerOf(mail, 'Subject'), /^À confirmer\u00a0: 500 transferts, 250\u202f000\u00a0XOF/);
    assert.equal(headerOf(mail, 'Auto-Submitted'), 'auto-generated');
    assert.equal(headerOf(mail, 'Message-ID'), `<lot-${lot}.1@pay.example.com>`);
    const text = mail.parts['text/plain'];
    assert.ok(text.includes(numbers[0]) && text.includes(numbers[9]) && !text.includes(numbers[10]));
    assert.match(text, /et 490 autres/);
    linkOf(mail);
    assert.equal((await payoutd.untilLogged('mail sent')).lot, lot);
  }));

  test('makes one for each of its merchant\'s addresses, each with a link of its own, in its language',
    () => withMail(async (payoutd, server) => {
      await lotSend(payoutd, { addresses: 'awa@example.com kouassi@example.org', lang: 'en' });
      const [awa, kouassi] = await Promise.all([server.mailTo('awa@example.com'), server.mailTo('kouassi@example.org')]);
      assert.notEqual(linkOf(awa), linkOf(kouassi));
      assert.match(headerOf(awa, 'Subject'), /^To confirm: 2 transfers, 1,000\u00a0XOF/);
      assert.deepEqual(kouassi.to, ['kouassi@example.org']);
      assert.equal(server.all('connection').length, 1, 'over one connection');
    }));

  test('shows names as what they are', () => withMail(async (payoutd, server) => {
    const merchant = await payoutd.merchant({ money: 10000, ip_list: '', confirm_mail: 'caisse@example.com',
      name: 'A & <b>B</b>' });
    const number = phone();
    const evil = { name: '<img src=x>', surname: 'Eve\r\nBcc: eve@example.com\r\n\r\n.\r\n' };
    await merchant.contact([person(number, evil)]);
    await merchant.pay([item(number, 500, url)]);
    const mail = await server.mailTo('caisse@example.com');
    assert.deepEqual(mail.defects, []);
    assert.ok(!mail.headers.some(([name]) => name.toLowerCase() === 'bcc'));
    assert.ok(mail.parts['text/html'].includes('&lt;img src=x&gt; Eve'));
    assert.ok(!mail.parts['text/html'].includes('<img') && !mail.parts['text/html'].includes('<b>'));
  }));

  test('makes none where nobody is to be asked, or its address is listed', () => withMail(async (payoutd, server) => {
    await lotSend(payoutd, { addresses: '' });
    await lotSend(payoutd, { ip_list: '127.0.0.0/8' });
    await lotSend(payoutd, { addresses: 'last@example.com' });
    await server.mailTo('last@example.com');
    assert.equal(server.mails.length, 1);
  }));
});

describe('a mail that the server does not take', () => {
  test('goes out again after a 4xx, and once', () => withMail(async (payoutd, server) => {
    await server.say({ rcpt: ['450 4.2.1 not now', '451 4.3.0 nor now'] });
    await lotSend(payoutd);
    await server.mailTo('caisse@example.com');
    await until(async () => await payoutd.metric('payoutd_mails_sent_total') === 1, 'it is sent');
    assert.equal(await payoutd.metric('payoutd_mails_failed_total'), 2);
    assert.match(payoutd.events('mail not sent')[0].why, /450 4\.2\.1 not now/);
  }));

  test('is given up after a 5xx, and others go on', () => withMail(async (payoutd, server) => {
    await server.say({ rcpt: ['550 5.1.1 nobody of that name'] });
    await lotSend(payoutd, { addresses: 'nobody@example.com' });
    const event = await payoutd.untilLogged('mail given up');
    assert.match(event.why, /550 5\.1\.1 nobody of that name/);
    await until(async () => await payoutd.metric('payoutd_mails_dead') === 1, 'it is dead');
    await lotSend(payoutd, { addresses: 'awa@example.com' });
    await server.mailTo('awa@example.com');
    assert.equal(server.mails.length, 1);
  }));

  test('goes out again when the connection drops at its end', () => withMail(async (payoutd, server) => {
    await server.say({ data: ['drop'] });
    await lotSend(payoutd);
    await server.mailTo('caisse@example.com');
    await until(async () => await payoutd.metric('payoutd_mails_sent_total') === 1, 'it is sent');
  }));

  test('goes out again when the server takes too long', () => withMail(async (payoutd, server) => {
    await server.say({ data: ['hold'] });
    await lotSend(payoutd);
    await payoutd.untilLogged('mail not sent');
    await server.say({ go: true });
    await server.mailTo('caisse@example.com');
  }, { mail_timeout: '300ms' }));

  test('is sent after a stop in the middle, under the same Message-ID', () => withMail(async (payoutd, server) => {
    await server.say({ data: ['hold'] });
    const { lot } = await lotSend(payoutd);
    await server.until('held');
    await payoutd.stop();
    await server.say({ go: true });
    await payoutd.run();
    await until(async () => await payoutd.metric('payoutd_mails_sent_total') === 1, 'it is sent');
    const mail = server.mails.at(-1);
    assert.equal(headerOf(mail, 'Message-ID'), `<lot-${lot}.1@pay.example.com>`);
  }));

  test('is sent after a kill', () => withMail(async (payoutd, server) => {
    await server.say({ rcpt: ['hold'] });
    await lotSend(payoutd);
    await server.until('held');
    await payoutd.kill();
    await server.say({ go: true });
    await payoutd.run();
    await server.mailTo('caisse@example.com');
  }));

  test('is overtaken by a decision', () => withMail(async (payoutd, server) => {
    await server.say({ rcpt: ['450 later'] });
    const { lot, merchant, ids } = await lotSend(payoutd);
    await payoutd.untilLogged('mail not sent');
    await payoutd.admin(`/lots/${lot}/confirm`, { person: 'somebody' });
    await merchant.ended(ids[0]);
    assert.equal(await payoutd.metric('payoutd_mails_waiting'), 0);
    assert.equal(server.mails.length, 0);
  }, { mail_retry_first: '1h' }));

  test('waits while there is no mail server', async () => {
    const payoutd = await Payoutd.start();
    try {
      await lotSend(payoutd);
      assert.equal(await payoutd.metric('payoutd_mails_waiting'), 1);
    } finally {
      await payoutd.end();
    }
  });
});

describe('the way to the mail server', () => {
  const tls = () => ({ certificate: at('mail.pem'), key: at('mail.key') });
  const secure = () => ({ mail_starttls: 'required', mail_ca_file: at('root.pem') });

  test('turns to TLS', () => withMail(async (payoutd, server) => {
    await lotSend(payoutd);
    assert.equal((await server.mailTo('caisse@example.com')).tls, true);
  }, secure(), tls()));

  test('begins with TLS for smtps', async () => {
    const server = await MailServer.start({ ...tls(), implicit: true });
    const payoutd = await Payoutd.start({ ...mailSettings(server), ...secure(), mail_url: `smtps://127.0.0.1:${server.port}` });
    try {
      await lotSend(payoutd);
      assert.equal((await server.mailTo('caisse@example.com')).tls, true);
    } finally {
      await payoutd.end();
      await server.stop();
    }
  });

  test('ends where nobody vouches for the certificate', () => withMail(async (payoutd, server) => {
    await lotSend(payoutd);
    assert.match((await payoutd.untilLogged('mail not sent')).why, /certificate/);
    assert.equal(server.mails.length, 0);
  }, { mail_starttls: 'required', mail_retry_first: '1h' }, tls()));

  test('ends where TLS is required and not to be had', () => withMail(async (payoutd, server) => {
    await lotSend(payoutd);
    await payoutd.untilLogged('mail not sent');
    assert.equal(server.all('rcpt').length, 0);
  }, { mail_starttls: 'required', mail_retry_first: '1h' }));

  test('shows the password to the mail server only', () => withMail(async (payoutd, server) => {
    await lotSend(payoutd);
    const mail = await server.mailTo('caisse@example.com');
    assert.deepEqual([mail.tls, mail.user], [true, 'payoutd']);
    const link = linkOf(mail);
    await payoutd.get(link);
    const secrets = [PASSWORD, Buffer.from(`\0payoutd\0${PASSWORD}`).toString('base64'), link.slice('/confirm/'.length)];
    const told = payoutd.log.join('\n') + payoutd.stdout + (await payoutd.get('/metrics')).text
      + fs.readFileSync(`/proc/${payoutd.child.pid}/cmdline`);
    for (const secret of secrets) assert.ok(!told.includes(secret));
  }, { ...secure(), mail_user: 'payoutd', mail_password_file: at('password'), log_level: 'debug' },
  { ...tls(), user: 'payoutd', password: PASSWORD }));

  test('is tried again after a login that was refused', () => withMail(async (payoutd, server) => {
    await lotSend(payoutd);
    await server.until('login', ({ good }) => !good);
    await until(async () => await payoutd.metric('payoutd_mails_failed_total') > 1, 'it is tried again');
    assert.equal(await payoutd.metric('payoutd_mails_waiting'), 1);
    assert.ok(!payoutd.log.join('\n').includes(PASSWORD));
  }, { ...secure(), mail_user: 'payoutd', mail_password_file: at('password') },
  { ...tls(), user: 'payoutd', password: 'another' }));
});
