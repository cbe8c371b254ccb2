import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { consumesKey } from '../../domain/coupon/decide-redemption.ts';
import { needsOrderAmount } from '../../domain/coupon/discount.ts';
import type {
  AcceptRedemptionOutcome,
  OrderAmount,
  RedeemOutcome,
  RedeemRequest,
  Redemption,
} from '../../ports/redemption-store.ts';
import type { Answer } from '../../ports/store.ts';
import type { CouponNumber } from '../../seal/coupon-seal.ts';
import { BulkInsert } from './bulk-insert.ts';
import type { CouponNames } from './coupon-names.ts';
import type { CouponRedeemer, DecidedUse, RedemptionRun, Use } from './coupon-redeemer.ts';
import type { KeptKeys } from './kept-keys.ts';
import type { RedemptionTerms, UseTerms } from './redemption-terms.ts';
import { prepareStatements } from './statements.ts';

interface Parts {
  readonly keys: KeptKeys;
  readonly names: CouponNames;
  readonly redeemer: CouponRedeemer;
  readonly terms: RedemptionTerms;
}

/** Decides uses of coupons at once or later, inside the writer's open transaction. */
export class RedemptionCommands {
  readonly #parts: Parts;
  readonly #sql;
  readonly #redeemed: BulkInsert;

  constructor(db: DatabaseSync, parts: Parts) {
    this.#parts = parts;
    this.#sql = prepareStatements(db, 'redemptions.sql', [
      'nextRedemption',
      'insertQueued',
      'queuedRedemptions',
      'redeemQueued',
      'refuseQueued',
    ]);
    this.#redeemed = new BulkInsert(db, 'redemptions.sql', 'insertRedeemed');
  }

  redeem(requests: readonly RedeemRequest[], nowMs: number): Answer<RedeemOutcome>[] {
    const { keys, redeemer } = this.#parts;
    const coupons = this.#find(requests);
    const run = redeemer.begin(nowMs);
    const rows: SQLInputValue[] = [];
    let no = this.#nextNo();
    const answers = requests.map((request, index) =>
      keys.once(
        request.origin.idempotency,
        nowMs,
        () => this.#redeem(run, request, coupons[index]!, no++, rows),
        consumesKey,
      ),
    );
    this.#redeemed.run(rows);
    redeemer.end(run);
    return answers;
  }

  accept(requests: readonly RedeemRequest[], nowMs: number): Answer<AcceptRedemptionOutcome>[] {
    const coupons = this.#find(requests);
    let no = this.#nextNo();
    return requests.map((request, index) =>
      this.#parts.keys.once(
        request.origin.idempotency,
        nowMs,
        () => this.#accept(request, coupons[index]!, no++, nowMs),
        consumesKey,
      ),
    );
  }

  /** Decides the oldest queued uses. */
  decide(countMax: number, nowMs: number): Redemption[] {
    const rows = this.#sql.queuedRedemptions.all(countMax) as unknown as QueuedRow[];
    const couponIds = this.#parts.names.ids(rows);
    const run = this.#parts.redeemer.begin(nowMs);
    const decided = rows.map((row, index) => this.#decide(run, row, couponIds[index]!));
    this.#parts.redeemer.end(run);
    return decided;
  }

  #redeem(
    run: RedemptionRun,
    request: RedeemRequest,
    coupon: NamedCoupon | null,
    no: number,
    rows: SQLInputValue[],
  ): RedeemOutcome {
    if (coupon === null) return { kind: 'refused', code: 'coupon-not-found' };
    const use = { ...useOf(request, coupon), no };
    const decided = this.#parts.redeemer.decide(run, use);
    if (decided === null) return { kind: 'refused', code: 'coupon-not-found' };
    if (decided.kind === 'refuse') return { kind: 'refused', code: decided.code };
    const { orderAmount, reference } = request;
    rows.push(
      no,
      request.id,
      coupon.number.campaignNo,
      coupon.number.sequence,
      orderAmount?.amount ?? null,
      orderAmount?.currency ?? null,
      decided.discountMinor,
      decided.reimbursementMinor,
      reference,
      run.nowMs,
      decided.position,
    );
    return { kind: 'redeemed', redemption: redemptionOf(use, decided, run.nowMs) };
  }

  #accept(
    request: RedeemRequest,
    coupon: NamedCoupon | null,
    no: number,
    nowMs: number,
  ): AcceptRedemptionOutcome {
    const userId = coupon === null ? null : this.#parts.redeemer.userOf(coupon.number);
    if (coupon === null || userId === null) return { kind: 'refused', code: 'coupon-not-found' };
    const { campaignNo, sequence } = coupon.number;
    const { orderAmount, reference, origin } = request;
    const terms = this.#parts.terms.get(campaignNo);
    if (orderAmount === null && needsOrderAmount(terms.discount)) {
      return { kind: 'refused', code: 'order-amount-needed' };
    }
    this.#sql.insertQueued.run(
      ...[no, request.id, campaignNo, sequence],
      ...[orderAmount?.amount ?? null, orderAmount?.currency ?? null],
      ...[reference, origin.traceparent, nowMs],
    );
    const use = { ...useOf(request, coupon), no };
    return { kind: 'accepted', redemption: undecided(use, terms, userId, nowMs) };
  }

  #decide(run: RedemptionRun, row: QueuedRow, couponId: string): Redemption {
    const { no, id, campaignNo, sequence, reference, traceparent, createdAtMs } = row;
    const orderAmount: OrderAmount | null =
      row.orderAmount === null ? null : { amount: row.orderAmount, currency: row.orderCurrency };
    const coupon = { campaignNo, sequence };
    const use = { no, id, coupon, couponId, orderAmount, reference, traceparent };
    const decided = this.#parts.redeemer.decide(run, use);
    if (decided === null) throw new Error(`redemption ${id} is of no coupon`);
    const { changes } =
      decided.kind === 'redeem'
        ? this.#sql.redeemQueued.run(
            ...[decided.discountMinor, decided.reimbursementMinor, decided.position, no],
          )
        : this.#sql.refuseQueued.run(decided.code, no);
    if (Number(changes) !== 1) throw new Error(`redemption ${id} was decided twice`);
    return redemptionOf(use, decided, createdAtMs);
  }

  /** Which coupons the requests mean, many at a time. */
  #find(requests: readonly RedeemRequest[]): (NamedCoupon | null)[] {
    const { names } = this.#parts;
    const numbers = names.findAll(requests.map((request) => request.coupon));
    return numbers.map((number, index) => {
      if (number === null) return null;
      const name = requests[index]!.coupon;
      return { number, id: names.isId(name) ? name : names.id(number) };
    });
  }

  #nextNo(): number {
    return this.#sql.nextRedemption.get()!['no'] as number;
  }
}

interface NamedCoupon {
  readonly number: CouponNumber;
  readonly id: string;
}

interface QueuedRow {
  readonly no: number;
  readonly id: string;
  readonly campaignNo: number;
  readonly sequence: number;
  readonly orderAmount: number | null;
  readonly orderCurrency: string | null;
  readonly reference: string | null;
  readonly traceparent: string | null;
  readonly createdAtMs: number;
}

function useOf(request: RedeemRequest, coupon: NamedCoupon): Omit<Use, 'no'> {
  const { id, orderAmount, reference, origin } = request;
  return {
    ...{ id, orderAmount, reference, traceparent: origin.traceparent },
    ...{ coupon: coupon.number, couponId: coupon.id },
  };
}

function redemptionOf(use: Use, decided: DecidedUse, createdAtMs: number): Redemption {
  const waiting = undecided(use, decided.terms, decided.userId, createdAtMs);
  if (decided.kind === 'refuse') {
    const { code } = decided;
    if (code === 'order-amount-needed') {
      throw new Error(`redemption ${use.id} was accepted without an order amount`);
    }
    return { ...waiting, status: 'refused', code };
  }
  const { currency } = decided.terms.discount;
  return {
    ...waiting,
    status: 'redeemed',
    discount: { amount: decided.discountMinor, currency },
    reimbursement: { amount: decided.reimbursementMinor, currency },
  };
}

function undecided(use: Use, terms: UseTerms, userId: string, createdAtMs: number): Redemption {
  const { id, couponId, orderAmount, reference } = use;
  const { campaignId, vendorId, discount } = terms;
  return {
    ...{ id, couponId, campaignId, vendorId, userId },
    ...{ status: 'queued', code: null },
    orderAmount: orderAmount && {
      amount: orderAmount.amount,
      currency: orderAmount.currency ?? discount.currency,
    },
    ...{ discount: null, reimbursement: null, reference, createdAtMs, reversedAtMs: null },
  };
}
