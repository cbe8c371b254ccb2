import type { CampaignChange } from '../../../src/domain/campaign/decide-update.ts';

/** A campaign as the model knows it. */
export interface ModelCampaign {
  readonly id: string;
  quantity: number;
  readonly perUserLimit: number;
  readonly startsAtMs: number | null;
  endsAtMs: number | null;
  paused: boolean;
  title: string;
}

export interface ModelRequest {
  readonly campaignId: string;
  readonly userIds: readonly string[];
  readonly key: string | null;
  readonly fingerprint: string;
}

/**
 * What a store should do, written down a second time as plainly as it can be said: lists that are
 * scanned, no index, no counter, and none of the functions that the stores decide with. Answers are
 * words, in which a coupon is its campaign and number, as `cmp_0/3`.
 */
export class NaiveModel {
  readonly campaigns: ModelCampaign[];
  readonly coupons: { campaignId: string; userId: string; sequence: number; atMs: number }[] = [];
  readonly #keys: { key: string; fingerprint: string; answer: string }[] = [];
  readonly #queue: { campaignId: string; userId: string }[] = [];

  constructor(campaigns: readonly ModelCampaign[]) {
    this.campaigns = campaigns.map((campaign) => ({ ...campaign }));
  }

  /** Claims that are answered at once, in words. */
  issue(request: ModelRequest, nowMs: number): string {
    return this.#once(request, () => {
      const isKnown = this.campaigns.some((campaign) => campaign.id === request.campaignId);
      if (!isKnown) return 'campaign-not-found';
      const { campaignId, userIds } = request;
      return userIds.map((userId) => this.#decide(campaignId, userId, nowMs)).join(' ');
    });
  }

  /** A claim for later. */
  accept(request: ModelRequest): string {
    return this.#once(request, () => {
      const isKnown = this.campaigns.some((campaign) => campaign.id === request.campaignId);
      if (!isKnown) return 'campaign-not-found';
      this.#queue.push({ campaignId: request.campaignId, userId: request.userIds[0]! });
      return 'accepted';
    });
  }

  decideAccepted(countMax: number, nowMs: number): readonly string[] {
    const oldest = this.#queue.splice(0, countMax);
    return oldest.map((claim) => this.#decide(claim.campaignId, claim.userId, nowMs));
  }

  update(campaignId: string, change: CampaignChange): string {
    const campaign = this.campaigns.find((one) => one.id === campaignId);
    if (campaign === undefined) return 'not-found';
    const issued = this.coupons.filter((coupon) => coupon.campaignId === campaignId).length;
    const quantity = change.quantity ?? campaign.quantity;
    if (quantity < issued) return 'quantity-below-issued';
    const endsAtMs = change.endsAtMs === undefined ? campaign.endsAtMs : change.endsAtMs;
    const { startsAtMs } = campaign;
    if (startsAtMs !== null && endsAtMs !== null && endsAtMs <= startsAtMs) {
      return 'ends-before-start';
    }
    campaign.quantity = quantity;
    campaign.endsAtMs = endsAtMs;
    campaign.paused = change.paused ?? campaign.paused;
    return 'updated';
  }

  #once(request: ModelRequest, decide: () => string): string {
    const { key, fingerprint } = request;
    if (key === null) return `decided ${decide()}`;
    const first = this.#keys.find((row) => row.key === key);
    if (first !== undefined) {
      return first.fingerprint === fingerprint ? `replayed ${first.answer}` : 'key-reused';
    }
    const answer = decide();
    this.#keys.push({ key, fingerprint, answer });
    return `decided ${answer}`;
  }

  #decide(campaignId: string, userId: string, nowMs: number): string {
    const campaign = this.campaigns.find((one) => one.id === campaignId)!;
    const issued = this.coupons.filter((coupon) => coupon.campaignId === campaignId);
    const held = issued.filter((coupon) => coupon.userId === userId);
    if (held.length >= campaign.perUserLimit) {
      return `already-claimed:${held.map((coupon) => nameOf(coupon)).join(',')}`;
    }
    if (campaign.startsAtMs !== null && nowMs < campaign.startsAtMs) return 'campaign-not-started';
    if (campaign.paused) return 'campaign-paused';
    if (campaign.endsAtMs !== null && nowMs >= campaign.endsAtMs) return 'campaign-ended';
    if (issued.length >= campaign.quantity) return 'sold-out';
    const coupon = { campaignId, userId, sequence: issued.length + 1, atMs: nowMs };
    this.coupons.push(coupon);
    return `issued:${nameOf(coupon)}`;
  }
}

/** A coupon's name in the words of the model. */
export function nameOf(coupon: { campaignId: string; sequence: number }): string {
  return `${coupon.campaignId}/${coupon.sequence}`;
}
