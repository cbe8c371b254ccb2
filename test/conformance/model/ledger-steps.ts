import fc from 'fast-check';
import type { ModelTerms, ModelUse } from './naive-ledger.ts';

/** One thing that happens to coupons and the vendors who are paid for them. */
export type LedgerStep =
  | { readonly kind: 'claim'; readonly campaignId: string; readonly userId: string }
  | { readonly kind: 'redeem'; readonly uses: readonly NamedUse[] }
  | { readonly kind: 'accept'; readonly uses: readonly NamedUse[] }
  | { readonly kind: 'decide'; readonly countMax: number }
  /** Of one of the redemptions that there are by then, in the order of their making. */
  | { readonly kind: 'reverse'; readonly of: number; readonly key: string | null }
  | {
      readonly kind: 'payOut';
      readonly vendorId: string;
      readonly amount: number;
      readonly currency: string | null;
      readonly key: string | null;
    }
  | { readonly kind: 'expire'; readonly countMax: number }
  | { readonly kind: 'pass'; readonly ms: number }
  | { readonly kind: 'restart' };

/** A use with the way in which its coupon is named. */
export interface NamedUse extends ModelUse {
  readonly by: 'id' | 'code';
}

/** Few coupons that are used, undone and over within a few steps; two vendors. */
export const TERMS: readonly ModelTerms[] = [
  terms('cmp_0', { off: { fixed: 1000 }, quantity: 4, perUserLimit: 2 }),
  terms('cmp_1', { off: { percent: 33, cap: 500 }, bps: 3333, validForMs: 10_000 }),
  // Of so little the vendor gets nothing.
  terms('cmp_2', { vendorId: 'ven_b', off: { fixed: 7 }, validForMs: 5000 }),
  terms('cmp_3', { vendorId: 'ven_b', off: { percent: 100, cap: 1_000_000 }, bps: 10_000 }),
];

const campaignId = fc.constantFrom(...TERMS.map((one) => one.id));
const userId = fc.constantFrom('ann', 'bob', 'cid');
const key = fc.oneof(
  { weight: 7, arbitrary: fc.constant(null) },
  { weight: 1, arbitrary: fc.constantFrom('k1', 'k2', 'k3', 'k4') },
);
const countMax = fc.integer({ min: 1, max: 4 });
/** These are there from the beginning, so that most steps have something to work on. */
export const CLAIMED: readonly (readonly [campaignId: string, userId: string])[] = [
  ['cmp_0', 'ann'],
  ['cmp_1', 'ann'],
  ['cmp_2', 'ann'],
  ['cmp_3', 'ann'],
];

/** `cmp_0/9` is never there. */
const coupon = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom('cmp_0/1', 'cmp_1/1', 'cmp_2/1', 'cmp_3/1') },
  { weight: 4, arbitrary: fc.constantFrom('cmp_0/2', 'cmp_1/2', 'cmp_3/2', 'cmp_0/9') },
);
const order = fc.option(
  fc.record({
    amount: fc.oneof(fc.constantFrom(0, 1, 999, 1000, 1001), fc.nat(5000)),
    currency: fc.constantFrom(null, null, null, 'KRW', 'KRW', 'USD'),
  }),
  { freq: 4 },
);
const freely = fc.record({ coupon, order, key });
/** Repeated as they are, so that a key comes again with its own request. */
const repeatedly: fc.Arbitrary<ModelUse> = fc.constantFrom(
  { coupon: 'cmp_0/1', order: null, key: 'use 1' },
  { coupon: 'cmp_1/1', order: { amount: 999, currency: null }, key: 'use 2' },
  { coupon: 'cmp_3/1', order: { amount: 2500, currency: 'KRW' }, key: 'use 3' },
  { coupon: 'cmp_0/9', order: null, key: 'use 4' },
);
const mostlyFreely = fc.oneof(
  { weight: 4, arbitrary: freely },
  { weight: 1, arbitrary: repeatedly },
);
const use: fc.Arbitrary<NamedUse> = fc
  .tuple(mostlyFreely, fc.constantFrom('id', 'code'))
  .map(([asked, by]) => ({ ...asked, by }) as const);
const uses = fc.array(use, { minLength: 1, maxLength: 4 });
const undoing = fc.oneof(
  { weight: 6, arbitrary: fc.record({ of: fc.nat(12), key }) },
  { weight: 1, arbitrary: fc.constant({ of: 0, key: 'undo' }) },
);
const ofVendor = fc.constantFrom('ven_a', 'ven_a', 'ven_a', 'ven_b', 'ven_b', 'ven_b', 'ven_z');
const payment = fc.oneof(
  fc.record({
    vendorId: ofVendor,
    amount: fc.oneof(fc.constantFrom(1, 100, 200, 1000), fc.integer({ min: 1, max: 4000 })),
    currency: fc.constantFrom(null, null, 'KRW', 'KRW', 'USD'),
    key,
  }),
  fc.constant({ vendorId: 'ven_a', amount: 100, currency: null, key: 'payout' }),
);

const step: fc.Arbitrary<LedgerStep> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('claim'), campaignId, userId }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('redeem'), uses }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('accept'), uses }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('decide'), countMax }) },
  { weight: 5, arbitrary: undoing.map((asked) => ({ kind: 'reverse', ...asked }) as const) },
  { weight: 3, arbitrary: payment.map((asked) => ({ kind: 'payOut', ...asked }) as const) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('expire'), countMax }) },
  {
    weight: 2,
    // Never back: which of two that are over at one moment was marked first is left open.
    arbitrary: fc.record({ kind: fc.constant('pass'), ms: fc.integer({ min: 1, max: 4000 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart') }) },
);

export const ledgerSteps = fc.array(step, { minLength: 1, maxLength: 40, size: 'max' });

function terms(id: string, some: Partial<ModelTerms> & Pick<ModelTerms, 'off'>): ModelTerms {
  return {
    id,
    vendorId: 'ven_a',
    quantity: 3,
    perUserLimit: 1,
    bps: 1000,
    validForMs: null,
    ...some,
  };
}
