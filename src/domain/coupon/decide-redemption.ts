import type { Discount } from '../campaign/campaign.ts';
import { couponStatus, type Coupon } from './coupon.ts';
import { discountMinor, reimbursementMinor } from './discount.ts';

/** Why a known coupon cannot be used, in order of precedence. */
export type RedemptionRefusalCode =
  | 'coupon-already-redeemed'
  | 'coupon-held'
  | 'coupon-expired'
  | 'currency-mismatch'
  | 'order-amount-needed'
  /** Of `decidePostings`, which is asked once all else allows the use. */
  | 'balance-limit-reached';

/** Why a use that was accepted can be refused later. None is accepted without what it needs. */
export type LaterRefusalCode = Exclude<RedemptionRefusalCode, 'order-amount-needed'>;

export type RedemptionDecision =
  | {
      readonly kind: 'redeem';
      /** What is taken off the order, minor units. */
      readonly discountMinor: number;
      /** What the vendor is paid, minor units. */
      readonly reimbursementMinor: number;
    }
  | { readonly kind: 'refuse'; readonly code: RedemptionRefusalCode };

/**
 * Whether the outcome of a use, or of its acceptance, belongs to its idempotency key from now on.
 * A request that lacks something does not consume its key: it can be sent again, completed.
 */
export function consumesKey(outcome: { readonly kind: string; readonly code?: string }): boolean {
  return outcome.code !== 'order-amount-needed';
}

/**
 * Decides the use of a coupon. Every engine asks this function inside its own transaction, with the
 * coupon as it read it there.
 *
 * @param orderAmount  what the order comes to, in the campaign's currency if none is said; a coupon
 *   of a fixed amount can do without
 * @param nowMs  the record's clock, milliseconds since 1970
 */
export function decideRedemption(
  coupon: Pick<Coupon, 'status' | 'expiresAtMs'>,
  terms: { readonly discount: Discount; readonly reimbursementBps: number },
  orderAmount: { readonly amount: number; readonly currency: string | null } | null,
  nowMs: number,
): RedemptionDecision {
  const status = couponStatus(coupon, nowMs);
  switch (status) {
    case 'redeemed':
      return { kind: 'refuse', code: 'coupon-already-redeemed' };
    case 'held':
      return { kind: 'refuse', code: 'coupon-held' };
    case 'expired':
      return { kind: 'refuse', code: 'coupon-expired' };
    case 'issued':
      break;
  }
  const currency = orderAmount?.currency ?? terms.discount.currency;
  if (currency !== terms.discount.currency) {
    return { kind: 'refuse', code: 'currency-mismatch' };
  }
  const discounted = discountMinor(terms.discount, orderAmount?.amount ?? null);
  if (discounted === null) return { kind: 'refuse', code: 'order-amount-needed' };
  return {
    kind: 'redeem',
    discountMinor: discounted,
    reimbursementMinor: reimbursementMinor(discounted, terms.reimbursementBps),
  };
}
