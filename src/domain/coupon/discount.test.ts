import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Discount } from '../campaign/campaign.ts';
import { discountMinor, needsOrderAmount, reimbursementMinor } from './discount.ts';

const SEED = 20260131;
const AMOUNT_MAX = Number.MAX_SAFE_INTEGER;
const edges = fc.constantFrom(0, 1, 2, 99, 100, 101, AMOUNT_MAX - 1, AMOUNT_MAX);
const amount = fc.oneof(fc.integer({ min: 0, max: AMOUNT_MAX }), fc.nat(1000), edges);
const promised = amount.map((minor) => Math.max(1, minor));
const percentage = fc.integer({ min: 1, max: 100 });
const bps = fc.oneof(fc.integer({ min: 0, max: 10_000 }), fc.constantFrom(0, 1, 9_999, 10_000));
const discount: fc.Arbitrary<Discount> = fc.oneof(
  promised.map((minor) => fixed(minor)),
  fc.tuple(percentage, fc.option(promised)).map(([part, cap]) => percent(part, cap ?? undefined)),
);

describe('given a coupon of a fixed amount', () => {
  it.each<[order: number | null, off: number]>([
    [null, 5000],
    [0, 0],
    [1, 1],
    [4999, 4999],
    [5000, 5000],
    [5001, 5000],
    [AMOUNT_MAX, 5000],
  ])('when the order comes to %o, then it takes %i of 5000 off', (order, off) => {
    expect(discountMinor(fixed(5000), order)).toBe(off);
  });

  it('when it is the largest amount there is, then none of it is lost', () => {
    expect(discountMinor(fixed(AMOUNT_MAX), null)).toBe(AMOUNT_MAX);
    expect(discountMinor(fixed(AMOUNT_MAX), AMOUNT_MAX)).toBe(AMOUNT_MAX);
    expect(discountMinor(fixed(AMOUNT_MAX), AMOUNT_MAX - 1)).toBe(AMOUNT_MAX - 1);
  });
});

describe('given a coupon of a percentage', () => {
  it.each<[percent: number, cap: number | undefined, order: number, off: number]>([
    [10, undefined, 0, 0],
    [10, undefined, 9, 0],
    [10, undefined, 10, 1],
    [10, undefined, 19, 1],
    [33, undefined, 100, 33],
    [33, undefined, 101, 33],
    [99, undefined, 1, 0],
    [100, undefined, 1, 1],
    [1, undefined, 99, 0],
    [50, 300, 598, 299],
    [50, 300, 600, 300],
    [50, 300, 602, 300],
    [100, 300, 200, 200],
    [100, 300, 400, 300],
    [100, AMOUNT_MAX, AMOUNT_MAX, AMOUNT_MAX],
    [100, undefined, AMOUNT_MAX, AMOUNT_MAX],
    // In floating point the product would be rounded before it is divided.
    [99, undefined, AMOUNT_MAX, 8_917_127_262_193_581],
    [7, undefined, AMOUNT_MAX, 630_503_947_831_869],
  ])('of %i, at most %o: when the order comes to %i, then it takes %i off', (...given) => {
    const [part, cap, order, off] = given;
    expect(discountMinor(percent(part, cap), order)).toBe(off);
  });

  it('when nobody says what the order comes to, then nobody can say the discount', () => {
    expect(discountMinor(percent(10), null)).toBeNull();
    expect(discountMinor(percent(10, 300), null)).toBeNull();
  });

  it('when there is no cap, then parts of a minor unit are dropped, never added', () => {
    fc.assert(
      fc.property(percentage, amount, (part, order) => {
        const off = BigInt(discountMinor(percent(part), order)!);
        const exactHundredfold = BigInt(order) * BigInt(part);
        expect(off * 100n <= exactHundredfold && exactHundredfold < (off + 1n) * 100n).toBe(true);
      }),
      { seed: SEED },
    );
  });

  it('when there is a cap, then it takes off the cap or what it would without, if less', () => {
    fc.assert(
      fc.property(percentage, promised, amount, (part, cap, order) => {
        const uncapped = discountMinor(percent(part), order)!;
        expect(discountMinor(percent(part, cap), order)).toBe(uncapped < cap ? uncapped : cap);
      }),
      { seed: SEED },
    );
  });
});

describe('given any coupon', () => {
  it('when it is used, then it takes off a whole number, never more than the order', () => {
    fc.assert(
      fc.property(discount, amount, (terms, order) => {
        const off = discountMinor(terms, order)!;
        expect(Number.isSafeInteger(off) && off >= 0 && off <= order).toBe(true);
        expect(off <= ((terms.type === 'fixed' ? terms.amount : terms.maxAmount) ?? off)).toBe(
          true,
        );
      }),
      { seed: SEED },
    );
  });

  it('when the order comes to more, then it never takes less off', () => {
    fc.assert(
      fc.property(discount, amount, amount, (terms, one, other) => {
        const [less, more] = [Math.min(one, other), Math.max(one, other)];
        expect(discountMinor(terms, less)).toBeLessThanOrEqual(discountMinor(terms, more)!);
      }),
      { seed: SEED },
    );
  });
});

describe('given no order amount', () => {
  it.each<[Discount['type'], Discount]>([
    ['fixed', { type: 'fixed', amount: 1, currency: 'KRW' }],
    ['percent', { type: 'percent', percent: 1, currency: 'KRW' }],
  ])('when a discount is %s, then it needs one exactly if it comes to nothing', (_, discount) => {
    expect(needsOrderAmount(discount)).toBe(discountMinor(discount, null) === null);
  });
});

describe('given a discount', () => {
  it.each<[discounted: number, bps: number, reimbursed: number]>([
    [5000, 1000, 500],
    [5000, 0, 0],
    [5000, 10_000, 5000],
    [0, 10_000, 0],
    [9, 1000, 0],
    [19, 1000, 1],
    [9999, 1, 0],
    [10_000, 1, 1],
    [AMOUNT_MAX, 10_000, AMOUNT_MAX],
    [AMOUNT_MAX, 9999, 9_006_298_534_815_516],
  ])('of %i: when the vendor gets %i of 10,000 parts, then it is paid %i', (...given) => {
    const [discounted, part, reimbursed] = given;
    expect(reimbursementMinor(discounted, part)).toBe(reimbursed);
  });

  it('when its vendor is paid a part, then parts of a minor unit are dropped, never added', () => {
    fc.assert(
      fc.property(amount, bps, (discounted, part) => {
        const paid = BigInt(reimbursementMinor(discounted, part));
        const exact = BigInt(discounted) * BigInt(part);
        expect(paid * 10_000n <= exact && exact < (paid + 1n) * 10_000n).toBe(true);
        expect(paid <= BigInt(discounted)).toBe(true);
      }),
      { seed: SEED },
    );
  });
});

function fixed(minor: number): Discount {
  return { type: 'fixed', amount: minor, currency: 'KRW' };
}

function percent(part: number, maxAmount?: number): Discount {
  const terms = { type: 'percent', percent: part, currency: 'KRW' } as const;
  return maxAmount === undefined ? terms : { ...terms, maxAmount };
}
