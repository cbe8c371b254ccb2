import { CALLS } from '../contract/calls.ts';
import { NewClaim } from '../contract/schemas.ts';
import { compileValidator } from '../contract/validate.ts';
import { claimAnswer, outcomeAnswer } from './claim-answers.ts';
import type { HttpParts } from './http-parts.ts';
import { laterAnswer } from './later-answer.ts';
import { LeanRoute, type DirectRoute } from './lean-route.ts';
import { renderClaim } from './render.ts';

const newClaim = compileValidator(NewClaim);

/** `POST /v1/campaigns/{campaignId}/claims`. */
export function createClaimRoute(parts: HttpParts): DirectRoute {
  const { engine, clock } = parts;
  return new LeanRoute(parts, {
    call: CALLS.createClaim,
    body: newClaim,
    isKnown: async (campaignId) => (await engine.queries.campaign(campaignId)) !== null,
    execute: ({ id: campaignId, body, origin, preference, exchange }) => {
      const request = { campaignId, userIds: [body.userId], origin };
      if (!preference.respondAsync) {
        const decided = engine.claim(request);
        return decided instanceof Promise
          ? decided.then((answer) => claimAnswer(answer, exchange, clock.nowMs()))
          : claimAnswer(decided, exchange, clock.nowMs());
      }
      return laterAnswer(engine.acceptClaim(request), preference, exchange, {
        itemOf: (outcome) => (outcome.kind === 'accepted' ? outcome.claim : outcome.kind),
        problemOf: (code: 'campaign-not-found') => ({ code }),
        find: (id, waitMs) => engine.acceptedClaim(id, waitMs),
        isDecided: ({ outcome }) => outcome !== null,
        decidedAnswer: ({ outcome }, first, headers) =>
          outcomeAnswer(outcome!, first, clock.nowMs(), headers),
        path: '/v1/claims/',
        render: (claim) => renderClaim(claim, clock.nowMs()),
      });
    },
  });
}
