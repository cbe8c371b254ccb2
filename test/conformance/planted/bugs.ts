import { once } from '../../../src/adapters/memory/keyed.ts';
import { commit, heldBy } from '../../../src/adapters/memory/tables.ts';
import { decideClaim } from '../../../src/domain/campaign/decide-claim.ts';
import type { ClaimOutcome, ClaimRequest, ClaimRequestOutcome } from '../../../src/ports/store.ts';
import type { OpenStoreUnderTest } from '../store-under-test.ts';
import { openHasty } from './hasty.ts';
import { issueWith, planted, soldOutAmong, write, type DecideOne, type Parts } from './spoil.ts';

/** The construction that the bugs are planted in, without one: nothing may be said against it. */
export const openUnspoilt: OpenStoreUnderTest = planted((good, parts) => ({
  ...good,
  issueCoupons: (requests) => issueWith(parts, requests, decideRightly(parts)),
}));

/** Reads, lets others have their turn, and saves what follows from what it had read. */
export const openCheckThenSave: OpenStoreUnderTest = planted((good, parts) => ({
  ...good,
  async issueCoupons(requests) {
    const answers = [];
    for (const request of requests) {
      const outcome = await decideSlowly(parts, request);
      answers.push(once(parts.tables, request.origin, parts.clock.nowMs(), () => outcome));
    }
    return { answers, soldOut: soldOutAmong(parts.tables, requests) };
  },
}));

/** Knows what users held before the batch, and not what the batch itself has given them. */
export const openForgetfulOfBatch: OpenStoreUnderTest = planted((good, parts) => ({
  ...good,
  issueCoupons(requests) {
    const { tables, clock } = parts;
    const before = new Map(
      requests.flatMap(({ campaignId, userIds }) =>
        userIds.map((userId) => [
          `${campaignId} ${userId}`,
          [...heldBy(tables, campaignId, userId)],
        ]),
      ),
    );
    return issueWith(parts, requests, ({ campaignId, origin }, userId) => {
      const campaign = tables.campaigns.get(campaignId)!;
      const held = before.get(`${campaignId} ${userId}`)!;
      const decision = decideClaim(campaign, campaign.issued, held.length, clock.nowMs());
      return write(parts, decision, { ...origin, campaign, held, userId });
    });
  },
}));

/** Gives the seventh coupon the number of the sixth. */
export const openRepeatingSequence: OpenStoreUnderTest = planted((good, parts) => ({
  ...good,
  issueCoupons: (requests) =>
    issueWith(parts, requests, ({ campaignId, origin }, userId) => {
      const campaign = parts.tables.campaigns.get(campaignId)!;
      const held = heldBy(parts.tables, campaignId, userId);
      const decision = decideClaim(campaign, campaign.issued, held.length, parts.clock.nowMs());
      const sequence = campaign.issued === 6 ? 6 : campaign.issued + 1;
      return write(parts, decision, { ...origin, campaign, held, userId, sequence });
    }),
}));

/** Tells a winner who asks again that the campaign is sold out. */
export const openSoldOutFirst: OpenStoreUnderTest = planted((good, parts) => ({
  ...good,
  issueCoupons: (requests) =>
    issueWith(parts, requests, (request, userId) => {
      const campaign = parts.tables.campaigns.get(request.campaignId)!;
      if (campaign.issued < campaign.quantity) return decideRightly(parts)(request, userId);
      return { kind: 'refused', code: 'sold-out', decidedAtMs: parts.clock.nowMs() };
    }),
}));

/** Writes no event for the third coupon of a campaign. */
export const openSilentThird: OpenStoreUnderTest = planted((good, { tables }) => ({
  ...good,
  async issueCoupons(requests) {
    const result = await good.issueCoupons(requests);
    const third = tables.events.findIndex((event) => event.data['sequence'] === 3);
    if (third !== -1) tables.events.splice(third, 1);
    return result;
  },
}));

/** Keeps idempotency keys in memory only. */
export const openForgetfulOfKeys: OpenStoreUnderTest = planted(
  (good) => good,
  (tables) => tables.keys.clear(),
);

/** Answers a repeated key without looking whether it is the same request. */
export const openBlindToFingerprints: OpenStoreUnderTest = planted((good, { tables }) => ({
  ...good,
  issueCoupons: (requests) =>
    good.issueCoupons(
      requests.map((request) => {
        const { idempotency } = request.origin;
        const first = idempotency === null ? undefined : tables.keys.get(idempotency.key);
        if (idempotency === null || first === undefined) return request;
        const origin = {
          ...request.origin,
          idempotency: { ...idempotency, fingerprint: first.fingerprint },
        };
        return { ...request, origin };
      }),
    ),
}));

export { openHasty };

function decideRightly(parts: Parts): DecideOne {
  const { tables, clock } = parts;
  return ({ campaignId, origin }, userId) => {
    const campaign = tables.campaigns.get(campaignId)!;
    const held = heldBy(tables, campaignId, userId);
    const decision = decideClaim(campaign, campaign.issued, held.length, clock.nowMs());
    return write(parts, decision, { ...origin, campaign, held, userId });
  };
}

async function decideSlowly(parts: Parts, request: ClaimRequest): Promise<ClaimRequestOutcome> {
  const { tables, clock } = parts;
  const { campaignId, userIds, origin } = request;
  const isKnown = origin.idempotency !== null && tables.keys.has(origin.idempotency.key);
  if (!tables.campaigns.has(campaignId) || isKnown) return { kind: 'campaign-not-found' };
  const claims: ClaimOutcome[] = [];
  for (const userId of userIds) {
    const campaign = tables.campaigns.get(campaignId)!;
    const held = heldBy(tables, campaignId, userId);
    const decision = decideClaim(campaign, campaign.issued, held.length, clock.nowMs());
    await Promise.resolve();
    claims.push(
      commit(tables, () => write(parts, decision, { ...origin, campaign, held, userId })),
    );
  }
  return { kind: 'claims', claims };
}
