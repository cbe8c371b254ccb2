import type { Discount } from '../campaign/campaign.ts';

const PERCENT = 100n;
const BPS = 10_000n;

/**
 * What a coupon takes off an order, in minor units: never more than the order comes to. Parts of a
 * minor unit are dropped (rounded towards zero), so that a discount never exceeds what was
 * promised.
 *
 * @param orderMinor  what the order comes to, or null if nobody said; a percentage then has nothing
 *   to be taken of, and null comes back
 */
export function discountMinor(discount: Discount, orderMinor: number | null): number | null {
  switch (discount.type) {
    case 'fixed':
      return orderMinor === null ? discount.amount : Math.min(discount.amount, orderMinor);
    case 'percent': {
      if (orderMinor === null) return null;
      const part = Number((BigInt(orderMinor) * BigInt(discount.percent)) / PERCENT);
      return Math.min(part, discount.maxAmount ?? part, orderMinor);
    }
  }
}

/** Whether a discount cannot be worked out without knowing what the order comes to. */
export function needsOrderAmount(discount: Discount): boolean {
  return discount.type === 'percent';
}

/** The part of a discount that its vendor is paid, in minor units, rounded towards zero. */
export function reimbursementMinor(discountedMinor: number, reimbursementBps: number): number {
  return Number((BigInt(discountedMinor) * BigInt(reimbursementBps)) / BPS);
}
