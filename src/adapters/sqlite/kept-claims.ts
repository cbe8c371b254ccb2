import type { DatabaseSync } from 'node:sqlite';
import type {
  Answer,
  ClaimOutcome,
  ClaimRefusal,
  ClaimRequestOutcome,
  IdempotencyKey,
} from '../../ports/store.ts';
import type { CouponNames } from './coupon-names.ts';
import type { KeptKeys } from './kept-keys.ts';
import { couponOf } from './rows.ts';
import { prepareStatements } from './statements.ts';

/**
 * The outcomes of claims that carry a key. An issued coupon is kept as its sequence number: all
 * that its first answer said stands in its row, whose user, times and numbers never change, and a
 * row of keys that is small is a row of keys that is fast.
 */
export class KeptClaims {
  readonly #keys: KeptKeys;
  readonly #names: CouponNames;
  readonly #sql;

  constructor(db: DatabaseSync, keys: KeptKeys, names: CouponNames) {
    this.#keys = keys;
    this.#names = names;
    this.#sql = prepareStatements(db, 'queries.sql', ['couponByNumber']);
  }

  /** What came of the key's first use; null if this is the first. */
  find(key: IdempotencyKey): Answer<ClaimRequestOutcome> | null {
    const kept = this.#keys.find<KeptOutcome>(key);
    if (kept === null || kept.kind === 'key-reused') return kept;
    return { ...kept, outcome: this.#expand(kept.outcome) };
  }

  /** @param campaignNo  of the request's campaign; null if there is none */
  keep(
    key: IdempotencyKey,
    outcome: ClaimRequestOutcome,
    campaignNo: number | null,
    nowMs: number,
  ): void {
    const kept: KeptOutcome =
      outcome.kind === 'claims' && campaignNo !== null
        ? { campaignNo, claims: outcome.claims.map(compact) }
        : { campaignNo: null };
    this.#keys.keep(key, kept, nowMs);
  }

  #expand(kept: KeptOutcome): ClaimRequestOutcome {
    if (kept.campaignNo === null) return { kind: 'campaign-not-found' };
    const { campaignNo, claims } = kept;
    return {
      kind: 'claims',
      claims: claims.map((claim): ClaimOutcome => {
        if (typeof claim !== 'number') return claim;
        const row = this.#sql.couponByNumber.get(campaignNo, claim);
        if (row === undefined) throw new Error(`coupon ${campaignNo}/${claim} is kept and gone`);
        return { kind: 'issued', coupon: { ...couponOf(row, this.#names), status: 'issued' } };
      }),
    };
  }
}

/** As the `outcome` column holds it: a sequence number for each coupon, else the refusal. */
type KeptOutcome =
  | { readonly campaignNo: null }
  | { readonly campaignNo: number; readonly claims: readonly (number | ClaimRefusal)[] };

function compact(claim: ClaimOutcome): number | ClaimRefusal {
  return claim.kind === 'issued' ? claim.coupon.sequence : claim;
}
