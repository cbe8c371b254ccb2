import { couponStatus, type Coupon } from '../../domain/coupon/coupon.ts';
import { decideRedemption } from '../../domain/coupon/decide-redemption.ts';
import { needsOrderAmount } from '../../domain/coupon/discount.ts';
import { couponRedeemed, redemptionReversed } from '../../domain/coupon/redemption-events.ts';
import {
  decidePayout,
  payoutPostings,
  redemptionPostings,
  reversalPostings,
  type Posting,
} from '../../domain/ledger/ledger.ts';
import type {
  AcceptRedemptionOutcome,
  PayOut,
  PayOutOutcome,
  RedeemOutcome,
  RedeemRequest,
  Redemption,
  ReverseOutcome,
} from '../../ports/redemption-store.ts';
import { decideMovement, post, transactionOf, type LedgerTransaction } from './ledger.ts';
import { appendEvent, findCoupon, type MemoryTables, type RedemptionRow } from './tables.ts';

/** Decides the use of a coupon on what the tables hold now, and writes what follows from it. */
export function redeem(tables: MemoryTables, request: RedeemRequest, nowMs: number): RedeemOutcome {
  const coupon = findCoupon(tables, request.coupon);
  if (coupon === null) return { kind: 'refused', code: 'coupon-not-found' };
  const { traceparent } = request.origin;
  const decided = decide(tables, asked(tables, request, coupon, nowMs), nowMs, traceparent);
  if (decided === 'order-amount-needed') return { kind: 'refused', code: decided };
  return decided.code === null
    ? { kind: 'redeemed', redemption: decided }
    : { kind: 'refused', code: decided.code };
}

/** Writes a use down; the queue is the order of these rows. */
export function acceptRedemption(
  tables: MemoryTables,
  request: RedeemRequest,
  nowMs: number,
): AcceptRedemptionOutcome {
  const coupon = findCoupon(tables, request.coupon);
  if (coupon === null) return { kind: 'refused', code: 'coupon-not-found' };
  const { discount } = tables.campaigns.get(coupon.campaignId)!;
  if (request.orderAmount === null && needsOrderAmount(discount)) {
    return { kind: 'refused', code: 'order-amount-needed' };
  }
  const redemption = asked(tables, request, coupon, nowMs);
  const { traceparent } = request.origin;
  tables.redemptions.set(redemption.id, { redemption, traceparent });
  return { kind: 'accepted', redemption };
}

/** Decides a use that was accepted earlier, and writes the decision into its row. */
export function decideAcceptedRedemption(
  tables: MemoryTables,
  { redemption, traceparent }: RedemptionRow,
  nowMs: number,
): Redemption {
  const decided = decide(tables, redemption, nowMs, traceparent);
  if (decided === 'order-amount-needed') {
    throw new Error(`redemption ${redemption.id} was accepted without an order amount`);
  }
  tables.redemptions.set(decided.id, { redemption: decided, traceparent });
  return decided;
}

export function reverse(
  tables: MemoryTables,
  id: string,
  nowMs: number,
  traceparent: string | null,
): ReverseOutcome {
  const row = tables.redemptions.get(id);
  if (row === undefined) return { kind: 'refused', code: 'redemption-not-found' };
  switch (row.redemption.status) {
    case 'reversed':
      return { kind: 'refused', code: 'already-reversed' };
    case 'queued':
    case 'refused':
      return { kind: 'refused', code: 'redemption-not-completed' };
    case 'redeemed':
      break;
  }
  const redemption: Redemption = { ...row.redemption, status: 'reversed', reversedAtMs: nowMs };
  const { discount, reimbursement } = redemption;
  if (discount === null || reimbursement === null) throw new Error(`${id} was never decided`);
  const postings = reversalPostings(reimbursement.amount);
  const decision = decideMovement(tables, redemption.vendorId, postings);
  if (decision !== 'post') return { kind: 'refused', code: decision };
  const transaction = movedBy(tables, 'reversal', redemption, postings, nowMs);
  tables.redemptions.set(id, { ...row, redemption });
  const coupon = tables.coupons.get(redemption.couponId)!;
  // Back as it was, unless its time has passed meanwhile.
  const status = couponStatus({ ...coupon, status: 'issued' }, nowMs);
  tables.coupons.set(coupon.id, { ...coupon, status });
  countRedeemed(tables, redemption.campaignId, -1);
  appendEvent(
    tables,
    redemptionReversed({ ...redemption, discount, reimbursement }, nowMs, traceparent),
  );
  if (transaction !== null) post(tables, transaction, traceparent);
  return { kind: 'reversed', redemption };
}

export function payOut(
  tables: MemoryTables,
  { id, vendorId, amount }: PayOut,
  nowMs: number,
  traceparent: string | null,
): PayOutOutcome {
  if (tables.payouts.has(id)) throw new Error(`payout ${id} exists already`);
  const vendor = tables.vendors.get(vendorId);
  if (vendor === undefined) return { kind: 'refused', code: 'vendor-not-found' };
  const { balance } = vendor;
  const paid = { amount: amount.amount, currency: amount.currency ?? balance.currency };
  if (paid.currency !== balance.currency) return { kind: 'refused', code: 'currency-mismatch' };
  const decision = decidePayout(balance.amount, paid.amount);
  if (decision !== 'pay') return { kind: 'refused', code: decision };
  const payout = { id, vendorId, amount: paid, createdAtMs: nowMs };
  const movement = { type: 'payout', vendorId, redemptionId: null, payoutId: id } as const;
  const transaction = transactionOf(tables, movement, payoutPostings(paid.amount), nowMs);
  tables.payouts.set(id, payout);
  post(tables, transaction, traceparent);
  return { kind: 'paid', payout };
}

/** Marks coupons whose time has passed, the longest overdue first; gives how many. */
export function expire(tables: MemoryTables, countMax: number, nowMs: number): number {
  const due = [...tables.coupons.values()]
    .filter((coupon) => coupon.status === 'issued' && couponStatus(coupon, nowMs) === 'expired')
    .sort((a, b) => a.expiresAtMs! - b.expiresAtMs!)
    .slice(0, countMax);
  for (const coupon of due) tables.coupons.set(coupon.id, { ...coupon, status: 'expired' });
  return due.length;
}

/** Writes a use that is allowed; of one that is not, nothing is written here. */
function decide(
  tables: MemoryTables,
  queued: Redemption,
  nowMs: number,
  traceparent: string | null,
): Redemption | 'order-amount-needed' {
  const coupon = tables.coupons.get(queued.couponId)!;
  const campaign = tables.campaigns.get(queued.campaignId)!;
  const decision = decideRedemption(coupon, campaign, queued.orderAmount, nowMs);
  if (decision.kind === 'refuse') {
    const { code } = decision;
    return code === 'order-amount-needed' ? code : { ...queued, status: 'refused', code };
  }
  const { currency } = campaign.discount;
  const discount = { amount: decision.discountMinor, currency };
  const reimbursement = { amount: decision.reimbursementMinor, currency };
  const redemption = { ...queued, status: 'redeemed', discount, reimbursement } as const;
  const postings = redemptionPostings(reimbursement.amount);
  const posting = decideMovement(tables, queued.vendorId, postings);
  if (posting !== 'post') return { ...queued, status: 'refused', code: posting };
  const transaction = movedBy(tables, 'redemption', redemption, postings, nowMs);
  tables.redemptions.set(redemption.id, { redemption, traceparent });
  tables.coupons.set(coupon.id, { ...coupon, status: 'redeemed' });
  countRedeemed(tables, campaign.id, 1);
  appendEvent(tables, couponRedeemed(redemption, nowMs, traceparent));
  if (transaction !== null) post(tables, transaction, traceparent);
  return redemption;
}

/** The use that is asked for, before anything is decided; nothing is written. */
function asked(
  tables: MemoryTables,
  { id, orderAmount, reference }: RedeemRequest,
  coupon: Coupon,
  nowMs: number,
): Redemption {
  if (tables.redemptions.has(id)) throw new Error(`redemption ${id} exists already`);
  const { id: campaignId, vendorId, discount } = tables.campaigns.get(coupon.campaignId)!;
  const order = orderAmount && {
    amount: orderAmount.amount,
    currency: orderAmount.currency ?? discount.currency,
  };
  return {
    id,
    couponId: coupon.id,
    campaignId,
    vendorId,
    userId: coupon.userId,
    status: 'queued',
    code: null,
    orderAmount: order,
    discount: null,
    reimbursement: null,
    reference,
    createdAtMs: nowMs,
    reversedAtMs: null,
  };
}

function countRedeemed(tables: MemoryTables, campaignId: string, change: 1 | -1): void {
  const campaign = tables.campaigns.get(campaignId)!;
  tables.campaigns.set(campaignId, { ...campaign, redeemed: campaign.redeemed + change });
}

/** The transaction of a redemption or its reversal; none if the vendor gets nothing of it. */
function movedBy(
  tables: MemoryTables,
  type: 'redemption' | 'reversal',
  { id, vendorId }: Redemption,
  postings: readonly Posting[],
  nowMs: number,
): LedgerTransaction | null {
  if (postings.every((posting) => posting.amountMinor === 0)) return null;
  const movement = { type, vendorId, redemptionId: id, payoutId: null };
  return transactionOf(tables, movement, postings, nowMs);
}
