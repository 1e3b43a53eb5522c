// Paying by the console: one person, a list with mistakes in it, two persons' word, everything that is hostile.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { Payoutd, item, person, phone, until } from '../api/lib/payoutd.js';
import { PHONE, chromiumStart, goTo, logIn, look, personMake, plain, settled, withPage } from './lib/browser.js';

let payoutd;
let browser;
let merchant;
let owner;
before(async () => {
  payoutd = await Payoutd.start({ admin_require_totp: 'no' });
  browser = await chromiumStart();
  merchant = await payoutd.merchant({ money: 10000000, name: 'ONG Espoir', ip_list: '' });
  owner = await personMake(payoutd, merchant, 'OWNER', 'awa');
});
after(async () => {
  await browser?.close();
  await payoutd?.end();
});

// From the dialog that asks to the lot's page.
async function sendConfirm(page, sum, people, words = { send: 'Envoyer', title: 'Vérifiez avant d\'envoyer' }) {
  const dialog = page.getByRole('dialog', { name: words.title });
  await dialog.waitFor();
  const text = plain(await dialog.textContent());
  assert.ok(text.includes(sum) && text.includes(people), text);
  await dialog.getByRole('button', { name: words.send, exact: true }).click();
  await page.waitForURL(/\/console\/lots\/\d+$/);
  await settled(page);
}

async function lotConfirm(page, name = 'Confirmer et payer') {
  await page.getByRole('button', { name }).click();
  await page.getByRole('dialog').getByRole('button', { name }).click();
}

describe('one person', () => {
  for (const [lang, viewport] of [['fr', PHONE], ['en', undefined]]) {
    test(`is paid, in ${lang}`, async () => {
      const number = phone();
      const words = lang === 'fr' ? { phone: 'Numéro de téléphone', amount: 'Montant', name: 'Nom', first: 'Prénoms', do: /^Envoyer 12 500 F CFA$/, title: 'Vérifiez avant d\'envoyer', send: 'Envoyer', confirm: 'Confirmer et payer', done: /Tout est payé : 1 personne/, small: /Au moins 200 F CFA/ }
        : { phone: 'Phone number', amount: 'Amount', name: 'Last name', first: 'First names', do: /^Send F CFA 12,500$/, title: 'Check before you send', send: 'Send', confirm: 'Confirm and pay', done: /All is paid: 1 person/, small: /At least F CFA 200/ };
      await withPage(browser, payoutd.url, async (page) => {
        await logIn(page, payoutd.url, owner, lang);
        await goTo(page, payoutd.url, 'send');
        await page.getByLabel(words.phone).fill(number);
        await page.getByLabel(words.amount, { exact: true }).fill('100');
        await page.getByText(words.small).waitFor();
        await page.getByLabel(words.amount, { exact: true }).fill('12 500');
        await page.getByLabel(words.name, { exact: true }).fill('Koné');
        await page.getByLabel(words.first).fill('Awa');
        const send = page.getByRole('button', { name: words.do });
        await send.waitFor();
        await look(page, `send-one.${viewport === PHONE ? 'phone' : lang}`);
        await send.click();
        await sendConfirm(page, lang === 'fr' ? '12 500 F CFA' : 'F CFA 12,500', number.slice(-4), words);
        await lotConfirm(page, words.confirm);
        await page.getByText(words.done).waitFor();
        const transfer = (await payoutd.admin(`/merchants/${merchant.id}`)).balances;
        assert.ok(transfer.length > 0);
      }, { lang, ...(viewport === undefined ? {} : { viewport }) });
    });
  }
});

describe('a list', () => {
  test('is checked as it is typed, corrected where it stands, paid, and its result downloaded', async () => {
    const numbers = Array.from({ length: 6 }, () => phone());
    await merchant.know(...numbers.slice(0, 3));
    const refused = phone('9930');
    const list = ['Numéro;Montant;Nom;Prénoms', `${numbers[0]};12 500;;`, `${numbers[1]};7.500;;`, `${numbers[2]};100;;`, `${numbers[3]};5000;Traoré;Moussa`, `${numbers[4]};5000;;`, '07 12;5000;X;Y',
      `${numbers[0]};1000;;`, `${refused};2000;Diallo;Fatou`].join('\n');
    await withPage(browser, payoutd.url, async (page) => {
      await logIn(page, payoutd.url, owner);
      await goTo(page, payoutd.url, 'send/list');
      await page.getByLabel('Collez ou tapez votre liste').fill(list);
      const rows = page.getByRole('table', { name: 'Liste' }).locator('tbody tr');
      await page.getByText('8 personnes · 5 prêtes, 3 à corriger').waitFor();
      const said = async (line) => plain(await rows.nth(line - 2).textContent());
      assert.match(await said(2), /Prêt/);
      assert.match(await said(4), /Au moins 200 F CFA/);
      assert.match(await said(6), /Indiquez nom et prénoms/);
      assert.match(await said(7), /Numéro non reconnu/);
      assert.match(await said(8), /Même numéro que la ligne 2/);
      await look(page, 'send-list-checked.fr');
      assert.equal(await page.getByRole('button', { name: /^Envoyer / }).getAttribute('aria-disabled'), 'true');
      await rows.nth(2).getByLabel('Montant, Ligne 4').fill('3000');
      await rows.nth(4).getByLabel('Nom, Ligne 6').fill('Ouattara');
      await rows.nth(4).getByLabel('Prénoms, Ligne 6').fill('Ibrahim');
      await page.keyboard.press('Tab');
      await page.getByText('8 personnes · 7 prêtes, 1 à corriger').waitFor();
      await page.getByRole('button', { name: 'Retirer la 1 ligne à corriger' }).or(page.getByRole('button', { name: /^Retirer les .*à corriger$/ })).click();
      const send = page.getByRole('button', { name: /^Envoyer 36\s000\sF\sCFA$/ });
      await send.waitFor();
      await until(async () => await send.getAttribute('aria-disabled') === null, 'the list may be sent');
      await send.click();
      await sendConfirm(page, '36 000 F CFA', '7 personnes');
      await lotConfirm(page);
      await page.getByText(/6 personnes payées, 1 paiements? refusés?/).waitFor();
      await look(page, 'lot-done.fr');
      const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Télécharger le résultat' }).click()]);
      const result = fs.readFileSync(await download.path(), 'utf8');
      assert.equal(result.trim().split('\n').length, 8);
      assert.ok(result.includes(refused));
    });
  });

  test('waits for two persons, where the merchant wants two', async () => {
    const pair = await payoutd.merchant({ money: 1000000, name: 'Deux clés', ip_list: '', two_persons: true });
    const maker = await personMake(payoutd, pair, 'MAKER', 'maker');
    const checkers = [await personMake(payoutd, pair, 'CHECKER', 'first'), await personMake(payoutd, pair, 'CHECKER', 'second')];
    let address;
    await withPage(browser, payoutd.url, async (page) => {
      await logIn(page, payoutd.url, maker);
      await goTo(page, payoutd.url, 'send/list');
      await page.getByLabel('Collez ou tapez votre liste').fill(`${phone()};1000;Koné;Awa\n${phone()};2000;Diallo;Fatou`);
      await page.getByRole('button', { name: /^Envoyer 3\s000\sF\sCFA$/ }).click();
      await sendConfirm(page, '3 000 F CFA', '2 personnes');
      address = new URL(page.url()).pathname.replace('/console/', '');
      assert.equal(await page.getByRole('button', { name: 'Confirmer et payer' }).count(), 0);
    });
    for (const [index, checker] of checkers.entries()) {
      await withPage(browser, payoutd.url, async (page) => {
        await logIn(page, payoutd.url, checker);
        await goTo(page, payoutd.url, 'lots');
        await page.getByRole('link', { name: 'Voir et décider' }).click();
        await page.waitForURL(`**/${address}`);
        await lotConfirm(page);
        await page.getByText(index === 0 ? 'Une deuxième personne doit confirmer.' : /Tout est payé : 2 personnes/).waitFor();
      });
    }
  });

  test('is cancelled, and its money comes back', async () => {
    await withPage(browser, payoutd.url, async (page) => {
      await logIn(page, payoutd.url, owner);
      await goTo(page, payoutd.url, 'send/list');
      await page.getByLabel('Collez ou tapez votre liste').fill(`${phone()};1000;Koné;Awa`);
      await page.getByRole('button', { name: /^Envoyer 1\s000\sF\sCFA$/ }).click();
      await sendConfirm(page, '1 000 F CFA', '1 personne');
      await page.getByRole('button', { name: 'Annuler l\'envoi' }).click();
      const dialog = page.getByRole('dialog', { name: 'Annuler cet envoi ?' });
      assert.ok(plain(await dialog.textContent()).includes('1 000 F CFA'));
      await dialog.getByRole('button', { name: 'Annuler l\'envoi' }).click();
      await page.getByText('Cet envoi a été annulé : personne n\'a été payé.').waitFor();
    });
  });
});

test('a hostile name is a name on every page, and no formula in a download', async () => {
  const NAME = '<img src=x onerror=alert(1)>';
  const numbers = [phone(), phone()];
  await merchant.contact([person(numbers[0], { name: NAME, surname: '"><script>alert(2)</script>' }), person(numbers[1], { name: '=HYPERLINK("http://x")', surname: '@SUM(A1)' })]);
  const [sent] = await merchant.pay(numbers.map((number) => item(number, 1000, 'http://127.0.0.1:1/')));
  const { lot } = (await payoutd.admin(`/lots?merchant=${merchant.id}`)).lots[0];
  await withPage(browser, payoutd.url, async (page) => {
    await logIn(page, payoutd.url, owner);
    for (const at of ['transfers', `transfers/${sent.transaction_id}`, 'contacts', `contacts/225${numbers[0]}`, `lots/${lot}`]) {
      await goTo(page, payoutd.url, at);
      await page.getByText('<img src=x').first().waitFor();
      assert.equal(await page.locator('main img, main script, main iframe').count(), 0, at);
    }
    await goTo(page, payoutd.url, 'send/list');
    await page.getByLabel('Collez ou tapez votre liste').fill(`${phone()};1000;${NAME};javascript:alert(3)`);
    await page.getByText('1 personne · 1 prête').waitFor();
    assert.equal(await page.locator('main img').count(), 0);
    const csv = await page.evaluate(async (id) => (await fetch(`/console/v1/lots/${id}/result.csv`)).text(), lot);
    assert.ok(csv.includes('HYPERLINK') && !/(^|[;,"\n])=HYPERLINK/.test(csv.replaceAll('"\'=', '')), csv);
  });
});

test('contacts are added, corrected, joined, and found', async () => {
  const numbers = [phone(), phone()];
  await withPage(browser, payoutd.url, async (page) => {
    await logIn(page, payoutd.url, owner);
    await goTo(page, payoutd.url, 'contacts');
    await page.getByRole('button', { name: 'Ajouter', exact: true }).click();
    await page.getByLabel('Liste').fill(`${numbers[0]};Zadi;Marthe\n${numbers[1]};Zady;Marthe`);
    await look(page, 'contacts-add.fr', { fullPage: false });
    await page.getByRole('button', { name: 'Ajouter 2 contacts' }).click();
    await page.getByText('2 contacts ajoutés.').waitFor();
    await page.getByLabel('Nom ou numéro').fill('zad');
    await page.getByRole('link', { name: 'Zady Marthe' }).click();
    await page.getByRole('button', { name: 'Modifier' }).click();
    await page.getByRole('dialog').getByLabel('Nom', { exact: true }).fill('Zadi');
    await page.getByRole('dialog').getByRole('button', { name: 'Enregistrer' }).click();
    await page.getByRole('heading', { level: 1, name: 'Zadi Marthe' }).waitFor();
    await page.getByRole('button', { name: 'Réunir avec un autre' }).click();
    await page.getByLabel('Numéro de l\'autre contact').fill(numbers[0]);
    await page.getByRole('button', { name: 'Réunir', exact: true }).click();
    await page.getByText('Même personne que').waitFor();
    await look(page, 'contact.fr');
  });
});
