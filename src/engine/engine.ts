import type { CampaignChange, CampaignUpdateDecision } from '../domain/campaign/decide-update.ts';
import type { EventLog } from '../ports/event-log.ts';
import type {
  AcceptRedemptionOutcome,
  PayOut,
  PayOutOutcome,
  RedeemOutcome,
  RedeemRequest,
  Redemption,
  RedemptionStore,
  ReverseOutcome,
} from '../ports/redemption-store.ts';
import type {
  AcceptedClaim,
  AcceptOutcome,
  Answer,
  AuditCheck,
  ClaimRequest,
  ClaimRequestOutcome,
  CreateCampaign,
  CreateCampaignOutcome,
  Origin,
  RegisterVendor,
  Store,
  Vendor,
} from '../ports/store.ts';

/** The use cases, as the HTTP API and the command line call them. */
export interface Engine {
  /**
   * Decides claims of one campaign now; resolves when the decision is durable. A refusal that
   * memory is certain of comes back without a promise.
   */
  claim(request: ClaimRequest): ClaimAnswer | Promise<ClaimAnswer>;
  /** Writes one user's claim down to be decided later; resolves when it is durable. */
  acceptClaim(request: ClaimRequest): Promise<Answer<AcceptOutcome> | NotNow>;
  /** The accepted claim, as soon as it is decided, else as it stands after `waitMs`. */
  acceptedClaim(id: string, waitMs: number): Promise<AcceptedClaim | null>;

  /** Decides the use of a coupon now; resolves when the decision is durable. */
  redeem(request: Omit<RedeemRequest, 'id'>): Promise<Answer<RedeemOutcome> | NotNow>;
  /** Writes the use of a coupon down to be decided later; resolves when it is durable. */
  acceptRedemption(
    request: Omit<RedeemRequest, 'id'>,
  ): Promise<Answer<AcceptRedemptionOutcome> | NotNow>;
  /** The redemption, as soon as it is decided, else as it stands after `waitMs`. */
  redemption(id: string, waitMs: number): Promise<Redemption | null>;
  reverseRedemption(id: string, origin: Origin): Promise<Answer<ReverseOutcome> | NotNow>;
  payOut(command: Omit<PayOut, 'id'>, origin: Origin): Promise<Answer<PayOutOutcome> | NotNow>;

  registerVendor(
    command: Omit<RegisterVendor, 'id'>,
    origin: Origin,
  ): Promise<Answer<Vendor> | NotNow>;
  createCampaign(
    command: Omit<CreateCampaign, 'id'>,
    origin: Origin,
  ): Promise<Answer<CreateCampaignOutcome> | NotNow>;
  updateCampaign(
    id: string,
    change: CampaignChange,
    origin: Origin,
  ): Promise<CampaignUpdateDecision | { readonly kind: 'not-found' } | NotNow>;

  audit(): Promise<{ readonly ok: boolean; readonly checks: readonly AuditCheck[] }>;
  readonly queries: Pick<
    Store,
    'vendor' | 'vendors' | 'campaign' | 'campaigns' | 'coupon' | 'couponsOfUser'
  > &
    Pick<RedemptionStore, 'entries'>;
  readonly events: EventLog;
  readonly health: Health;
  readonly figures: Figures;
  close(): Promise<void>;
}

export type ClaimAnswer = Answer<ClaimRequestOutcome> | NotNow;

/** The engine did nothing with the command, and says why. */
export interface NotNow {
  readonly kind: 'not-now';
  readonly code: 'overloaded' | 'request-in-progress';
  readonly retryAfterS: number;
}

export interface Health {
  /** Null when everything can be served, else a sentence that says what cannot. */
  notReadyBecause(): string | null;
}

/** Numbers for /metrics, counted since the start. */
export interface Figures {
  /** Claims by outcome: `issued` or the code of the refusal. */
  readonly claimsByOutcome: ReadonlyMap<string, number>;
  /** Refusals that were answered from memory, without asking the record. */
  readonly refusedFromMemory: number;
  readonly batches: number;
  readonly claimsInBatches: number;
  readonly claimsWaiting: number;
  /** Seconds that the store spent on claim batches, all added up. */
  readonly storeSeconds: number;

  /** Uses of coupons by outcome: `redeemed` or the code of the refusal. */
  readonly redemptionsByOutcome: ReadonlyMap<string, number>;
  readonly redemptionBatches: number;
  readonly redemptionsInBatches: number;
  readonly redemptionsWaiting: number;
  /** Seconds that the store spent on batches of redemptions, all added up. */
  readonly redemptionStoreSeconds: number;
  /** Coupons that were marked as expired. */
  readonly couponsExpired: number;
}
