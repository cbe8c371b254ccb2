import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMemoryStore } from '../../src/adapters/memory/memory-store.ts';
import { createTables, type MemoryTables } from '../../src/adapters/memory/tables.ts';
import { keyed } from './given.ts';
import { acceptUse, givenCoupons, givenRedemption, payOut, useOf } from './given-redemptions.ts';
import { ledgerAgreesWithModel } from './model/ledger-agreement.ts';
import { openUnspoilt } from './planted/bugs.ts';
import { failedChecks } from './planted/failed-checks.ts';
import * as bugs from './planted/ledger-bugs.ts';
import { createTestClock, type OpenStoreUnderTest } from './store-under-test.ts';

const SEED = 20260131;
const TIMEOUT_MS = 60_000;

/** The checks that a store passes when asked for one thing after the other. */
const ONE_BY_ONE = [
  ...['redemptions', 'refusals of a use', 'reversals', 'payouts', 'entries', 'expiry'],
  ...['accepted redemptions', 'events of uses', 'keys of uses, reversals and payouts'],
];
const SUBJECTS = [...ONE_BY_ONE, 'many uses at once'];

/** Each bug with the checks that are there to catch it. Others may catch it too. */
const CAUGHT_BY: readonly (readonly [
  bug: string,
  open: OpenStoreUnderTest,
  checks: readonly string[],
])[] = [
  [
    'pays twice on a replay',
    bugs.openPaysReplays,
    [
      'replays a use as it was, and pays nobody again',
      'replays the second of two uses with one key in one batch',
      'uses a coupon once, however many calls with one key run at once',
      'replays after a restart what was decided before it',
    ],
  ],
  [
    'undoes without a check',
    bugs.openReversesUnchecked,
    [
      'undoes a use once',
      'undoes a use once, however many undo it at once',
      'lets a coupon be used, undone and used again, each use for itself',
      'keeps every promise while all of it happens at once',
    ],
  ],
  [
    'checks a payout before it writes it',
    bugs.openPaysOutLate,
    [
      'never pays out more than there is, however many ask at once',
      'keeps every promise while all of it happens at once',
    ],
  ],
  [
    'ignores expiry',
    bugs.openIgnoresExpiry,
    [
      'lets a coupon be used until before its time has passed',
      'decides at the moment of the decision',
      'either uses a coupon or lets it expire, while its time passes',
    ],
  ],
  [
    'checks a coupon before it uses it',
    bugs.openChecksThenUses,
    [
      'lets one of 60 that use a coupon at once have it',
      'keeps every promise while all of it happens at once',
    ],
  ],
  [
    'posts one side of a payout',
    bugs.openPostsOneSide,
    ['pays out of the balance, in parts and to the last unit'],
  ],
];

describe('the checks of uses and payments', { timeout: TIMEOUT_MS }, () => {
  it('say nothing against the construction that the bugs are planted in', async () => {
    expect(await failedChecks(openUnspoilt, SUBJECTS)).toEqual([]);
  });

  it.each(CAUGHT_BY)('catch a store that %s', async (_bug, open, checks) => {
    expect(await failedChecks(open, SUBJECTS)).toEqual(expect.arrayContaining([...checks]));
  });

  it.each([
    ['a payout before it writes it', bugs.openPaysOutLate],
    ['a coupon before it uses it', bugs.openChecksThenUses],
  ])('need many at once to catch a store that checks %s', async (_what, open) => {
    const failed = await failedChecks(open, ONE_BY_ONE);
    // These ask at once, too.
    const atOnce = failed.filter((sentence) => !sentence.includes('at once'));
    expect(atOnce).toEqual([]);
  });
});

describe('the naive ledger disagrees with a store that', { timeout: TIMEOUT_MS }, () => {
  it.each([
    ['pays twice on a replay', bugs.openPaysReplays],
    ['undoes without a check', bugs.openReversesUnchecked],
    ['ignores expiry', bugs.openIgnoresExpiry],
    ['posts one side of a payout', bugs.openPostsOneSide],
  ])('%s', async (_bug, open) => {
    const result = await fc.check(ledgerAgreesWithModel(open), { seed: SEED, numRuns: 200 });
    expect(result.failed).toBe(true);
  });

  it('but with none that has no bug', async () => {
    await fc.assert(ledgerAgreesWithModel(openUnspoilt), { seed: SEED, numRuns: 100 });
  });
});

describe('the recount of the ledger', () => {
  it.each<[check: string, what: string, tamper: (tables: MemoryTables) => void]>([
    ['ledger-balances', 'a posting is changed', changePosting],
    ['ledger-balances', 'a balance is changed', changeBalance],
    ['ledger-balances', 'a balance in between is changed', changeBalanceAfter],
    ['ledger-balances', 'what promotions cost is changed', changePlatform],
    ['ledger-balances', 'a transaction is gone', ({ transactions }) => transactions.splice(0, 1)],
    ['vendors-paid-once', 'a transaction is gone', ({ transactions }) => transactions.splice(0, 1)],
    ['vendors-paid-once', 'a transaction is there twice', repeatTransaction],
    ['vendors-paid-once', 'a payout is gone', ({ payouts }) => payouts.clear()],
    ['vendors-paid-once', 'nobody was told of it', (tables) => silence(tables, 'vendor.credited')],
    ['vendors-paid-once', 'a redemption is gone', ({ redemptions }) => redemptions.delete('red_1')],
    ['vendors-paid-once', 'a redemption is in force again', revive],
    ['redemptions-agree', 'a redemption is gone', ({ redemptions }) => redemptions.delete('red_1')],
    ['redemptions-agree', 'a redemption is in force again', revive],
    ['redemptions-agree', 'a used coupon is free', freeCoupon],
    ['redemptions-agree', 'a campaign counts wrongly', miscount],
    ['redemptions-agree', 'a redemption is of another', changeUser],
    ['redemptions-agree', 'nobody was told of it', (tables) => silence(tables, 'coupon.redeemed')],
    [
      'redemptions-agree',
      'no reversal was told',
      (tables) => silence(tables, 'redemption.reversed'),
    ],
  ])('is red in %s when %s', async (name, _what, tamper) => {
    expect(await redAfter(tamper)).toContain(name);
  });

  it('is green when nothing was done to the rows', async () => {
    expect(await redAfter(() => undefined)).toEqual([]);
  });

  it('is red after a store undid without a check, or paid out more than there was', async () => {
    const { store } = await bugs.openReversesUnchecked();
    const [coupon] = await givenCoupons(store, 1);
    await givenRedemption(store, useOf('red_1', coupon!.id));
    for (const key of ['a', 'b']) await store.reverseRedemption('red_1', keyed(key));
    expect(await redOf(store)).toEqual(['redemptions-agree', 'vendors-paid-once']);

    const { store: late } = await bugs.openPaysOutLate();
    const [used] = await givenCoupons(late, 1);
    await givenRedemption(late, useOf('red_1', used!.id));
    await Promise.all([payOut(late, 'pay_1', 400), payOut(late, 'pay_2', 400)]);
    expect(await redOf(late)).toEqual(['vendors-paid-once']);
  });
});

/** The red checks after someone wrote into the tables, behind the store's back. */
async function redAfter(tamper: (tables: MemoryTables) => void): Promise<readonly string[]> {
  const tables = createTables();
  const { store } = createMemoryStore({ clock: createTestClock(), tables });
  const [a, b, c] = await givenCoupons(store, 3);
  await givenRedemption(store, useOf('red_1', a!.id));
  await givenRedemption(store, useOf('red_2', b!.id));
  await payOut(store, 'pay_1', 600);
  await store.reverseRedemption('red_2', keyed('k'));
  await acceptUse(store, useOf('red_3', c!.id));
  tamper(tables);
  return redOf(store);
}

async function redOf(store: { recount: ReturnType<typeof createMemoryStore>['store']['recount'] }) {
  const checks = await store.recount();
  return checks.filter((check) => !check.ok).map((check) => check.name);
}

function changePosting({ transactions }: MemoryTables): void {
  const [first] = transactions;
  const [vendor, platform] = first!.postings;
  const postings = [vendor!, { ...platform!, amountMinor: platform!.amountMinor + 1 }];
  transactions[0] = { ...first!, postings };
}

function changeBalance({ vendors }: MemoryTables): void {
  const vendor = vendors.get('ven_a')!;
  vendors.set('ven_a', { ...vendor, balance: { amount: 1, currency: 'KRW' } });
}

function changeBalanceAfter({ transactions }: MemoryTables): void {
  transactions[1] = { ...transactions[1]!, balanceAfterMinor: 1 };
}

function changePlatform({ platformBalances }: MemoryTables): void {
  for (const name of platformBalances.keys()) platformBalances.set(name, 1n);
}

function repeatTransaction({ transactions }: MemoryTables): void {
  transactions.push(transactions[0]!);
}

function silence({ events }: MemoryTables, type: string): void {
  const index = events.findIndex((event) => event.type === type);
  events.splice(index, 1);
}

function revive({ redemptions }: MemoryTables): void {
  const row = redemptions.get('red_2')!;
  redemptions.set('red_2', { ...row, redemption: { ...row.redemption, status: 'redeemed' } });
}

function freeCoupon({ coupons }: MemoryTables): void {
  for (const coupon of coupons.values()) coupons.set(coupon.id, { ...coupon, status: 'issued' });
}

function miscount({ campaigns }: MemoryTables): void {
  campaigns.set('cmp_a', { ...campaigns.get('cmp_a')!, redeemed: 2 });
}

function changeUser({ redemptions }: MemoryTables): void {
  const row = redemptions.get('red_3')!;
  redemptions.set('red_3', { ...row, redemption: { ...row.redemption, userId: 'thief' } });
}
