import type { Campaign, Discount } from '../domain/campaign/campaign.ts';
import type { ClaimRefusalCode } from '../domain/campaign/decide-claim.ts';
import type { CampaignChange, CampaignUpdateDecision } from '../domain/campaign/decide-update.ts';
import type { HolderFilter } from '../domain/campaign/holder-filter.ts';
import type { Coupon } from '../domain/coupon/coupon.ts';
import type { Money } from '../domain/money.ts';
import type { RedemptionStore } from './redemption-store.ts';

/**
 * The record: what was decided, durably. Every method that writes is one domain verb and one atomic
 * effect: when its promise resolves, the rows, the events and the idempotency keys of the call are
 * committed and on disk (or with the database's quorum). When it rejects with `StoreUnavailable`,
 * nothing was written; with `StoreBroken`, nobody knows, and the process must not go on.
 */
export interface Store extends RedemptionStore {
  registerVendor(command: RegisterVendor, origin: Origin): Promise<Answer<Vendor>>;
  createCampaign(command: CreateCampaign, origin: Origin): Promise<Answer<CreateCampaignOutcome>>;
  /**
   * Decides a change with `decideCampaignUpdate` and writes `campaign.updated` if anything changed.
   */
  updateCampaign(
    id: string,
    change: CampaignChange,
    origin: Origin,
  ): Promise<CampaignUpdateDecision | { readonly kind: 'not-found' }>;

  /**
   * Decides claims with `decideClaim`, in the order given, in one transaction. The answers stand in
   * the order of the requests, and within a request in the order of its users.
   */
  issueCoupons(requests: readonly ClaimRequest[]): Promise<ClaimBatchResult>;
  /** Writes asynchronous claims down, to be decided later, in the order given. */
  acceptClaims(requests: readonly ClaimRequest[]): Promise<readonly Answer<AcceptOutcome>[]>;
  /** Decides the oldest accepted claims that are still queued, at most `countMax` of them. */
  decideAcceptedClaims(countMax: number): Promise<readonly AcceptedClaim[]>;

  vendor(id: string): Promise<Vendor | null>;
  vendors(page: PageRequest): Promise<PageResult<Vendor>>;
  campaign(id: string): Promise<Campaign | null>;
  /** Newest first. */
  campaigns(page: PageRequest): Promise<PageResult<Campaign>>;
  /** Finds a coupon by its id or by its code. */
  coupon(idOrCode: string): Promise<Coupon | null>;
  couponsOfUser(userId: string, page: PageRequest): Promise<PageResult<Coupon>>;
  acceptedClaim(id: string): Promise<AcceptedClaim | null>;

  /** Who holds coupons of a campaign; complete if the campaign was sold out when asked. */
  holders(campaignId: string): Promise<HolderFilter | null>;
  /** Counts the promises again from the stored rows, in one consistent reading. */
  recount(): Promise<readonly AuditCheck[]>;
  /** Forgets idempotency keys first used before a moment; gives how many went (bounded a call). */
  forgetKeys(beforeMs: number): Promise<number>;
  /** Whether a write would succeed now; rejects as a write would. */
  probe(): Promise<void>;
  /** Finishes what is in flight and lets go of every resource. */
  close(): Promise<void>;
}

/** Thrown by a write that certainly left nothing behind (a full disk, a lost connection). */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
}

/** Thrown by a write of which nobody can say whether it is on disk (a failed sync). */
export class StoreBroken extends Error {
  override readonly name = 'StoreBroken';
}

/** Where a command came from, written down with its effect. */
export interface Origin {
  readonly idempotency: IdempotencyKey | null;
  readonly traceparent: string | null;
}

export interface IdempotencyKey {
  /** The caller's key within the caller's scope. */
  readonly key: string;
  /** What was asked; the same key with another fingerprint is a mistake of the caller. */
  readonly fingerprint: string;
  /** Names the first answer, which a replay gives again. */
  readonly requestId: string;
}

/** What became of a command that may carry an idempotency key. */
export type Answer<Outcome> =
  | {
      readonly kind: 'decided' | 'replayed';
      readonly outcome: Outcome;
      /** Of the request that was decided; null when it had no key. */
      readonly requestId: string | null;
    }
  | { readonly kind: 'key-reused' };

export interface RegisterVendor {
  readonly id: string;
  readonly name: string;
  readonly currency: string;
}

export interface Vendor {
  readonly id: string;
  readonly name: string;
  readonly balance: Money;
  readonly createdAtMs: number;
}

export interface CreateCampaign {
  readonly id: string;
  readonly vendorId: string;
  readonly title: string;
  readonly discount: Discount;
  readonly quantity: number;
  readonly perUserLimit: number;
  readonly startsAtMs: number | null;
  readonly endsAtMs: number | null;
  readonly couponValidFor: string | null;
  readonly reimbursementBps: number;
}

export type CreateCampaignOutcome =
  | { readonly kind: 'created'; readonly campaign: Campaign }
  | { readonly kind: 'refused'; readonly code: 'vendor-not-found' | 'currency-mismatch' };

/** Claims of one campaign asked for in one call: one user, or a batch in the order to decide. */
export interface ClaimRequest {
  readonly campaignId: string;
  readonly userIds: readonly string[];
  readonly origin: Origin;
}

export type ClaimOutcome = { readonly kind: 'issued'; readonly coupon: Coupon } | ClaimRefusal;

export interface ClaimRefusal {
  readonly kind: 'refused';
  readonly code: ClaimRefusalCode;
  /** With `already-claimed`: what the user holds of this campaign, oldest first. */
  readonly couponIds?: readonly string[];
  /** With `campaign-not-started`. */
  readonly startsAtMs?: number;
  /** With `campaign-ended`. */
  readonly endsAtMs?: number;
  readonly decidedAtMs: number;
}

export type ClaimRequestOutcome =
  | { readonly kind: 'claims'; readonly claims: readonly ClaimOutcome[] }
  | { readonly kind: 'campaign-not-found' };

export interface ClaimBatchResult {
  readonly answers: readonly Answer<ClaimRequestOutcome>[];
  /** Campaigns of the batch that have nothing left, now that this is durable. */
  readonly soldOut: readonly { readonly campaignId: string; readonly endsAtMs: number | null }[];
}

/** A claim that is decided after its call was answered. */
export interface AcceptedClaim {
  readonly id: string;
  readonly campaignId: string;
  readonly userId: string;
  /** Null while queued. */
  readonly outcome: ClaimOutcome | null;
  readonly createdAtMs: number;
}

export type AcceptOutcome =
  | { readonly kind: 'accepted'; readonly claim: AcceptedClaim }
  | { readonly kind: 'campaign-not-found' };

export interface AuditCheck {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
}

export interface PageRequest {
  /** 1 to 100. */
  readonly limit: number;
  /** As `nextCursor` of the page before, or null for the first. */
  readonly cursor: string | null;
}

/** A page, or `bad-cursor` if the cursor is none that this list has given. */
export type PageResult<Item> =
  { readonly items: readonly Item[]; readonly nextCursor: string | null } | 'bad-cursor';
