/** What a coupon takes off the price. Amounts are minor units of `currency`. */
export type Discount =
  | { readonly type: 'fixed'; readonly amount: number; readonly currency: string }
  | {
      readonly type: 'percent';
      /** 1 to 100. */
      readonly percent: number;
      /** The most that is taken off, in minor units. */
      readonly maxAmount?: number;
      readonly currency: string;
    };

/** The part of a campaign that decides claims. */
export interface ClaimTerms {
  /** How many coupons there are in all. */
  readonly quantity: number;
  /** How many of them one user may hold. */
  readonly perUserLimit: number;
  /** Milliseconds since 1970, or null for "from the beginning". */
  readonly startsAtMs: number | null;
  /** Milliseconds since 1970, or null for "without end". */
  readonly endsAtMs: number | null;
  readonly paused: boolean;
}

/** One kind of coupon. */
export interface Campaign extends ClaimTerms {
  readonly id: string;
  readonly vendorId: string;
  readonly title: string;
  readonly discount: Discount;
  /** ISO 8601 duration from issue to expiry, or null for "never expires". */
  readonly couponValidFor: string | null;
  /** The part of the discount that the vendor is paid on use, in 1/10,000. */
  readonly reimbursementBps: number;
  readonly issued: number;
  readonly redeemed: number;
  readonly createdAtMs: number;
}

export type CampaignStatus = 'scheduled' | 'open' | 'paused' | 'soldOut' | 'ended';

export const QUANTITY_DEFAULT = 100;
export const QUANTITY_MAX = 10_000_000;
export const PER_USER_LIMIT_DEFAULT = 1;
export const PER_USER_LIMIT_MAX = 1_000;
export const REIMBURSEMENT_BPS_DEFAULT = 1_000;

/** What stands in the way of a claim of a new user, said as the campaign's status. */
export function campaignStatus(terms: ClaimTerms, issued: number, nowMs: number): CampaignStatus {
  if (terms.startsAtMs !== null && nowMs < terms.startsAtMs) return 'scheduled';
  if (terms.paused) return 'paused';
  if (terms.endsAtMs !== null && nowMs >= terms.endsAtMs) return 'ended';
  if (issued >= terms.quantity) return 'soldOut';
  return 'open';
}
