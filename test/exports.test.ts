import { execFile, execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from './house/source-files.ts';

/**
 * The package as its users get it: built, packed and unpacked in a folder of its own, in which only
 * the declared dependencies can be found.
 */
const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  readonly version: string;
  readonly files: readonly string[];
  readonly exports: Readonly<Record<string, string | { types: string; default: string }>>;
  readonly dependencies: Readonly<Record<string, string>>;
};
const BUILD_TIMEOUT_MS = 120_000;
/** Vitest must be heard meanwhile, so what takes long does not block. */
const runSlowly = promisify(execFile);

let folder: string;
let user: string;
let packed: readonly string[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'firstcome-exports-'));
  user = join(folder, 'user');
  packed = await unpackInto(user, await stage(join(folder, 'package')));
  for (const name of Object.keys(manifest.dependencies)) link(name);
}, BUILD_TIMEOUT_MS);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the packed package', () => {
  it('holds the files of every entry, and neither source nor tests', () => {
    for (const path of Object.values(manifest.exports).flatMap(pathsOf)) {
      expect(packed).toContain(path.replace('./', ''));
    }
    expect(packed).toContain('LICENSE');
    expect(packed).toContain('dist/main.js');
    expect(packed.filter((path) => /^(src|test|bench)\/|\.test\.|\.log$/.test(path))).toEqual([]);
  });

  it('keeps beside the code every asset that the code reads', () => {
    const sql = packed.filter((path) => path.startsWith('dist/') && path.endsWith('.sql'));
    expect(sql.length).toBeGreaterThan(0);
  });

  it.each(Object.keys(manifest.exports))('gives %s to an importing program', (entry) => {
    const specifier = `firstcome${entry.slice(1)}`;
    const attributes = entry.endsWith('.json') ? `, { with: { type: 'json' } }` : '';
    const names = run(
      `const m = await import('${specifier}'${attributes});` +
        `console.log(JSON.stringify(Object.keys(m)));`,
    );
    expect(JSON.parse(names)).not.toEqual([]);
  });

  it('has no entry but those', () => {
    expect(() => run(`await import('firstcome/dist/main.js');`)).toThrow(
      /ERR_PACKAGE_PATH_NOT_EXPORTED/,
    );
  });

  it('gives types that a strict program without the types of Node can use', () => {
    expect(typeErrorsOf(`import { createClient } from 'firstcome/sdk'; createClient;`)).toEqual([]);
  });

  it('has a type checker here that notices a missing entry and a missing name', () => {
    const text = `import { x } from 'firstcome/none'; import { y } from 'firstcome/sdk'; x; y;`;
    expect(typeErrorsOf(text)).toHaveLength(2);
  });

  it('runs its program, which says its version', () => {
    const bin = join(user, 'node_modules/firstcome/bin/firstcome.mjs');
    const said = execFileSync(process.execPath, [bin, '--version'], options(user));
    expect(said.trim()).toBe(manifest.version);
  });
});

/** Copies what is packed from a checkout, with a fresh build. */
async function stage(into: string): Promise<string> {
  mkdirSync(into);
  for (const path of ['package.json', ...manifest.files]) {
    if (path !== 'dist' && existsSync(join(ROOT, path))) {
      cpSync(join(ROOT, path), join(into, path), { recursive: true });
    }
  }
  const build = [join(ROOT, 'scripts/build.mjs'), '--out', join(into, 'dist')];
  await runSlowly(process.execPath, build, options(ROOT));
  return into;
}

/** Packs a folder and unpacks it as node_modules/firstcome; gives the paths in it. */
async function unpackInto(into: string, from: string): Promise<string[]> {
  const target = join(into, 'node_modules/firstcome');
  mkdirSync(target, { recursive: true });
  const { stdout } = await runSlowly(
    'npm',
    ['pack', '--json', '--offline', '--ignore-scripts', '--loglevel=error'],
    options(from),
  );
  const [pack] = JSON.parse(stdout) as [{ filename: string; files: { path: string }[] }];
  const tarball = join(from, pack.filename);
  await runSlowly('tar', ['-xzf', tarball, '-C', target, '--strip-components=1'], options(from));
  return pack.files.map(({ path }) => path);
}

function link(name: string): void {
  const target = join(user, 'node_modules', name);
  mkdirSync(dirname(target), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules', name), target, 'junction');
}

function run(program: string): string {
  const args = ['--input-type=module', '--eval', program];
  return execFileSync(process.execPath, args, options(user));
}

function options(cwd: string): { cwd: string; encoding: 'utf8'; stdio: 'pipe' } {
  return { cwd, encoding: 'utf8', stdio: 'pipe' };
}

function typeErrorsOf(text: string): string[] {
  const file = join(user, 'program.mts');
  writeFileSync(file, text);
  const program = ts.createProgram([file], {
    target: ts.ScriptTarget.ES2024,
    lib: ['lib.es2024.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    types: [],
    strict: true,
    skipDefaultLibCheck: true,
    noEmit: true,
  });
  return ts
    .getPreEmitDiagnostics(program)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}

function pathsOf(entry: string | { types: string; default: string }): string[] {
  return typeof entry === 'string' ? [entry] : Object.values(entry);
}
