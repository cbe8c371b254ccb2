#!/usr/bin/env node
// Runs the command line on a Node that can: the one that was asked, when it is new enough, else the
// one pinned in devDependencies. Plain JavaScript, because an old Node must be able to read it.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const OLDEST_MAJOR = 24;
const root = new URL('../', import.meta.url);
const source = new URL('src/main.ts', root);
// A checkout runs its source, which Node strips of its types; the published package, which has no
// source, runs what was built from it.
const entry = existsSync(source) ? source : new URL('dist/main.js', root);

if (Number(process.versions.node.split('.')[0]) >= OLDEST_MAJOR) {
  // Worker threads look for the cache of compiled code in their environment.
  process.env.NODE_COMPILE_CACHE ??= join(tmpdir(), 'node-compile-cache');
  enableCompileCache?.(process.env.NODE_COMPILE_CACHE);
  const { main } = await import(entry.href);
  await main(process.argv.slice(2));
} else {
  const pinned = fileURLToPath(new URL('node_modules/node/bin/node', root));
  if (existsSync(pinned)) runOn(pinned);
  else {
    console.error(
      `firstcome needs Node ${OLDEST_MAJOR} or later; this is ${process.version}. ` +
        'In a checkout, `npm install` brings the pinned one.',
    );
    process.exitCode = 1;
  }
}

function runOn(node) {
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: 'inherit',
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      // A terminal's Ctrl-C reaches the child by itself; a signal sent to this pid alone does not.
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    });
  }
  child.on('error', (error) => {
    console.error(`firstcome: cannot run ${node}: ${error.message}`);
    process.exitCode = 1;
  });
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 1);
  });
}
