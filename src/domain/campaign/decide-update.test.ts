import { describe, expect, it } from 'vitest';
import type { Campaign } from './campaign.ts';
import { decideCampaignUpdate, windowIsEmpty, type CampaignChange } from './decide-update.ts';

const CAMPAIGN: Campaign = {
  id: 'cmp_1',
  vendorId: 'ven_1',
  title: 'Tea',
  discount: { type: 'fixed', amount: 5000, currency: 'KRW' },
  quantity: 100,
  perUserLimit: 1,
  startsAtMs: 1000,
  endsAtMs: 2000,
  paused: false,
  couponValidFor: null,
  reimbursementBps: 1000,
  issued: 40,
  redeemed: 0,
  createdAtMs: 500,
};

describe('given a campaign that has issued 40 of 100', () => {
  it.each<[change: CampaignChange, changed: readonly string[]]>([
    [{}, []],
    [{ title: 'Tea' }, []],
    [{ title: 'Mug' }, ['title']],
    [{ paused: false, quantity: 100, endsAtMs: 2000 }, []],
    [{ paused: true }, ['paused']],
    [{ quantity: 40 }, ['quantity']],
    [{ quantity: 10_000_000 }, ['quantity']],
    [{ endsAtMs: 1001 }, ['endsAtMs']],
    [{ endsAtMs: null }, ['endsAtMs']],
    [{ title: 'Mug', paused: true, quantity: 100 }, ['title', 'paused']],
  ])('when asked for %o, then changes %o', (change, changed) => {
    expect(decideCampaignUpdate(CAMPAIGN, change)).toEqual({
      kind: 'updated',
      campaign: { ...CAMPAIGN, ...change },
      changed,
    });
  });

  it('when asked for fewer than are issued, then refuses and says how many are', () => {
    const refused = { kind: 'refused', code: 'quantity-below-issued', issued: 40 };
    expect(decideCampaignUpdate(CAMPAIGN, { quantity: 39 })).toEqual(refused);
    expect(decideCampaignUpdate(CAMPAIGN, { quantity: 39, endsAtMs: 1 })).toEqual(refused);
  });

  it('when asked to end as it starts or before, then refuses', () => {
    const refused = { kind: 'refused', code: 'ends-before-start' };
    expect(decideCampaignUpdate(CAMPAIGN, { endsAtMs: 1000 })).toEqual(refused);
    expect(decideCampaignUpdate(CAMPAIGN, { endsAtMs: 0, title: 'Mug' })).toEqual(refused);
  });

  it('when refused, then leaves the campaign as it was given', () => {
    const given = structuredClone(CAMPAIGN);
    decideCampaignUpdate(given, { quantity: 1, title: 'Mug' });
    decideCampaignUpdate(given, { quantity: 99, title: 'Mug' });
    expect(given).toEqual(CAMPAIGN);
  });
});

describe('given a window', () => {
  it.each([
    [null, null, false],
    [1000, null, false],
    [null, 1000, false],
    [1000, 1001, false],
    [1000, 1000, true],
    [1000, 999, true],
  ])('when it goes from %o to %o, then being empty is %o', (startsAtMs, endsAtMs, isEmpty) => {
    expect(windowIsEmpty(startsAtMs, endsAtMs)).toBe(isEmpty);
  });
});
