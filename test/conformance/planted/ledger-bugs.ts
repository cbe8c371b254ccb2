import { once } from '../../../src/adapters/memory/keyed.ts';
import { post, transactionOf } from '../../../src/adapters/memory/ledger.ts';
import { commit, findCoupon, type MemoryTables } from '../../../src/adapters/memory/tables.ts';
import type { Coupon } from '../../../src/domain/coupon/coupon.ts';
import {
  decidePayout,
  payoutPostings,
  redemptionPostings,
} from '../../../src/domain/ledger/ledger.ts';
import type { PayOut, PayOutOutcome, Redemption } from '../../../src/ports/redemption-store.ts';
import type { OpenStoreUnderTest } from '../store-under-test.ts';
import { planted, type Parts } from './spoil.ts';

/** Gives the first answer to a repeated request, and pays its vendor again. */
export const openPaysReplays: OpenStoreUnderTest = planted((good, parts) => ({
  ...good,
  async redeemCoupons(requests) {
    const answers = await good.redeemCoupons(requests);
    for (const answer of answers) {
      if (answer.kind !== 'replayed' || answer.outcome.kind !== 'redeemed') continue;
      payAgain(parts, answer.outcome.redemption);
    }
    return answers;
  },
}));

/** Undoes a redemption without looking whether it was undone before. */
export const openReversesUnchecked: OpenStoreUnderTest = planted((good, { tables }) => ({
  ...good,
  reverseRedemption(id, origin) {
    const row = tables.redemptions.get(id);
    if (row?.redemption.status === 'reversed') {
      const redemption = { ...row.redemption, status: 'redeemed' } as const;
      tables.redemptions.set(id, { ...row, redemption });
    }
    return good.reverseRedemption(id, origin);
  },
}));

/** Reads the balance, lets others have their turn, and pays on what it had read. */
export const openPaysOutLate: OpenStoreUnderTest = planted((good, parts) => ({
  ...good,
  async payOut(command, origin) {
    const { tables, clock } = parts;
    const vendor = tables.vendors.get(command.vendorId);
    const currency = command.amount.currency ?? vendor?.balance.currency;
    if (vendor === undefined || currency !== vendor.balance.currency) {
      return good.payOut(command, origin);
    }
    const decision = decidePayout(vendor.balance.amount, command.amount.amount);
    await good.probe();
    return commit(tables, () =>
      once(tables, origin, clock.nowMs(), (): PayOutOutcome =>
        decision === 'pay' ? paid(parts, command, currency, origin.traceparent) : refused(decision),
      ),
    );
  },
}));

/** Uses a coupon at any time, as long as nobody has marked it as expired. */
export const openIgnoresExpiry: OpenStoreUnderTest = planted((good, { tables }) => ({
  ...good,
  redeemCoupons: (requests) =>
    withoutExpiry(
      tables,
      requests.map((request) => findCoupon(tables, request.coupon)),
      () => good.redeemCoupons(requests),
    ),
  decideAcceptedRedemptions: (countMax) =>
    withoutExpiry(tables, [...tables.coupons.values()], () =>
      good.decideAcceptedRedemptions(countMax),
    ),
}));

/** Reads whether a coupon is free, lets others have their turn, and uses it on what it had read. */
export const openChecksThenUses: OpenStoreUnderTest = planted((good, { tables }) => ({
  ...good,
  async redeemCoupons(requests) {
    const read = requests.map((request) => findCoupon(tables, request.coupon));
    await Promise.resolve();
    for (const coupon of read) if (coupon !== null) tables.coupons.set(coupon.id, coupon);
    return good.redeemCoupons(requests);
  },
}));

/** Posts a payout to the vendor's account and forgets where the money went. */
export const openPostsOneSide: OpenStoreUnderTest = planted((good, { tables }) => ({
  ...good,
  async payOut(command, origin) {
    const answer = await good.payOut(command, origin);
    const last = tables.transactions.at(-1);
    if (last?.type === 'payout') {
      const postings = last.postings.filter((posting) => posting.account === 'vendor');
      tables.transactions.splice(-1, 1, { ...last, postings });
    }
    return answer;
  },
}));

function payAgain({ tables, clock }: Parts, { id, vendorId, reimbursement }: Redemption): void {
  const movement = { type: 'redemption', vendorId, redemptionId: id, payoutId: null } as const;
  const postings = redemptionPostings(reimbursement!.amount);
  const transaction = transactionOf(tables, movement, postings, clock.nowMs());
  commit(tables, () => post(tables, transaction, null));
}

function paid(
  { tables, clock }: Parts,
  { id, vendorId, amount: { amount } }: PayOut,
  currency: string,
  traceparent: string | null,
): PayOutOutcome {
  const payout = { id, vendorId, amount: { amount, currency }, createdAtMs: clock.nowMs() };
  tables.payouts.set(id, payout);
  const movement = { type: 'payout', vendorId, redemptionId: null, payoutId: id } as const;
  const transaction = transactionOf(tables, movement, payoutPostings(amount), clock.nowMs());
  post(tables, transaction, traceparent);
  return { kind: 'paid', payout };
}

function refused(code: 'insufficient-balance'): PayOutOutcome {
  return { kind: 'refused', code };
}

/** Runs an effect on coupons that have no expiry for so long. */
async function withoutExpiry<Result>(
  tables: MemoryTables,
  coupons: readonly (Coupon | null)[],
  effect: () => Promise<Result>,
): Promise<Result> {
  const expiring = coupons.filter((coupon) => coupon !== null);
  for (const { id } of expiring) setExpiry(tables, id, null);
  // The effect itself is over when the promise is given, and before anyone else has a turn.
  const result = effect();
  for (const { id, expiresAtMs } of expiring) setExpiry(tables, id, expiresAtMs);
  return result;
}

function setExpiry(tables: MemoryTables, id: string, expiresAtMs: number | null): void {
  tables.coupons.set(id, { ...tables.coupons.get(id)!, expiresAtMs });
}
