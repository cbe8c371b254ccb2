import { consumesKey } from '../../domain/coupon/decide-redemption.ts';
import type { RedemptionStore } from '../../ports/redemption-store.ts';
import { once } from './keyed.ts';
import {
  acceptRedemption,
  decideAcceptedRedemption,
  expire,
  payOut,
  redeem,
  reverse,
} from './redemptions.ts';
import type { MemoryTables } from './tables.ts';
import type { Write } from './writes.ts';

/** The methods that write, of the part of the store that uses coupons and pays vendors. */
export type RedemptionWrites = Exclude<keyof RedemptionStore, 'redemption' | 'entries'>;

/** `write` gives each effect its moment and its atomicity. */
export function redemptionWritesOf(
  tables: MemoryTables,
  write: Write,
): Pick<RedemptionStore, RedemptionWrites> {
  return {
    async redeemCoupons(requests) {
      return write((nowMs) =>
        requests.map((request) =>
          once(tables, request.origin, nowMs, () => redeem(tables, request, nowMs), consumesKey),
        ),
      );
    },
    async acceptRedemptions(requests) {
      return write((nowMs) =>
        requests.map((request) =>
          once(
            tables,
            request.origin,
            nowMs,
            () => acceptRedemption(tables, request, nowMs),
            consumesKey,
          ),
        ),
      );
    },
    async decideAcceptedRedemptions(countMax) {
      return write((nowMs) =>
        [...tables.redemptions.values()]
          .filter((row) => row.redemption.status === 'queued')
          .slice(0, countMax)
          .map((row) => decideAcceptedRedemption(tables, row, nowMs)),
      );
    },
    async reverseRedemption(id, origin) {
      return write((nowMs) =>
        once(tables, origin, nowMs, () => reverse(tables, id, nowMs, origin.traceparent)),
      );
    },
    async payOut(command, origin) {
      return write((nowMs) =>
        once(tables, origin, nowMs, () => payOut(tables, command, nowMs, origin.traceparent)),
      );
    },
    async expireCoupons(countMax) {
      return write((nowMs) => expire(tables, countMax, nowMs));
    },
  };
}
