import { mayHold, type HolderFilter } from '../domain/campaign/holder-filter.ts';
import type { ClaimOutcome, ClaimRefusal, Store } from '../ports/store.ts';
import { GenerationCache } from './generation-cache.ts';

/** How many users' own coupons are remembered; about 150 bytes each. */
const REMEMBERED_USERS_MAX = 200_000;

/**
 * Refuses from memory what the record has refused before and will refuse again, so that the losers
 * of a rush cost neither a message to the store nor a read. It never admits: whatever it does not
 * know for certain goes to the record.
 *
 * Two facts are certain. A user who reached the limit of a campaign stays there, since coupons are
 * never taken back. And once a campaign is durably sold out, a user who is not among its holders
 * has lost, until its owner changes the campaign (`forget`) or its window ends.
 */
export class AdmissionGate {
  readonly #holders: Store['holders'];
  readonly #couponsAtLimit = new GenerationCache<readonly string[]>(REMEMBERED_USERS_MAX);
  readonly #soldOut = new Map<string, SoldOut>();

  constructor(store: Pick<Store, 'holders'>) {
    this.#holders = (campaignId) => store.holders(campaignId);
  }

  /** The refusal, if it is certain. */
  refuse(campaignId: string, userId: string, nowMs: number): ClaimRefusal | null {
    const soldOut = this.#soldOut.get(campaignId);
    // Who certainly holds nothing need not be looked for among those who do.
    if (soldOut !== undefined && isLost(soldOut, userId, nowMs)) {
      return { kind: 'refused', code: 'sold-out', decidedAtMs: nowMs };
    }
    const couponIds = this.#couponsAtLimit.get(userKey(campaignId, userId));
    if (couponIds === undefined) return null;
    return { kind: 'refused', code: 'already-claimed', couponIds, decidedAtMs: nowMs };
  }

  /** Learns from a decision of the record. */
  learn(campaignId: string, userId: string, outcome: ClaimOutcome): void {
    if (outcome.kind !== 'refused' || outcome.couponIds === undefined) return;
    this.#couponsAtLimit.set(userKey(campaignId, userId), outcome.couponIds);
  }

  /**
   * Learns that a campaign is durably sold out and fetches who its holders are. Until they have
   * come, its claims go on to the record.
   */
  async learnSoldOut(campaignId: string, endsAtMs: number | null): Promise<void> {
    if (this.#soldOut.has(campaignId)) return;
    const entry: SoldOut = { endsAtMs, filter: null };
    this.#soldOut.set(campaignId, entry);
    try {
      // If the campaign is changed meanwhile, `forget` has dropped this entry, and with it whatever
      // is put into it.
      entry.filter = await this.#holders(campaignId);
    } finally {
      if (entry.filter === null && this.#soldOut.get(campaignId) === entry) {
        this.#soldOut.delete(campaignId);
      }
    }
  }

  /** Lets go of what a change of the campaign may have made untrue. */
  forget(campaignId: string): void {
    this.#soldOut.delete(campaignId);
  }
}

interface SoldOut {
  readonly endsAtMs: number | null;
  filter: HolderFilter | null;
}

/** Whether a user certainly gets nothing of a campaign that has sold out. */
function isLost({ filter, endsAtMs }: SoldOut, userId: string, nowMs: number): boolean {
  if (filter === null || (endsAtMs !== null && nowMs >= endsAtMs)) return false;
  return !mayHold(filter, userId);
}

function userKey(campaignId: string, userId: string): string {
  return `${campaignId}\n${userId}`;
}
