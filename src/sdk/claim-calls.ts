import { preferLater, untilDecided, type LaterOptions } from './decided-later.ts';
import { campaignPath, get } from './paths.ts';
import type { CallOptions, Transport } from './transport.ts';
import type { BatchResult, Claim, Coupon, Result } from './types.ts';

/** Claims: now, many at once, or later. */
export function claimCalls(transport: Transport) {
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
      { waitS, ...call }: LaterOptions = {},
    ): Promise<Result<Claim | Coupon>> =>
      transport.call({
        method: 'POST',
        path: `${campaignPath(campaignId)}/claims`,
        body: { userId },
        headers: preferLater(waitS),
        ...call,
      }),
    get: getClaim,
    /** The claim once it is decided, or as it stands after `waitS` seconds (30 at most). */
    wait: (id: string, waitS: number, call?: CallOptions): Promise<Result<Claim>> =>
      untilDecided(() => getClaim(id, call), waitS, call?.signal),
  };
}
