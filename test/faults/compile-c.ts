import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The path of what was compiled, or why there is none. */
export type Compiled =
  | { readonly path: string; readonly missing: null }
  | { readonly path: null; readonly missing: string };

/**
 * Compiles one C file with the machine's `cc`, once: the result is kept in the temporary folder
 * under the hash of source, headers and flags. C serves only tests and benches, and both go on
 * without it.
 */
export function compileC(source: URL, flags: readonly string[]): Compiled {
  if (process.platform !== 'linux') {
    return { path: null, missing: `it is written for Linux, and this is ${process.platform}` };
  }
  const hash = hashOf(source, flags);
  const folder = join(tmpdir(), `firstcome-native-${userInfo().uid}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, `${basename(source.pathname, '.c')}-${hash}`);
  if (existsSync(path)) return { path, missing: null };
  // Written beside and renamed, so that two processes that compile at once never see half a file.
  const draft = `${path}.${process.pid}`;
  const run = spawnSync('cc', [...flags, '-o', draft, fileURLToPath(source), '-ldl', '-lm'], {
    encoding: 'utf8',
  });
  if (run.error) return { path: null, missing: `no C compiler: ${run.error.message}` };
  if (run.status !== 0) return { path: null, missing: `cc failed: ${run.stderr.trim()}` };
  renameSync(draft, path);
  return { path, missing: null };
}

function hashOf(source: URL, flags: readonly string[]): string {
  const hash = createHash('sha256').update(flags.join(' ')).update(readFileSync(source));
  const headers = readdirSync(new URL('.', source)).filter((name) => name.endsWith('.h'));
  for (const header of headers.sort()) hash.update(readFileSync(new URL(header, source)));
  return hash.digest('hex').slice(0, 16);
}
