import { describe, expect, it } from 'vitest';
import { filesUnder, ROOT, type SourceFile } from './house/source-files.ts';
import { bannedSyntax, longFunctions } from './house/tidy-code.ts';
import {
  badlyNamed,
  headless,
  machineBound,
  overlong,
  resolvedInLockfile,
  unfinished,
} from './house/tidy-text.ts';

const LOCKFILE = 'package-lock.json';
/** Configuration files whose program asks for a default export. */
const CONFIGURATION = /^[^/]+\.config\.m?[jt]s$/;

const all = filesUnder('').filter(({ path }) => path !== LOCKFILE && isText(path));
const source = all.filter(({ path }) => /\.(ts|tsx|mjs|js|sql|lua|css)$/.test(path));
const code = source.filter(({ path }) => /\.(ts|tsx|mjs|js)$/.test(path));
const shipped = code.filter(({ path }) => !path.startsWith('test/') && !path.endsWith('.test.ts'));

describe('every file', () => {
  it('is seen by these checks', () => {
    expect(all.length).toBeGreaterThan(50);
    expect(shipped.length).toBeGreaterThan(20);
    expect(all.map(({ path }) => path)).toContain('.github/workflows/ci.yml');
  });

  it('is short and narrow', () => {
    expect(source.flatMap(overlong)).toEqual([]);
  });

  it('has a name in kebab-case that says what is in it', () => {
    expect(all.flatMap(({ path }) => badlyNamed(path))).toEqual([]);
  });

  it('is finished', () => {
    expect(all.flatMap(unfinished)).toEqual([]);
  });

  it('names no folder of one machine and no package registry', () => {
    expect(all.flatMap(machineBound)).toEqual([]);
  });
});

describe('code', () => {
  it('has functions of one thought', () => {
    expect(shipped.flatMap(longFunctions)).toEqual([]);
  });

  it('has no any, enum, namespace, default export or silent catch', () => {
    const checked = code.filter(({ path }) => !CONFIGURATION.test(path));
    expect(checked.flatMap(bannedSyntax)).toEqual([]);
  });

  it('in SQL and Lua begins with what it is for', () => {
    const scripts = source.filter(({ path }) => /\.(sql|lua)$/.test(path));
    expect(scripts.length).toBeGreaterThan(0);
    expect(scripts.flatMap(headless)).toEqual([]);
  });
});

describe('the lockfile', () => {
  it('leaves it to whoever installs where packages come from', () => {
    const lockfile = filesUnder('').find(({ path }) => path === LOCKFILE);
    expect(resolvedInLockfile(lockfile?.text ?? '')).toEqual([]);
  });
});

describe('the controls', () => {
  const lines = (count: number): string => 'const a = 1;\n'.repeat(count);
  const planted = (text: string): SourceFile => ({ path: 'src/planted.ts', text });

  it('lets pass 400 lines of 100 columns and an address that cannot be broken', () => {
    expect(overlong(planted(lines(400)))).toEqual([]);
    expect(overlong(planted(`// ${'x'.repeat(97)}`))).toEqual([]);
    expect(overlong(planted(`// ${'x'.repeat(120)}`))).toEqual([]);
  });

  it('finds 401 lines and 101 columns', () => {
    expect(overlong(planted(lines(401)))).toHaveLength(1);
    expect(overlong(planted(`// a ${'x'.repeat(96)}`))).toHaveLength(1);
  });

  it.each(['src/StoreThing.ts', 'src/store_thing.ts', 'src/time-utils.ts', 'src/helpers/time.ts'])(
    'finds the name of %s',
    (path) => expect(badlyNamed(path)).toHaveLength(1),
  );

  it.each(['src/domain/decide-claim.test.ts', 'README.ko.md', 'deploy/Dockerfile', '.ci/run'])(
    'lets pass the name of %s',
    (path) => expect(badlyNamed(path)).toEqual([]),
  );

  it.each(['// TO' + 'DO: later', '// FIX' + 'ME', 'it.on' + "ly('x')", 'describe.sk' + "ip('x')"])(
    'finds what is unfinished: %s',
    (text) => expect(unfinished(planted(text))).toHaveLength(1),
  );

  it.each([
    '/ho' + 'me/me/data',
    `open('/tm${'p'}/x')`,
    ROOT + 'src',
    'https://regis' + 'try.a.org/x',
  ])('finds what is bound to a machine: %s', (text) =>
    expect(machineBound(planted(text))).toHaveLength(1),
  );

  it('lets pass a path of a web address', () => {
    expect(machineBound(planted('https://example.com/work/shop'))).toEqual([]);
  });

  it('finds a function of 71 lines and lets pass one of 70', () => {
    const body = (count: number): string => `function f() {\n${lines(count - 2)}}\n`;
    expect(longFunctions(planted(body(71)))).toHaveLength(1);
    expect(longFunctions(planted(body(70)))).toEqual([]);
  });

  it.each([
    'const a: an' + 'y = 1;',
    'enum A { B }',
    'namespace A { export const b = 1; }',
    'export default 1;',
    'export default function f() {}',
    'try { f(); } catch {}',
    'try { f(); } catch (error) { }',
  ])('finds what the house does not use: %s', (text) => {
    expect(bannedSyntax(planted(text)).length).toBeGreaterThan(0);
  });

  it('lets pass a catch that says why it does nothing, and the default of a switch', () => {
    const text = 'try { f(); } catch { /* It is gone already. */ } switch (a) { default: g(); }';
    expect(bannedSyntax(planted(text))).toEqual([]);
  });

  it('finds SQL without a header and a lockfile with hosts', () => {
    expect(headless({ path: 'a.sql', text: 'SELECT 1;' })).toHaveLength(1);
    const lockfile = JSON.stringify({ packages: { a: { resolved: 'https://example.com/a.tgz' } } });
    expect(resolvedInLockfile(lockfile)).toHaveLength(1);
  });
});

function isText(path: string): boolean {
  return !/\.(png|jpg|gif|ico|woff2|db|sqlite)$/.test(path);
}
