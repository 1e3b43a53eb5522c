// The names of the tests that stand in a file: read from its text, nothing is run.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const tests = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

const escape = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
// A name as a pattern: what a template fills in may be anything.
function pattern(quote, text) {
  if (quote === "'") return new RegExp(`^${escape(text.replace(/\\(.)/g, '$1'))}$`);
  return new RegExp(`^${text.split(/\$\{[^}]*\}/).map(escape).join('.+')}$`);
}

// Of a test file of this suite: [{group, name}], both patterns; group is null outside of describe().
function suiteNames(text) {
  const names = [];
  let group = null;
  const begin = /^( *)(?:for \(.*\) )?(describe|test|hearing)\(\s*(['`])((?:\\.|(?!\3).)*)\3/gm;
  for (const [, indent, kind, quote, name] of text.matchAll(begin)) {
    if (kind === 'describe') group = pattern(quote, name);
    else names.push({ group: indent === '' ? null : group, name: pattern(quote, name) });
  }
  return names;
}

// True when file (under tests/api, or with its folder under tests/) has a test called that: "group › name" or "name".
export function testExists(file, called) {
  const whole = path.join(tests, file.includes('/') ? file : path.join('api', file));
  if (!fs.existsSync(whole)) return false;
  const text = fs.readFileSync(whole, 'utf8');
  if (file.endsWith('.c')) return new RegExp(`cmocka_unit_test\\w*\\(\\s*${escape(called)}\\b`).test(text);
  if (file.endsWith('.py')) return new RegExp(`^def ${escape(called)}\\(`, 'm').test(text);
  const [name, group] = called.split(' › ').reverse();
  return suiteNames(text).some((each) => each.name.test(name)
    && (group === undefined ? each.group === null : each.group?.test(group)));
}
