import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  balanced,
  decidePayout,
  decidePostings,
  payoutPostings,
  redemptionPostings,
  reversalPostings,
  type AccountKind,
  type Posting,
} from './ledger.ts';

const SEED = 20260131;
const AMOUNT_MAX = Number.MAX_SAFE_INTEGER;
const amount = fc.oneof(
  fc.integer({ min: 1, max: AMOUNT_MAX }),
  fc.constantFrom(1, 2, AMOUNT_MAX - 1, AMOUNT_MAX),
);

describe('given a reimbursement', () => {
  it('when a coupon is used, then the vendor gains what promotions cost', () => {
    expect(redemptionPostings(500)).toEqual([
      { account: 'vendor', amountMinor: 500 },
      { account: 'promotion-cost', amountMinor: -500 },
    ]);
  });

  it('when the use is undone, then the vendor loses what promotions get back', () => {
    expect(reversalPostings(500)).toEqual([
      { account: 'vendor', amountMinor: -500 },
      { account: 'promotion-cost', amountMinor: 500 },
    ]);
  });

  it('when it is used and undone any number of times, then nothing is left of it', () => {
    fc.assert(
      fc.property(amount, fc.integer({ min: 1, max: 5 }), (reimbursement, times) => {
        const postings = Array.from({ length: times }, () => [
          ...redemptionPostings(reimbursement),
          ...reversalPostings(reimbursement),
        ]).flat();
        expect(sumsOf(postings)).toEqual({ vendor: 0n, 'promotion-cost': 0n });
      }),
      { seed: SEED },
    );
  });
});

describe('given a payout', () => {
  it('when it is posted, then the vendor’s account loses what leaves for the bank', () => {
    expect(payoutPostings(500)).toEqual([
      { account: 'vendor', amountMinor: -500 },
      { account: 'paid-out', amountMinor: 500 },
    ]);
  });

  it.each<[balance: number, amount: number, decision: ReturnType<typeof decidePayout>]>([
    [0, 1, 'insufficient-balance'],
    [1, 1, 'pay'],
    [1, 2, 'insufficient-balance'],
    [500, 499, 'pay'],
    [500, 500, 'pay'],
    [500, 501, 'insufficient-balance'],
    // After a reversal that came after a payout the vendor owes.
    [-1, 1, 'insufficient-balance'],
    [-AMOUNT_MAX, AMOUNT_MAX, 'insufficient-balance'],
    [AMOUNT_MAX - 1, AMOUNT_MAX, 'insufficient-balance'],
    [AMOUNT_MAX, AMOUNT_MAX, 'pay'],
  ])('when the account holds %i and %i are asked for, then %s', (balance, asked, decision) => {
    expect(decidePayout(balance, asked)).toBe(decision);
  });

  it('when it is paid, then the account is never left below zero', () => {
    const balance = fc.integer({ min: -AMOUNT_MAX, max: AMOUNT_MAX });
    fc.assert(
      fc.property(balance, amount, (held, asked) => {
        const left = BigInt(held) - BigInt(asked);
        expect(decidePayout(held, asked)).toBe(left >= 0n ? 'pay' : 'insufficient-balance');
      }),
      { seed: SEED },
    );
  });
});

describe('given any amount of money', () => {
  it.each([
    ['used', redemptionPostings],
    ['undone', reversalPostings],
    ['paid out', payoutPostings],
  ])('when it is %s, then debits equal credits, to the last minor unit', (_what, postingsOf) => {
    fc.assert(
      fc.property(amount, (minor) => {
        const postings = postingsOf(minor);
        expect(postings).toHaveLength(2);
        expect(postings.map((posting) => Math.abs(posting.amountMinor))).toEqual([minor, minor]);
        expect(Object.values(sumsOf(postings)).reduce((a, b) => a + b, 0n)).toBe(0n);
      }),
      { seed: SEED },
    );
  });
});

describe('given the balances of a vendor and of the platform', () => {
  const LIMIT = BigInt(AMOUNT_MAX);
  const PLATFORM_LIMIT = 2n ** 63n - 1n;
  const decide = (postings: readonly Posting[], vendor: bigint, platform = 0n) =>
    decidePostings(postings, (account) => (account === 'vendor' ? vendor : platform));

  it.each<[vendor: bigint, amount: number, decision: ReturnType<typeof decidePostings>]>([
    [0n, AMOUNT_MAX, 'post'],
    [LIMIT - 1n, 1, 'post'],
    [LIMIT, 0, 'post'],
    [LIMIT, 1, 'balance-limit-reached'],
    [1n, AMOUNT_MAX, 'balance-limit-reached'],
    [LIMIT, AMOUNT_MAX, 'balance-limit-reached'],
    [-LIMIT, AMOUNT_MAX, 'post'],
  ])('when %d is there and a use pays %i, then %s', (vendor, minor, decision) => {
    expect(decide(redemptionPostings(minor), vendor)).toBe(decision);
    // The way back is the same seen from below.
    expect(decide(reversalPostings(minor), -vendor)).toBe(decision);
  });

  it('when all vendors together get more than one may have, then it is posted', () => {
    expect(decide(redemptionPostings(1), 0n, -LIMIT)).toBe('post');
    expect(decide(redemptionPostings(1), 0n, 1n - PLATFORM_LIMIT)).toBe('post');
    expect(decide(redemptionPostings(1), 0n, -PLATFORM_LIMIT)).toBe('balance-limit-reached');
    expect(decide(reversalPostings(1), 0n, PLATFORM_LIMIT)).toBe('balance-limit-reached');
  });
});

describe('given postings that do not add up to zero', () => {
  it.each([
    ['a credit without a debit', [5], '5'],
    ['a debit that is too small', [5, -4], '1'],
    ['a debit that is too large', [5, -6], '-1'],
    // Floating point would add these up to exactly zero.
    ['one unit beyond what a number can count', [AMOUNT_MAX, 2, -AMOUNT_MAX, -1], '1'],
  ])('when %s is to be written, then it is refused', (_what, amounts, sum) => {
    const postings = amounts.map((amountMinor): Posting => ({ account: 'vendor', amountMinor }));
    expect(() => balanced(postings)).toThrow(`postings add up to ${sum}, not to zero`);
  });

  it('when they do add up, or there are none, then they come back as they were', () => {
    const postings = redemptionPostings(AMOUNT_MAX);
    expect(balanced(postings)).toBe(postings);
    expect(balanced([])).toEqual([]);
  });
});

function sumsOf(postings: readonly Posting[]): Partial<Record<AccountKind, bigint>> {
  const sums: Partial<Record<AccountKind, bigint>> = {};
  for (const { account, amountMinor } of postings) {
    sums[account] = (sums[account] ?? 0n) + BigInt(amountMinor);
  }
  return sums;
}
