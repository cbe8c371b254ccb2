import type {
  LaterRefusalCode,
  RedemptionRefusalCode,
} from '../domain/coupon/decide-redemption.ts';
import type { TransactionType } from '../domain/ledger/ledger.ts';
import type { Money } from '../domain/money.ts';
import type { Answer, Origin, PageRequest, PageResult } from './store.ts';

/** The part of the record that uses coupons and pays vendors; see `Store` for what it promises. */
export interface RedemptionStore {
  /**
   * Decides uses of coupons with `decideRedemption`, in the order given, in one transaction: marks
   * the coupon, raises the campaign's counter, posts to the ledger, tells of it (`coupon.redeemed`,
   * and `vendor.credited` if the vendor gets anything). A use that is refused, by the limit of an
   * account's balance too (`decidePostings`), leaves the others as they are. What `consumesKey`
   * says no of leaves its idempotency key free.
   */
  redeemCoupons(requests: readonly RedeemRequest[]): Promise<readonly Answer<RedeemOutcome>[]>;
  /**
   * Writes uses down, to be decided later, in the order given. One that lacks the order amount that
   * its coupon needs is refused here already, and its idempotency key left free.
   */
  acceptRedemptions(
    requests: readonly RedeemRequest[],
  ): Promise<readonly Answer<AcceptRedemptionOutcome>[]>;
  /** Decides the oldest accepted uses that are still queued, at most `countMax` of them. */
  decideAcceptedRedemptions(countMax: number): Promise<readonly Redemption[]>;
  /**
   * Undoes a redemption: the coupon can be used again, the ledger gets the opposite postings, told
   * by `redemption.reversed` (and `vendor.debited`). One of several at once succeeds. Refused if an
   * account's balance would pass its limit by it.
   */
  reverseRedemption(id: string, origin: Origin): Promise<Answer<ReverseOutcome>>;
  /** Pays a vendor out; the balance never falls below zero by it. Told by `vendor.debited`. */
  payOut(command: PayOut, origin: Origin): Promise<Answer<PayOutOutcome>>;
  /** Marks coupons whose time has passed as expired, the longest overdue first; gives how many. */
  expireCoupons(countMax: number): Promise<number>;

  redemption(id: string): Promise<Redemption | null>;
  /** A vendor's ledger entries, newest first; `vendor-not-found` if there is no such vendor. */
  entries(
    vendorId: string,
    page: PageRequest,
  ): Promise<PageResult<LedgerEntry> | 'vendor-not-found'>;
}

export interface RedeemRequest {
  /** The id that the redemption gets. */
  readonly id: string;
  /** The coupon's id or code. */
  readonly coupon: string;
  /** What the order comes to; null if the caller did not say. */
  readonly orderAmount: OrderAmount | null;
  /** The caller's own word for it. */
  readonly reference: string | null;
  readonly origin: Origin;
}

/** Without a currency, the coupon's is meant. */
export interface OrderAmount {
  readonly amount: number;
  readonly currency: string | null;
}

export type RedeemOutcome =
  | { readonly kind: 'redeemed'; readonly redemption: Redemption }
  | { readonly kind: 'refused'; readonly code: RedemptionRefusalCode | 'coupon-not-found' };

export type AcceptRedemptionOutcome =
  | { readonly kind: 'accepted'; readonly redemption: Redemption }
  | { readonly kind: 'refused'; readonly code: 'coupon-not-found' | 'order-amount-needed' };

/** The use of a coupon. */
export interface Redemption {
  readonly id: string;
  readonly couponId: string;
  readonly campaignId: string;
  readonly vendorId: string;
  readonly userId: string;
  /** `queued` and `refused` are met only in uses that were accepted to be decided later. */
  readonly status: 'queued' | 'redeemed' | 'refused' | 'reversed';
  /** With `refused`. */
  readonly code: LaterRefusalCode | null;
  readonly orderAmount: Money | null;
  /** What was taken off; null while queued and when refused. */
  readonly discount: Money | null;
  /** What the vendor was paid; null while queued and when refused. */
  readonly reimbursement: Money | null;
  readonly reference: string | null;
  readonly createdAtMs: number;
  readonly reversedAtMs: number | null;
}

export type ReverseOutcome =
  | { readonly kind: 'reversed'; readonly redemption: Redemption }
  | {
      readonly kind: 'refused';
      readonly code:
        | 'redemption-not-found'
        | 'already-reversed'
        | 'redemption-not-completed'
        | 'balance-limit-reached';
    };

export interface PayOut {
  readonly id: string;
  readonly vendorId: string;
  readonly amount: OrderAmount;
}

export type PayOutOutcome =
  | { readonly kind: 'paid'; readonly payout: Payout }
  | {
      readonly kind: 'refused';
      readonly code: 'vendor-not-found' | 'insufficient-balance' | 'currency-mismatch';
    };

export interface Payout {
  readonly id: string;
  readonly vendorId: string;
  readonly amount: Money;
  readonly createdAtMs: number;
}

/** One posting to a vendor's account. Never changed and never taken away. */
export interface LedgerEntry {
  readonly id: string;
  readonly vendorId: string;
  readonly type: TransactionType;
  /** What was added to the account; negative for what was taken away. */
  readonly amount: Money;
  /** The account's balance with this entry. */
  readonly balanceAfter: Money;
  /** Of redemptions and reversals. */
  readonly redemptionId: string | null;
  /** Of payouts. */
  readonly payoutId: string | null;
  readonly createdAtMs: number;
}
