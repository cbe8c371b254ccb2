import { expect } from 'vitest';
import type { AcceptedClaim } from '../../../src/ports/store.ts';
import {
  accept,
  claim,
  couponOf,
  expectAuditOk,
  givenCampaign,
  inAWord,
  inWords,
  outcomeOf,
  PLAIN,
  request,
  TRACE,
  users,
} from '../given.ts';
import { START_MS, type Checks } from '../store-under-test.ts';

const TRACED = { idempotency: null, traceparent: TRACE };

/** Claims that are written down first and decided later. */
export const acceptedChecks: Checks = {
  'writes a claim down as queued, and decides nothing yet': async ({ store, log, clock }) => {
    const id = await givenCampaign(store);
    const head = await log.head();
    const queued = await accept(store, id, 'ann');
    expect(queued).toEqual({
      id: expect.stringMatching(/^clm_.+/) as string,
      campaignId: id,
      userId: 'ann',
      outcome: null,
      createdAtMs: clock.nowMs(),
    });
    expect(await store.acceptedClaim(queued.id)).toEqual(queued);
    expect(await store.acceptedClaim('clm_nowhere')).toBeNull();
    expect((await store.campaign(id))?.issued).toBe(0);
    expect(await log.head()).toBe(head);
  },

  'accepts nothing for an unknown campaign': async ({ store }) => {
    const id = await givenCampaign(store);
    const batch = [request('cmp_nowhere', ['ann']), request(id, ['ann'])];
    const answers = await store.acceptClaims(batch);
    expect(answers.map((answer) => outcomeOf(answer).kind)).toEqual([
      'campaign-not-found',
      'accepted',
    ]);
    expect(await store.decideAcceptedClaims(10)).toHaveLength(1);
    expect(await store.acceptClaims([])).toEqual([]);
  },

  'decides the oldest first, as many as asked': async ({ store }) => {
    const a = await givenCampaign(store, { id: 'cmp_a', quantity: 3 });
    const b = await givenCampaign(store, { id: 'cmp_b' });
    const asked: [string, string][] = [
      [a, 'u1'],
      [b, 'u1'],
      [a, 'u2'],
      [a, 'u1'],
      [a, 'u3'],
      [a, 'u4'],
    ];
    await store.acceptClaims(asked.slice(0, 4).map(([id, user]) => request(id, [user])));
    await store.acceptClaims(asked.slice(4).map(([id, user]) => request(id, [user])));
    const decided: AcceptedClaim[] = [];
    for (const expected of [2, 2, 2, 0]) {
      const some = await store.decideAcceptedClaims(2);
      expect(some).toHaveLength(expected);
      decided.push(...some);
    }
    expect(decided.map((one) => [one.campaignId, one.userId])).toEqual(asked);
    expect(decided.map((one) => inAWord(one.outcome!))).toEqual([
      'issued 1',
      'issued 1',
      'issued 2',
      'already-claimed',
      'issued 3',
      'sold-out',
    ]);
    for (const one of decided) expect(await store.acceptedClaim(one.id)).toEqual(one);
    await expectAuditOk(store);
  },

  'decides at the moment of the decision': async ({ store, clock }) => {
    const endsAtMs = START_MS + 1000;
    const id = await givenCampaign(store, { endsAtMs, couponValidFor: 'PT1M' });
    await accept(store, id, 'ann');
    await accept(store, id, 'bob');
    clock.advance(999);
    const [ann] = await store.decideAcceptedClaims(1);
    const coupon = couponOf(ann?.outcome);
    expect([coupon.issuedAtMs, coupon.expiresAtMs]).toEqual([START_MS + 999, START_MS + 60_999]);
    expect(ann?.createdAtMs).toBe(START_MS);
    expect(await store.coupon(coupon.code)).toEqual(coupon);
    clock.advance(1);
    const [bob] = await store.decideAcceptedClaims(1);
    expect(bob?.outcome).toEqual({
      kind: 'refused',
      code: 'campaign-ended',
      endsAtMs,
      decidedAtMs: endsAtMs,
    });
  },

  'tells of the decision with the trace of the request': async ({ store, log, clock }) => {
    const id = await givenCampaign(store, { quantity: 1 });
    await accept(store, id, 'ann', TRACED);
    const bob = await accept(store, id, 'bob', TRACED);
    clock.advance(7);
    const [first] = await store.decideAcceptedClaims(10);
    const told = await log.read({ afterPosition: 1, limit: 10 });
    expect(told.map((event) => event.position)).toEqual([2, 3]);
    // The two are about different subjects, so either may stand first.
    const byType = told.toSorted((a, b) => (a.type < b.type ? -1 : 1));
    expect(byType).toMatchObject([
      {
        type: 'claim.refused',
        subject: bob.id,
        partitionKey: id,
        timeMs: START_MS + 7,
        traceparent: TRACE,
        data: { claimId: bob.id, campaignId: id, userId: 'bob', code: 'sold-out' },
      },
      { type: 'coupon.issued', subject: couponOf(first?.outcome).id, traceparent: TRACE },
    ]);
  },

  'shares numbers and limits with claims that are answered at once': async ({ store }) => {
    const id = await givenCampaign(store, { quantity: 3 });
    await accept(store, id, 'ann');
    await accept(store, id, 'bob');
    const [bob] = await claim(store, id, ['bob']);
    expect(couponOf(bob).sequence).toBe(1);
    const decided = await store.decideAcceptedClaims(10);
    expect(decided.map((one) => inAWord(one.outcome!))).toEqual(['issued 2', 'already-claimed']);
    expect(decided[1]?.outcome).toMatchObject({ couponIds: [couponOf(bob).id] });
    expect(inWords(await claim(store, id, ['ann', 'cid', 'dan']))).toEqual([
      'already-claimed',
      'issued 3',
      'sold-out',
    ]);
  },

  'decides each claim once, however many ask at once': async ({ store }) => {
    const id = await givenCampaign(store, { quantity: 30 });
    await store.acceptClaims(users(50).map((userId) => request(id, [userId])));
    const calls = users(20).map(() => store.decideAcceptedClaims(7));
    const decided = (await Promise.all(calls)).flat();
    expect(new Set(decided.map((one) => one.id)).size).toBe(50);
    expect(decided).toHaveLength(50);
    expect(decided.filter((one) => one.outcome?.kind === 'issued')).toHaveLength(30);
    await expectAuditOk(store);
  },

  'keeps queue, order and decisions over a restart': async ({ store, reopen }) => {
    const id = await givenCampaign(store);
    const [ann] = await Promise.all([accept(store, id, 'ann'), accept(store, id, 'bob', TRACED)]);
    const [decided] = await store.decideAcceptedClaims(1);
    const { store: again, log } = await reopen();
    expect(await again.acceptedClaim(ann.id)).toEqual(decided);
    const rest = await again.decideAcceptedClaims(10);
    expect(rest.map((one) => [one.userId, inAWord(one.outcome!)])).toEqual([['bob', 'issued 2']]);
    const [event] = await log.read({ afterPosition: 2, limit: 1 });
    expect(event?.traceparent).toBe(TRACE);
    expect(inWords(await claim(again, id, ['cid'], PLAIN))).toEqual(['issued 3']);
  },
};
