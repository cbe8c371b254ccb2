import fc from 'fast-check';
import type { CampaignChange } from '../../../src/domain/campaign/decide-update.ts';
import { START_MS } from '../store-under-test.ts';
import type { ModelCampaign, ModelRequest } from './naive-model.ts';

/** One thing that happens to a store. */
export type Step =
  | { readonly kind: 'claim'; readonly requests: readonly ModelRequest[] }
  | { readonly kind: 'accept'; readonly requests: readonly ModelRequest[] }
  | { readonly kind: 'decide'; readonly countMax: number }
  | { readonly kind: 'update'; readonly campaignId: string; readonly change: CampaignChange }
  | { readonly kind: 'pass'; readonly ms: number };

/** Few and small campaigns, so that they sell out, end and open within a few steps. */
export const CAMPAIGNS: readonly ModelCampaign[] = [
  { ...campaign('cmp_0'), quantity: 4 },
  { ...campaign('cmp_1'), quantity: 9, perUserLimit: 2, startsAtMs: START_MS + 4 },
  { ...campaign('cmp_2'), quantity: 6, perUserLimit: 3, endsAtMs: START_MS + 20 },
];

/** `cmp_9` is not there. */
const campaignId = fc.constantFrom('cmp_0', 'cmp_0', 'cmp_1', 'cmp_1', 'cmp_2', 'cmp_2', 'cmp_9');
const userId = fc.constantFrom('ann', 'bob', 'cid', 'dan', 'eve', 'fay', 'gus');
const claims = requestsOf('claim', fc.array(userId, { minLength: 1, maxLength: 4 }));
const laterClaim = requestsOf(
  'accept',
  userId.map((user) => [user]),
);

const change: fc.Arbitrary<CampaignChange> = fc.record(
  {
    paused: fc.boolean(),
    quantity: fc.integer({ min: 1, max: 12 }),
    endsAtMs: fc.option(fc.integer({ min: START_MS, max: START_MS + 60 })),
  },
  { requiredKeys: [] },
);

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: batchOf('claim', claims) },
  { weight: 2, arbitrary: batchOf('accept', laterClaim) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('decide'), countMax: fc.integer({ min: 1, max: 4 }) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('update'), campaignId, change }) },
  {
    weight: 2,
    // The clock may also be set back.
    arbitrary: fc.record({ kind: fc.constant('pass'), ms: fc.integer({ min: -5, max: 15 }) }),
  },
);

export const steps = fc.array(step, { minLength: 1, maxLength: 40 });

function batchOf<Kind extends 'claim' | 'accept'>(
  kind: Kind,
  request: fc.Arbitrary<ModelRequest>,
): fc.Arbitrary<{ kind: Kind; requests: ModelRequest[] }> {
  return fc.record({
    kind: fc.constant(kind),
    requests: fc.array(request, { minLength: 1, maxLength: 5 }),
  });
}

/** Requests without key, requests repeated with theirs, and a few that use a key of another. */
function requestsOf(
  command: string,
  userIds: fc.Arbitrary<readonly string[]>,
): fc.Arbitrary<ModelRequest> {
  const request = fc.tuple(campaignId, userIds);
  const key = fc.constantFrom('k1', 'k2', 'k3', 'k4');
  return fc.oneof(
    { weight: 4, arbitrary: request.map((parts) => asked(command, ...parts, null)) },
    { weight: 3, arbitrary: fc.constantFrom(...repeatedly(command)) },
    {
      weight: 1,
      arbitrary: fc.tuple(request, key).map(([parts, ofKey]) => asked(command, ...parts, ofKey)),
    },
  );
}

function repeatedly(command: string): readonly ModelRequest[] {
  return [
    asked(command, 'cmp_0', ['ann'], `${command} 1`),
    asked(command, 'cmp_1', ['bob'], `${command} 2`),
    asked(command, 'cmp_2', ['cid'], `${command} 3`),
    asked(command, 'cmp_9', ['dan'], `${command} 4`),
    ...(command === 'claim' ? [asked(command, 'cmp_2', ['eve', 'fay', 'eve'], 'many')] : []),
  ];
}

/** The fingerprint is the request itself, as it is for the server. */
function asked(
  command: string,
  id: string,
  userIds: readonly string[],
  key: string | null,
): ModelRequest {
  return { campaignId: id, userIds, key, fingerprint: JSON.stringify([command, id, userIds]) };
}

function campaign(id: string): ModelCampaign {
  return {
    id,
    quantity: 1,
    perUserLimit: 1,
    startsAtMs: null,
    endsAtMs: null,
    paused: false,
    title: id,
  };
}
