import { preferLater, untilDecided, type LaterOptions } from './decided-later.ts';
import { get } from './paths.ts';
import type { CallOptions, Transport } from './transport.ts';
import type { Coupon, NewRedemption, Page, PageQuery, Redemption, Result } from './types.ts';

/** Coupons: look at them, and use them. */
export function couponCalls(transport: Transport) {
  return {
    /** @param idOrCode  a coupon's id or its code */
    get: (idOrCode: string, call?: CallOptions): Promise<Result<Coupon>> =>
      get(transport, couponPath(idOrCode), undefined, call),
    ofUser: (userId: string, page?: PageQuery, call?: CallOptions): Promise<Result<Page<Coupon>>> =>
      get(transport, `/v1/users/${encodeURIComponent(userId)}/coupons`, page, call),
    /** Uses a coupon and waits for the decision. */
    redeem: (
      idOrCode: string,
      redemption: NewRedemption = {},
      call?: CallOptions,
    ): Promise<Result<Redemption>> =>
      transport.call({
        method: 'POST',
        path: `${couponPath(idOrCode)}/redemptions`,
        body: redemption,
        ...call,
      }),
    /** Hands the use of a coupon in; the server decides it later. See `redemptions.wait`. */
    redeemAsync: (
      idOrCode: string,
      redemption: NewRedemption = {},
      { waitS, ...call }: LaterOptions = {},
    ): Promise<Result<Redemption>> =>
      transport.call({
        method: 'POST',
        path: `${couponPath(idOrCode)}/redemptions`,
        body: redemption,
        headers: preferLater(waitS),
        ...call,
      }),
  };
}

/** Redemptions: look at them, wait for them, undo them. */
export function redemptionCalls(transport: Transport) {
  const getRedemption = (id: string, call?: CallOptions): Promise<Result<Redemption>> =>
    get(transport, redemptionPath(id), undefined, call);
  return {
    get: getRedemption,
    /** The redemption once it is decided, or as it stands after `waitS` seconds (30 at most). */
    wait: (id: string, waitS: number, call?: CallOptions): Promise<Result<Redemption>> =>
      untilDecided(() => getRedemption(id, call), waitS, call?.signal),
    /** Undoes it: the coupon can be used again, the vendor gives back what it was paid. */
    reverse: (id: string, call?: CallOptions): Promise<Result<Redemption>> =>
      transport.call({
        method: 'POST',
        path: `${redemptionPath(id)}/reversals`,
        body: {},
        ...call,
      }),
  };
}

function couponPath(idOrCode: string): string {
  return `/v1/coupons/${encodeURIComponent(idOrCode)}`;
}

function redemptionPath(id: string): string {
  return `/v1/redemptions/${encodeURIComponent(id)}`;
}
