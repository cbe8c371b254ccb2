import { closeSync, existsSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DataFolderError, databaseFile } from '../../src/adapters/sqlite/data-folder.ts';
import { openSqliteStore } from '../../src/adapters/sqlite/sqlite-store.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'firstcome-files-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

let idCount = 0;
const open = (at = folder) =>
  openSqliteStore({
    folder: at,
    clock: { nowMs: () => 1 },
    ids: { next: (prefix) => `${prefix}${++idCount}` },
  });

async function codeOf(opening: Promise<unknown>): Promise<string> {
  const error: unknown = await opening.then(
    () => 'it opened',
    (reason: unknown) => reason,
  );
  if (!(error instanceof DataFolderError)) return String(error);
  expect(error.message).not.toContain('\n');
  expect(error.message).toContain(folder);
  return error.code;
}

describe('a data folder', () => {
  it('is made where there was none, and opened again with what it holds', async () => {
    const inner = join(folder, 'a', 'b');
    const first = await open(inner);
    const origin = { idempotency: null, traceparent: null };
    await first.store.registerVendor({ id: 'ven_1', name: 'V', currency: 'KRW' }, origin);
    await first.store.close();
    const second = await open(inner);
    expect((await second.store.vendor('ven_1'))?.name).toBe('V');
    await second.store.close();
  });

  it('is refused to a second owner, with the pid of the first', async () => {
    const { store } = await open();
    await expect(open()).rejects.toThrow(`in use by process ${process.pid}`);
    expect(await codeOf(open())).toBe('in-use');
    await store.close();
    await (await open()).store.close();
  });

  it('is refused when a file stands in its place', async () => {
    writeFileSync(join(folder, 'file'), '');
    expect(await codeOf(open(join(folder, 'file')))).toBe('not-writable');
  });

  it.runIf(existsSync('/proc/self'))('is refused where no folder can be made', async () => {
    await expect(open('/proc/firstcome/data')).rejects.toMatchObject({ code: 'not-writable' });
  });

  it('is refused when its database is no database', async () => {
    writeFileSync(databaseFile(folder), 'certainly no SQLite file, but long enough to be read');
    expect(await codeOf(open())).toBe('corrupt');
    // The refusal has let go of the folder.
    rmSync(databaseFile(folder));
    await (await open()).store.close();
  });

  it('is refused when its database is another program’s', async () => {
    const db = new DatabaseSync(databaseFile(folder));
    db.exec('CREATE TABLE theirs (a)');
    db.close();
    expect(await codeOf(open())).toBe('foreign');
  });

  it('is refused when a newer version has written it', async () => {
    await (await open()).store.close();
    const db = new DatabaseSync(databaseFile(folder));
    db.exec('PRAGMA user_version = 999');
    db.close();
    expect(await codeOf(open())).toBe('newer');
  });

  it('is refused when its header is damaged', async () => {
    await (await open()).store.close();
    const file = openSync(databaseFile(folder), 'r+');
    writeSync(file, Buffer.alloc(200, 0xff), 0, 200, 100);
    closeSync(file);
    expect(await codeOf(open())).toBe('corrupt');
  });
});
