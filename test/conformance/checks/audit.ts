import { expect } from 'vitest';
import { mayHold } from '../../../src/domain/campaign/holder-filter.ts';
import { StoreUnavailable } from '../../../src/ports/store.ts';
import { accept, claim, couponOf, expectAuditOk, givenCampaign, PLAIN, users } from '../given.ts';
import type { Checks } from '../store-under-test.ts';

const NAMES = [
  'accepted-claims-agree',
  'counters-agree',
  'events-agree',
  'issued-within-quantity',
  'ledger-balances',
  'per-user-limit',
  'redemptions-agree',
  'sequences-without-gap',
  'vendors-paid-once',
];

/** Recounting, the filter of holders, and the life of the store itself. */
export const auditChecks: Checks = {
  'recounts every promise, on an empty record too': async ({ store }) => {
    const checks = await store.recount();
    expect(checks.map((check) => check.name).sort()).toEqual(NAMES);
    expect(checks.filter((check) => !check.ok || check.detail === '')).toEqual([]);
  },

  'says how much it recounted, in whole words': async ({ store }) => {
    const detailOf = async (name: string) =>
      (await store.recount()).find((check) => check.name === name)?.detail;
    const end = ', all as they must be';
    const id = await givenCampaign(store, { quantity: 2_000 });
    await claim(store, id, users(1));
    await accept(store, id, 'later');
    expect(await detailOf('counters-agree')).toBe(`1 campaign${end}`);
    expect(await detailOf('events-agree')).toBe(`1 coupon${end}`);
    expect(await detailOf('accepted-claims-agree')).toBe(`1 asynchronous claim, 1 queued${end}`);
    await givenCampaign(store, { id: 'cmp_second' });
    await claim(store, id, users(1_200, 'many-'));
    expect(await detailOf('counters-agree')).toBe(`2 campaigns${end}`);
    expect(await detailOf('per-user-limit')).toBe(`1,201 coupons${end}`);
  },

  'finds nothing wrong after everything that may happen': async ({ store, clock }) => {
    const ids = ['cmp_a', 'cmp_b', 'cmp_c'];
    for (const id of ids) await givenCampaign(store, { id, quantity: 20, perUserLimit: 2 });
    for (let round = 0; round < 4; round++) {
      for (const id of ids) {
        await claim(store, id, users(5, `r${round}-`));
        await accept(store, id, `r${round}-1`);
        await accept(store, id, `late-${round}`);
      }
      await store.decideAcceptedClaims(4);
      await store.updateCampaign(ids[round % 3]!, { paused: round % 2 === 0 }, PLAIN);
      clock.advance(1000);
    }
    const checks = await store.recount();
    expect(checks.map((check) => check.name).sort()).toEqual(NAMES);
    expect(checks.filter((check) => !check.ok)).toEqual([]);
  },

  'knows every holder of a sold-out campaign, and few others': async ({ store, reopen }) => {
    const id = await givenCampaign(store, { quantity: 500 });
    await givenCampaign(store, { id: 'cmp_other', quantity: 500 });
    const [winners, strangers] = [users(500), users(2000, 'stranger-')];
    await claim(store, id, winners);
    await claim(store, 'cmp_other', strangers.slice(0, 500));
    const check = async (filter: Awaited<ReturnType<typeof store.holders>>) => {
      expect(winners.filter((userId) => !mayHold(filter!, userId))).toEqual([]);
      expect(strangers.filter((userId) => mayHold(filter!, userId)).length).toBeLessThan(60);
    };
    await check(await store.holders(id));
    await check(await (await reopen()).store.holders(id));
  },

  'knows no holders where there are none': async ({ store }) => {
    expect(await store.holders('cmp_nowhere')).toBeNull();
    const id = await givenCampaign(store);
    const filter = await store.holders(id);
    expect(users(100).filter((userId) => mayHold(filter!, userId))).toEqual([]);
  },

  'keeps everything over a restart': async ({ store, reopen }) => {
    const id = await givenCampaign(store, { quantity: 3, couponValidFor: 'P1D' });
    const coupons = (await claim(store, id, ['ann', 'bob'])).map(couponOf);
    const [campaign, vendor] = [await store.campaign(id), await store.vendor('ven_a')];
    const { store: again } = await reopen();
    expect(await again.campaign(id)).toEqual(campaign);
    expect(await again.vendor('ven_a')).toEqual(vendor);
    for (const coupon of coupons) {
      expect(await again.coupon(coupon.id)).toEqual(coupon);
      expect(await again.coupon(coupon.code)).toEqual(coupon);
    }
    const asked = await claim(again, id, ['ann', 'cid', 'dan']);
    expect(asked).toMatchObject([
      { code: 'already-claimed', couponIds: [coupons[0]!.id] },
      { coupon: { sequence: 3 } },
      { code: 'sold-out' },
    ]);
    await expectAuditOk(again);
  },

  'says that it can write': async ({ store }) => {
    expect(await store.probe()).toBeUndefined();
  },

  'refuses what comes after it is closed, as nothing of it was written': async (subject) => {
    const { store } = subject;
    const id = await givenCampaign(store);
    await store.close();
    await expect(store.probe()).rejects.toBeInstanceOf(StoreUnavailable);
    await expect(claim(store, id, ['ann'])).rejects.toBeInstanceOf(StoreUnavailable);
    expect(await store.close()).toBeUndefined();
  },
};
