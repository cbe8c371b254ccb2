import { created, ok, type Call } from './call.ts';
import { idOrCode, redemptionId, vendorId } from './params.ts';
import { PageQuery, pageSchema } from './primitives.ts';
import {
  Entry,
  NewPayout,
  NewRedemption,
  NewReversal,
  Payout,
  Redemption,
} from './redemption-schemas.ts';

/** The calls that use coupons. */
export const REDEMPTION_CALLS = {
  createRedemption: {
    method: 'POST',
    path: '/v1/coupons/{idOrCode}/redemptions',
    tag: 'Redemptions',
    summary: 'Use a coupon',
    description:
      'Computes the discount and pays the vendor, once. With `Prefer: respond-async` the use is ' +
      'written down and decided later; with `wait=N` beside it the answer waits up to N seconds ' +
      '(30 at most) for the decision.',
    scope: 'claims:write',
    params: [idOrCode],
    body: NewRedemption,
    bodyOptional: true,
    headers: ['Prefer'],
    successes: [
      {
        ...created(Redemption, 'The redemption.'),
        headers: ['Location', 'Preference-Applied'],
      },
      {
        status: 202,
        description: 'The use is written down; look at `Location` for the decision.',
        schema: Redemption,
        headers: ['Location', 'Preference-Applied'],
      },
    ],
    refusals: [
      'coupon-already-redeemed',
      'coupon-held',
      'coupon-expired',
      'currency-mismatch',
      'balance-limit-reached',
    ],
  },
  getRedemption: {
    method: 'GET',
    path: '/v1/redemptions/{redemptionId}',
    tag: 'Redemptions',
    summary: 'Look at a redemption',
    scope: 'read',
    params: [redemptionId],
    successes: [ok(Redemption, 'The redemption as it is now.')],
  },
  createReversal: {
    method: 'POST',
    path: '/v1/redemptions/{redemptionId}/reversals',
    tag: 'Redemptions',
    summary: 'Undo a redemption',
    description:
      'The coupon can be used again, if its time has not passed, and the vendor gives back what ' +
      'it was paid; its balance may fall below zero by that.',
    scope: 'claims:write',
    params: [redemptionId],
    body: NewReversal,
    bodyOptional: true,
    successes: [created(Redemption, 'The redemption, reversed.')],
    refusals: ['already-reversed', 'redemption-not-completed', 'balance-limit-reached'],
  },
} as const satisfies Readonly<Record<string, Call>>;

/** The calls of a vendor's ledger. */
export const LEDGER_CALLS = {
  listVendorEntries: {
    method: 'GET',
    path: '/v1/vendors/{vendorId}/entries',
    tag: 'Vendors',
    summary: 'List a vendor’s ledger entries, newest first',
    scope: 'read',
    params: [vendorId],
    query: PageQuery,
    successes: [ok(pageSchema(Entry), 'A page of entries.')],
  },
  createPayout: {
    method: 'POST',
    path: '/v1/vendors/{vendorId}/payouts',
    tag: 'Vendors',
    summary: 'Pay a vendor out',
    description: 'Never more than the balance.',
    scope: 'admin',
    params: [vendorId],
    body: NewPayout,
    successes: [{ status: 201, description: 'The payout.', schema: Payout }],
    refusals: ['currency-mismatch', 'insufficient-balance'],
  },
} as const satisfies Readonly<Record<string, Call>>;
