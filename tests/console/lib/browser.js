// The console in Chromium: people who can log in, pages that are looked at, what must never happen on any of them.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { code as totpCode } from '../../api/lib/totp.js';

const AXE = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const AXE_RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const ARGUMENTS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync'];
// CONSOLE_SCREENSHOTS=1 writes what was looked at beside the documents.
const PICTURES = process.env.CONSOLE_SCREENSHOTS === undefined ? null : path.join(path.dirname(fileURLToPath(import.meta.url)), '../../../docs/screenshots');
export const DESK = { width: 1280, height: 800 };
export const PHONE = { width: 360, height: 740 };
const LOCALES = { fr: 'fr-FR', en: 'en-GB' };
const WAIT_MS = 30000;

export const chromiumStart = () => chromium.launch({ executablePath: '/usr/bin/chromium', args: ARGUMENTS });

// A user of the merchant (null: the platform's) who has a password of its own: {name, password}.
export async function personMake(payoutd, merchant, role, name) {
  const made = await payoutd.admin('/users', { name, role, ...(merchant === null ? {} : { merchant: merchant.id }) });
  const password = `quatre mots sans lien ${name}`;
  const json = { 'Content-Type': 'application/json' };
  const login = await payoutd.request({ method: 'POST', target: '/admin/v1/login', headers: json, body: JSON.stringify({ name, password: made.password }) });
  const changed = await payoutd.request({ method: 'POST', target: '/admin/v1/me/password', headers: { ...json, Authorization: `Bearer ${login.json().token}` },
    body: JSON.stringify({ password: made.password, new: password }) });
  assert.equal(changed.status, 200, changed.text);
  return { name, password };
}

export { totpCode };

// Opens act(page) in a browser of its own. Nothing may be asked of another place, refused by the page's policy, or thrown.
export async function withPage(browser, url, act, { lang = 'fr', viewport = DESK, ...options } = {}) {
  const context = await browser.newContext({ viewport, locale: LOCALES[lang], timezoneId: 'Africa/Abidjan', reducedMotion: 'reduce', ...options });
  context.setDefaultTimeout(WAIT_MS);
  const page = await context.newPage();
  const wrong = [];
  page.on('console', (message) => { if (message.type() === 'error' && !/status of 4\d\d/.test(message.text())) wrong.push(message.text()); });
  page.on('pageerror', (error) => wrong.push(String(error)));
  page.on('request', (request) => { if (!request.url().startsWith(url) && !/^(blob|data):/.test(request.url())) wrong.push(`asked ${request.url()}`); });
  page.on('dialog', (dialog) => { wrong.push(`said ${dialog.message()}`); void dialog.dismiss(); });
  try {
    await act(page);
    assert.deepEqual(wrong, []);
  } finally {
    await context.close();
  }
}

export const WORDS = {
  fr: { enter: 'Se connecter', name: 'Nom d\'utilisateur', password: 'Mot de passe', code: 'Code à 6 chiffres' },
  en: { enter: 'Log in', name: 'User name', password: 'Password', code: '6-digit code' },
};

export async function logIn(page, url, person, lang = 'fr') {
  const words = WORDS[lang];
  await page.goto(`${url}/console/`);
  await page.getByLabel(words.name).fill(person.name);
  await page.getByLabel(words.password, { exact: true }).fill(person.password);
  await page.getByRole('button', { name: words.enter, exact: true }).click();
  await page.locator('#navigation').waitFor({ state: 'attached' });
}

// Goes to a page by its address, and waits until it has nothing to load any more.
export async function goTo(page, url, at) {
  await page.goto(`${url}/console/${at}`);
  await settled(page);
}

export async function settled(page) {
  await page.locator('h1').waitFor();
  await page.locator('.loading').waitFor({ state: 'detached' });
}

// What is seen: nothing wider than the window, nothing that axe has a word against.
export async function look(page, name, { fullPage = true } = {}) {
  if (PICTURES !== null) {
    fs.mkdirSync(PICTURES, { recursive: true });
    await page.screenshot({ path: path.join(PICTURES, `${name}.png`), fullPage, animations: 'disabled' });
  }
  const { scroll, width } = await page.evaluate(() => ({ scroll: document.documentElement.scrollWidth, width: window.innerWidth }));
  assert.ok(scroll <= width, `${name} is ${scroll} wide on ${width}`);
  await page.evaluate(AXE); // Over the debugger's line: the page's policy lets no script in.
  const { violations } = await page.evaluate((rules) => globalThis.axe.run(document, { runOnly: rules }), AXE_RULES);
  assert.deepEqual(violations.map(({ id, nodes }) => `${name}: ${id} ${nodes.map(({ html }) => html.slice(0, 200))}`), []);
}

// Money as the page writes it, blanks of any kind alike.
export const plain = (text) => text.replace(/\s/g, ' ').trim();
