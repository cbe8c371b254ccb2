import { createMemoryStore } from '../../src/adapters/memory/memory-store.ts';
import { createTables } from '../../src/adapters/memory/tables.ts';
import { createTestClock, type StoreUnderTest } from './store-under-test.ts';

/** A memory store; its tables are the disk that outlives it. */
export async function openMemory(): Promise<StoreUnderTest> {
  const clock = createTestClock();
  const tables = createTables();
  let open = createMemoryStore({ clock, tables });
  return {
    ...open,
    clock,
    async reopen() {
      await open.store.close();
      open = createMemoryStore({ clock, tables });
      return open;
    },
    async close() {
      await open.store.close();
    },
  };
}
