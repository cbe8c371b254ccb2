import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteStore } from '../../src/adapters/sqlite/sqlite-store.ts';
import type { Ids } from '../../src/ports/ids.ts';
import { createTestClock, type StoreUnderTest } from './store-under-test.ts';

/** An SQLite store in a folder of its own, which goes with it. */
export async function openSqlite(): Promise<StoreUnderTest> {
  const clock = createTestClock();
  const folder = await mkdtemp(join(tmpdir(), 'firstcome-conformance-'));
  let made = 0;
  const ids: Ids = { next: (prefix) => `${prefix}${(made += 1)}` };
  let open = await openSqliteStore({ folder, clock, ids });
  return {
    ...open,
    clock,
    async reopen() {
      await open.store.close();
      open = await openSqliteStore({ folder, clock, ids });
      return open;
    },
    async close() {
      await open.store.close().finally(() => rm(folder, { recursive: true, force: true }));
    },
  };
}
