import { expect } from 'vitest';
import type { Discount } from '../../../src/domain/campaign/campaign.ts';
import { PLAIN, readPages, users } from '../given.ts';
import {
  balanceOf,
  entriesOf,
  givenCoupon,
  givenCoupons,
  givenRedemption,
  ledgerInWords,
  payOut,
  reverse,
  useOf,
  wordOf,
} from '../given-redemptions.ts';
import { withLedgerHeld } from '../ledger-invariants.ts';
import { START_MS } from '../store-under-test.ts';

const AMOUNT_MAX = Number.MAX_SAFE_INTEGER;

/** What leaves for the vendors’ banks. */
export const payoutChecks = withLedgerHeld({
  'pays out of the balance, in parts and to the last unit': async ({ store, clock }) => {
    const coupon = await givenCoupon(store);
    await givenRedemption(store, useOf('red_1', coupon.id));
    clock.advance(3);
    const amount = { amount: 499, currency: 'KRW' };
    expect(await payOut(store, 'pay_1', 499)).toEqual({
      kind: 'paid',
      payout: { id: 'pay_1', vendorId: 'ven_a', amount, createdAtMs: START_MS + 3 },
    });
    expect(wordOf(await payOut(store, 'pay_2', 2))).toBe('insufficient-balance');
    expect(wordOf(await payOut(store, 'pay_3', 1, { currency: 'KRW' }))).toBe('paid');
    expect(wordOf(await payOut(store, 'pay_4', 1))).toBe('insufficient-balance');
    expect(await ledgerInWords(store)).toEqual([
      ...['redemption 500 -> 500', 'payout -499 -> 1', 'payout -1 -> 0'],
    ]);
  },

  'never pays more than the account holds': async ({ store, log }) => {
    const coupon = await givenCoupon(store);
    expect(wordOf(await payOut(store, 'pay_1', 1))).toBe('insufficient-balance');
    await givenRedemption(store, useOf('red_1', coupon.id));
    const head = await log.head();
    for (const amount of [501, 1000, AMOUNT_MAX]) {
      const outcome = await payOut(store, 'pay_2', amount);
      expect(outcome).toEqual({ kind: 'refused', code: 'insufficient-balance' });
    }
    expect(await log.head()).toBe(head);
    expect(await balanceOf(store)).toBe(500);
  },

  'refuses an unknown vendor, then another currency, then too much': async ({ store, log }) => {
    await givenCoupon(store);
    const head = await log.head();
    const ask = async (more: Parameters<typeof payOut>[3]) =>
      wordOf(await payOut(store, 'pay_1', AMOUNT_MAX, more));
    expect(await ask({ vendorId: 'ven_nowhere', currency: 'USD' })).toBe('vendor-not-found');
    expect(await ask({ currency: 'USD' })).toBe('currency-mismatch');
    expect(await ask({ currency: 'KRW' })).toBe('insufficient-balance');
    expect(await log.head()).toBe(head);
  },

  'pays the largest balance there is': async ({ store }) => {
    const discount: Discount = { type: 'fixed', amount: AMOUNT_MAX, currency: 'KRW' };
    const coupon = await givenCoupon(store, { discount, reimbursementBps: 10_000 });
    await givenRedemption(store, useOf('red_1', coupon.id));
    expect(wordOf(await payOut(store, 'pay_1', AMOUNT_MAX))).toBe('paid');
    expect(await balanceOf(store)).toBe(0);
  },

  'pays one vendor nothing of what another has': async ({ store }) => {
    const a = await givenCoupon(store);
    await givenCoupon(store, { id: 'cmp_b', vendorId: 'ven_b' });
    await givenRedemption(store, useOf('red_1', a.id));
    const outcome = await payOut(store, 'pay_1', 1, { vendorId: 'ven_b' });
    expect(wordOf(outcome)).toBe('insufficient-balance');
    expect(wordOf(await payOut(store, 'pay_1', 500))).toBe('paid');
    expect(await ledgerInWords(store, 'ven_b')).toEqual([]);
  },

  'keeps what was paid out over a restart': async ({ store, reopen }) => {
    const coupon = await givenCoupon(store);
    await givenRedemption(store, useOf('red_1', coupon.id));
    await payOut(store, 'pay_1', 300);
    const { store: again } = await reopen();
    expect(wordOf(await payOut(again, 'pay_2', 201))).toBe('insufficient-balance');
    expect(wordOf(await payOut(again, 'pay_3', 200))).toBe('paid');
    expect(await balanceOf(again)).toBe(0);
  },
});

/** How a vendor’s ledger is read. */
export const entryChecks = withLedgerHeld({
  'shows who got what, when, for what, and what the balance was then': async (subject) => {
    const { store, clock } = subject;
    const coupon = await givenCoupon(store);
    await givenRedemption(store, useOf('red_1', coupon.id));
    clock.advance(1);
    await payOut(store, 'pay_1', 200);
    clock.advance(1);
    await reverse(store, 'red_1');
    const krw = (amount: number) => ({ amount, currency: 'KRW' });
    const entry = { id: expect.any(String) as string, vendorId: 'ven_a', payoutId: null };
    expect(await entriesOf(store)).toEqual([
      {
        ...entry,
        ...{ type: 'redemption', amount: krw(500), balanceAfter: krw(500) },
        ...{ redemptionId: 'red_1', createdAtMs: START_MS },
      },
      {
        ...entry,
        ...{ type: 'payout', amount: krw(-200), balanceAfter: krw(300) },
        ...{ redemptionId: null, payoutId: 'pay_1', createdAtMs: START_MS + 1 },
      },
      {
        ...entry,
        ...{ type: 'reversal', amount: krw(-500), balanceAfter: krw(-200) },
        ...{ redemptionId: 'red_1', createdAtMs: START_MS + 2 },
      },
    ]);
  },

  'lists the newest first, in pages, though others are posted meanwhile': async ({ store }) => {
    const coupons = await givenCoupons(store, 8);
    const [b] = await givenCoupons(store, 1, { id: 'cmp_b', vendorId: 'ven_b' });
    const use = (index: number) =>
      givenRedemption(store, useOf(`red_${index}`, coupons[index]!.id));
    for (const index of [0, 1, 2]) await use(index);
    await givenRedemption(store, useOf('red_b', b!.id));
    for (const index of [3, 4]) await use(index);
    let posted = 5;
    const pages = await readPages(async (page) => {
      const result = await store.entries('ven_a', page);
      if (posted < 8) await use(posted++);
      if (result === 'vendor-not-found') throw new Error(result);
      return result;
    }, 2);
    const ids = pages.map((page) => page.map((entry) => entry.redemptionId));
    expect(ids).toEqual([['red_4', 'red_3'], ['red_2', 'red_1'], ['red_0']]);
    expect(await entriesOf(store, 'ven_b')).toHaveLength(1);
  },

  'has nothing to list for a vendor whom nobody has paid': async ({ store }) => {
    await givenCoupon(store);
    const page = await store.entries('ven_a', { limit: 5, cursor: null });
    expect(page).toEqual({ items: [], nextCursor: null });
  },

  'knows no entries of a vendor that is not there': async ({ store }) => {
    for (const id of ['ven_nowhere', '', '__proto__']) {
      expect(await store.entries(id, { limit: 5, cursor: null })).toBe('vendor-not-found');
    }
    expect(await store.entries('ven_nowhere', { limit: 5, cursor: 'x' })).toBe('vendor-not-found');
  },

  'refuses a cursor that no such list has given': async ({ store }) => {
    const coupons = await givenCoupons(store, 3);
    await store.redeemCoupons(coupons.map(({ id }, index) => useOf(`red_${index}`, id)));
    const list = async (cursor: string | null) => {
      const page = await store.entries('ven_a', { limit: 1, cursor });
      return page === 'vendor-not-found' ? null : page;
    };
    const first = await list(null);
    if (first === null || first === 'bad-cursor') throw new Error('no first page');
    const own = first.nextCursor!;
    expect(own).toMatch(/^[\w-]+$/);
    const garbage = ['', ' ', '0', '-1', 'null', '💥', 'bm9wZQ', 'A'.repeat(5000), '../..'];
    for (const cursor of [...garbage, `${own}=`, `${own}!`, ` ${own}`, own.slice(0, -1)]) {
      expect([cursor, await list(cursor)]).toEqual([cursor, 'bad-cursor']);
    }
  },

  'never changes an entry, whatever comes after it': async ({ store, reopen }) => {
    const coupons = await givenCoupons(store, 6);
    const seen: unknown[] = [];
    for (const [index, coupon] of coupons.entries()) {
      await givenRedemption(store, useOf(`red_${index}`, coupon.id));
      if (index % 2 === 0) await reverse(store, `red_${index}`);
      if (index % 3 === 1) await payOut(store, `pay_${index}`, 300);
      const entries = await entriesOf(store);
      expect(entries.slice(0, seen.length)).toEqual(seen);
      seen.splice(0, seen.length, ...entries);
    }
    const { store: again } = await reopen();
    expect(await entriesOf(again)).toEqual(seen);
  },

  'lists vendors with what they have': async ({ store }) => {
    for (const id of users(3, 'ven_')) {
      await store.registerVendor({ id, name: id, currency: 'KRW' }, PLAIN);
    }
    const coupon = await givenCoupon(store, { vendorId: 'ven_2' });
    await givenRedemption(store, useOf('red_1', coupon.id));
    const page = await store.vendors({ limit: 10, cursor: null });
    if (page === 'bad-cursor') throw new Error(page);
    const balances = page.items.map(({ id, balance }) => [id, balance.amount]);
    expect(Object.fromEntries(balances)).toEqual({ ven_1: 0, ven_2: 500, ven_3: 0 });
  },
});
