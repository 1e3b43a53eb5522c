// docs/threat-model.md: what it says is stopped has tests, and they are there.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, test } from 'node:test';
import { testExists } from './lib/names.js';

const text = fs.readFileSync(new URL('../../docs/threat-model.md', import.meta.url), 'utf8');
const REFERENCE = /`([\w./-]+\.(?:test\.js|c|py))` “([^”]+)”/g;

// The rows of the table below a heading: their cells.
function rows(heading) {
  const part = text.split(`## ${heading}\n`)[1].split('\n## ')[0];
  return part.split('\n').filter((line) => line.startsWith('| ')).slice(1)
    .map((line) => line.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, '').trim()));
}

describe('the threat model', () => {
  test('proves each thing that it says is stopped', () => {
    const found = rows('What each finds');
    assert.ok(found.length >= 20, `${found.length} rows`);
    for (const [who, stops, proof] of found) {
      assert.ok(stops !== '' && [...proof.matchAll(REFERENCE)].length > 0, who);
    }
  });

  test('goes through all ten risks of OWASP, in order', () => {
    const found = rows('OWASP API Security Top 10 (2023)');
    assert.deepEqual(found.map(([risk]) => risk.split(' ')[0]), Array.from({ length: 10 }, (_, index) => `API${index + 1}`));
    for (const [risk, , proof] of found) assert.ok([...proof.matchAll(REFERENCE)].length >= 2, risk);
  });

  test('names only tests that are there', () => {
    const missing = [...text.matchAll(REFERENCE)].filter(([, file, name]) => !testExists(file, name)).map(([reference]) => reference);
    assert.deepEqual(missing, []);
  });

  test('would notice one that is not', () => {
    assert.equal(testExists('deploy/deploy.py', 'the_configuration_is_right'), true);
    assert.equal(testExists('deploy/deploy.py', 'the_configuration_is_wrong'), false);
    assert.equal(testExists('ssrf/ssrf.test.js', 'a notify_url › of a public address is called'), true);
    assert.equal(testExists('ssrf/ssrf.test.js', 'a notify_url › of nobody is called'), false);
  });
});
