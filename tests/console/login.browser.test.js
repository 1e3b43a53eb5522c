// Coming in: a given password is replaced, a second step is set up, and both are asked for the next time.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Payoutd } from '../api/lib/payoutd.js';
import { PHONE, WORDS, chromiumStart, logIn, look, personMake, totpCode, withPage } from './lib/browser.js';

const TEXTS = {
  fr: { choose: 'Choisissez votre mot de passe', old: 'Mot de passe actuel', fresh: 'Nouveau mot de passe', repeat: 'Encore une fois', change: 'Changer le mot de passe', login: 'Connexion',
    protect: 'Protégez votre compte', begin: 'Commencer', key: 'Clé', on: 'Activer', out: 'Se déconnecter', wrong: 'Nom, mot de passe ou code incorrect.', recovery: 'Je n\'ai plus mon téléphone',
    recoveryCode: 'Code de secours', differ: 'Les deux ne sont pas les mêmes.', codes: 'Codes de secours' },
  en: { choose: 'Choose your password', old: 'Current password', fresh: 'New password', repeat: 'Once more', change: 'Change the password', login: 'Log in', protect: 'Protect your account',
    begin: 'Begin', key: 'Key', on: 'Turn on', out: 'Log out', wrong: 'Wrong name, password or code.', recovery: 'I no longer have my phone', recoveryCode: 'Recovery code',
    differ: 'The two are not the same.', codes: 'Recovery codes' },
};
let payoutd;
let browser;
let merchant;
before(async () => {
  payoutd = await Payoutd.start();
  browser = await chromiumStart();
  merchant = await payoutd.merchant({ name: 'Boutique' });
});
after(async () => {
  await browser?.close();
  await payoutd?.end();
});

async function enter(page, { name, password, code = '' }, lang, recovery = false) {
  const words = WORDS[lang];
  await page.getByLabel(words.name).fill(name);
  await page.getByLabel(words.password, { exact: true }).fill(password);
  if (recovery) await page.getByRole('button', { name: TEXTS[lang].recovery }).click();
  if (code !== '') await page.getByLabel(recovery ? TEXTS[lang].recoveryCode : words.code).fill(code);
  await page.getByRole('button', { name: words.enter, exact: true }).click();
}

describe('logging in', () => {
  for (const [lang, viewport] of [['fr', PHONE], ['en', undefined]]) {
    test(`for the first time and the next, in ${lang}`, async () => {
      const name = `owner.${lang}`;
      const { password: given } = await payoutd.admin('/users', { name, role: 'OWNER', merchant: merchant.id });
      const fresh = `mon nouveau mot de passe ${lang}`;
      const texts = TEXTS[lang];
      const heading = (text) => page_.getByRole('heading', { level: 1, name: text }).waitFor();
      let page_;
      await withPage(browser, payoutd.url, async (page) => {
        page_ = page;
        await page.goto(`${payoutd.url}/console/`);
        await heading(texts.login);
        await look(page, `login.${lang}`);
        await enter(page, { name, password: 'not this one' }, lang);
        await page.getByText(texts.wrong).waitFor();
        await look(page, `login-wrong.${lang}`);
        await enter(page, { name, password: given }, lang);

        await heading(texts.choose);
        await page.getByLabel(texts.old).fill(given);
        await page.getByLabel(texts.fresh).fill(fresh);
        await page.getByLabel(texts.repeat).fill(`${fresh}x`);
        await page.getByRole('button', { name: texts.change }).click();
        await page.getByText(texts.differ).waitFor();
        await look(page, `password.${lang}`);
        await page.getByLabel(texts.repeat).fill(fresh);
        await page.getByRole('button', { name: texts.change }).click();

        await heading(texts.login);
        await enter(page, { name, password: fresh }, lang);
        await heading(texts.protect);
        await page.getByLabel(WORDS[lang].password, { exact: true }).fill(fresh);
        await page.getByRole('button', { name: texts.begin }).click();
        const secret = await page.getByLabel(texts.key, { exact: true }).inputValue();
        const codes = (await page.getByLabel(texts.codes).textContent()).split('\n');
        assert.equal(codes.length, 8);
        await look(page, `protect.${lang}`);
        await page.getByLabel(WORDS[lang].code).fill(totpCode(secret, -1));
        await page.getByRole('button', { name: texts.on }).click();
        await page.locator('#navigation').waitFor({ state: 'attached' });
        assert.equal(await page.locator('h1').textContent(), 'Boutique');

        if (viewport === PHONE) await page.getByRole('button', { name: 'Menu' }).click();
        await page.getByRole('button', { name: texts.out, exact: true }).click();
        await heading(texts.login);
        await enter(page, { name, password: fresh }, lang);
        await page.getByText(texts.wrong).waitFor();
        await enter(page, { name, password: fresh, code: totpCode(secret) }, lang);
        await page.locator('#navigation').waitFor({ state: 'attached' });
        await page.context().clearCookies();
        await page.reload();
        await heading(texts.login);
        await enter(page, { name, password: fresh, code: codes[0] }, lang, true);
        await page.locator('#navigation').waitFor({ state: 'attached' });
      }, { lang, ...(viewport === undefined ? {} : { viewport }) });
    });
  }

  test('a session that ends elsewhere leads back to the door, and says why', async () => {
    const viewer = await personMake(payoutd, merchant, 'VIEWER', 'ends');
    await withPage(browser, payoutd.url, async (page) => {
      await logIn(page, payoutd.url, viewer);
      await page.context().clearCookies();
      await page.getByRole('link', { name: 'Paiements', exact: true }).click();
      await page.getByText('Votre session est terminée').waitFor();
    });
  });

  test('the language that was chosen stays', async () => {
    await withPage(browser, payoutd.url, async (page) => {
      await page.goto(`${payoutd.url}/console/`);
      await page.getByRole('button', { name: 'EN, English' }).click();
      await page.getByRole('heading', { level: 1, name: 'Log in' }).waitFor();
      await page.reload();
      await page.getByRole('heading', { level: 1, name: 'Log in' }).waitFor();
      assert.equal(await page.getAttribute('html', 'lang'), 'en');
    });
  });
});
