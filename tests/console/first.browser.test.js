// A new user's way without a word of documentation: from the door to a paid list of 20 people, by clicks; and what the
// first load costs on a slow line.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Payoutd, phone } from '../api/lib/payoutd.js';
import { WORDS, chromiumStart, look, personMake, settled, withPage } from './lib/browser.js';

const CLICKS_MAX = 10;
const FIRST_LOAD_BYTES_MAX = 150 * 1000;
let payoutd;
let browser;
before(async () => {
  payoutd = await Payoutd.start({ admin_require_totp: 'no' });
  browser = await chromiumStart();
});
after(async () => {
  await browser?.close();
  await payoutd?.end();
});

test('from the door to twenty people paid, by clicks', async () => {
  const merchant = await payoutd.merchant({ name: 'ONG Espoir', ip_list: '' });
  const { name, password } = await personMake(payoutd, merchant, 'OWNER', 'awa');
  const list = Array.from({ length: 20 }, (_, index) => `${phone()}\t${1000 + 500 * index}\tKoné\tAwa ${String.fromCharCode(65 + index)}`).join('\n');
  await withPage(browser, payoutd.url, async (page) => {
    let clicks = 0;
    const click = async (role, text, within = page) => {
      await within.getByRole(role, { name: text }).first().click();
      clicks += 1;
    };
    await page.goto(`${payoutd.url}/console`);
    await page.getByLabel(WORDS.fr.name).fill(name);
    await page.getByLabel(WORDS.fr.password, { exact: true }).fill(password);
    await click('button', 'Se connecter');
    await page.locator('#navigation').waitFor({ state: 'attached' });
    await look(page, 'first.fr');
    await click('link', /Faire un premier envoi|Nouvel envoi/);
    await click('link', /Une liste/);
    await page.getByLabel('Collez ou tapez votre liste').fill(list);
    await page.getByText('20 personnes · 20 prêtes').waitFor();
    await click('button', /^Envoyer 115\s000\sF\sCFA$/);
    await click('button', /^Envoyer$/, page.getByRole('dialog'));
    await page.waitForURL(/\/console\/lots\/\d+$/);
    await settled(page);
    await click('button', 'Confirmer et payer');
    await click('button', 'Confirmer et payer', page.getByRole('dialog'));
    await page.getByText('Tout est payé : 20 personnes.').waitFor();
    await look(page, 'first-done.fr');
    assert.ok(clicks <= CLICKS_MAX, `${clicks} clicks`);
  });
});

test('the first load is small, compressed and kept; the page\'s policy lets nothing else in', async () => {
  const page = await payoutd.request({ target: '/console/', headers: { 'Accept-Encoding': 'br' } });
  assert.equal(page.status, 200);
  const policy = page.headers['content-security-policy'];
  assert.match(policy, /default-src 'none'/);
  assert.ok(!/unsafe|https?:|\*/.test(policy), policy);
  const index = (await payoutd.request({ target: '/console/' })).text;
  assert.ok(!/<script[^>]*>[^<]|<style|style=|onclick=/.test(index), 'nothing stands in the page itself');
  let bytes = Number(page.headers['content-length']);
  const names = [...index.matchAll(/(?:src|href)="(\/console\/assets\/[^"]+)"/g)].map(([, name]) => name);
  assert.equal(names.length, 3);
  for (const target of names) {
    const file = await payoutd.request({ target, headers: { 'Accept-Encoding': 'gzip, br' } });
    assert.equal(file.status, 200, target);
    assert.equal(file.headers['content-encoding'], 'br', target);
    assert.match(file.headers['cache-control'], /immutable/);
    bytes += Number(file.headers['content-length']);
  }
  assert.ok(bytes < FIRST_LOAD_BYTES_MAX, `${bytes} bytes`);
});
