import { Type, type TObject } from 'typebox';
import { BATCH_BODY_MAX_BYTES, created, ok, type Call } from './call.ts';
import { CloudEvent, EventListQuery, EventStreamQuery } from './event-schemas.ts';
import { campaignId, claimId, idOrCode, userId, vendorId } from './params.ts';
import { PageQuery, pageSchema } from './primitives.ts';
import type { ProblemCode } from './problems.ts';
import { LEDGER_CALLS, REDEMPTION_CALLS } from './redemption-calls.ts';
import {
  Audit,
  Campaign,
  CampaignPatch,
  Claim,
  ClaimBatch,
  Coupon,
  HealthReport,
  NewCampaign,
  NewClaim,
  NewClaimBatch,
  NewVendor,
  Vendor,
} from './schemas.ts';

const NO_QUERY = Type.Object({}, { additionalProperties: false });

/** Every call by its name. */
export const CALLS = {
  createVendor: {
    method: 'POST',
    path: '/v1/vendors',
    tag: 'Vendors',
    summary: 'Register a vendor',
    scope: 'admin',
    body: NewVendor,
    successes: [created(Vendor, 'The vendor.')],
  },
  listVendors: {
    method: 'GET',
    path: '/v1/vendors',
    tag: 'Vendors',
    summary: 'List vendors, newest first',
    scope: 'read',
    query: PageQuery,
    successes: [ok(pageSchema(Vendor), 'A page of vendors.')],
  },
  getVendor: {
    method: 'GET',
    path: '/v1/vendors/{vendorId}',
    tag: 'Vendors',
    summary: 'Look at a vendor and its balance',
    scope: 'read',
    params: [vendorId],
    successes: [ok(Vendor, 'The vendor.')],
  },
  ...LEDGER_CALLS,
  createCampaign: {
    method: 'POST',
    path: '/v1/campaigns',
    tag: 'Campaigns',
    summary: 'Create a campaign',
    description: 'An `endsAt` in the past is allowed; one that is not after `startsAt` is not.',
    scope: 'admin',
    body: NewCampaign,
    successes: [created(Campaign, 'The campaign.')],
    refusals: ['vendor-not-found', 'currency-mismatch'],
  },
  listCampaigns: {
    method: 'GET',
    path: '/v1/campaigns',
    tag: 'Campaigns',
    summary: 'List campaigns, newest first',
    scope: 'read',
    query: PageQuery,
    successes: [ok(pageSchema(Campaign), 'A page of campaigns.')],
  },
  getCampaign: {
    method: 'GET',
    path: '/v1/campaigns/{campaignId}',
    tag: 'Campaigns',
    summary: 'Look at a campaign',
    scope: 'read',
    params: [campaignId],
    successes: [ok(Campaign, 'The campaign.')],
  },
  updateCampaign: {
    method: 'PATCH',
    path: '/v1/campaigns/{campaignId}',
    tag: 'Campaigns',
    summary: 'Change, pause or open a campaign',
    scope: 'admin',
    params: [campaignId],
    body: CampaignPatch,
    successes: [ok(Campaign, 'The campaign as it is now.')],
    refusals: ['quantity-below-issued'],
  },
  createClaim: {
    method: 'POST',
    path: '/v1/campaigns/{campaignId}/claims',
    tag: 'Claims',
    summary: 'Claim one coupon',
    description:
      'First come, first served. The coupon is on disk before the answer is sent. With ' +
      '`Prefer: respond-async` the claim is written down and decided later; with `wait=N` beside ' +
      'it the answer waits up to N seconds (30 at most) for the decision.',
    scope: 'claims:write',
    params: [campaignId],
    body: NewClaim,
    headers: ['Prefer'],
    successes: [
      {
        ...created(Coupon, 'The coupon.'),
        headers: ['Location', 'Preference-Applied'],
      },
      {
        status: 202,
        description: 'The claim is written down; look at `Location` for the decision.',
        schema: Claim,
        headers: ['Location', 'Preference-Applied'],
      },
    ],
    refusals: [
      'already-claimed',
      'campaign-not-started',
      'campaign-paused',
      'campaign-ended',
      'sold-out',
    ],
  },
  createClaimBatch: {
    method: 'POST',
    path: '/v1/campaigns/{campaignId}/claims/batch',
    tag: 'Claims',
    summary: 'Claim for many users, in the order given',
    scope: 'claims:write',
    params: [campaignId],
    body: NewClaimBatch,
    bodyMaxBytes: BATCH_BODY_MAX_BYTES,
    successes: [ok(ClaimBatch, 'What each user got.')],
  },
  getClaim: {
    method: 'GET',
    path: '/v1/claims/{claimId}',
    tag: 'Claims',
    summary: 'Look at an asynchronous claim',
    scope: 'read',
    params: [claimId],
    successes: [ok(Claim, 'The claim.')],
  },
  listUserCoupons: {
    method: 'GET',
    path: '/v1/users/{userId}/coupons',
    tag: 'Coupons',
    summary: 'List a user’s coupons, oldest first',
    scope: 'read',
    params: [userId],
    query: PageQuery,
    successes: [ok(pageSchema(Coupon), 'A page of coupons.')],
  },
  getCoupon: {
    method: 'GET',
    path: '/v1/coupons/{idOrCode}',
    tag: 'Coupons',
    summary: 'Look at a coupon',
    scope: 'read',
    params: [idOrCode],
    successes: [ok(Coupon, 'The coupon.')],
  },
  ...REDEMPTION_CALLS,
  listEvents: {
    method: 'GET',
    path: '/v1/events',
    tag: 'Events',
    summary: 'Read the event log, oldest first',
    description: 'Go on with `nextCursor` as `cursor`, or with the last id as `after`.',
    scope: 'read',
    query: EventListQuery,
    successes: [ok(pageSchema(CloudEvent), 'A page of CloudEvents.')],
  },
  streamEvents: {
    method: 'GET',
    path: '/v1/events/stream',
    tag: 'Events',
    summary: 'Follow the event log live',
    description:
      'Server-sent events: `id` is the event’s id, `event` its type, `data` the CloudEvent. ' +
      'Without `Last-Event-ID` or `after` the stream begins with the next event that happens.',
    scope: 'read',
    query: EventStreamQuery,
    headers: ['Last-Event-ID'],
    successes: [
      {
        status: 200,
        description: 'A stream without end.',
        contentType: 'text/event-stream',
        schema: Type.String(),
      },
    ],
  },
  getAudit: {
    method: 'GET',
    path: '/v1/audit',
    tag: 'Audit',
    summary: 'Recount the promises from the stored rows',
    scope: 'admin',
    successes: [ok(Audit, 'What was recounted.')],
  },
  getHealth: {
    method: 'GET',
    path: '/healthz',
    tag: 'Operation',
    summary: 'Whether the process answers',
    scope: null,
    successes: [ok(HealthReport, 'It does.')],
  },
  getReadiness: {
    method: 'GET',
    path: '/readyz',
    tag: 'Operation',
    summary: 'Whether everything can be served',
    scope: null,
    successes: [ok(HealthReport, 'It can.')],
    refusals: ['overloaded'],
  },
  getMetrics: {
    method: 'GET',
    path: '/metrics',
    tag: 'Operation',
    summary: 'Figures for Prometheus',
    scope: 'read',
    successes: [
      {
        status: 200,
        description: 'Prometheus text format.',
        contentType: 'text/plain',
        schema: Type.String(),
      },
    ],
  },
} as const satisfies Readonly<Record<string, Call>>;

export type CallName = keyof typeof CALLS;

/** Every call, with the general type. */
export const CALL_LIST = Object.entries(CALLS) as readonly (readonly [CallName, Call])[];

/** Every code that a call can be refused with, in order of precedence. */
export function refusalsOf(call: Call): readonly ProblemCode[] {
  const codes = new Set<ProblemCode>();
  const isGuarded = call.scope !== null;
  const isPost = call.method === 'POST';
  if (isGuarded) codes.add('invalid-request');
  if (call.body !== undefined) {
    for (const code of [
      'request-timeout',
      'payload-too-large',
      'unsupported-media-type',
    ] as const) {
      codes.add(code);
    }
  }
  if (isGuarded) codes.add('unauthenticated').add('forbidden');
  for (const { notFound } of call.params ?? []) if (notFound !== null) codes.add(notFound);
  if (isGuarded) codes.add('rate-limited');
  if (isPost) codes.add('idempotency-key-reused').add('request-in-progress');
  for (const code of call.refusals ?? []) codes.add(code);
  if (call.body !== undefined) codes.add('overloaded');
  return [...codes.add('internal')];
}

/** The parameters that a call takes behind `?`: none unless it says so. */
export function queryOf(call: Call): TObject {
  return call.query ?? NO_QUERY;
}
