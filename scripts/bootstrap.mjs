// `node scripts/bootstrap.mjs FILE ...args`: installs what the lockfile names if that was not done
// yet, then runs FILE on the pinned Node. It runs on whatever Node the machine has (20 or later),
// so that `npm start` and `npm test` work in a fresh clone with nothing else done first.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const pinnedNode = at('node_modules/node/bin/node');
const stamp = at('node_modules/.firstcome-installed');
const wanted = createHash('sha256')
  .update(readFileSync(at('package-lock.json')))
  .update(readFileSync(at('package.json')))
  .digest('hex');

if (!isInstalled()) install();
run(process.argv.slice(2));

function isInstalled() {
  if (!existsSync(pinnedNode)) return false;
  if (existsSync(stamp)) return readFileSync(stamp, 'utf8') === wanted;
  return existsSync(at('node_modules/.package-lock.json'));
}

function install() {
  console.error('firstcome: installing what the lockfile names (once) ...');
  // The machine's own npm; warnings about its Node's age would be noise, since nothing runs on it.
  const done = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: at('.'),
    stdio: ['ignore', process.stderr, process.stderr],
    shell: process.platform === 'win32',
  });
  if (done.status !== 0 || !existsSync(pinnedNode)) {
    console.error('firstcome: `npm ci` failed; its own words are above.');
    process.exit(1);
  }
  writeFileSync(stamp, wanted);
}

function run([file, ...args]) {
  const child = spawn(pinnedNode, [at(file), ...args], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    });
  }
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 1);
  });
}
