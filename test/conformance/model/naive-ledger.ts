/** A campaign as the model of uses knows it. */
export interface ModelTerms {
  readonly id: string;
  readonly vendorId: string;
  readonly quantity: number;
  readonly perUserLimit: number;
  /** A fixed amount, or a percentage with a cap. */
  readonly off: { readonly fixed: number } | { readonly percent: number; readonly cap: number };
  readonly bps: number;
  readonly validForMs: number | null;
}

/** What is asked of a store, without the ids that the caller makes for it. */
export interface ModelUse {
  /** As `cmp_0/3`; a coupon of that name need not be there. */
  readonly coupon: string;
  readonly order: { readonly amount: number; readonly currency: string | null } | null;
  readonly key: string | null;
}

interface ModelCoupon {
  readonly name: string;
  readonly terms: ModelTerms;
  readonly userId: string;
  readonly expiresAtMs: number | null;
  status: 'issued' | 'redeemed' | 'expired';
}

interface ModelRedemption {
  readonly id: string;
  readonly coupon: ModelCoupon;
  readonly order: ModelUse['order'];
  status: string;
  paid: number;
}

/**
 * What a store should do with uses, reversals, payouts and expiry, written down a second time as
 * plainly as it can be said: lists that are scanned, balances that are added up anew, and none of
 * the functions that the stores decide with. Everything is in KRW, and answers are words.
 */
export class NaiveLedger {
  readonly terms: readonly ModelTerms[];
  readonly coupons: ModelCoupon[] = [];
  readonly redemptions: ModelRedemption[] = [];
  /** What moved on the vendors' accounts, oldest first. */
  readonly moved: { vendorId: string; why: string; amount: number }[] = [];
  readonly #keys: { key: string; asked: string; answer: string }[] = [];

  constructor(terms: readonly ModelTerms[]) {
    this.terms = terms;
  }

  claim(campaignId: string, userId: string, nowMs: number): string {
    const terms = this.terms.find((one) => one.id === campaignId)!;
    const issued = this.coupons.filter((coupon) => coupon.terms === terms);
    const held = issued.filter((coupon) => coupon.userId === userId);
    if (held.length >= terms.perUserLimit) return 'already-claimed';
    if (issued.length >= terms.quantity) return 'sold-out';
    const name = `${campaignId}/${issued.length + 1}`;
    const expiresAtMs = terms.validForMs === null ? null : nowMs + terms.validForMs;
    this.coupons.push({ name, terms, userId, expiresAtMs, status: 'issued' });
    return `issued ${name}`;
  }

  redeem(id: string, use: ModelUse, nowMs: number): string {
    return this.#once('redeem', use.key, use, () => {
      const coupon = this.coupons.find((one) => one.name === use.coupon);
      if (coupon === undefined) return 'coupon-not-found';
      const redemption = { id, coupon, order: use.order, status: 'queued', paid: 0 };
      const said = this.#decide(redemption, nowMs);
      if (redemption.status === 'redeemed') this.redemptions.push(redemption);
      return said;
    });
  }

  accept(id: string, use: ModelUse): string {
    return this.#once('accept', use.key, use, () => {
      const coupon = this.coupons.find((one) => one.name === use.coupon);
      if (coupon === undefined) return 'coupon-not-found';
      if (use.order === null && 'percent' in coupon.terms.off) return 'order-amount-needed';
      this.redemptions.push({ id, coupon, order: use.order, status: 'queued', paid: 0 });
      return `accepted ${id}`;
    });
  }

  decideAccepted(countMax: number, nowMs: number): readonly string[] {
    const queued = this.redemptions.filter((redemption) => redemption.status === 'queued');
    return queued.slice(0, countMax).map((redemption) => this.#decide(redemption, nowMs));
  }

  reverse(id: string, key: string | null, nowMs: number): string {
    return this.#once('reverse', key, id, () => {
      const redemption = this.redemptions.find((one) => one.id === id);
      if (redemption === undefined) return 'redemption-not-found';
      if (redemption.status === 'reversed') return 'already-reversed';
      if (redemption.status !== 'redeemed') return 'redemption-not-completed';
      redemption.status = 'reversed';
      redemption.coupon.status = isOver(redemption.coupon, nowMs) ? 'expired' : 'issued';
      this.#move(redemption.coupon.terms.vendorId, 'reversal', -redemption.paid);
      return `reversed ${id}`;
    });
  }

  payOut(vendorId: string, amount: number, currency: string | null, key: string | null): string {
    return this.#once('payOut', key, [vendorId, amount, currency], () => {
      if (!this.terms.some((terms) => terms.vendorId === vendorId)) return 'vendor-not-found';
      if (currency !== null && currency !== 'KRW') return 'currency-mismatch';
      if (this.balanceOf(vendorId) < amount) return 'insufficient-balance';
      this.#move(vendorId, 'payout', -amount);
      return `paid ${amount}`;
    });
  }

  expire(countMax: number, nowMs: number): number {
    const due = this.coupons.filter((one) => one.status === 'issued' && isOver(one, nowMs));
    const first = due.toSorted((a, b) => a.expiresAtMs! - b.expiresAtMs!).slice(0, countMax);
    for (const coupon of first) coupon.status = 'expired';
    return first.length;
  }

  balanceOf(vendorId: string): number {
    const own = this.moved.filter((movement) => movement.vendorId === vendorId);
    return own.reduce((sum, movement) => sum + movement.amount, 0);
  }

  statusOf(coupon: ModelCoupon, nowMs: number): string {
    return coupon.status === 'issued' && isOver(coupon, nowMs) ? 'expired' : coupon.status;
  }

  #decide(redemption: ModelRedemption, nowMs: number): string {
    const { coupon, order } = redemption;
    const refuse = (code: string): string => {
      redemption.status = 'refused';
      return code;
    };
    if (coupon.status === 'redeemed') return refuse('coupon-already-redeemed');
    if (this.statusOf(coupon, nowMs) === 'expired') return refuse('coupon-expired');
    const { off, bps, vendorId } = coupon.terms;
    if (order !== null && order.currency === 'USD') return refuse('currency-mismatch');
    if (order === null && 'percent' in off) return refuse('order-amount-needed');
    const promised =
      'fixed' in off
        ? off.fixed
        : Math.min(off.cap, Math.floor((order!.amount * off.percent) / 100));
    const taken = order === null ? promised : Math.min(promised, order.amount);
    coupon.status = 'redeemed';
    redemption.status = 'redeemed';
    redemption.paid = Math.floor((taken * bps) / 10_000);
    this.#move(vendorId, 'redemption', redemption.paid);
    return `redeemed ${redemption.id} ${coupon.name}: ${taken} off, ${redemption.paid} paid`;
  }

  #move(vendorId: string, why: string, amount: number): void {
    if (amount !== 0) this.moved.push({ vendorId, why, amount });
  }

  #once(command: string, key: string | null, what: unknown, decide: () => string): string {
    if (key === null) return `decided ${decide()}`;
    const asked = fingerprintOf(command, what);
    const first = this.#keys.find((row) => row.key === key);
    if (first !== undefined) {
      return first.asked === asked ? `replayed ${first.answer}` : 'key-reused';
    }
    const answer = decide();
    if (answer !== 'order-amount-needed') this.#keys.push({ key, asked, answer });
    return `decided ${answer}`;
  }
}

/** The request itself, as it is for the server. */
export function fingerprintOf(command: string, what: unknown): string {
  return JSON.stringify([command, what]);
}

function isOver(coupon: ModelCoupon, nowMs: number): boolean {
  return coupon.expiresAtMs !== null && coupon.expiresAtMs <= nowMs;
}
