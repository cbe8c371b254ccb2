import { claimCalls } from './claim-calls.ts';
import { followEvents, type FollowOptions } from './follow-events.ts';
import { campaignPath, get } from './paths.ts';
import { couponCalls, redemptionCalls } from './redemption-calls.ts';
import {
  createTransport,
  type CallOptions,
  type ClientOptions,
  type Transport,
} from './transport.ts';
import type {
  Audit,
  Campaign,
  CampaignPatch,
  CloudEvent,
  Entry,
  Money,
  NewCampaign,
  NewVendor,
  Page,
  PageQuery,
  Payout,
  Result,
  Vendor,
} from './types.ts';

/** The calls of the HTTP API. Refusals come back as values; only a given signal throws. */
export type Client = ReturnType<typeof createClient>;

export interface EventQuery extends PageQuery {
  /** Events after this one (its id). */
  readonly after?: string;
  readonly type?: string;
  /** The id that the events are about. */
  readonly subject?: string;
}

/**
 * Makes a client of a firstcome server. It works wherever `fetch` does.
 *
 * Every POST carries an idempotency key, made by the client unless given, and is tried again (three
 * times, with growing random pauses) when it failed in a way that passes.
 *
 * @example
 * const firstcome = createClient({ url: 'http://127.0.0.1:4600' });
 * const claim = await firstcome.claims.create('cmp_welcome', 'mina');
 * if (claim.ok) console.log(claim.value.code);
 * else if (claim.code === 'sold-out') console.log('All gone.');
 */
export function createClient(options: ClientOptions) {
  const transport = createTransport(options);
  return {
    vendors: vendorCalls(transport),
    campaigns: campaignCalls(transport),
    claims: claimCalls(transport),
    coupons: couponCalls(transport),
    redemptions: redemptionCalls(transport),
    events: {
      list: (query?: EventQuery, call?: CallOptions): Promise<Result<Page<CloudEvent>>> =>
        get(transport, '/v1/events', query, call),
      /** Events as they happen, without end; connects again by itself where it left off. */
      follow: (follow?: FollowOptions): AsyncGenerator<CloudEvent> =>
        followEvents(transport, follow ?? {}),
    },
    /** Has the server recount its promises from the stored rows. */
    audit: (call?: CallOptions): Promise<Result<Audit>> =>
      get(transport, '/v1/audit', undefined, call),
  };
}

function vendorCalls(transport: Transport) {
  return {
    create: (vendor: NewVendor, call?: CallOptions): Promise<Result<Vendor>> =>
      transport.call({ method: 'POST', path: '/v1/vendors', body: vendor, ...call }),
    get: (id: string, call?: CallOptions): Promise<Result<Vendor>> =>
      get(transport, vendorPath(id), undefined, call),
    list: (page?: PageQuery, call?: CallOptions): Promise<Result<Page<Vendor>>> =>
      get(transport, '/v1/vendors', page, call),
    /** The vendor's ledger, newest first. */
    entries: (id: string, page?: PageQuery, call?: CallOptions): Promise<Result<Page<Entry>>> =>
      get(transport, `${vendorPath(id)}/entries`, page, call),
    /**
     * Pays a vendor out of its balance.
     * @param amount  a number alone is minor units in the vendor's currency
     */
    payOut: (id: string, amount: number | Money, call?: CallOptions): Promise<Result<Payout>> =>
      transport.call({
        method: 'POST',
        path: `${vendorPath(id)}/payouts`,
        body: { amount },
        ...call,
      }),
  };
}

function campaignCalls(transport: Transport) {
  return {
    create: (campaign: NewCampaign, call?: CallOptions): Promise<Result<Campaign>> =>
      transport.call({ method: 'POST', path: '/v1/campaigns', body: campaign, ...call }),
    get: (id: string, call?: CallOptions): Promise<Result<Campaign>> =>
      get(transport, campaignPath(id), undefined, call),
    list: (page?: PageQuery, call?: CallOptions): Promise<Result<Page<Campaign>>> =>
      get(transport, '/v1/campaigns', page, call),
    update: (id: string, patch: CampaignPatch, call?: CallOptions): Promise<Result<Campaign>> =>
      transport.call({ method: 'PATCH', path: campaignPath(id), body: patch, ...call }),
  };
}

function vendorPath(id: string): string {
  return `/v1/vendors/${encodeURIComponent(id)}`;
}
