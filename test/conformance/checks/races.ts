import { expect } from 'vitest';
import type { ClaimOutcome, Store } from '../../../src/ports/store.ts';
import {
  accept,
  allEvents,
  claim,
  couponOf,
  expectAuditOk,
  givenCampaign,
  inAWord,
  PLAIN,
  users,
} from '../given.ts';
import type { Checks } from '../store-under-test.ts';

/** What must hold when many ask at once. These are the checks that a store with a race fails. */
export const raceChecks: Checks = {
  'issues exactly the quantity to 300 that ask at once': async ({ store }) => {
    const id = await givenCampaign(store, { quantity: 50 });
    const outcomes = await atOnce(store, id, users(300));
    const sequences = outcomes
      .filter((outcome) => outcome.kind === 'issued')
      .map((outcome) => outcome.coupon.sequence);
    expect(sequences.sort((a, b) => a - b)).toEqual(users(50).map((_, index) => index + 1));
    const refused = outcomes.filter((outcome) => outcome.kind === 'refused').map(inAWord);
    expect(refused).toEqual(refused.map(() => 'sold-out'));
    await expectAuditOk(store);
  },

  'gives one user who asks 100 times at once one coupon, and names it to all': async (subject) => {
    const { store } = subject;
    const id = await givenCampaign(store, { quantity: 100 });
    const outcomes = await atOnce(
      store,
      id,
      users(100).map(() => 'ann'),
    );
    const issued = outcomes.filter((outcome) => outcome.kind === 'issued');
    expect(issued).toHaveLength(1);
    const refused = outcomes.filter((outcome) => outcome.kind === 'refused');
    const couponIds = [couponOf(issued[0]).id];
    expect(refused).toMatchObject(users(99).map(() => ({ code: 'already-claimed', couponIds })));
    await expectAuditOk(store);
  },

  'has stored, and told, whatever it answers, the moment it answers': async (subject) => {
    const { store, log } = subject;
    const id = await givenCampaign(store, { quantity: 40 });
    const waits = users(60).map(async (userId) => {
      const [outcome] = await claim(store, id, [userId]);
      if (outcome?.kind !== 'issued') return;
      const { coupon } = outcome;
      expect(await store.coupon(coupon.id)).toEqual(coupon);
      const told = await log.read({ afterPosition: 0, limit: 2, subject: coupon.id });
      expect(told.map((event) => event.type)).toEqual(['coupon.issued']);
    });
    await Promise.all(waits);
    expect((await store.campaign(id))?.issued).toBe(40);
  },

  'has after a restart whatever it answered before': async ({ store, reopen }) => {
    const id = await givenCampaign(store, { quantity: 1000 });
    const answered: ClaimOutcome[] = [];
    const calls = users(100).map(async (userId) => {
      answered.push(...(await claim(store, id, [userId])));
    });
    await Promise.race(calls);
    // Whatever is still on its way when the store is closed is finished by then, or was refused.
    const { store: again, log } = await reopen();
    await Promise.allSettled(calls);
    expect(answered.length).toBeGreaterThan(0);
    for (const outcome of answered) {
      const coupon = couponOf(outcome);
      expect(await again.coupon(coupon.id)).toEqual(coupon);
    }
    const told = (await allEvents(log)).filter((event) => event.type === 'coupon.issued');
    expect(told.length).toBeGreaterThanOrEqual(answered.length);
    await expectAuditOk(again);
  },

  'keeps every promise while the owner changes the terms': async ({ store }) => {
    const id = await givenCampaign(store, { quantity: 10, perUserLimit: 2 });
    const changes = [{ quantity: 30 }, { quantity: 20 }, { paused: true }, { quantity: 5 }];
    changes.push({ paused: false }, { quantity: 60 }, { quantity: 45 });
    const all = changes.flatMap((change, round) => [
      ...users(12, `r${round}-`).map((userId) => claim(store, id, [userId, userId, userId])),
      store.updateCampaign(id, change, PLAIN),
      accept(store, id, `r${round}-1`).then(() => store.decideAcceptedClaims(3)),
    ]);
    await Promise.all(all);
    await expectAuditOk(store);
    const campaign = await store.campaign(id);
    expect(campaign!.issued).toBeLessThanOrEqual(campaign!.quantity);
    expect(campaign!.issued).toBeGreaterThan(0);
  },
};

/** One call for each user, all of them under way before the first is answered. */
async function atOnce(
  store: Store,
  campaignId: string,
  userIds: readonly string[],
): Promise<readonly ClaimOutcome[]> {
  const calls = userIds.map((userId) => claim(store, campaignId, [userId]));
  return (await Promise.all(calls)).flat();
}
