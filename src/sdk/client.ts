import { followEvents, type FollowOptions } from './follow-events.ts';
import {
  createTransport,
  pause,
  type CallOptions,
  type ClientOptions,
  type Transport,
} from './transport.ts';
import type {
  Audit,
  BatchResult,
  Campaign,
  CampaignPatch,
  Claim,
  CloudEvent,
  Coupon,
  NewCampaign,
  NewVendor,
  Page,
  PageQuery,
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

const WAIT_MAX_S = 30;
const POLL_MS = 100;

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
    coupons: {
      /** @param idOrCode  a coupon's id or its code */
      get: (idOrCode: string, call?: CallOptions): Promise<Result<Coupon>> =>
        get(transport, `/v1/coupons/${encodeURIComponent(idOrCode)}`, undefined, call),
      ofUser: (
        userId: string,
        page?: PageQuery,
        call?: CallOptions,
      ): Promise<Result<Page<Coupon>>> =>
        get(transport, `/v1/users/${encodeURIComponent(userId)}/coupons`, page, call),
    },
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
      get(transport, `/v1/vendors/${encodeURIComponent(id)}`, undefined, call),
    list: (page?: PageQuery, call?: CallOptions): Promise<Result<Page<Vendor>>> =>
      get(transport, '/v1/vendors', page, call),
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

function claimCalls(transport: Transport) {
  const getClaim = (id: string, call?: CallOptions): Promise<Result<Claim>> =>
    get(transport, `/v1/claims/${encodeURIComponent(id)}`, undefined, call);
  return {
    /** Claims one coupon and waits for the decision. */
    create: (campaignId: string, userId: string, call?: CallOptions): Promise<Result<Coupon>> =>
      transport.call({
        method: 'POST',
        path: `${campaignPath(campaignId)}/claims`,
        body: { userId },
        ...call,
      }),
    /** Claims for many users (1,000 at most), decided in the order given. */
    createBatch: (
      campaignId: string,
      userIds: readonly string[],
      call?: CallOptions,
    ): Promise<Result<{ readonly results: readonly BatchResult[] }>> =>
      transport.call({
        method: 'POST',
        path: `${campaignPath(campaignId)}/claims/batch`,
        body: { userIds },
        ...call,
      }),
    /**
     * Hands a claim in; the server decides it later. See `get` and `wait`.
     * @param call  with `waitS` the answer is the coupon itself if it is decided within that time
     */
    createAsync: (
      campaignId: string,
      userId: string,
      { waitS, ...call }: CallOptions & { readonly waitS?: number } = {},
    ): Promise<Result<Claim | Coupon>> =>
      transport.call({
        method: 'POST',
        path: `${campaignPath(campaignId)}/claims`,
        body: { userId },
        headers: { prefer: waitS === undefined ? 'respond-async' : `respond-async, wait=${waitS}` },
        ...call,
      }),
    get: getClaim,
    /** The claim once it is decided, or as it stands after `waitS` seconds (30 at most). */
    wait: async (id: string, waitS: number, call?: CallOptions): Promise<Result<Claim>> => {
      const untilMs = performance.now() + Math.min(waitS, WAIT_MAX_S) * 1000;
      for (;;) {
        const result = await getClaim(id, call);
        if (!result.ok || result.value.status !== 'queued') return result;
        if (performance.now() >= untilMs) return result;
        await pause(POLL_MS, call?.signal);
      }
    },
  };
}

function campaignPath(id: string): string {
  return `/v1/campaigns/${encodeURIComponent(id)}`;
}

function get<Value>(
  transport: Transport,
  path: string,
  query: object | undefined,
  call: CallOptions | undefined,
): Promise<Result<Value>> {
  const pairs = query as Readonly<Record<string, string | number | undefined>> | undefined;
  return transport.call({ method: 'GET', path, ...(pairs && { query: pairs }), ...call });
}
