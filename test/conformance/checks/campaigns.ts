import { expect } from 'vitest';
import type { Discount } from '../../../src/domain/campaign/campaign.ts';
import {
  campaignCommand,
  claim,
  givenCampaign,
  inWords,
  outcomeOf,
  PLAIN,
  TRACE,
} from '../given.ts';
import { START_MS, type Checks } from '../store-under-test.ts';

const TRACED = { idempotency: null, traceparent: TRACE };

/** Vendors and campaigns: made, read, changed. */
export const campaignChecks: Checks = {
  'registers a vendor with an empty balance': async ({ store, clock }) => {
    const command = { id: 'ven_1', name: '찻집 "둘"; DROP TABLE -- 🍵', currency: 'USD' };
    const answer = await store.registerVendor(command, PLAIN);
    const vendor = {
      id: 'ven_1',
      name: command.name,
      balance: { amount: 0, currency: 'USD' },
      createdAtMs: clock.nowMs(),
    };
    expect(answer).toEqual({ kind: 'decided', outcome: vendor, requestId: null });
    expect(await store.vendor('ven_1')).toEqual(vendor);
    expect(await store.vendor('ven_2')).toBeNull();
  },

  'creates a campaign as asked, and gives it back so': async ({ store, clock }) => {
    await store.registerVendor({ id: 'ven_a', name: 'A', currency: 'KRW' }, PLAIN);
    const discounts: readonly Discount[] = [
      { type: 'fixed', amount: 5000, currency: 'KRW' },
      { type: 'percent', percent: 15, currency: 'KRW' },
      { type: 'percent', percent: 100, maxAmount: 9_007_199_254_740_991, currency: 'KRW' },
    ];
    for (const [index, discount] of discounts.entries()) {
      const command = campaignCommand({
        id: `cmp_${index}`,
        title: '🍵 여름',
        discount,
        quantity: 10_000_000,
        perUserLimit: 1000,
        startsAtMs: index === 0 ? null : START_MS - 1,
        endsAtMs: index === 0 ? null : START_MS + 1,
        couponValidFor: index === 0 ? null : 'P1Y2M3DT4H5M6S',
        reimbursementBps: 0,
      });
      const campaign = {
        ...command,
        paused: false,
        issued: 0,
        redeemed: 0,
        createdAtMs: clock.nowMs(),
      };
      expect(await store.createCampaign(command, PLAIN)).toEqual({
        kind: 'decided',
        outcome: { kind: 'created', campaign },
        requestId: null,
      });
      expect(await store.campaign(command.id)).toEqual(campaign);
    }
    expect(await store.campaign('cmp_9')).toBeNull();
  },

  'refuses a campaign of an unknown vendor, and one in another currency': async (subject) => {
    const { store, log } = subject;
    const dollars: Discount = { type: 'fixed', amount: 500, currency: 'USD' };
    const create = async (discount: Discount) =>
      outcomeOf(await store.createCampaign(campaignCommand({ discount }), PLAIN));
    expect(await create(dollars)).toEqual({ kind: 'refused', code: 'vendor-not-found' });
    await store.registerVendor({ id: 'ven_a', name: 'A', currency: 'KRW' }, PLAIN);
    expect(await create(dollars)).toEqual({ kind: 'refused', code: 'currency-mismatch' });
    expect(await store.campaign('cmp_a')).toBeNull();
    expect(await log.head()).toBe(0);
  },

  'changes what the owner may change, all at once': async ({ store }) => {
    const id = await givenCampaign(store);
    const before = await store.campaign(id);
    const change = { title: 'New', paused: true, quantity: 11, endsAtMs: START_MS + 9 };
    const decision = await store.updateCampaign(id, change, TRACED);
    if (decision.kind !== 'updated') throw new Error(decision.kind);
    expect(decision.campaign).toEqual({ ...before, ...change });
    expect([...decision.changed].sort()).toEqual(['endsAtMs', 'paused', 'quantity', 'title']);
    expect(await store.campaign(id)).toEqual(decision.campaign);
  },

  'takes the end away when it is set to null': async ({ store, clock }) => {
    const id = await givenCampaign(store, { endsAtMs: START_MS + 1 });
    clock.advance(1);
    expect(inWords(await claim(store, id, ['ann']))).toEqual(['campaign-ended']);
    await store.updateCampaign(id, { endsAtMs: null }, PLAIN);
    expect(inWords(await claim(store, id, ['ann']))).toEqual(['issued 1']);
  },

  'knows nothing of an unknown campaign': async ({ store, log }) => {
    expect(await store.updateCampaign('cmp_x', { paused: true }, PLAIN)).toEqual({
      kind: 'not-found',
    });
    expect(await log.head()).toBe(0);
  },

  'refuses a quantity below what is issued, and changes nothing': async ({ store, log }) => {
    const id = await givenCampaign(store);
    await claim(store, id, ['a', 'b', 'c']);
    const [before, head] = [await store.campaign(id), await log.head()];
    const change = { quantity: 2, title: 'New' };
    expect(await store.updateCampaign(id, change, PLAIN)).toEqual({
      kind: 'refused',
      code: 'quantity-below-issued',
      issued: 3,
    });
    expect(await store.campaign(id)).toEqual(before);
    expect(await log.head()).toBe(head);
    const equal = await store.updateCampaign(id, { quantity: 3 }, PLAIN);
    expect(equal.kind).toBe('updated');
  },

  'refuses a window without room, and changes nothing': async ({ store }) => {
    const id = await givenCampaign(store, { startsAtMs: START_MS });
    const before = await store.campaign(id);
    const decision = await store.updateCampaign(id, { endsAtMs: START_MS, title: 'New' }, PLAIN);
    expect(decision).toEqual({ kind: 'refused', code: 'ends-before-start' });
    expect(await store.campaign(id)).toEqual(before);
  },

  'writes no event when nothing changes': async ({ store, log }) => {
    const id = await givenCampaign(store);
    const head = await log.head();
    const before = await store.campaign(id);
    const same = await store.updateCampaign(id, { title: before!.title, paused: false }, PLAIN);
    expect(same).toEqual({ kind: 'updated', campaign: before, changed: [] });
    expect((await store.updateCampaign(id, {}, PLAIN)).kind).toBe('updated');
    expect(await log.head()).toBe(head);
  },
};
