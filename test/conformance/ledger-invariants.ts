import { expect } from 'vitest';
import type { DomainEvent } from '../../src/domain/event.ts';
import type { LedgerEntry, Redemption } from '../../src/ports/redemption-store.ts';
import type { Store } from '../../src/ports/store.ts';
import { allEvents, expectAuditOk, readPages } from './given.ts';
import { entriesOf } from './given-redemptions.ts';
import type { Checks, OpenStore } from './store-under-test.ts';

/**
 * Holds promise 4 against what a store can be asked: coupons, redemptions, entries, balances and
 * the log must all tell the same story.
 */
export async function expectPaidOnce({ store, log }: OpenStore): Promise<void> {
  const events = await allEvents(log);
  const redemptions = await redemptionsTold(store, events);
  await expectCouponsAgree(store, events, redemptions);
  const vendors = (await readPages((page) => store.vendors(page), 100)).flat();
  for (const vendor of vendors) {
    const entries = await entriesOf(store, vendor.id);
    expectRunningBalance(entries, vendor.balance.amount);
    expectPostings(
      entries,
      redemptions.filter((redemption) => redemption.vendorId === vendor.id),
    );
    expectTold(entries, events);
  }
}

/** The same checks, each of which also fails if promise 4 does not hold when it is over. */
export function withLedgerHeld(checks: Checks): Checks {
  return Object.fromEntries(
    Object.entries(checks).map(([sentence, check]) => [
      sentence,
      async (subject) => {
        let open: OpenStore = subject;
        await check({ ...subject, reopen: async () => (open = await subject.reopen()) });
        await expectPaidOnce(open);
        await expectAuditOk(open.store);
      },
    ]),
  );
}

/** Every redemption that the log tells of was carried out; some have been undone since. */
async function redemptionsTold(
  store: Store,
  events: readonly DomainEvent[],
): Promise<readonly Redemption[]> {
  const used = idsTold(events, 'coupon.redeemed');
  const undone = idsTold(events, 'redemption.reversed');
  expect(new Set(used).size).toBe(used.length);
  expect(new Set(undone).size).toBe(undone.length);
  const redemptions = await Promise.all(
    used.map(async (id) => {
      const redemption = await store.redemption(id);
      if (redemption === null) throw new Error(`the log tells of ${id}, which is not there`);
      return redemption;
    }),
  );
  for (const { id, status, reversedAtMs } of redemptions) {
    const isUndone = undone.includes(id);
    expect([id, status]).toEqual([id, isUndone ? 'reversed' : 'redeemed']);
    expect(reversedAtMs !== null).toBe(isUndone);
  }
  return redemptions;
}

/** A coupon is redeemed exactly as long as one redemption of it is in force. */
async function expectCouponsAgree(
  store: Store,
  events: readonly DomainEvent[],
  redemptions: readonly Redemption[],
): Promise<void> {
  const inForce = redemptions.filter((redemption) => redemption.status === 'redeemed');
  const issued = events.filter((event) => event.type === 'coupon.issued');
  const coupons = await Promise.all(issued.map((event) => store.coupon(event.subject)));
  const redeemed = coupons.filter((coupon) => coupon?.status === 'redeemed');
  expect(redeemed.map((coupon) => coupon?.id).sort()).toEqual(
    inForce.map((redemption) => redemption.couponId).sort(),
  );
  const campaigns = (await readPages((page) => store.campaigns(page), 100)).flat();
  for (const { id, redeemed: counted } of campaigns) {
    const uses = inForce.filter((redemption) => redemption.campaignId === id);
    expect([id, counted]).toEqual([id, uses.length]);
  }
}

/** Each entry carries the balance on from the one before; a payout never carries it below zero. */
function expectRunningBalance(entries: readonly LedgerEntry[], balance: number): void {
  let sum = 0;
  for (const entry of entries) {
    sum += entry.amount.amount;
    expect(entry.balanceAfter).toEqual({ ...entry.amount, amount: sum });
    if (entry.type === 'payout') expect(sum).toBeGreaterThanOrEqual(0);
  }
  expect(balance).toBe(sum);
  expect(new Set(entries.map((entry) => entry.id)).size).toBe(entries.length);
}

/** What is in force is paid once; what was undone went there once and came back once. */
function expectPostings(entries: readonly LedgerEntry[], redemptions: readonly Redemption[]): void {
  const due = redemptions.flatMap(({ id, status, reimbursement }) => {
    const amount = reimbursement?.amount ?? 0;
    if (amount === 0) return [];
    const paid = `redemption ${id} ${amount}`;
    return status === 'reversed' ? [paid, `reversal ${id} ${-amount}`] : [paid];
  });
  const posted = entries
    .filter((entry) => entry.type !== 'payout')
    .map((entry) => `${entry.type} ${entry.redemptionId} ${entry.amount.amount}`);
  expect(posted.sort()).toEqual(due.sort());
  const payouts = entries.filter((entry) => entry.type === 'payout').map((entry) => entry.payoutId);
  expect(new Set(payouts).size).toBe(payouts.length);
}

/** The log tells of each entry once, in their order. */
function expectTold(entries: readonly LedgerEntry[], events: readonly DomainEvent[]): void {
  const vendorIds = new Set(entries.map((entry) => entry.vendorId));
  const told = events
    .filter(({ type }) => type === 'vendor.credited' || type === 'vendor.debited')
    .filter((event) => vendorIds.has(event.subject));
  expect(told.map((event) => event.data)).toEqual(
    entries.map(({ vendorId, amount, balanceAfter, type, redemptionId, payoutId }) => ({
      vendorId,
      amount: { ...amount, amount: Math.abs(amount.amount) },
      balanceAfter,
      type,
      redemptionId,
      payoutId,
    })),
  );
  expect(told.map((event) => event.type)).toEqual(
    entries.map(({ amount }) => (amount.amount > 0 ? 'vendor.credited' : 'vendor.debited')),
  );
}

function idsTold(events: readonly DomainEvent[], type: DomainEvent['type']): readonly string[] {
  return events
    .filter((event) => event.type === type)
    .map((event) => event.data['redemptionId'] as string);
}
