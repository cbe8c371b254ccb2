export type CouponStatus = 'issued' | 'held' | 'redeemed' | 'expired';

/** One issued coupon. */
export interface Coupon {
  readonly id: string;
  readonly campaignId: string;
  readonly userId: string;
  /** 1 to the campaign's quantity, in the order of decisions, without gap or repeat. */
  readonly sequence: number;
  /** What its owner shows; it cannot be guessed from other coupons. */
  readonly code: string;
  readonly status: CouponStatus;
  readonly issuedAtMs: number;
  /** Null: never expires. */
  readonly expiresAtMs: number | null;
}

/**
 * The status to show: a coupon whose time has passed is expired though nobody wrote it down yet.
 */
export function couponStatus(
  coupon: Pick<Coupon, 'status' | 'expiresAtMs'>,
  nowMs: number,
): CouponStatus {
  const isOver = coupon.expiresAtMs !== null && nowMs >= coupon.expiresAtMs;
  return isOver && coupon.status === 'issued' ? 'expired' : coupon.status;
}
