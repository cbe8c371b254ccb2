import type { DatabaseSync } from 'node:sqlite';
import {
  decideRedemption,
  type RedemptionRefusalCode,
} from '../../domain/coupon/decide-redemption.ts';
import { redemptionPostings } from '../../domain/ledger/ledger.ts';
import type { OrderAmount } from '../../ports/redemption-store.ts';
import type { CouponNumber } from '../../seal/coupon-seal.ts';
import type { EventAppender } from './event-appender.ts';
import type { Ledger, LedgerRun } from './ledger.ts';
import { eventCount, type ToldTerms, type ToldUse } from './redeemed-run.ts';
import type { RedemptionTerms, UseTerms } from './redemption-terms.ts';
import { COUPON_STATUSES } from './rows.ts';
import { prepareStatements } from './statements.ts';

const ISSUED = COUPON_STATUSES.indexOf('issued');
const REDEEMED = COUPON_STATUSES.indexOf('redeemed');

/** A use of a coupon to decide. */
export interface Use {
  /** The number and the id of the redemption. */
  readonly no: number;
  readonly id: string;
  readonly coupon: CouponNumber;
  readonly couponId: string;
  readonly orderAmount: OrderAmount | null;
  readonly reference: string | null;
  readonly traceparent: string | null;
}

/** What a use came to. */
export type DecidedUse = CarriedOut | Refused;

interface CarriedOut {
  readonly kind: 'redeem';
  readonly terms: UseTerms;
  readonly userId: string;
  readonly discountMinor: number;
  readonly reimbursementMinor: number;
  /** Where the log tells of it. */
  readonly position: number;
}

interface Refused {
  readonly kind: 'refuse';
  readonly code: RedemptionRefusalCode;
  readonly terms: UseTerms;
  readonly userId: string;
}

interface Parts {
  readonly events: EventAppender;
  readonly ledger: Ledger;
  readonly terms: RedemptionTerms;
}

/**
 * Decides uses of coupons and writes what they do to coupons, counters, ledger and log, inside the
 * writer's open transaction. The redemptions' own rows are their callers'.
 */
export class CouponRedeemer {
  readonly #parts: Parts;
  readonly #sql;

  constructor(db: DatabaseSync, parts: Parts) {
    this.#parts = parts;
    this.#sql = prepareStatements(db, 'redemptions.sql', [
      'couponForUse',
      'changeCoupon',
      'addRedeemed',
    ]);
    this.#sql.couponForUse.setReturnArrays(true);
  }

  /** Begins a run of uses; nothing else may append events until it ends. */
  begin(nowMs: number): RedemptionRun {
    return {
      nowMs,
      ledger: this.#parts.ledger.begin(nowMs),
      firstPosition: this.#parts.events.nextPosition,
      eventCount: 0,
      campaigns: new Map(),
      toldTerms: [],
      toldUses: [],
    };
  }

  /** Whose coupon it is; null if there is no such coupon. */
  userOf(coupon: CouponNumber): string | null {
    return this.#read(coupon)?.[2] ?? null;
  }

  /** Decides the next use of a run and carries it out; null if there is no such coupon. */
  decide(run: RedemptionRun, use: Use): DecidedUse | null {
    const row = this.#read(use.coupon);
    if (row === undefined) return null;
    const [statusNo, expiresAtMs, userId] = row;
    const status = COUPON_STATUSES[statusNo]!;
    const terms = this.#parts.terms.get(use.coupon.campaignNo);
    const decision = decideRedemption({ status, expiresAtMs }, terms, use.orderAmount, run.nowMs);
    if (decision.kind === 'refuse') return { ...decision, terms, userId };
    const { discountMinor, reimbursementMinor } = decision;
    const posting = this.#decidePay(run, terms, reimbursementMinor);
    if (posting !== 'post') return { kind: 'refuse', code: posting, terms, userId };
    const position = run.firstPosition + run.eventCount;
    const decided: CarriedOut = {
      kind: 'redeem',
      terms,
      userId,
      discountMinor,
      reimbursementMinor,
      position,
    };
    this.#carryOut(run, use, decided);
    return decided;
  }

  /** Ends a run: raises the campaigns' counters, writes the balances and the events. */
  end(run: RedemptionRun): void {
    let counted = 0;
    for (const [campaignNo, { redeemed }] of run.campaigns) {
      const { changes } = this.#sql.addRedeemed.run(redeemed, campaignNo);
      assertEqual(Number(changes), 1, 'campaigns whose counter was raised');
      counted += redeemed;
    }
    assertEqual(counted, run.toldUses.length, 'uses counted and told');
    this.#parts.ledger.end(run.ledger);
    if (counted === 0) return;
    this.#parts.events.appendRedeemed(
      { terms: run.toldTerms, uses: run.toldUses },
      { position: run.firstPosition, count: run.eventCount, timeMs: run.nowMs },
    );
  }

  #carryOut(run: RedemptionRun, use: Use, decided: CarriedOut): void {
    const { terms, userId, discountMinor, reimbursementMinor } = decided;
    const { campaignNo, sequence } = use.coupon;
    const { changes } = this.#sql.changeCoupon.run(REDEEMED, campaignNo, sequence, ISSUED);
    assertEqual(Number(changes), 1, `coupons ${use.couponId} that were used`);
    const told = toldCampaign(run, terms);
    told.redeemed += 1;
    const balance = reimbursementMinor === 0 ? 0 : this.#pay(run, use.no, decided);
    run.toldUses.push([
      told.index,
      use.id,
      use.couponId,
      userId,
      use.orderAmount?.amount ?? null,
      discountMinor,
      reimbursementMinor,
      balance,
      use.reference,
      use.traceparent,
    ]);
    run.eventCount += eventCount(reimbursementMinor);
  }

  /** Whether the vendor can be paid so much. */
  #decidePay(
    run: RedemptionRun,
    { vendorNo, discount }: UseTerms,
    reimbursementMinor: number,
  ): ReturnType<Ledger['decide']> {
    // No account is opened for nothing.
    if (reimbursementMinor === 0) return 'post';
    const postings = redemptionPostings(reimbursementMinor);
    return this.#parts.ledger.decide(run.ledger, {
      vendorNo,
      currency: discount.currency,
      postings,
    });
  }

  /** Pays the vendor, who is told right behind the use; gives the vendor's balance. */
  #pay(run: RedemptionRun, redemptionNo: number, decided: CarriedOut): number {
    const { terms, reimbursementMinor, position } = decided;
    return this.#parts.ledger.post(run.ledger, {
      type: 'redemption',
      sourceNo: redemptionNo,
      vendorNo: terms.vendorNo,
      currency: terms.discount.currency,
      postings: redemptionPostings(reimbursementMinor),
      position: position + 1,
    });
  }

  #read({ campaignNo, sequence }: CouponNumber): CouponRow | undefined {
    return this.#sql.couponForUse.get(campaignNo, sequence) as unknown as CouponRow | undefined;
  }
}

/** Uses of coupons that are decided in one transaction. */
export interface RedemptionRun {
  readonly nowMs: number;
  readonly ledger: LedgerRun;
  readonly firstPosition: number;
  eventCount: number;
  /** By campaign number. */
  readonly campaigns: Map<number, ToldCampaign>;
  readonly toldTerms: ToldTerms[];
  readonly toldUses: ToldUse[];
}

interface ToldCampaign {
  /** Its place in `toldTerms`. */
  readonly index: number;
  redeemed: number;
}

type CouponRow = readonly [status: number, expiresAtMs: number | null, userId: string];

function toldCampaign(run: RedemptionRun, terms: UseTerms): ToldCampaign {
  const known = run.campaigns.get(terms.campaignNo);
  if (known !== undefined) return known;
  const { campaignId, vendorId, discount } = terms;
  const index = run.toldTerms.push({ campaignId, vendorId, currency: discount.currency }) - 1;
  const told = { index, redeemed: 0 };
  run.campaigns.set(terms.campaignNo, told);
  return told;
}

function assertEqual(actual: number, expected: number, what: string): void {
  if (actual !== expected) throw new Error(`${what}: ${actual}, not ${expected}`);
}
