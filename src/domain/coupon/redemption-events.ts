import type { NewEvent } from '../campaign/campaign-events.ts';
import type { TransactionType } from '../ledger/ledger.ts';
import type { Money } from '../money.ts';

/** A coupon's use that was carried out. */
export interface UsedCoupon {
  /** The redemption's id. */
  readonly id: string;
  readonly couponId: string;
  readonly campaignId: string;
  readonly vendorId: string;
  readonly userId: string;
  readonly orderAmount: Money | null;
  /** What was taken off. */
  readonly discount: Money;
  /** What the vendor was paid. */
  readonly reimbursement: Money;
  readonly reference: string | null;
}

/** What moved on a vendor's account. */
export interface VendorMovement {
  readonly vendorId: string;
  readonly type: TransactionType;
  /** What was added to the account; negative for what was taken away; never 0. */
  readonly amount: Money;
  readonly balanceAfter: Money;
  /** Of redemptions and reversals. */
  readonly redemptionId: string | null;
  /** Of payouts. */
  readonly payoutId: string | null;
}

/** A coupon was used. `vendor.credited` follows it at once, unless the vendor gets nothing. */
export function couponRedeemed(
  used: UsedCoupon,
  nowMs: number,
  traceparent: string | null,
): NewEvent {
  return {
    type: 'coupon.redeemed',
    subject: used.couponId,
    partitionKey: used.campaignId,
    timeMs: nowMs,
    traceparent,
    data: {
      redemptionId: used.id,
      couponId: used.couponId,
      campaignId: used.campaignId,
      vendorId: used.vendorId,
      userId: used.userId,
      orderAmount: used.orderAmount,
      discount: used.discount,
      reimbursement: used.reimbursement,
      reference: used.reference,
    },
  };
}

/** A use was undone. `vendor.debited` follows it at once, unless the vendor had got nothing. */
export function redemptionReversed(
  used: Omit<UsedCoupon, 'orderAmount' | 'reference'>,
  nowMs: number,
  traceparent: string | null,
): NewEvent {
  return {
    type: 'redemption.reversed',
    subject: used.id,
    partitionKey: used.campaignId,
    timeMs: nowMs,
    traceparent,
    data: {
      redemptionId: used.id,
      couponId: used.couponId,
      campaignId: used.campaignId,
      vendorId: used.vendorId,
      userId: used.userId,
      discount: used.discount,
      reimbursement: used.reimbursement,
    },
  };
}

/**
 * A vendor's balance grew (`vendor.credited`) or shrank (`vendor.debited`). The type of the event
 * says which way the money went, so the amount that it tells is always above zero.
 */
export function vendorMoved(
  moved: VendorMovement,
  nowMs: number,
  traceparent: string | null,
): NewEvent {
  const { amount, currency } = moved.amount;
  if (amount === 0) throw new Error(`nothing moved on the account of ${moved.vendorId}`);
  return {
    type: amount > 0 ? 'vendor.credited' : 'vendor.debited',
    subject: moved.vendorId,
    partitionKey: moved.vendorId,
    timeMs: nowMs,
    traceparent,
    data: {
      vendorId: moved.vendorId,
      amount: { amount: Math.abs(amount), currency },
      balanceAfter: moved.balanceAfter,
      type: moved.type,
      redemptionId: moved.redemptionId,
      payoutId: moved.payoutId,
    },
  };
}
