import { expect } from 'vitest';
import {
  accept,
  allEvents,
  campaignCommand,
  claim,
  claimsOf,
  couponOf,
  expectAuditOk,
  givenCampaign,
  inWords,
  keyed,
  outcomeOf,
  PLAIN,
  request,
  users,
} from '../given.ts';
import type { Checks } from '../store-under-test.ts';

/** What an idempotency key does to claims. */
export const claimKeyChecks: Checks = {
  'gives a keyed request its own request id, and one without key none': async ({ store }) => {
    const id = await givenCampaign(store);
    const batch = [request(id, ['a'], keyed('k', 'req_a')), request(id, ['b'])];
    const { answers } = await store.issueCoupons(batch);
    expect(answers).toMatchObject([
      { kind: 'decided', requestId: 'req_a' },
      { kind: 'decided', requestId: null },
    ]);
  },

  'replays an issued coupon as it was, with the first request id': async ({
    store,
    log,
    clock,
  }) => {
    const id = await givenCampaign(store);
    const first = (await store.issueCoupons([request(id, ['ann'], keyed('k', 'req_1'))]))
      .answers[0]!;
    const head = await log.head();
    clock.advance(60_000);
    await store.updateCampaign(id, { paused: true }, PLAIN);
    const again = (await store.issueCoupons([request(id, ['ann'], keyed('k', 'req_2'))]))
      .answers[0];
    expect(again).toEqual({ kind: 'replayed', outcome: outcomeOf(first), requestId: 'req_1' });
    expect(await log.head()).toBe(head + 1);
    expect((await store.campaign(id))?.issued).toBe(1);
  },

  'replays every kind of refusal, though it would be decided otherwise now': async (subject) => {
    const { store, clock } = subject;
    const now = clock.nowMs();
    const soldOut = await givenCampaign(store, { id: 'cmp_sold', quantity: 1 });
    await claim(store, soldOut, ['ann']);
    const paused = await givenCampaign(store, { id: 'cmp_paused' });
    await store.updateCampaign(paused, { paused: true }, PLAIN);
    const early = await givenCampaign(store, { id: 'cmp_early', startsAtMs: now + 1000 });
    const late = await givenCampaign(store, { id: 'cmp_late', endsAtMs: now });
    const ids = [soldOut, paused, early, late];
    const batch = [...ids.map((id) => request(id, ['bob'], keyed(id, `req_${id}`)))];
    batch.push(request(soldOut, ['ann'], keyed('ann', 'req_ann')));
    const first = (await store.issueCoupons(batch)).answers;
    expect(first.flatMap((answer) => inWords(claimsOf(answer)))).toEqual([
      'sold-out',
      'campaign-paused',
      'campaign-not-started',
      'campaign-ended',
      'already-claimed',
    ]);
    await store.updateCampaign(soldOut, { quantity: 9 }, PLAIN);
    await store.updateCampaign(paused, { paused: false }, PLAIN);
    await store.updateCampaign(late, { endsAtMs: null }, PLAIN);
    clock.advance(1000);
    const again = (await store.issueCoupons(batch)).answers;
    expect(again).toEqual(first.map((answer) => ({ ...answer, kind: 'replayed' })));
    const fresh = await store.issueCoupons(ids.map((id) => request(id, ['bob'])));
    expect(fresh.answers.flatMap((answer) => inWords(claimsOf(answer)))).toEqual([
      'issued 2',
      'issued 1',
      'issued 1',
      'issued 1',
    ]);
  },

  'replays that there was no campaign, though there is one now': async ({ store }) => {
    const ask = async () =>
      (await store.issueCoupons([request('cmp_a', ['ann'], keyed('k'))])).answers[0]!;
    expect(await ask()).toMatchObject({ kind: 'decided', outcome: { kind: 'campaign-not-found' } });
    await givenCampaign(store, { id: 'cmp_a' });
    expect(await ask()).toEqual({
      kind: 'replayed',
      outcome: { kind: 'campaign-not-found' },
      requestId: 'req_1',
    });
  },

  'refuses a key that was used for something else, and does nothing': async ({ store, log }) => {
    const id = await givenCampaign(store);
    await claim(store, id, ['ann'], keyed('k', 'req_1', 'ann'));
    const head = await log.head();
    const { answers } = await store.issueCoupons([
      request(id, ['bob'], keyed('k', 'req_2', 'bob')),
      request(id, ['cid'], keyed('other', 'req_3', 'cid')),
    ]);
    expect(answers[0]).toEqual({ kind: 'key-reused' });
    expect(inWords(claimsOf(answers[1]!))).toEqual(['issued 2']);
    expect(await log.head()).toBe(head + 1);
  },

  'replays the second of two requests with one key in one batch': async ({ store }) => {
    const id = await givenCampaign(store, { perUserLimit: 5 });
    const { answers } = await store.issueCoupons([
      request(id, ['ann'], keyed('k', 'req_1')),
      request(id, ['ann'], keyed('k', 'req_2')),
      request(id, ['ann'], keyed('k', 'req_3', 'other')),
      request('cmp_nowhere', ['ann'], keyed('n', 'req_4')),
      request('cmp_nowhere', ['ann'], keyed('n', 'req_5')),
    ]);
    const [first, second, third, fourth, fifth] = answers;
    expect(first).toMatchObject({ kind: 'decided', requestId: 'req_1' });
    expect(second).toEqual({ ...first, kind: 'replayed' });
    expect(third).toEqual({ kind: 'key-reused' });
    expect(fourth).toMatchObject({ kind: 'decided', requestId: 'req_4' });
    expect(fifth).toEqual({ ...fourth, kind: 'replayed' });
    expect((await store.campaign(id))?.issued).toBe(1);
  },

  'replays a batch of many users as a whole, in its order': async ({ store }) => {
    const id = await givenCampaign(store, { quantity: 30, perUserLimit: 2 });
    const userIds = ['ann', ...users(25), 'ann', 'ann', ...users(10, 'late-')];
    const first = await claim(store, id, userIds, keyed('k'));
    expect(new Set(inWords(first).filter((word) => !word.startsWith('issued')))).toEqual(
      new Set(['already-claimed', 'sold-out']),
    );
    const again = (await store.issueCoupons([request(id, userIds, keyed('k', 'req_2'))]))
      .answers[0]!;
    expect(again).toMatchObject({ kind: 'replayed', requestId: 'req_1' });
    expect(claimsOf(again)).toEqual(first);
    await expectAuditOk(store);
  },

  'decides once, however many calls with one key run at once': async ({ store, log }) => {
    const id = await givenCampaign(store, { perUserLimit: 100, quantity: 100 });
    const calls = users(20, 'req_').map((requestId) =>
      store.issueCoupons([request(id, ['ann'], keyed('k', requestId))]),
    );
    const answers = (await Promise.all(calls)).map((result) => result.answers[0]!);
    const decided = answers.filter((answer) => answer.kind === 'decided');
    expect(decided).toHaveLength(1);
    const replay = { ...decided[0]!, kind: 'replayed' };
    expect(answers.filter((answer) => answer !== decided[0])).toEqual(users(19).map(() => replay));
    expect((await allEvents(log)).filter((event) => event.type === 'coupon.issued')).toHaveLength(
      1,
    );
  },

  'tells keys apart, whatever they look like': async ({ store }) => {
    const id = await givenCampaign(store, { quantity: 20 });
    const keys = [
      'k',
      'K',
      ' k',
      '"k"',
      '__proto__',
      'a/b',
      'a|b',
      'é',
      'e\u0301',
      'x'.repeat(600),
    ];
    const batch = keys.map((key, index) => request(id, [`user-${index}`], keyed(key)));
    const words = (await store.issueCoupons(batch)).answers.flatMap((answer) => answer.kind);
    expect(words).toEqual(keys.map(() => 'decided'));
    const again = (await store.issueCoupons(batch)).answers.flatMap((answer) => answer.kind);
    expect(again).toEqual(keys.map(() => 'replayed'));
  },

  'replays after a restart what was decided before it': async ({ store, reopen }) => {
    const id = await givenCampaign(store, { quantity: 2 });
    const batch = [
      request(id, ['a', 'b', 'a', 'c'], keyed('k', 'req_1')),
      request('cmp_nowhere', ['a'], keyed('n', 'req_2')),
    ];
    const first = (await store.issueCoupons(batch)).answers;
    const { store: reopened } = await reopen();
    const again = (await reopened.issueCoupons(batch)).answers;
    expect(again).toEqual(first.map((answer) => ({ ...answer, kind: 'replayed' })));
    const other = [request(id, ['d'], keyed('k', 'req_3', 'other'))];
    expect((await reopened.issueCoupons(other)).answers).toEqual([{ kind: 'key-reused' }]);
  },
};

/** What an idempotency key does to the other commands, and how long it does. */
export const otherKeyChecks: Checks = {
  'registers a vendor once for its key': async ({ store }) => {
    const command = { id: 'ven_1', name: 'Tea house', currency: 'KRW' };
    const first = await store.registerVendor(command, keyed('k', 'req_1'));
    // The caller repeats its request; the server makes a new id for it before the key is known.
    const repeat = { ...command, id: 'ven_2' };
    const again = await store.registerVendor(repeat, keyed('k', 'req_2'));
    expect(again).toEqual({ ...first, kind: 'replayed' });
    expect(await store.vendor('ven_2')).toBeNull();
    const other = await store.registerVendor(repeat, keyed('k', 'req_3', 'other'));
    expect(other).toEqual({ kind: 'key-reused' });
  },

  'creates a campaign once for its key, and replays it as it was': async ({ store, log }) => {
    await givenCampaign(store, { id: 'cmp_0' });
    const first = await store.createCampaign(campaignCommand({ id: 'cmp_1' }), keyed('k'));
    await store.updateCampaign('cmp_1', { title: 'New' }, PLAIN);
    await claim(store, 'cmp_1', ['ann']);
    const head = await log.head();
    const repeat = campaignCommand({ id: 'cmp_2' });
    const again = await store.createCampaign(repeat, keyed('k', 'req_2'));
    expect(again).toEqual({ ...first, kind: 'replayed' });
    expect(await store.campaign('cmp_2')).toBeNull();
    expect(await log.head()).toBe(head);
    const other = await store.createCampaign(repeat, keyed('k', 'req_3', 'other'));
    expect(other).toEqual({ kind: 'key-reused' });
  },

  'replays that a campaign was refused': async ({ store }) => {
    const first = await store.createCampaign(campaignCommand({ id: 'cmp_1' }), keyed('k'));
    expect(outcomeOf(first)).toEqual({ kind: 'refused', code: 'vendor-not-found' });
    await givenCampaign(store, { id: 'cmp_0' });
    const again = await store.createCampaign(campaignCommand({ id: 'cmp_1' }), keyed('k'));
    expect(again).toEqual({ ...first, kind: 'replayed' });
  },

  'accepts an asynchronous claim once for its key': async ({ store }) => {
    const id = await givenCampaign(store, { perUserLimit: 5 });
    const batch = [
      request(id, ['ann'], keyed('k', 'req_1')),
      request(id, ['ann'], keyed('k', 'req_2')),
      request(id, ['ann'], keyed('k', 'req_3', 'other')),
      request('cmp_nowhere', ['ann'], keyed('n', 'req_4')),
    ];
    const [first, second, third, fourth] = await store.acceptClaims(batch);
    expect(second).toEqual({ ...first, kind: 'replayed' });
    expect(third).toEqual({ kind: 'key-reused' });
    expect(await store.decideAcceptedClaims(10)).toHaveLength(1);
    const again = await store.acceptClaims(batch);
    expect(again[0]).toEqual({ ...first, kind: 'replayed' });
    expect(again[3]).toEqual({ ...fourth, kind: 'replayed' });
    expect(await store.decideAcceptedClaims(10)).toEqual([]);
    expect((await store.campaign(id))?.issued).toBe(1);
  },

  'keeps the keys of all commands together': async ({ store }) => {
    const id = await givenCampaign(store);
    await claim(store, id, ['ann'], keyed('k', 'req_1', 'a claim'));
    const asked = keyed('k', 'req_2', 'something else');
    const vendor = { id: 'ven_2', name: 'B', currency: 'KRW' };
    expect(await store.registerVendor(vendor, asked)).toEqual({ kind: 'key-reused' });
    const campaign = campaignCommand({ id: 'cmp_2' });
    expect(await store.createCampaign(campaign, asked)).toEqual({ kind: 'key-reused' });
    const claims = [request(id, ['bob'], asked)];
    expect(await store.acceptClaims(claims)).toEqual([{ kind: 'key-reused' }]);
  },

  'forgets the keys first used before a moment, and no others': async ({ store, clock }) => {
    const id = await givenCampaign(store, { perUserLimit: 10 });
    const old = couponOf((await claim(store, id, ['ann'], keyed('old')))[0]);
    await accept(store, id, 'bob', keyed('old too'));
    clock.advance(1000);
    const middleMs = clock.nowMs();
    await claim(store, id, ['ann'], keyed('new'));
    // Using a key again does not make it younger.
    await claim(store, id, ['ann'], keyed('old'));
    expect(await store.forgetKeys(middleMs)).toBe(2);
    expect(await store.forgetKeys(middleMs)).toBe(0);
    const batch = ['old', 'new'].map((key) => request(id, ['ann'], keyed(key, 'req_2')));
    const { answers } = await store.issueCoupons(batch);
    expect(answers).toMatchObject([{ kind: 'decided' }, { kind: 'replayed' }]);
    expect(await store.coupon(old.id)).toEqual(old);
  },
};
