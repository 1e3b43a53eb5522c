// Bundles the console: build.mjs DIST [DEPFILE TARGET]. Writes DIST/index.html, DIST/assets/NAME.HASH.EXT, beside each a
// .br and a .gz of the same bytes, and DIST/manifest.json, which says what each is. The same sources give the same bytes.
// With a DEPFILE, says there (as make does) what TARGET was made of.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const HERE = path.dirname(fileURLToPath(import.meta.url));
const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8', '.svg': 'image/svg+xml' };

// Installs what the lockfile names for building, when anything of it is missing or another version.
function packagesInstall() {
  const lock = JSON.parse(fs.readFileSync(path.join(HERE, 'package-lock.json'), 'utf8'));
  const there = ([name, { version }]) => {
    const file = path.join(HERE, name, 'package.json');
    return fs.existsSync(file) && JSON.parse(fs.readFileSync(file, 'utf8')).version === version;
  };
  const wanted = Object.entries(lock.packages).filter(([name, { dev, optional }]) => name !== '' && !dev && !optional);
  if (wanted.every(there)) return;
  try {
    execFileSync('npm', ['ci', '--omit=dev', '--silent', '--no-fund', '--no-audit'], { cwd: HERE, stdio: 'inherit' });
  } catch {
    throw new Error('npm could not fetch the console\'s packages. meson setup -Dconsole=false builds without the console.');
  }
}

// The bundler's output: {name: bytes}, the first being the names that index.html asks for.
async function bundle() {
  const { build } = await import('esbuild');
  const { outputFiles, metafile } = await build({
    absWorkingDir: HERE, entryPoints: { main: 'src/main.tsx' }, outdir: 'dist', write: false, metafile: true,
    bundle: true, splitting: true, format: 'esm', minify: true, charset: 'utf8', legalComments: 'none',
    loader: { '.csv': 'text' }, target: ['es2021', 'chrome92', 'firefox91', 'safari15'], jsx: 'automatic', jsxImportSource: 'preact',
    entryNames: '[name].[hash]', chunkNames: '[name].[hash]', assetNames: '[name].[hash]', logLevel: 'warning',
  });
  const assets = Object.fromEntries(outputFiles.map(({ path: file, contents }) => [path.basename(file), Buffer.from(contents)]));
  const icon = fs.readFileSync(path.join(HERE, 'icon.svg'));
  const iconName = `icon.${createHash('sha256').update(icon).digest('hex').slice(0, 8).toUpperCase()}.svg`;
  assets[iconName] = icon;
  const named = (pattern) => Object.keys(assets).find((name) => pattern.test(name));
  const names = { icon: iconName, style: named(/^main\..*\.css$/), script: named(/^main\..*\.js$/) };
  const page = fs.readFileSync(path.join(HERE, 'index.html'), 'utf8').replace(/\{\{(\w+)\}\}/g, (_, which) => names[which]);
  return { page, assets, inputs: Object.keys(metafile.inputs) };
}

function compressed(bytes) {
  return { br: brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }),
    gz: gzipSync(bytes, { level: 9 }) };
}

async function main([dist, depfile, target]) {
  packagesInstall();
  const { page, assets, inputs } = await bundle();
  fs.rmSync(dist, { recursive: true, force: true });
  fs.mkdirSync(path.join(dist, 'assets'), { recursive: true });
  const files = [['index.html', Buffer.from(page)], ...Object.keys(assets).sort().map((name) => [`assets/${name}`, assets[name]])];
  const manifest = files.map(([name, bytes]) => {
    const { br, gz } = compressed(bytes);
    fs.writeFileSync(path.join(dist, name), bytes);
    fs.writeFileSync(path.join(dist, `${name}.br`), br);
    fs.writeFileSync(path.join(dist, `${name}.gz`), gz);
    return { path: name, type: TYPES[path.extname(name)], immutable: name.startsWith('assets/'),
      bytes: bytes.length, br: br.length, gz: gz.length };
  });
  fs.writeFileSync(path.join(dist, 'manifest.json'), `${JSON.stringify(manifest, null, 1)}\n`);
  if (depfile === undefined) return;
  const made = ['build.mjs', 'index.html', 'icon.svg', 'package-lock.json', ...inputs];
  fs.writeFileSync(depfile, `${target}: ${made.map((name) => path.resolve(HERE, name).replaceAll(' ', '\\ ')).join(' \\\n  ')}\n`);
}

await main(process.argv.slice(2));
