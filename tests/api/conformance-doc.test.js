// docs/wire-conformance.md: each row of the wire contract names tests that prove it, and they are there.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, test } from 'node:test';
import { testExists } from './lib/names.js';

const text = fs.readFileSync(new URL('../../docs/wire-conformance.md', import.meta.url), 'utf8');
const REFERENCE = /`([\w./-]+\.(?:test\.js|c))` “([^”]+)”/g;

// The rows of the tables: [{line, says, does, proof}].
const rows = text.split('\n').map((line, index) => ({ line: index + 1, cells: line.split(/(?<!\\)\|/).slice(1, -1) }))
  .filter(({ cells }) => cells.length === 3 && !/^ *:?-+/.test(cells[0]) && cells[2].trim() !== 'Proved by')
  .map(({ line, cells: [says, does, proof] }) => ({ line, says: says.trim(), does: does.trim(), proof: proof.trim() }));

describe('the table of the wire\'s conformance', () => {
  test('has a row for each statement of the contract', () => {
    assert.ok(rows.length >= 80, `${rows.length} rows`);
    const said = rows.map(({ says }) => says);
    assert.equal(new Set(said).size, said.length, 'each is said once');
  });

  test('says in each row what payoutd does, and proves it or says why not', () => {
    for (const { line, says, does, proof } of rows) {
      assert.ok(says !== '' && does !== '', `line ${line}`);
      const proved = [...proof.matchAll(REFERENCE)].length > 0;
      assert.ok(proved || /^(Later|Not a behaviour): /.test(proof), `line ${line}: ${proof}`);
    }
  });

  test('names only tests that are there', () => {
    const references = [...text.matchAll(REFERENCE)];
    assert.ok(references.length >= rows.length);
    const missing = references.filter(([, file, name]) => !testExists(file, name)).map(([reference]) => reference);
    assert.deepEqual(missing, []);
  });

  test('would notice a test that is not there', () => {
    assert.equal(testExists('login.test.js', 'the right pair › gets a token and nothing else'), true);
    assert.equal(testExists('login.test.js', 'gets a token and nothing else'), false);
    assert.equal(testExists('login.test.js', 'the right pair › gets a million'), false);
    assert.equal(testExists('nothing.test.js', 'x'), false);
  });
});
