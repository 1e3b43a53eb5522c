// Every page of the console as its people see it: in both languages, on a desk, on a phone and in the dark.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Payoutd, item, person, phone } from '../api/lib/payoutd.js';
import { PHONE, chromiumStart, goTo, logIn, look, personMake, withPage } from './lib/browser.js';

let payoutd;
let browser;
let merchant;
let owner;
let platform;
let waiting;
let rejected;

before(async () => {
  payoutd = await Payoutd.start({ admin_require_totp: 'no' });
  browser = await chromiumStart();
  merchant = await payoutd.merchant({ money: 25000000, name: 'Coopérative des producteurs de cacao de Soubré' });
  owner = await personMake(payoutd, merchant, 'OWNER', 'awa.kone');
  await personMake(payoutd, merchant, 'CHECKER', 'moussa');
  platform = await personMake(payoutd, null, 'PLATFORM', 'plateforme');
  const people = [['Koné', 'Awa'], ['Traoré', 'Moussa'], ['N\'Guessan-Ahoutou', 'Kouadio Yao'], ['Diallo', 'Fatou'], ['Ouattara', 'Ibrahim']];
  const numbers = [phone(), phone('0000', '05'), phone('0000', '01'), phone('9930'), phone('9915')];
  await merchant.contact(numbers.map((number, index) => person(number, { name: people[index][0], surname: people[index][1] })));
  const sent = await merchant.pay(numbers.map((number, index) => item(number, 12500 * (index + 1), 'http://127.0.0.1:1/')));
  rejected = sent[3].transaction_id;
  for (const { transaction_id: id } of sent.slice(0, 4)) await merchant.ended(id);
  await merchant.change({ ip_list: '' });
  await merchant.pay(numbers.slice(0, 3).map((number) => item(number, 50000, 'http://127.0.0.1:1/')));
  waiting = (await payoutd.admin(`/lots?merchant=${merchant.id}`)).lots[0].lot;
});
after(async () => {
  await browser?.close();
  await payoutd?.end();
});

// Address, title in French, title in English; both may be a function of what was made.
const PAGES = [
  ['home', '', 'Coopérative des producteurs de cacao de Soubré', 'Coopérative des producteurs de cacao de Soubré'],
  ['send', 'send', 'Envoyer de l\'argent', 'Send money'],
  ['send-list', 'send/list', 'Envoyer de l\'argent', 'Send money'],
  ['lots', 'lots', 'Envois à confirmer', 'Payments to confirm'],
  ['lots-all', 'lots/all', 'Tous les envois', 'All payment lists'],
  ['lot', () => `lots/${waiting}`, 'Envoi à 3 personnes', 'Payment to 3 people'],
  ['transfers', 'transfers', 'Paiements', 'Payments'],
  ['transfer', () => `transfers/${rejected}`, /^Paiement · 50 000/, /^Payment · F CFA 50,000/],
  ['doubles', 'doubles', 'Doublons possibles', 'Possible doubles'],
  ['contacts', 'contacts', 'Contacts', 'Contacts'],
  ['developers', 'developers', 'Développeurs', 'Developers'],
  ['developers-sandbox', 'developers/sandbox', 'Développeurs', 'Developers'],
  ['developers-try', 'developers/try', 'Développeurs', 'Developers'],
  ['users', 'users', 'Utilisateurs', 'Users'],
  ['acts', 'acts', 'Journal', 'Log'],
  ['account', 'account', 'Mon compte', 'My account'],
];
const PLATFORM_PAGES = [
  ['platform-home', '', 'Accueil', 'Home'],
  ['merchants', 'merchants', 'Marchands', 'Merchants'],
  ['merchant', () => `merchants/${merchant.id}`, 'Coopérative des producteurs de cacao de Soubré', 'Coopérative des producteurs de cacao de Soubré'],
  ['channels', 'channels', 'Opérateurs', 'Operators'],
  ['unknown', 'unknown', 'À trancher', 'To decide'],
];
const WAYS = {
  fr: { lang: 'fr' },
  en: { lang: 'en', colorScheme: 'dark' },
  phone: { lang: 'fr', viewport: PHONE },
};

for (const [whose, pages, who] of [['a merchant\'s', PAGES, () => owner], ['the platform\'s', PLATFORM_PAGES, () => platform]]) {
  describe(`${whose} pages`, () => {
    for (const [way, options] of Object.entries(WAYS)) {
      test(`are fine: ${way}`, async () => {
        await withPage(browser, payoutd.url, async (page) => {
          await logIn(page, payoutd.url, who(), options.lang);
          for (const [name, at, fr, en] of pages) {
            await goTo(page, payoutd.url, typeof at === 'function' ? at() : at);
            const title = (await page.locator('h1').textContent()).replace(/\s/g, ' ');
            const wanted = options.lang === 'fr' ? fr : en;
            if (wanted instanceof RegExp) assert.match(title, wanted);
            else assert.equal(title, wanted);
            assert.equal(await page.getAttribute('html', 'lang'), options.lang);
            assert.equal(await page.locator('.note-bad').count(), 0, `${name} says: ${await page.locator('.note-bad').allTextContents()}`);
            if (name.endsWith('home')) await page.locator('.plot canvas').or(page.locator('.empty')).first().waitFor();
            await look(page, `${name}.${way}`);
          }
        }, options);
      });
    }
  });
}

test('a page that is not there, and one that is not for one, say so', async () => {
  const viewer = await personMake(payoutd, merchant, 'VIEWER', 'viewer');
  await withPage(browser, payoutd.url, async (page) => {
    await logIn(page, payoutd.url, viewer);
    assert.deepEqual(await page.locator('#navigation .nav-link').allTextContents(), ['Accueil', 'À confirmer', 'Paiements', 'Doublons', 'Contacts', 'Développeurs', 'Journal', 'Mon compte']);
    await goTo(page, payoutd.url, 'send');
    assert.equal(await page.locator('h1').textContent(), 'Cette page n\'est pas pour vous');
    await goTo(page, payoutd.url, 'nowhere');
    assert.equal(await page.locator('h1').textContent(), 'Cette page n\'existe pas');
    await page.getByRole('link', { name: 'Aller à l\'accueil' }).click();
    await page.getByRole('heading', { level: 1, name: 'Coopérative' }).waitFor();
    await goTo(page, payoutd.url, `lots/${waiting}`);
    assert.equal(await page.getByRole('button', { name: 'Confirmer et payer' }).count(), 0);
  });
});

test('the keyboard reaches everything: skip link, menu, dialog', async () => {
  await withPage(browser, payoutd.url, async (page) => {
    await logIn(page, payoutd.url, owner);
    await goTo(page, payoutd.url, `lots/${waiting}`);
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Aller au contenu');
    await page.keyboard.press('Enter');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'main');
    const button = page.getByRole('button', { name: 'Confirmer et payer' });
    await button.focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Confirmer cet envoi ?' });
    await dialog.waitFor();
    assert.ok((await dialog.textContent()).replace(/\s/g, ' ').includes('150 000 F CFA'));
    assert.ok((await dialog.textContent()).includes('3 personnes'));
    assert.ok(await page.evaluate(() => document.activeElement.closest('dialog') !== null));
    await look(page, 'lot-dialog.fr', { fullPage: false });
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Confirmer et payer');
    await page.setViewportSize(PHONE);
    const menu = page.getByRole('button', { name: 'Menu' });
    await menu.click();
    assert.equal(await menu.getAttribute('aria-expanded'), 'true');
    await look(page, 'menu.phone', { fullPage: false });
    await page.keyboard.press('Escape');
    assert.equal(await menu.getAttribute('aria-expanded'), 'false');
  });
});
