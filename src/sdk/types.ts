import type { ProblemCode } from '../contract/problems.ts';

/** An amount of money in the currency's minor units. */
export interface Money {
  readonly amount: number;
  /** ISO 4217. */
  readonly currency: string;
}

export interface Vendor {
  readonly object: 'vendor';
  readonly id: string;
  readonly name: string;
  readonly balance: Money;
  /** RFC 3339, UTC. */
  readonly createdAt: string;
}

export interface NewVendor {
  readonly name: string;
  /** ISO 4217; KRW unless set. */
  readonly currency?: string;
}

export type Discount =
  | { readonly type: 'fixed'; readonly amount: number; readonly currency: string }
  | {
      readonly type: 'percent';
      readonly percent: number;
      readonly maxAmount?: number;
      readonly currency: string;
    };

export type CampaignStatus = 'scheduled' | 'open' | 'paused' | 'soldOut' | 'ended';

export interface Campaign {
  readonly object: 'campaign';
  readonly id: string;
  readonly vendorId: string;
  readonly title: string;
  readonly discount: Discount;
  readonly status: CampaignStatus;
  readonly quantity: number;
  readonly issued: number;
  readonly remaining: number;
  readonly redeemed: number;
  readonly perUserLimit: number;
  /** RFC 3339, UTC; null for "from the beginning". */
  readonly startsAt: string | null;
  /** Null for "without end". */
  readonly endsAt: string | null;
  /** ISO 8601 duration from issue to expiry; null for "for ever". */
  readonly couponValidFor: string | null;
  readonly reimbursementBps: number;
  readonly createdAt: string;
}

export interface NewCampaign {
  readonly vendorId: string;
  readonly title: string;
  readonly discount: Discount;
  /** 1 to 10,000,000; 100 unless set. */
  readonly quantity?: number;
  /** 1 unless set. */
  readonly perUserLimit?: number;
  readonly startsAt?: string | null;
  readonly endsAt?: string | null;
  readonly couponValidFor?: string | null;
  /** The part of the discount that the vendor is paid on use, in 1/10,000. */
  readonly reimbursementBps?: number;
}

export interface CampaignPatch {
  readonly title?: string;
  readonly status?: 'paused' | 'open';
  /** Never below `issued`. */
  readonly quantity?: number;
  /** Null takes the end away. */
  readonly endsAt?: string | null;
}

export interface Coupon {
  readonly object: 'coupon';
  readonly id: string;
  readonly campaignId: string;
  readonly userId: string;
  /** 1 to the campaign's quantity, in the order of decisions. */
  readonly sequence: number;
  readonly code: string;
  readonly status: 'issued' | 'held' | 'redeemed' | 'expired';
  readonly createdAt: string;
  /** Null: never. */
  readonly expiresAt: string | null;
}

/** An asynchronous claim. */
export interface Claim {
  readonly object: 'claim';
  readonly id: string;
  readonly campaignId: string;
  readonly userId: string;
  readonly status: 'queued' | 'issued' | 'refused';
  /** When issued. */
  readonly coupon?: Coupon;
  /** When refused. */
  readonly code?: ProblemCode;
  /** With `already-claimed`: what this user holds. */
  readonly couponIds?: readonly string[];
  readonly createdAt: string;
}

/** What a use of a coupon says. */
export interface NewRedemption {
  /** What the order comes to; a number alone is minor units in the coupon’s currency. */
  readonly orderAmount?: number | Money;
  /** Your own word for it, 255 characters at most. */
  readonly reference?: string;
}

/** The use of a coupon. */
export interface Redemption {
  readonly object: 'redemption';
  readonly id: string;
  readonly couponId: string;
  readonly campaignId: string;
  readonly vendorId: string;
  readonly userId: string;
  /** `queued` and `refused` are of asynchronous redemptions. */
  readonly status: 'queued' | 'redeemed' | 'refused' | 'reversed';
  /** When refused. */
  readonly code?: ProblemCode;
  readonly orderAmount: Money | null;
  /** What was taken off; null while queued and when refused. */
  readonly discount: Money | null;
  /** What the vendor was paid; null while queued and when refused. */
  readonly reimbursement: Money | null;
  readonly reference: string | null;
  readonly createdAt: string;
  readonly reversedAt: string | null;
}

export interface Payout {
  readonly object: 'payout';
  readonly id: string;
  readonly vendorId: string;
  readonly amount: Money;
  readonly createdAt: string;
}

/** A line of a vendor’s ledger. */
export interface Entry {
  readonly object: 'entry';
  readonly id: string;
  readonly vendorId: string;
  readonly type: 'redemption' | 'reversal' | 'payout';
  /** What was added to the balance; negative for what was taken away. */
  readonly amount: Money;
  readonly balanceAfter: Money;
  readonly redemptionId: string | null;
  readonly payoutId: string | null;
  readonly createdAt: string;
}

export type BatchResult =
  | { readonly userId: string; readonly coupon: Coupon; readonly code?: undefined }
  | { readonly userId: string; readonly code: ProblemCode; readonly coupon?: undefined };

/** A fact that happened, as a CloudEvent 1.0. */
export interface CloudEvent {
  readonly specversion: '1.0';
  readonly id: string;
  readonly source: '/firstcome';
  /** `dev.firstcome.NAME.v1`. */
  readonly type: string;
  readonly subject: string;
  readonly time: string;
  /** Events with the same one stay in their order. */
  readonly partitionkey: string;
  readonly traceparent?: string;
  readonly datacontenttype: 'application/json';
  readonly data: Readonly<Record<string, unknown>>;
}

export interface Audit {
  readonly ok: boolean;
  readonly checks: readonly AuditCheck[];
}

export interface AuditCheck {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
}

export interface Page<Item> {
  readonly data: readonly Item[];
  /** Pass it as `cursor` for the next page; null on the last. */
  readonly nextCursor: string | null;
}

export interface PageQuery {
  /** 1 to 100; 20 unless set. */
  readonly limit?: number;
  readonly cursor?: string;
}

/** What a call came to. Refusals are values: branch on `ok`, then on `code`. */
export type Result<Value> = Success<Value> | Refusal;

export interface Success<Value> {
  readonly ok: true;
  readonly value: Value;
  readonly status: number;
  readonly requestId: string | null;
  /** Whether the server gave the first answer to this idempotency key again. */
  readonly replayed: boolean;
}

export interface Refusal {
  readonly ok: false;
  /** A code of the catalogue, or one of the client's own for answers that never came. */
  readonly code: ProblemCode | ClientCode;
  /** Whether the same call can succeed later. */
  readonly retryable: boolean;
  /** HTTP status; 0 when there was no answer. */
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly requestId: string | null;
  /** How long the server asks to wait. */
  readonly retryAfterMs: number | null;
  /** With `invalid-request`. */
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[];
  /** With `already-claimed`: what this user holds. */
  readonly couponIds?: readonly string[];
  readonly startsAt?: string;
  readonly endsAt?: string;
}

/** `unreachable`: there was no answer. `unexpected-answer`: what answered is no firstcome. */
export type ClientCode = 'unreachable' | 'unexpected-answer';
