import type { ClaimRefusalCode } from '../../domain/campaign/decide-claim.ts';
import type {
  Answer,
  ClaimOutcome,
  ClaimRequest,
  ClaimRequestOutcome,
  IdempotencyKey,
} from '../../ports/store.ts';

/**
 * A batch of claims on its way to the writer. Columns instead of objects, because a message is
 * copied between threads, and a few long values are copied far faster than thousands of small ones.
 */
export interface ClaimColumns {
  /** The campaigns of the batch, each once. */
  readonly campaignIds: readonly string[];
  /** Of each request: the index of its campaign. */
  readonly campaignOf: Int32Array;
  /** Of each request: how many users it names. */
  readonly userCounts: Int32Array;
  /** The users of all requests, joined by line ends (which no user id contains). */
  readonly userIds: string;
  /** The requests that carry a key. */
  readonly keys: readonly { readonly request: number; readonly key: IdempotencyKey }[];
  /** The requests that carry a trace context. */
  readonly traceparents: readonly { readonly request: number; readonly traceparent: string }[];
  readonly nowMs: number;
}

/** What was decided about a batch of claims, on its way back. One entry a user, unless said. */
export interface DecisionColumns {
  /** Indexes into `CLAIM_CODES`. */
  readonly codes: Uint8Array;
  /** Of issued coupons: their sequence numbers, else 0. */
  readonly sequences: Int32Array;
  /** Ids and codes of the issued coupons, in order, without separators. */
  readonly couponIds: string;
  readonly couponCodes: string;
  /** For those who have claimed already: what they hold. */
  readonly held: ReadonlyMap<number, readonly string[]>;
  /** Of each campaign of the batch; null where there is none of that id. */
  readonly campaigns: readonly (CampaignFacts | null)[];
  /** Requests whose key was used before. */
  readonly kept: ReadonlyMap<number, Answer<ClaimRequestOutcome>>;
  readonly nowMs: number;
}

export interface CampaignFacts {
  readonly startsAtMs: number | null;
  readonly endsAtMs: number | null;
  /** When coupons of this batch expire. */
  readonly expiresAtMs: number | null;
  readonly isSoldOut: boolean;
}

export const CLAIM_CODES = [
  'issue',
  'already-claimed',
  'campaign-not-started',
  'campaign-paused',
  'campaign-ended',
  'sold-out',
] as const satisfies readonly ('issue' | ClaimRefusalCode)[];

/** Of users about whom nothing was decided: their request was a replay or has no campaign. */
export const UNDECIDED = 255;

export const COUPON_ID_LENGTH = 24;
export const COUPON_CODE_LENGTH = 23;

export function toColumns(requests: readonly ClaimRequest[], nowMs: number): ClaimColumns {
  const campaigns = new Map<string, number>();
  const campaignOf = new Int32Array(requests.length);
  const userCounts = new Int32Array(requests.length);
  const userIds: string[] = [];
  const keys: ClaimColumns['keys'][number][] = [];
  const traceparents: ClaimColumns['traceparents'][number][] = [];
  for (let request = 0; request < requests.length; request++) {
    const { campaignId, userIds: users, origin } = requests[request]!;
    let campaign = campaigns.get(campaignId);
    if (campaign === undefined) campaigns.set(campaignId, (campaign = campaigns.size));
    campaignOf[request] = campaign;
    userCounts[request] = users.length;
    for (const user of users) userIds.push(user);
    if (origin.idempotency !== null) keys.push({ request, key: origin.idempotency });
    if (origin.traceparent !== null) {
      traceparents.push({ request, traceparent: origin.traceparent });
    }
  }
  return {
    campaignIds: [...campaigns.keys()],
    campaignOf,
    userCounts,
    userIds: userIds.join('\n'),
    keys,
    traceparents,
    nowMs,
  };
}

/** Reads decisions back as the outcomes of each request, in order. */
export class DecisionReader {
  readonly #columns: ClaimColumns;
  readonly #decisions: DecisionColumns;
  readonly #users: readonly string[];
  #user = 0;
  #issued = 0;

  constructor(columns: ClaimColumns, decisions: DecisionColumns, users: readonly string[]) {
    this.#columns = columns;
    this.#decisions = decisions;
    this.#users = users;
  }

  /** The outcome of the next request; call it once for each, in order. */
  next(request: number): ClaimRequestOutcome {
    const count = this.#columns.userCounts[request]!;
    const campaignIndex = this.#columns.campaignOf[request]!;
    const facts = this.#decisions.campaigns[campaignIndex]!;
    if (facts === null) {
      this.#user += count;
      return { kind: 'campaign-not-found' };
    }
    const campaignId = this.#columns.campaignIds[campaignIndex]!;
    const claims = new Array<ClaimOutcome>(count);
    for (let i = 0; i < count; i++) claims[i] = this.#nextClaim(campaignId, facts);
    return { kind: 'claims', claims };
  }

  #nextClaim(campaignId: string, facts: CampaignFacts): ClaimOutcome {
    const { codes, sequences, nowMs, held } = this.#decisions;
    const user = this.#user++;
    const code = CLAIM_CODES[codes[user]!];
    switch (code) {
      case 'issue':
        return this.#issuedCoupon(campaignId, this.#users[user]!, sequences[user]!, facts);
      case 'already-claimed':
        return { kind: 'refused', code, couponIds: held.get(user) ?? [], decidedAtMs: nowMs };
      case 'campaign-not-started':
        return { kind: 'refused', code, startsAtMs: facts.startsAtMs ?? nowMs, decidedAtMs: nowMs };
      case 'campaign-ended':
        return { kind: 'refused', code, endsAtMs: facts.endsAtMs ?? nowMs, decidedAtMs: nowMs };
      case 'campaign-paused':
      case 'sold-out':
        return { kind: 'refused', code, decidedAtMs: nowMs };
      case undefined:
      default:
        // UNDECIDED: the request's kept answer will stand in this one's place.
        return { kind: 'refused', code: 'already-claimed', decidedAtMs: nowMs };
    }
  }

  #issuedCoupon(
    campaignId: string,
    userId: string,
    sequence: number,
    { expiresAtMs }: CampaignFacts,
  ): ClaimOutcome {
    const { couponIds, couponCodes, nowMs } = this.#decisions;
    const at = this.#issued++;
    return {
      kind: 'issued',
      coupon: {
        id: couponIds.slice(at * COUPON_ID_LENGTH, (at + 1) * COUPON_ID_LENGTH),
        campaignId,
        userId,
        sequence,
        code: couponCodes.slice(at * COUPON_CODE_LENGTH, (at + 1) * COUPON_CODE_LENGTH),
        status: 'issued',
        issuedAtMs: nowMs,
        expiresAtMs,
      },
    };
  }
}
