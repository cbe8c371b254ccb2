import type { DatabaseSync } from 'node:sqlite';
import { couponStatus } from '../../domain/coupon/coupon.ts';
import { redemptionReversed, vendorMoved } from '../../domain/coupon/redemption-events.ts';
import { decidePayout, payoutPostings, reversalPostings } from '../../domain/ledger/ledger.ts';
import type { Money } from '../../domain/money.ts';
import type {
  PayOut,
  PayOutOutcome,
  Redemption,
  ReverseOutcome,
} from '../../ports/redemption-store.ts';
import type { Origin } from '../../ports/store.ts';
import type { CouponNames } from './coupon-names.ts';
import type { EventAppender } from './event-appender.ts';
import type { Ledger, LedgerRun, Movement } from './ledger.ts';
import { COUPON_STATUSES, redemptionOf, type Row } from './rows.ts';
import { prepareStatements } from './statements.ts';

interface Parts {
  readonly events: EventAppender;
  readonly ledger: Ledger;
  readonly names: CouponNames;
}

/**
 * What comes after uses of coupons: undoing them, paying vendors out, letting the unused expire.
 * All of it inside the writer's open transaction.
 */
export class SettlementCommands {
  readonly #parts: Parts;
  readonly #sql;

  constructor(db: DatabaseSync, parts: Parts) {
    this.#parts = parts;
    this.#sql = {
      ...prepareStatements(db, 'redemptions.sql', [
        'redemptionById',
        'reverseRedemption',
        'changeCoupon',
        'addRedeemed',
        'expireCoupons',
      ]),
      ...prepareStatements(db, 'ledger.sql', ['vendorForPayout', 'insertPayout']),
    };
  }

  reverse(id: string, origin: Origin, nowMs: number): ReverseOutcome {
    const row = this.#sql.redemptionById.get(id);
    if (row === undefined) return { kind: 'refused', code: 'redemption-not-found' };
    const redemption = redemptionOf(row, this.#parts.names);
    switch (redemption.status) {
      case 'reversed':
        return { kind: 'refused', code: 'already-reversed' };
      case 'queued':
      case 'refused':
        return { kind: 'refused', code: 'redemption-not-completed' };
      case 'redeemed':
        break;
    }
    const back = this.#backOf(row, redemption);
    const run = this.#parts.ledger.begin(nowMs);
    if (back !== null) {
      const decision = this.#parts.ledger.decide(run, back);
      if (decision !== 'post') return { kind: 'refused', code: decision };
    }
    this.#setFree(row, nowMs);
    this.#tellUndone(redemption, origin, nowMs);
    if (back !== null) this.#post(run, origin, back);
    return {
      kind: 'reversed',
      redemption: { ...redemption, status: 'reversed', reversedAtMs: nowMs },
    };
  }

  payOut({ id, vendorId, amount }: PayOut, origin: Origin, nowMs: number): PayOutOutcome {
    const vendor = this.#sql.vendorForPayout.get(vendorId);
    if (vendor === undefined) return { kind: 'refused', code: 'vendor-not-found' };
    const vendorNo = vendor['no'] as number;
    const currency = vendor['currency'] as string;
    if ((amount.currency ?? currency) !== currency) {
      return { kind: 'refused', code: 'currency-mismatch' };
    }
    const { ledger } = this.#parts;
    const run = ledger.begin(nowMs);
    const decision = decidePayout(ledger.balanceOf(run, vendorNo, currency), amount.amount);
    if (decision !== 'pay') return { kind: 'refused', code: decision };
    const payout = this.#sql.insertPayout.get(id, vendorNo, amount.amount, nowMs)!;
    this.#post(run, origin, {
      ...{ type: 'payout', sourceNo: payout['no'] as number, vendorNo, vendorId, currency },
      ...{ redemptionId: null, payoutId: id },
      postings: payoutPostings(amount.amount),
    });
    return {
      kind: 'paid',
      payout: {
        ...{ id, vendorId, amount: { amount: amount.amount, currency } },
        createdAtMs: nowMs,
      },
    };
  }

  expire(countMax: number, nowMs: number): number {
    return Number(this.#sql.expireCoupons.run(nowMs, countMax).changes);
  }

  /** The redemption is no longer in force, and its coupon usable, or expired by now. */
  #setFree(row: Row, nowMs: number): void {
    const no = row['no'] as number;
    assertOne(this.#sql.reverseRedemption.run(nowMs, no).changes, `redemption ${no}`);
    const expiresAtMs = row['expiresAtMs'] as number | null;
    const status = couponStatus({ status: 'issued', expiresAtMs }, nowMs);
    const campaignNo = row['campaignNo'] as number;
    const sequence = row['sequence'] as number;
    const { changes } = this.#sql.changeCoupon.run(
      ...[COUPON_STATUSES.indexOf(status), campaignNo, sequence],
      COUPON_STATUSES.indexOf('redeemed'),
    );
    assertOne(changes, `coupon ${campaignNo}/${sequence}`);
    assertOne(this.#sql.addRedeemed.run(-1, campaignNo).changes, `campaign ${campaignNo}`);
  }

  /** The opposite of what a redemption moved; null if that was nothing. */
  #backOf(row: Row, { id, vendorId, reimbursement }: Redemption): ToldMovement | null {
    if (reimbursement === null) throw new Error(`redemption ${id} was carried out unpaid`);
    if (reimbursement.amount === 0) return null;
    return {
      ...{ type: 'reversal', sourceNo: row['no'] as number, vendorId },
      ...{ vendorNo: row['vendorNo'] as number, currency: reimbursement.currency },
      ...{ redemptionId: id, payoutId: null },
      postings: reversalPostings(reimbursement.amount),
    };
  }

  #tellUndone(redemption: Redemption, origin: Origin, nowMs: number): void {
    const { id, couponId, campaignId, vendorId, userId, discount, reimbursement } = redemption;
    if (discount === null || reimbursement === null) {
      throw new Error(`redemption ${id} was carried out without amounts`);
    }
    const used = { id, couponId, campaignId, vendorId, userId, discount, reimbursement };
    this.#parts.events.append(redemptionReversed(used, nowMs, origin.traceparent));
  }

  /** Posts a movement of its own and tells the vendor of it. */
  #post(run: LedgerRun, origin: Origin, told: ToldMovement): void {
    const { events, ledger } = this.#parts;
    const { vendorId, type, redemptionId, payoutId, currency, postings } = told;
    const balance = ledger.post(run, { ...told, position: events.nextPosition });
    ledger.end(run);
    const money = (amount: number): Money => ({ amount, currency });
    const moved = {
      ...{ vendorId, type, redemptionId, payoutId },
      ...{ amount: money(postings[0]!.amountMinor), balanceAfter: money(balance) },
    };
    events.append(vendorMoved(moved, run.nowMs, origin.traceparent));
  }
}

interface ToldMovement extends Omit<Movement, 'position'> {
  readonly vendorId: string;
  readonly redemptionId: string | null;
  readonly payoutId: string | null;
}

function assertOne(changes: number | bigint, what: string): void {
  if (Number(changes) !== 1) throw new Error(`${what} is not as it was read`);
}
