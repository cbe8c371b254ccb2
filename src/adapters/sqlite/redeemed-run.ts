import type { NewEvent } from '../../domain/campaign/campaign-events.ts';
import { couponRedeemed, vendorMoved } from '../../domain/coupon/redemption-events.ts';

/**
 * The uses of coupons that one transaction carried out, as one row of the log holds them: for each
 * use a coupon.redeemed event, and the vendor.credited event right behind it if the vendor got
 * anything. Kept short, because every byte of it is synced before a use is answered.
 */
export interface RedeemedRun {
  /** What the uses have in common. */
  readonly terms: readonly ToldTerms[];
  readonly uses: readonly ToldUse[];
}

export interface ToldTerms {
  readonly campaignId: string;
  readonly vendorId: string;
  readonly currency: string;
}

export type ToldUse = readonly [
  /** An index into `terms`. */
  terms: number,
  redemptionId: string,
  couponId: string,
  userId: string,
  orderMinor: number | null,
  discountMinor: number,
  reimbursementMinor: number,
  /** The vendor's balance; 0 where the vendor got nothing. */
  balanceAfterMinor: number,
  reference: string | null,
  traceparent: string | null,
];

/** The events that a run stands for, in the order of their positions. */
export function eventsOfRun({ terms, uses }: RedeemedRun, timeMs: number): NewEvent[] {
  return uses.flatMap((use) => eventsOfUse(use, terms[use[0]]!, timeMs));
}

/** How many events tell of a use. */
export function eventCount(reimbursementMinor: number): number {
  return reimbursementMinor === 0 ? 1 : 2;
}

function eventsOfUse(use: ToldUse, terms: ToldTerms, timeMs: number): NewEvent[] {
  const [, id, couponId, userId, order, discount, reimbursement, balance, reference, trace] = use;
  const { campaignId, vendorId, currency } = terms;
  const money = (amount: number) => ({ amount, currency });
  const redeemed = couponRedeemed(
    {
      ...{ id, couponId, campaignId, vendorId, userId, reference },
      orderAmount: order === null ? null : money(order),
      discount: money(discount),
      reimbursement: money(reimbursement),
    },
    timeMs,
    trace,
  );
  if (reimbursement === 0) return [redeemed];
  const moved = {
    vendorId,
    type: 'redemption',
    amount: money(reimbursement),
    balanceAfter: money(balance),
    redemptionId: id,
    payoutId: null,
  } as const;
  return [redeemed, vendorMoved(moved, timeMs, trace)];
}
