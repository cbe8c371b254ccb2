import { describe, expect, it } from 'vitest';
import type { Discount } from '../campaign/campaign.ts';
import type { CouponStatus } from './coupon.ts';
import { consumesKey, decideRedemption, type RedemptionDecision } from './decide-redemption.ts';

const NOW_MS = 1_000_000;
const FIXED: Discount = { type: 'fixed', amount: 5000, currency: 'KRW' };
const PERCENT: Discount = { type: 'percent', percent: 10, maxAmount: 700, currency: 'KRW' };
const USABLE = { status: 'issued', expiresAtMs: null } as const;

describe('given a coupon of 5000 KRW whose vendor gets a tenth', () => {
  const terms = { discount: FIXED, reimbursementBps: 1000 };

  it.each<[amount: number | null, discountMinor: number, reimbursementMinor: number]>([
    [null, 5000, 500],
    [20_000, 5000, 500],
    [5000, 5000, 500],
    [4999, 4999, 499],
    [9, 9, 0],
    [0, 0, 0],
    [Number.MAX_SAFE_INTEGER, 5000, 500],
  ])('when an order of %o uses it, then %i are taken off and %i are paid', (amount, ...minor) => {
    const [discountMinor, reimbursementMinor] = minor;
    const order = amount === null ? null : { amount, currency: null };
    const decision = decideRedemption(USABLE, terms, order, NOW_MS);
    expect(decision).toEqual({ kind: 'redeem', discountMinor, reimbursementMinor });
  });

  it('when the currency is said as well, then it is the same as leaving it out', () => {
    const order = { amount: 4000, currency: 'KRW' };
    const decision = decideRedemption(USABLE, terms, order, NOW_MS);
    expect(decision).toEqual(decideRedemption(USABLE, terms, { ...order, currency: null }, NOW_MS));
    expect(decision.kind).toBe('redeem');
  });
});

describe('given a coupon of 10 percent, at most 700, whose vendor gets all of it', () => {
  const terms = { discount: PERCENT, reimbursementBps: 10_000 };

  it.each<[amount: number, minor: number]>([
    [0, 0],
    [9, 0],
    [6999, 699],
    [7000, 700],
    [70_000, 700],
  ])('when an order of %i uses it, then %i are taken off and paid', (amount, minor) => {
    const decision = decideRedemption(USABLE, terms, { amount, currency: null }, NOW_MS);
    expect(decision).toEqual({ kind: 'redeem', discountMinor: minor, reimbursementMinor: minor });
  });
});

/** Each way in which a use can fail, strongest first, with what brings it about. */
const REASONS = [
  { code: 'coupon-already-redeemed', applies: ({ status }: Given) => status === 'redeemed' },
  { code: 'coupon-held', applies: ({ status }: Given) => status === 'held' },
  {
    code: 'coupon-expired',
    applies: ({ status, expiresAtMs }: Given) =>
      status === 'expired' ||
      (status === 'issued' && expiresAtMs !== null && expiresAtMs <= NOW_MS),
  },
  { code: 'currency-mismatch', applies: ({ order }: Given) => order?.currency === 'USD' },
  {
    code: 'order-amount-needed',
    applies: ({ order, discount }: Given) => order === null && discount.type === 'percent',
  },
] as const;

describe('given any coupon, terms and order', () => {
  const table = [...everyGiven()];

  it('is refused by the first reason in the order of precedence that applies, or used', () => {
    for (const given of table) {
      const refusal = REASONS.find((reason) => reason.applies(given))?.code ?? 'redeem';
      expect({ ...given, decision: inAWord(decide(given)) }).toEqual({
        ...given,
        decision: refusal,
      });
    }
  });

  it('meets every decision', () => {
    const met = new Set(table.map((given) => inAWord(decide(given))));
    expect(met).toEqual(new Set([...REASONS.map((reason) => reason.code), 'redeem']));
  });

  it('pays no more than is taken off, and takes off no more than the order comes to', () => {
    for (const given of table) {
      const decision = decide(given);
      if (decision.kind === 'refuse') continue;
      const { discountMinor, reimbursementMinor } = decision;
      expect(discountMinor).toBeLessThanOrEqual(given.order?.amount ?? discountMinor);
      expect(reimbursementMinor).toBeLessThanOrEqual(discountMinor);
      expect(reimbursementMinor).toBeGreaterThanOrEqual(0);
    }
  });
});

describe('given what came of a use', () => {
  it('when the request lacked the order amount, then its key stays free', () => {
    expect(consumesKey({ kind: 'refused', code: 'order-amount-needed' })).toBe(false);
  });

  it.each([
    ...REASONS.map(({ code }) => code).filter((code) => code !== 'order-amount-needed'),
    'coupon-not-found',
    'balance-limit-reached',
  ])('when it was refused with %s, then its key is used', (code) => {
    expect(consumesKey({ kind: 'refused', code })).toBe(true);
  });

  it.each(['redeemed', 'accepted'])('when it was %s, then its key is used', (kind) => {
    expect(consumesKey({ kind })).toBe(true);
  });
});

interface Given {
  readonly status: CouponStatus;
  readonly expiresAtMs: number | null;
  readonly discount: Discount;
  readonly reimbursementBps: number;
  readonly order: { readonly amount: number; readonly currency: string | null } | null;
}

function decide({ status, expiresAtMs, order, ...terms }: Given): RedemptionDecision {
  return decideRedemption({ status, expiresAtMs }, terms, order, NOW_MS);
}

function inAWord(decision: RedemptionDecision): string {
  return decision.kind === 'redeem' ? 'redeem' : decision.code;
}

function* everyGiven(): Generator<Given> {
  const amounts = [0, 1, 9999, Number.MAX_SAFE_INTEGER];
  const orders = [
    null,
    ...[null, 'KRW', 'USD'].flatMap((currency) => amounts.map((amount) => ({ amount, currency }))),
  ];
  for (const status of ['issued', 'held', 'redeemed', 'expired'] as const) {
    for (const expiresAtMs of [null, 0, NOW_MS - 1, NOW_MS, NOW_MS + 1]) {
      for (const discount of [FIXED, PERCENT]) {
        for (const reimbursementBps of [0, 1000, 10_000]) {
          for (const order of orders) {
            yield { status, expiresAtMs, discount, reimbursementBps, order };
          }
        }
      }
    }
  }
}
