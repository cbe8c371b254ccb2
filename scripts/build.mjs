// `npm run build`: compiles src to dist, for the published package. A checkout does not need it,
// since Node runs the source as it is. `--out FOLDER` builds somewhere else.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = fileURLToPath(new URL('../', import.meta.url));
const src = join(root, 'src');
const { values } = parseArgs({ options: { out: { type: 'string', default: join(root, 'dist') } } });
const out = resolve(values.out);

/** `new URL('./x.ts', import.meta.url)`: how workers are found, which tsc leaves as it is. */
const URL_OF_SOURCE = /new URL\((['"])(\.{1,2}\/[^'"]+)\.ts\1,\s*import\.meta\.url\)/g;

/** `from './x.ts'` in declarations, which tsc also leaves, and older compilers don't follow. */
const DECLARED_IMPORT = /((?:from|import)\s*\(?\s*['"]\.{1,2}\/[^'"]+)\.ts(?=['"])/g;

rmSync(out, { recursive: true, force: true });
compile();
for (const path of filesUnder(src)) copyAsset(path);
for (const path of filesUnder(out)) pointAtCompiledFiles(path);

function compile() {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const args = [tsc, '-p', join(root, 'tsconfig.build.json'), '--outDir', out];
  const { status } = spawnSync(process.execPath, args, { stdio: ['ignore', 2, 2] });
  if (status !== 0) process.exit(1);
}

/** SQL and whatever else the compiler does not know is read at run time, beside the code. */
function copyAsset(path) {
  if (!path.endsWith('.ts')) cpSync(path, join(out, path.slice(src.length)));
}

function pointAtCompiledFiles(path) {
  if (!/\.(js|d\.ts)$/.test(path)) return;
  const text = readFileSync(path, 'utf8');
  const mended = path.endsWith('.js')
    ? text.replace(URL_OF_SOURCE, (_, quote, name) => compiledUrl(path, quote, name))
    : text.replace(DECLARED_IMPORT, '$1.js');
  if (mended !== text) writeFileSync(path, mended);
}

function compiledUrl(path, quote, name) {
  const target = `${name}.js`;
  if (existsSync(join(dirname(path), target))) {
    return `new URL(${quote}${target}${quote}, import.meta.url)`;
  }
  throw new Error(`${path} points at ${target}, which was not built`);
}

function filesUnder(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
