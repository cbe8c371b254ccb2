import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { databaseFile } from '../../src/adapters/sqlite/data-folder.ts';
import { openSqliteStore, recountDataFolder } from '../../src/adapters/sqlite/sqlite-store.ts';
import type { Coupon } from '../../src/domain/coupon/coupon.ts';
import type { EventLog } from '../../src/ports/event-log.ts';
import type { Store } from '../../src/ports/store.ts';
import { accept, claim, couponOf, givenCampaign, users } from './given.ts';
import { acceptUse, givenRedemption, payOut, reverse, useOf } from './given-redemptions.ts';
import { createTestClock } from './store-under-test.ts';

const TIMEOUT_MS = 60_000;

/** The first redemption's money once more, in a transaction that balances and adds up. */
const PAID_TWICE = inOneLine(`
  INSERT INTO ledger_entries SELECT account_no, position + 100, 0, 1, amount, balance + amount
    FROM ledger_entries JOIN ledger_accounts ON no = account_no WHERE type = 0 AND source_no = 1;
  UPDATE ledger_accounts SET balance = balance + 500 WHERE kind = 0;
  UPDATE ledger_accounts SET balance = balance - 500 WHERE kind = 1`);

/** A second redemption in force, whose coupon has one already. */
function anotherUseOf(sequence: number): string {
  return inOneLine(`INSERT INTO redemptions
    (no, id, campaign_no, sequence, status, discount, reimbursement, created_at, position)
    SELECT 99, 'red_99', campaign_no, sequence, 1, 5000, 0, 0, 99 FROM coupons
    WHERE sequence = ${sequence}`);
}

/** For the test's sentence. */
function inOneLine(sql: string): string {
  return sql.replace(/\s+/g, ' ').trim();
}

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

  it.each([
    ['redemptions-agree', 'UPDATE coupons SET status = 0 WHERE sequence = 1'],
    ['redemptions-agree', 'UPDATE coupons SET status = 2 WHERE sequence = 2'],
    ['redemptions-agree', 'UPDATE campaigns SET redeemed = redeemed + 1'],
    ['redemptions-agree', 'DELETE FROM redemptions WHERE sequence = 1'],
    ['redemptions-agree', 'UPDATE redemptions SET sequence = 99 WHERE sequence = 4'],
    ['redemptions-agree', 'UPDATE redemptions SET discount = 1 WHERE sequence = 1'],
    ['redemptions-agree', `UPDATE redemptions SET id = 'red_x' WHERE sequence = 2`],
    ['redemptions-agree', `UPDATE redemptions SET reference = 'another' WHERE sequence = 1`],
    ['redemptions-agree', `DELETE FROM events WHERE type = 'coupon.redeemed'`],
    ['redemptions-agree', `DELETE FROM events WHERE type = 'redemption.reversed'`],
    ['redemptions-agree', `UPDATE events SET subject = 'red_1' WHERE type = 'redemption.reversed'`],
    ['redemptions-agree', 'UPDATE redemptions SET status = 1, reversed_at = NULL WHERE status = 3'],
    ['redemptions-agree', `DROP INDEX redemptions_in_force; ${anotherUseOf(1)}`],
    ['ledger-balances', 'UPDATE ledger_accounts SET balance = balance + 1 WHERE kind = 0'],
    ['ledger-balances', 'UPDATE ledger_accounts SET balance = balance - 1 WHERE kind = 2'],
    ['ledger-balances', 'UPDATE ledger_entries SET amount = amount + 1 WHERE amount = -100'],
    ['ledger-balances', 'UPDATE ledger_entries SET balance_after = 7 WHERE balance_after = 1000'],
    ['ledger-balances', 'DELETE FROM ledger_entries WHERE amount = 100'],
    ['ledger-balances', 'DELETE FROM ledger_accounts WHERE kind = 1'],
    ['vendors-paid-once', 'DELETE FROM ledger_entries WHERE type = 0 AND source_no = 1'],
    ['ledger-balances', 'DELETE FROM ledger_transactions WHERE type = 2'],
    ['vendors-paid-once', 'UPDATE ledger_entries SET type = 0 WHERE type = 1'],
    ['vendors-paid-once', PAID_TWICE],
    ['vendors-paid-once', 'UPDATE ledger_entries SET balance_after = -1 WHERE type = 2'],
    ['vendors-paid-once', 'UPDATE payouts SET amount = amount - 1'],
    ['vendors-paid-once', `INSERT INTO payouts SELECT 9, 'pay_9', vendor_no, 1, 0 FROM payouts`],
    ['vendors-paid-once', 'UPDATE redemptions SET reimbursement = 1 WHERE sequence = 1'],
    ['vendors-paid-once', `UPDATE events SET subject = 'ven_x' WHERE type = 'vendor.debited'`],
    ['vendors-paid-once', `DELETE FROM events WHERE type = 'vendor.debited'`],
  ])('of uses and payments is red in %s after: %s', async (name, tampering) => {
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

/** Five coupons, the last from an asynchronous claim; one asynchronous claim refused; uses. */
async function writeAFewRows(folder: string): Promise<void> {
  let made = 0;
  const ids = { next: (prefix: string) => `${prefix}${(made += 1)}` };
  const { store, log } = await openSqliteStore({ folder, clock: createTestClock(), ids });
  const id = await givenCampaign(store, { quantity: 10 });
  const coupons = (await claim(store, id, users(4))).map(couponOf);
  await accept(store, id, 'later');
  await accept(store, id, 'user-1');
  expect(await store.decideAcceptedClaims(10)).toHaveLength(2);
  await useAFew(store, log, coupons);
  await store.close();
}

/**
 * Of four more coupons: two uses in force, the second accepted and decided later; one undone; one
 * accepted and refused; one waiting still. A payout. All four entries of the vendor are told.
 */
async function useAFew(store: Store, log: EventLog, coupons: readonly Coupon[]): Promise<void> {
  await givenRedemption(store, useOf('red_1', coupons[0]!.id, { reference: 'table 4' }));
  await givenRedemption(store, useOf('red_2', coupons[1]!.code));
  await acceptUse(store, useOf('red_3', coupons[2]!.id));
  await acceptUse(store, useOf('red_4', coupons[0]!.id));
  expect(await store.decideAcceptedRedemptions(10)).toHaveLength(2);
  await acceptUse(store, useOf('red_5', coupons[3]!.id));
  expect(await reverse(store, 'red_2')).toMatchObject({ kind: 'reversed' });
  expect(await payOut(store, 'pay_1', 100)).toMatchObject({ kind: 'paid' });
  const told = await log.read({ afterPosition: 0, limit: 100, subject: 'ven_a' });
  expect(told.map((event) => event.data['redemptionId'] ?? event.data['payoutId'])).toEqual([
    'red_1',
    'red_2',
    'red_3',
    'red_2',
    'pay_1',
  ]);
}
