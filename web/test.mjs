// Runs the unit tests: bundles each test/*.test.ts by itself into a temporary folder and gives them to node's own runner.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const HERE = path.dirname(fileURLToPath(import.meta.url));
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'payoutd-web-'));
try {
  const tests = fs.readdirSync(path.join(HERE, 'test')).filter((name) => name.endsWith('.test.ts')).sort();
  await build({ absWorkingDir: HERE, entryPoints: tests.map((name) => `test/${name}`), outdir: folder, bundle: true,
    platform: 'node', format: 'esm', loader: { '.csv': 'text' }, outExtension: { '.js': '.mjs' }, sourcemap: 'inline', logLevel: 'warning' });
  const files = tests.map((name) => path.join(folder, name.replace(/\.ts$/, '.mjs')));
  const { status } = spawnSync(process.execPath, ['--test', ...process.argv.slice(2), ...files], { stdio: 'inherit' });
  process.exitCode = status ?? 1;
} finally {
  fs.rmSync(folder, { recursive: true, force: true });
}
