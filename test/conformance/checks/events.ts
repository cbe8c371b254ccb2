import { expect } from 'vitest';
import {
  accept,
  allEvents,
  claim,
  couponOf,
  givenCampaign,
  PLAIN,
  request,
  TRACE,
  users,
} from '../given.ts';
import { START_MS, type Checks } from '../store-under-test.ts';

const TRACED = { idempotency: null, traceparent: TRACE };

/** What stands in the log after each effect. */
export const eventChecks: Checks = {
  'tells of a campaign with its terms': async ({ store, log }) => {
    const id = await givenCampaign(store, { startsAtMs: START_MS, couponValidFor: 'P7D' });
    expect(await allEvents(log)).toEqual([
      {
        position: 1,
        type: 'campaign.created',
        subject: id,
        partitionKey: id,
        timeMs: START_MS,
        traceparent: null,
        data: {
          campaignId: id,
          vendorId: 'ven_a',
          title: 'Tea for two',
          discount: { type: 'fixed', amount: 5000, currency: 'KRW' },
          quantity: 10,
          perUserLimit: 1,
          startsAt: '2026-01-31T12:00:00.000Z',
          endsAt: null,
          couponValidFor: 'P7D',
          reimbursementBps: 1000,
        },
      },
    ]);
  },

  'tells what changed in a campaign, and to what': async ({ store, log, clock }) => {
    const id = await givenCampaign(store);
    clock.advance(5);
    const change = { quantity: 12, paused: true, title: 'Tea for two', endsAtMs: START_MS + 1000 };
    await store.updateCampaign(id, change, TRACED);
    const [event] = await log.read({ afterPosition: 1, limit: 10 });
    expect(event).toEqual({
      position: 2,
      type: 'campaign.updated',
      subject: id,
      partitionKey: id,
      timeMs: START_MS + 5,
      traceparent: TRACE,
      data: {
        campaignId: id,
        changed: expect.any(Array) as string[],
        quantity: 12,
        status: 'paused',
        endsAt: '2026-01-31T12:00:01.000Z',
      },
    });
    const { changed } = event!.data as { changed: string[] };
    expect([...changed].sort()).toEqual(['endsAt', 'quantity', 'status']);
  },

  'tells of a coupon, but not its code': async ({ store, log, clock }) => {
    const id = await givenCampaign(store, { couponValidFor: 'PT1H' });
    clock.advance(1);
    const coupon = couponOf((await claim(store, id, ['ann'], TRACED))[0]);
    const [event] = await log.read({ afterPosition: 1, limit: 10 });
    expect(event).toEqual({
      position: 2,
      type: 'coupon.issued',
      subject: coupon.id,
      partitionKey: id,
      timeMs: START_MS + 1,
      traceparent: TRACE,
      data: {
        couponId: coupon.id,
        campaignId: id,
        userId: 'ann',
        sequence: 1,
        issuedAt: '2026-01-31T12:00:00.001Z',
        expiresAt: '2026-01-31T13:00:00.001Z',
      },
    });
    expect(JSON.stringify(event)).not.toContain(coupon.code);
  },

  'tells of coupons that never expire': async ({ store, log }) => {
    await claim(store, await givenCampaign(store), ['ann']);
    const [event] = await log.read({ afterPosition: 1, limit: 1 });
    expect(event?.data['expiresAt']).toBeNull();
  },

  'tells nothing of a claim that was refused at once': async ({ store, log }) => {
    const id = await givenCampaign(store, { quantity: 1 });
    await claim(store, id, ['ann']);
    const head = await log.head();
    await claim(store, id, ['ann', 'bob']);
    await store.issueCoupons([request('cmp_nowhere', ['ann'])]);
    expect(await log.head()).toBe(head);
  },

  'numbers events without gap, in the order of decisions': async ({ store, log }) => {
    const a = await givenCampaign(store, { id: 'cmp_a', quantity: 200 });
    const b = await givenCampaign(store, { id: 'cmp_b', quantity: 5 });
    const batches = users(40).map((userId) => [request(a, [userId]), request(b, [userId, userId])]);
    await Promise.all(batches.map((batch) => store.issueCoupons(batch)));
    const events = await allEvents(log);
    expect(events.map((event) => event.position)).toEqual(events.map((_, index) => index + 1));
    expect(await log.head()).toBe(events.length);
    for (const id of [a, b]) {
      const issued = events.filter(
        (event) => event.type === 'coupon.issued' && event.partitionKey === id,
      );
      const sequences = issued.map((event) => event.data['sequence']);
      expect(sequences).toEqual(sequences.map((_, index) => index + 1));
    }
  },

  'gives each request of a batch its own trace': async ({ store, log }) => {
    const id = await givenCampaign(store);
    await store.issueCoupons([request(id, ['a'], TRACED), request(id, ['b']), request(id, ['c'])]);
    const events = await log.read({ afterPosition: 1, limit: 10 });
    expect(events.map((event) => event.traceparent)).toEqual([TRACE, null, null]);
  },
};

/** How the log is read and listened to. */
export const logChecks: Checks = {
  'starts empty': async ({ log }) => {
    expect(await log.head()).toBe(0);
    expect(await allEvents(log)).toEqual([]);
  },

  'reads on after a position, up to a limit': async ({ store, log }) => {
    await claim(store, await givenCampaign(store), users(9));
    const positions = async (afterPosition: number, limit: number) =>
      (await log.read({ afterPosition, limit })).map((event) => event.position);
    expect(await positions(0, 3)).toEqual([1, 2, 3]);
    expect(await positions(3, 3)).toEqual([4, 5, 6]);
    expect(await positions(9, 3)).toEqual([10]);
    expect(await positions(10, 3)).toEqual([]);
    expect(await positions(1_000_000, 3)).toEqual([]);
  },

  'reads one type or one subject, and counts only those for the limit': async (subject) => {
    const { store, log } = subject;
    const a = await givenCampaign(store, { id: 'cmp_a' });
    const [ann, bob] = (await claim(store, a, ['ann', 'bob'])).map(couponOf);
    const b = await givenCampaign(store, { id: 'cmp_b' });
    await store.updateCampaign(a, { title: 'New' }, PLAIN);
    const positions = async (filter: object, limit = 10, afterPosition = 0) =>
      (await log.read({ afterPosition, limit, ...filter })).map((event) => event.position);
    expect(await positions({ type: 'campaign.created' })).toEqual([1, 4]);
    expect(await positions({ type: 'campaign.created' }, 1)).toEqual([1]);
    expect(await positions({ type: 'campaign.created' }, 1, 1)).toEqual([4]);
    expect(await positions({ type: 'coupon.issued' }, 1)).toEqual([2]);
    expect(await positions({ subject: a })).toEqual([1, 5]);
    expect(await positions({ subject: b })).toEqual([4]);
    expect(await positions({ subject: bob!.id })).toEqual([3]);
    expect(await positions({ subject: ann!.id, type: 'coupon.issued' })).toEqual([2]);
    expect(await positions({ subject: ann!.id, type: 'campaign.created' })).toEqual([]);
    expect(await positions({ type: 'claim.refused' })).toEqual([]);
  },

  'calls back when events can be read': async ({ store, log }) => {
    const id = await givenCampaign(store);
    const heard = new Promise<number>((resolve, reject) => {
      log.onAppended(() => {
        log.head().then(resolve, reject);
      });
    });
    await claim(store, id, ['ann', 'bob']);
    expect(await heard).toBe(3);
  },

  'stops calling back when told to, and goes on for others': async ({ store, log }) => {
    const id = await givenCampaign(store);
    let [ended, going] = [0, 0];
    const heard = Promise.withResolvers<undefined>();
    const end = log.onAppended(() => (ended += 1));
    log.onAppended(() => {
      going += 1;
      heard.resolve(undefined);
    });
    end();
    end();
    await claim(store, id, ['ann']);
    await heard.promise;
    expect([ended, going]).toEqual([0, 1]);
  },

  'keeps every event over a restart': async ({ store, log, reopen }) => {
    const id = await givenCampaign(store);
    await claim(store, id, users(12), TRACED);
    await accept(store, id, 'late', TRACED);
    await store.decideAcceptedClaims(1);
    const before = await allEvents(log);
    const { store: again, log: logAgain } = await reopen();
    expect(await allEvents(logAgain)).toEqual(before);
    await again.updateCampaign(id, { quantity: 11 }, PLAIN);
    expect(await logAgain.head()).toBe(before.length + 1);
  },
};
