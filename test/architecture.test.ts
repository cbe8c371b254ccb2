import { describe, expect, it } from 'vitest';
import { importsOf, type ImportEdge } from './house/imports.ts';
import { impuritiesOf } from './house/purity.ts';
import { roomOf, violationOf, type RoomTable } from './house/rooms.ts';
import { filesUnder } from './house/source-files.ts';

/** What each room of src may import. Whoever adds a room or a package to one changes this table. */
const TABLE: RoomTable = {
  domain: { rooms: [] },
  ports: { rooms: [], typesOf: ['domain'] },
  engine: { rooms: ['domain', 'ports'] },
  // What goes over the wire is described here anew, so that a change inside does not change it.
  // One reading of ISO 8601 durations is enough, though.
  contract: {
    rooms: [],
    typesOf: ['domain'],
    files: ['src/domain/campaign/duration.ts'],
    packages: ['typebox', 'ajv'],
  },
  // Ids and codes that cannot be guessed.
  seal: { rooms: [], node: ['node:crypto'] },

  // Each adapter knows its own library and no other adapter.
  'adapters/memory': { rooms: ['ports', 'domain', 'seal'], node: ['node:crypto'] },
  'adapters/sqlite': { rooms: ['ports', 'domain', 'seal'], node: 'all' },

  // The ports are spoken of in types only: whoever holds a store got it from main.ts.
  http: {
    rooms: ['contract', 'engine', 'domain'],
    typesOf: ['ports'],
    packages: ['fastify', '@fastify/*', 'ajv', 'typebox', 'pino', 'prom-client'],
    node: 'all',
  },
  cli: {
    rooms: ['contract', 'engine', 'domain', 'sdk', 'config.ts'],
    typesOf: ['ports'],
    packages: ['commander', 'picocolors'],
    node: 'all',
  },
  // Runs in browsers too, without dependencies.
  sdk: { rooms: [], typesOf: ['contract'] },
  dashboard: { rooms: ['sdk'] },

  'config.ts': { rooms: ['contract'], node: 'all' },
  // These two know everything, and nothing knows them.
  lab: { rooms: ['*'], node: 'all' },
  'main.ts': { rooms: ['*'], packages: ['pino'], node: 'all' },
};

/** Fewer than these would mean that the reading of imports is broken, not that src is tidy. */
const FILES_MIN = 80;
const EDGES_MIN = 250;

const files = filesUnder('src').filter(({ path }) => path.endsWith('.ts'));
const edges = files.flatMap(importsOf);

describe('the import table', () => {
  it('is checked against a believable number of files and imports', () => {
    expect(files.length).toBeGreaterThanOrEqual(FILES_MIN);
    expect(edges.length).toBeGreaterThanOrEqual(EDGES_MIN);
  });

  it('names the room of every file', () => {
    const rooms = new Set(files.map(({ path }) => roomOf(path)));
    expect([...rooms].filter((room) => room === null || !Object.hasOwn(TABLE, room))).toEqual([]);
  });

  it('is kept by every import', () => {
    expect(edges.map((edge) => violationOf(edge, TABLE)).filter((v) => v !== null)).toEqual([]);
  });
});

describe('the control of the import table', () => {
  it.each([
    ['src/domain/a.ts', `import { x } from '../ports/store.ts';`, 'may not import ports'],
    ['src/domain/a.ts', `import { createHash } from 'node:crypto';`, 'of Node'],
    ['src/domain/a.ts', `import type { Static } from 'typebox';`, 'this package'],
    ['src/ports/a.ts', `import { decideClaim } from '../domain/x.ts';`, 'but no values'],
    ['src/ports/a.ts', `import { type A, b } from '../domain/x.ts';`, 'but no values'],
    ['src/ports/a.ts', `export * from '../domain/x.ts';`, 'but no values'],
    ['src/ports/a.ts', `export { a } from '../adapters/memory/x.ts';`, 'adapters/memory'],
    ['src/engine/a.ts', `const x = await import('../http/server.ts');`, 'may not import http'],
    ['src/engine/a.ts', `const p = process.getBuiltinModule('node:fs');`, 'of Node'],
    ['src/engine/a.ts', `type A = import('../contract/calls.ts').A;`, 'may not import contract'],
    ['src/engine/a.ts', `import { main } from '../main.ts';`, 'may not import main.ts'],
    ['src/engine/a.ts', 'const x = await import(`../${y}.ts`);', 'computed'],
    ['src/http/a.ts', 'new URL(`../${name}.sql`, import.meta.url);', 'computed'],
    ['src/adapters/sqlite/a.ts', `import '../memory/x.ts';`, 'may not import adapters/memory'],
    ['src/adapters/sqlite/a.ts', `import { x } from '../../engine/x.ts';`, 'may not import engine'],
    [
      'src/http/a.ts',
      `new Worker(new URL('../adapters/sqlite/w.ts', import.meta.url));`,
      'may not import adapters/sqlite',
    ],
    ['src/http/a.ts', `import { StoreBroken } from '../ports/store.ts';`, 'but no values'],
    ['src/http/a.ts', `import x = require('../../scripts/build.mjs');`, 'outside of src'],
    ['src/contract/a.ts', `import { decideClaim } from '../domain/x.ts';`, 'but no values'],
    ['src/sdk/a.ts', `import { PROBLEMS } from '../contract/problems.ts';`, 'but no values'],
    ['src/sdk/a.ts', `import { setTimeout } from 'node:timers/promises';`, 'of Node'],
    ['src/dashboard/a.ts', `import type { A } from '../contract/calls.ts';`, 'contract'],
    ['src/seal/a.ts', `import { readFileSync } from 'node:fs';`, 'of Node'],
    ['src/config.ts', `import { QUANTITY_MAX } from './domain/x.ts';`, 'may not import domain'],
    ['src/extra/a.ts', `import 'node:fs';`, `no room 'extra'`],
  ])('finds what is planted in %s: %s', (path, text, reason) => {
    expect(violationsIn(path, text)).toEqual([expect.stringContaining(reason)]);
  });

  it.each([
    ['src/ports/a.ts', `import type { Coupon } from '../domain/coupon/coupon.ts';`],
    ['src/ports/a.ts', `import { type Coupon } from '../domain/coupon/coupon.ts';`],
    ['src/adapters/sqlite/a.ts', `new Worker(new URL('./writer.ts', import.meta.url));`],
    ['src/adapters/sqlite/a.ts', 'new URL(`./sql/${name}.sql`, import.meta.url);'],
    ['src/contract/a.ts', `import { parseDuration } from '../domain/campaign/duration.ts';`],
    ['src/cli/a.ts', `const at = new URL('../../package.json', import.meta.url);`],
    ['src/domain/a.test.ts', `import fc from 'fast-check';`],
    ['src/main.ts', `import { x } from './adapters/sqlite/x.ts';`],
  ])('lets pass what is allowed in %s: %s', (path, text) => {
    expect(importsOf({ path, text })).toHaveLength(1);
    expect(violationsIn(path, text)).toEqual([]);
  });

  function violationsIn(path: string, text: string): (string | null)[] {
    const found: ImportEdge[] = importsOf({ path, text });
    return found.map((edge) => violationOf(edge, TABLE)).filter((v) => v !== null);
  }
});

describe('the domain', () => {
  const domain = files.filter(
    ({ path }) => roomOf(path) === 'domain' && !path.endsWith('.test.ts'),
  );

  it('is pure: no time, no chance, no machine, no promise, no state', () => {
    expect(domain.length).toBeGreaterThanOrEqual(5);
    expect(domain.flatMap(impuritiesOf)).toEqual([]);
  });

  it.each([
    'const at = Date.now();',
    'const at = new Date();',
    'const at = Date();',
    'const chance = Math.random();',
    'export async function f() {}',
    'function f(): Promise<void> { return g(); }',
    'const home = process.env.HOME;',
    'const t = performance.now();',
    'setTimeout(() => 1, 2);',
    'let issued = 0;',
    `const id = globalThis['crypto'];`,
  ])('would be told apart by its checker: %s', (text) => {
    expect(impuritiesOf({ path: 'src/domain/planted.ts', text })).not.toEqual([]);
  });

  it.each([
    'const at = new Date(fromMs);',
    'const p = order.process;',
    'function f() { let n = 0; return n; }',
  ])('may say: %s', (text) => {
    expect(impuritiesOf({ path: 'src/domain/planted.ts', text })).toEqual([]);
  });
});
