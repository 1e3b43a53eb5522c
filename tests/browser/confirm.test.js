// The confirmation page in Chromium: from the mail to the money, in both languages, on a phone, by keyboard, in
// the dark, clean to axe. SCREENSHOTS=folder keeps pictures of what was seen.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';
import { after, before, describe, test } from 'node:test';
import { chromium } from 'playwright-core';
import { Payoutd, item, person, phone } from '../api/lib/payoutd.js';
import { MailServer, linkOf, mailSettings } from '../mail/lib/mail_server.js';

const AXE = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const ARGUMENTS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync'];
const PHONE = { width: 320, height: 640 };
let server;
let payoutd;
let browser;
before(async () => {
  server = await MailServer.start();
  payoutd = await Payoutd.start(mailSettings(server));
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ARGUMENTS });
});
after(async () => {
  try {
    await browser?.close();
    await payoutd?.end();
  } finally {
    await server?.stop();
  }
});

let serial = 0;
async function lotSend({ count = 12, lang = 'fr', ...settings } = {}) {
  const address = `browser-${serial += 1}@example.com`;
  const merchant = await payoutd.merchant({ money: 1000000, ip_list: '', confirm_mail: address, lang,
    name: 'Coopérative des producteurs de cacao de Soubré', ...settings });
  const numbers = Array.from({ length: count }, () => phone());
  await merchant.contact(numbers.map((number, index) => person(number,
    index === 1 ? { name: '<b>Kouassi</b>', surname: 'N\'Guessan-Ahoutou-Kouadio-Yao' } : {})));
  const sent = await merchant.pay(numbers.map((number) => item(number, 2500, 'http://127.0.0.1:1/')));
  return { merchant, lot: sent[0].lot, ids: sent.map(({ transaction_id: id }) => id), address,
    url: payoutd.url + linkOf(await server.mailTo(address)) };
}

// Opens act(page) in a browser of its own that fails on anything that the page's policy refuses.
async function withPage(act, options = {}) {
  const context = await browser.newContext({ viewport: PHONE, ...options });
  const page = await context.newPage();
  const wrong = [];
  page.on('console', (message) => { if (message.type() === 'error' && !/ 4\d\d /.test(message.text())) wrong.push(message.text()); });
  page.on('pageerror', (error) => wrong.push(String(error)));
  try {
    await act(page);
    assert.deepEqual(wrong, []);
  } finally {
    await context.close();
  }
}

async function look(page, name) {
  if (process.env.SCREENSHOTS) await page.screenshot({ path: path.join(process.env.SCREENSHOTS, `${name}.png`), fullPage: true });
  const { scroll, width } = await page.evaluate(() => ({ scroll: document.documentElement.scrollWidth, width: window.innerWidth }));
  assert.ok(scroll <= width, `${name} is ${scroll} wide on ${width}`);
  await page.evaluate(AXE); // Over the debugger's line: the page's policy lets no script in.
  const { violations } = await page.evaluate(() => globalThis.axe.run(document,
    { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }));
  assert.deepEqual(violations.map(({ id, nodes }) => `${name}: ${id} ${nodes.map(({ html }) => html)}`), []);
}

const heading = (page) => page.locator('h1').textContent();

describe('the confirmation page', () => {
  for (const [lang, words] of Object.entries({
    fr: { waits: 'Un lot attend votre décision', confirm: 'Confirmer et payer', confirmed: 'Lot confirmé' },
    en: { waits: 'A lot waits for your decision', confirm: 'Confirm and pay', confirmed: 'Lot confirmed' },
  })) {
    test(`from the mail to the money, in ${lang}`, async () => {
      const { url, merchant, ids } = await lotSend({ lang });
      await withPage(async (page) => {
        await page.goto(url);
        assert.equal(await heading(page), words.waits);
        assert.equal(await page.getAttribute('html', 'lang'), lang);
        await look(page, `waits.${lang}`);
        assert.deepEqual(await merchant.money(), { amount: 1000000, inUsing: 30000, available: 970000 });
        await page.getByRole('button', { name: words.confirm }).click();
        assert.equal(await heading(page), words.confirmed);
        await look(page, `confirmed.${lang}`);
        for (const id of ids) assert.equal((await merchant.ended(id)).treatment_status, 'VAL');
        assert.deepEqual(await merchant.money(), { amount: 970000, inUsing: 0, available: 970000 });
        await page.goto(url);
        assert.equal(await heading(page), words.confirmed);
        assert.equal(await page.locator('button').count(), 0);
      });
    });
  }

  test('cancels, by keyboard alone', async () => {
    const { url, merchant } = await lotSend();
    await withPage(async (page) => {
      await page.goto(url);
      await page.keyboard.press('Tab');
      assert.equal(await page.evaluate(() => document.activeElement.value), 'confirm');
      await page.keyboard.press('Tab');
      assert.equal(await page.evaluate(() => document.activeElement.value), 'cancel');
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'Lot annulé' }).waitFor();
      await look(page, 'cancelled');
      assert.deepEqual(await merchant.money(), { amount: 1000000, inUsing: 0, available: 1000000 });
    });
  });

  test('is as good in the dark, and with text twice as large', async () => {
    const { url } = await lotSend({ count: 60 });
    await withPage(async (page) => {
      await page.goto(url);
      await look(page, 'dark');
      const back = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      assert.equal(back, 'rgb(20, 22, 26)');
    }, { colorScheme: 'dark', viewport: { width: 390, height: 844 } });
    await withPage(async (page) => {
      await page.goto(url);
      await page.evaluate(() => { document.documentElement.style.fontSize = '200%'; });
      await look(page, 'large');
    }, { viewport: { width: 390, height: 844 } });
  });

  test('runs no script and shows names as what they are', async () => {
    const { url } = await lotSend({ name: '<img src=x onerror="document.title=1">' });
    await withPage(async (page) => {
      await page.goto(url);
      assert.equal(await page.locator('img, script, iframe, main b').count(), 0);
      assert.ok((await page.locator('table').textContent()).includes('<b>Kouassi</b> N\'Guessan'));
    });
  });

  test('says what a link that is cut means', async () => {
    const { url } = await lotSend();
    await withPage(async (page) => {
      const reply = await page.goto(url.slice(0, -5));
      assert.equal(reply.status(), 404);
      assert.equal(await heading(page), 'Ce lien n\'est pas valable');
      await look(page, 'cut');
    });
  });

  test('cannot be framed', async () => {
    const { url } = await lotSend();
    await withPage(async (page) => {
      await page.goto(`${payoutd.url}/`);
      const text = await page.evaluate((address) => new Promise((resolve) => {
        const frame = document.createElement('iframe');
        frame.onload = () => { try { resolve(frame.contentDocument?.body?.textContent ?? 'refused'); } catch { resolve('refused'); } };
        frame.src = address;
        document.body.append(frame);
      }), url).catch(() => 'refused');
      assert.ok(!text.includes('Un lot attend'));
    }).catch((error) => { if (!/frame-ancestors|X-Frame-Options|Framing/i.test(String(error))) throw error; });
  });
});
