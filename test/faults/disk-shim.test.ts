import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { afterEach, describe, expect, it } from 'vitest';

import { diskShim, type DiskShim } from './disk-shim.ts';

// A program of its own that commits once for each line it reads, and says how that went.
const PROGRAM = `
  import { DatabaseSync } from 'node:sqlite';
  import { createInterface } from 'node:readline';
  const db = new DatabaseSync(process.argv[1]);
  db.exec('PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE t (a)');
  console.log('ready');
  for await (const line of createInterface({ input: process.stdin })) {
    try {
      const began = performance.now();
      db.prepare('INSERT INTO t VALUES (zeroblob(?))').run(Number(line));
      console.log('committed ' + (performance.now() - began));
    } catch (error) {
      console.log('refused ' + error.errcode);
    }
  }
`;
const SQLITE_FULL = 13;
const SQLITE_IOERR_FSYNC = 1034;

const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const probe = diskShim(tmpdir());
probe.shim?.close();
if (probe.missing !== null) console.warn(`The disk shim is not tested here: ${probe.missing}.`);

describe.skipIf(probe.shim === null)('the disk shim under node:sqlite', () => {
  it('counts the syncs and the bytes of commits', async () => {
    const { shim, commit } = await program();
    const before = shim.figures();
    for (let i = 0; i < 5; i++) expect(await commit(1000)).toMatch(/^committed/);
    const after = shim.figures();
    expect(after.syncs - before.syncs).toBeGreaterThanOrEqual(5);
    expect(after.writtenBytes - before.writtenBytes).toBeGreaterThan(5000);
  });

  it('adds the delay to each sync', async () => {
    const { shim, commit } = await program();
    shim.delaySyncs(50_000);
    expect(Number((await commit(10)).split(' ')[1])).toBeGreaterThanOrEqual(50);
  });

  it('fails one sync with EIO, then goes on', async () => {
    const { shim, commit } = await program();
    shim.failSyncs('once');
    expect(await commit(10)).toBe(`refused ${SQLITE_IOERR_FSYNC}`);
    expect(await commit(10)).toMatch(/^committed/);
    expect(shim.figures().failedSyncs).toBe(1);
  });

  it('is full once the room is used up, and has room again when told', async () => {
    const { shim, commit } = await program();
    shim.leaveRoomFor(20_000);
    expect(await commit(10)).toMatch(/^committed/);
    expect(await commit(50_000)).toBe(`refused ${SQLITE_FULL}`);
    shim.leaveRoomFor(null);
    expect(await commit(50_000)).toMatch(/^committed/);
    expect(shim.figures().failedWrites).toBeGreaterThan(0);
  });

  it('holds a commit back until it is let go', async () => {
    const { shim, commit } = await program();
    shim.holdSyncs(true);
    const pending = commit(10);
    await expect.poll(() => shim.figures().waitingSyncs).toBe(1);
    shim.holdSyncs(false);
    expect(await pending).toMatch(/^committed/);
    expect(shim.figures().waitingSyncs).toBe(0);
  });

  it('leaves files outside the folder alone', async () => {
    const { shim, commit } = await program({ outside: true });
    shim.failSyncs('always');
    shim.leaveRoomFor(0);
    expect(await commit(1000)).toMatch(/^committed/);
    expect(shim.figures().syncs).toBe(0);
  });
});

async function program(options: { outside?: boolean } = {}): Promise<{
  shim: DiskShim;
  commit: (bytes: number) => Promise<string>;
}> {
  const folder = temporaryFolder();
  const { shim } = diskShim(folder);
  if (shim === null) throw new Error('The probe found a shim, and now there is none.');
  closers.push(() => shim.close());
  const file = join(options.outside ? temporaryFolder() : folder, 'test.db');
  const child = spawn(process.execPath, ['--input-type=module', '-e', PROGRAM, file], {
    env: { ...process.env, ...shim.env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  closers.push(async () => {
    const exited = once(child, 'exit');
    child.stdin.end();
    await exited;
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<string> => {
    const line = await lines.next();
    return line.done ? 'ended' : line.value;
  };
  expect(await next()).toBe('ready');
  return {
    shim,
    commit: (bytes) => {
      child.stdin.write(`${bytes}\n`);
      return next();
    },
  };
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'firstcome-shim-test-'));
  closers.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
