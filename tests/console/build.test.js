// The bundle: the same bytes each time, and small.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { after, before, test } from 'node:test';

const WEB = path.join(path.dirname(fileURLToPath(import.meta.url)), '../../web');
const FIRST_LOAD_BYTES_MAX = 150 * 1000;
let folder;
before(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'payoutd-bundle-'));
});
after(() => fs.rmSync(folder, { recursive: true, force: true }));

function build(name) {
  const dist = path.join(folder, name);
  const done = spawnSync(process.execPath, [path.join(WEB, 'build.mjs'), dist], { encoding: 'utf8' });
  assert.equal(done.status, 0, done.stderr);
  const files = fs.readdirSync(dist, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    .map((entry) => path.relative(dist, path.join(entry.parentPath ?? entry.path, entry.name))).sort();
  return { dist, files: Object.fromEntries(files.map((file) => [file, fs.readFileSync(path.join(dist, file)).toString('base64')])) };
}

test('the same sources give the same bytes, and all of them together are a small first load', () => {
  const first = build('first');
  assert.deepEqual(build('second').files, first.files);
  const manifest = JSON.parse(fs.readFileSync(path.join(first.dist, 'manifest.json'), 'utf8'));
  const bytes = manifest.reduce((sum, file) => sum + file.br, 0);
  assert.ok(bytes < FIRST_LOAD_BYTES_MAX, `${bytes} bytes`);
  const page = fs.readFileSync(path.join(first.dist, 'index.html'), 'utf8');
  for (const [, name] of page.matchAll(/\/console\/(assets\/[^"]+)/g)) assert.ok(name in first.files, name);
  assert.ok(!/<script[^>]*>[^<]|<style|style=|https?:/.test(page), 'nothing stands in the page itself, nothing is elsewhere');
});
