import { randomBytes } from 'node:crypto';
import { addHolder, createHolderFilter } from '../../domain/campaign/holder-filter.ts';
import type { Clock } from '../../ports/clock.ts';
import type { EventLog } from '../../ports/event-log.ts';
import type { Ids } from '../../ports/ids.ts';
import { StoreUnavailable, type Store } from '../../ports/store.ts';
import type { RandomBytes } from './decide.ts';
import { entriesOf } from './ledger.ts';
import { createMemoryEventLog } from './memory-event-log.ts';
import { pageOf } from './paging.ts';
import { recount } from './recount.ts';
import { redemptionWritesOf, type RedemptionWrites } from './redemption-writes.ts';
import { commit, createTables, findCoupon, type MemoryTables } from './tables.ts';
import { writesOf, type Writes } from './writes.ts';

export interface MemoryStoreOptions {
  readonly clock: Clock;
  /** Makes the ids of accepted claims; random ones unless given. */
  readonly ids?: Ids;
  /** Makes the ids and codes of coupons; from the operating system unless given. */
  readonly random?: RandomBytes;
  /** The rows to work on; empty ones unless given. A second store on them is a restarted one. */
  readonly tables?: MemoryTables;
}

/**
 * The reference engine. Each write runs from its first read to its last row without a turn of the
 * event loop in between, which is what makes it atomic; nothing else is clever here.
 */
export function createMemoryStore(options: MemoryStoreOptions): { store: Store; log: EventLog } {
  const tables = options.tables ?? createTables();
  const parts = {
    tables,
    ids: options.ids ?? { next: (prefix) => `${prefix}${randomBytes(16).toString('hex')}` },
    random: options.random ?? randomBytes,
  };
  let isClosed = false;
  const write = <Result>(effect: (nowMs: number) => Result): Result => {
    if (isClosed) throw new StoreUnavailable('the store is closed');
    return commit(tables, () => effect(options.clock.nowMs()));
  };
  const store: Store = {
    ...writesOf(parts, write),
    ...redemptionWritesOf(tables, write),
    ...readsOf(tables),
    async probe() {
      write(() => undefined);
    },
    async close() {
      isClosed = true;
    },
  };
  return { store, log: createMemoryEventLog(tables) };
}

function readsOf(tables: MemoryTables): Omit<Store, Writes | RedemptionWrites | 'probe' | 'close'> {
  return {
    async vendor(id) {
      return tables.vendors.get(id) ?? null;
    },
    async vendors(page) {
      return pageOf('vendors', [...tables.vendors.values()], 'newest-first', page);
    },
    async campaign(id) {
      return tables.campaigns.get(id) ?? null;
    },
    async campaigns(page) {
      return pageOf('campaigns', [...tables.campaigns.values()], 'newest-first', page);
    },
    async coupon(idOrCode) {
      return findCoupon(tables, idOrCode);
    },
    async couponsOfUser(userId, page) {
      const ids = tables.couponIdsByUser.get(userId) ?? [];
      const coupons = ids.map((id) => tables.coupons.get(id)!);
      return pageOf(`coupons of ${userId}`, coupons, 'oldest-first', page);
    },
    async acceptedClaim(id) {
      return tables.acceptedClaims.get(id)?.claim ?? null;
    },
    async redemption(id) {
      return tables.redemptions.get(id)?.redemption ?? null;
    },
    async entries(vendorId, page) {
      if (!tables.vendors.has(vendorId)) return 'vendor-not-found';
      const entries = entriesOf(tables, vendorId);
      return pageOf(`entries of ${vendorId}`, entries, 'newest-first', page);
    },
    async holders(campaignId) {
      if (!tables.campaigns.has(campaignId)) return null;
      const userIds = [...(tables.couponIdsByHolder.get(campaignId)?.keys() ?? [])];
      const filter = createHolderFilter(userIds.length);
      for (const userId of userIds) addHolder(filter, userId);
      return filter;
    },
    async recount() {
      return recount(tables);
    },
  };
}
