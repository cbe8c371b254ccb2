import type { Campaign } from './campaign.ts';

/** What the owner of a campaign may change after it was created. */
export interface CampaignChange {
  readonly title?: string;
  readonly paused?: boolean;
  readonly quantity?: number;
  /** Milliseconds since 1970; null takes the end away. */
  readonly endsAtMs?: number | null;
}

export type CampaignUpdateDecision =
  | { readonly kind: 'updated'; readonly campaign: Campaign; readonly changed: readonly string[] }
  | { readonly kind: 'refused'; readonly code: 'quantity-below-issued'; readonly issued: number }
  | { readonly kind: 'refused'; readonly code: 'ends-before-start' };

/** Decides a change of a campaign; `changed` names the members that are different afterwards. */
export function decideCampaignUpdate(
  campaign: Campaign,
  change: CampaignChange,
): CampaignUpdateDecision {
  const next: Campaign = { ...campaign, ...change };
  if (next.quantity < campaign.issued) {
    return { kind: 'refused', code: 'quantity-below-issued', issued: campaign.issued };
  }
  if (windowIsEmpty(next.startsAtMs, next.endsAtMs)) {
    return { kind: 'refused', code: 'ends-before-start' };
  }
  const names = Object.keys(change) as (keyof CampaignChange)[];
  const changed = names.filter((name) => next[name] !== campaign[name]);
  return { kind: 'updated', campaign: next, changed };
}

/** Whether a window ends before or as it starts, so that nobody could ever claim in it. */
export function windowIsEmpty(startsAtMs: number | null, endsAtMs: number | null): boolean {
  return startsAtMs !== null && endsAtMs !== null && endsAtMs <= startsAtMs;
}
