import { campaignStatus, type ClaimTerms } from './campaign.ts';

/** Why a claim that reached a known campaign is refused, in order of precedence. */
export type ClaimRefusalCode =
  'already-claimed' | 'campaign-not-started' | 'campaign-paused' | 'campaign-ended' | 'sold-out';

export type ClaimDecision = 'issue' | ClaimRefusalCode;

/**
 * Decides one claim. Every engine asks this function, inside its own transaction, with what it read
 * in that transaction; `issue` means the coupon of sequence number `issued + 1`.
 *
 * The user's own coupons come before the campaign's state, so that a winner who asks again always
 * learns what was won, whatever became of the campaign since.
 *
 * @param terms  the campaign's terms
 * @param issued  how many coupons the campaign has issued, earlier claims of this batch included
 * @param held  how many of them this user holds, earlier claims of this batch included
 * @param nowMs  the record's clock, milliseconds since 1970
 */
export function decideClaim(
  terms: ClaimTerms,
  issued: number,
  held: number,
  nowMs: number,
): ClaimDecision {
  if (held >= terms.perUserLimit) return 'already-claimed';
  const status = campaignStatus(terms, issued, nowMs);
  switch (status) {
    case 'scheduled':
      return 'campaign-not-started';
    case 'paused':
      return 'campaign-paused';
    case 'ended':
      return 'campaign-ended';
    case 'soldOut':
      return 'sold-out';
    case 'open':
      return 'issue';
  }
}
