import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { databaseFile } from '../../src/adapters/sqlite/data-folder.ts';
import { openSqliteStore, recountDataFolder } from '../../src/adapters/sqlite/sqlite-store.ts';
import { accept, claim, givenCampaign, users } from './given.ts';
import { createTestClock } from './store-under-test.ts';

const TIMEOUT_MS = 60_000;

describe('the recount of an SQLite file', { timeout: TIMEOUT_MS }, () => {
  it.each([
    ['issued-within-quantity', 'UPDATE campaigns SET quantity = 2'],
    ['sequences-without-gap', 'UPDATE coupons SET sequence = 99 WHERE sequence = 2'],
    ['per-user-limit', `UPDATE coupons SET user_id = 'user-1', nth = 2 WHERE sequence = 2`],
    ['counters-agree', 'UPDATE campaigns SET issued = issued - 1'],
    ['counters-agree', 'DELETE FROM coupons WHERE sequence = 5'],
    ['events-agree', 'DELETE FROM coupons WHERE sequence = 5'],
    ['events-agree', 'DELETE FROM events WHERE first_sequence = 5'],
    ['events-agree', `UPDATE events SET data = replace(data, 'user-2', 'thief')`],
    ['events-agree', `DELETE FROM events WHERE type = 'claim.refused'`],
    ['accepted-claims-agree', `UPDATE coupons SET user_id = 'thief' WHERE user_id = 'later'`],
  ])('is red in %s after: %s', async (name, tampering) => {
    const red = await redAfter(tampering);
    expect(red).toContain(name);
  });

  it('is green when nothing was done to the file', async () => {
    expect(await redAfter('SELECT 1')).toEqual([]);
  });
});

/** The red checks after someone wrote into the file, behind every constraint's back. */
async function redAfter(tampering: string): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'firstcome-recount-'));
  try {
    await writeAFewRows(folder);
    const db = new DatabaseSync(databaseFile(folder));
    db.exec('PRAGMA ignore_check_constraints = ON');
    db.exec(tampering);
    db.close();
    const checks = await recountDataFolder(folder);
    return checks.filter((check) => !check.ok).map((check) => check.name);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Five coupons, the last from an asynchronous claim, and one asynchronous claim refused. */
async function writeAFewRows(folder: string): Promise<void> {
  let made = 0;
  const ids = { next: (prefix: string) => `${prefix}${(made += 1)}` };
  const { store } = await openSqliteStore({ folder, clock: createTestClock(), ids });
  const id = await givenCampaign(store, { quantity: 10 });
  await claim(store, id, users(4));
  await accept(store, id, 'later');
  await accept(store, id, 'user-1');
  expect(await store.decideAcceptedClaims(10)).toHaveLength(2);
  await store.close();
}
