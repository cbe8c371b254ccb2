import type { Campaign, Discount } from '../../domain/campaign/campaign.ts';
import type { Coupon, CouponStatus } from '../../domain/coupon/coupon.ts';
import type { TransactionType } from '../../domain/ledger/ledger.ts';
import type { Money } from '../../domain/money.ts';
import type { Redemption } from '../../ports/redemption-store.ts';
import type { Vendor } from '../../ports/store.ts';
import type { CouponNames } from './coupon-names.ts';

/** What SQLite gives for one row. */
export type Row = Record<string, unknown>;

/** In the order of their numbers in the `status` column. */
export const COUPON_STATUSES: readonly CouponStatus[] = ['issued', 'held', 'redeemed', 'expired'];

/** In the order of their numbers in the `status` column. */
export const REDEMPTION_STATUSES: readonly Redemption['status'][] = [
  'queued',
  'redeemed',
  'refused',
  'reversed',
];

/** In the order of their numbers in the `type` columns. */
export const TRANSACTION_TYPES: readonly TransactionType[] = ['redemption', 'reversal', 'payout'];

export function vendorOf(row: Row): Vendor {
  return {
    id: row['id'] as string,
    name: row['name'] as string,
    balance: {
      amount: (row['balance'] as number | null) ?? 0,
      currency: row['currency'] as string,
    },
    createdAtMs: row['createdAtMs'] as number,
  };
}

export function campaignOf(row: Row): Campaign {
  return {
    id: row['id'] as string,
    vendorId: row['vendorId'] as string,
    title: row['title'] as string,
    discount: JSON.parse(row['discount'] as string) as Discount,
    quantity: row['quantity'] as number,
    perUserLimit: row['perUserLimit'] as number,
    startsAtMs: row['startsAtMs'] as number | null,
    endsAtMs: row['endsAtMs'] as number | null,
    couponValidFor: row['couponValidFor'] as string | null,
    reimbursementBps: row['reimbursementBps'] as number,
    paused: row['paused'] === 1,
    issued: row['issued'] as number,
    redeemed: row['redeemed'] as number,
    createdAtMs: row['createdAtMs'] as number,
  };
}

export function couponOf(row: Row, names: CouponNames): Coupon {
  const number = { campaignNo: row['campaignNo'] as number, sequence: row['sequence'] as number };
  return {
    id: names.id(number),
    campaignId: row['campaignId'] as string,
    userId: row['userId'] as string,
    sequence: number.sequence,
    code: names.code(number),
    status: COUPON_STATUSES[row['status'] as number]!,
    issuedAtMs: row['issuedAtMs'] as number,
    expiresAtMs: row['expiresAtMs'] as number | null,
  };
}

export function redemptionOf(row: Row, names: CouponNames): Redemption {
  const { currency } = JSON.parse(row['terms'] as string) as Discount;
  const number = { campaignNo: row['campaignNo'] as number, sequence: row['sequence'] as number };
  const money = (amount: unknown, of = currency): Money | null =>
    amount === null ? null : { amount: amount as number, currency: of };
  return {
    id: row['id'] as string,
    couponId: names.id(number),
    campaignId: row['campaignId'] as string,
    vendorId: row['vendorId'] as string,
    userId: row['userId'] as string,
    status: REDEMPTION_STATUSES[row['status'] as number]!,
    code: row['code'] as Redemption['code'],
    orderAmount: money(row['orderAmount'], (row['orderCurrency'] as string | null) ?? currency),
    discount: money(row['discount']),
    reimbursement: money(row['reimbursement']),
    reference: row['reference'] as string | null,
    createdAtMs: row['createdAtMs'] as number,
    reversedAtMs: row['reversedAtMs'] as number | null,
  };
}
