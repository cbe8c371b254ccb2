import { createMemoryStore } from '../../../src/adapters/memory/memory-store.ts';
import {
  createTables,
  insertCoupon,
  type MemoryTables,
} from '../../../src/adapters/memory/tables.ts';
import type { Store } from '../../../src/ports/store.ts';
import { createTestClock, type OpenStore, type StoreUnderTest } from '../store-under-test.ts';

/**
 * A store that acknowledges before it commits: claims are decided in memory and answered, and their
 * rows reach what stands for the disk at a later turn of the event loop, or never. Everything else
 * is written at once.
 */
export async function openHasty(): Promise<StoreUnderTest> {
  const clock = createTestClock();
  const [memory, disk] = [createTables(), createTables()];
  const save = (): void => copyRows(memory, disk);
  const openOnce = (): OpenStore => {
    const { store: hasty } = createMemoryStore({ clock, tables: memory });
    const { store: reader, log } = createMemoryStore({ clock, tables: disk });
    const saved = <Result>(write: Promise<Result>): Promise<Result> => write.finally(save);
    const store: Store = {
      ...reader,
      // Uses and payments are written at once.
      redeemCoupons: (...args) => saved(hasty.redeemCoupons(...args)),
      acceptRedemptions: (...args) => saved(hasty.acceptRedemptions(...args)),
      decideAcceptedRedemptions: (...args) => saved(hasty.decideAcceptedRedemptions(...args)),
      reverseRedemption: (...args) => saved(hasty.reverseRedemption(...args)),
      payOut: (...args) => saved(hasty.payOut(...args)),
      expireCoupons: (...args) => saved(hasty.expireCoupons(...args)),
      registerVendor: (...args: Parameters<typeof hasty.registerVendor>) =>
        saved(hasty.registerVendor(...args)),
      createCampaign: (...args: Parameters<typeof hasty.createCampaign>) =>
        saved(hasty.createCampaign(...args)),
      updateCampaign: (...args: Parameters<typeof hasty.updateCampaign>) =>
        saved(hasty.updateCampaign(...args)),
      acceptClaims: (...args: Parameters<typeof hasty.acceptClaims>) =>
        saved(hasty.acceptClaims(...args)),
      decideAcceptedClaims: (...args: Parameters<typeof hasty.decideAcceptedClaims>) =>
        saved(hasty.decideAcceptedClaims(...args)),
      // The bug: the answer does not wait for the rows.
      issueCoupons: (...args: Parameters<typeof hasty.issueCoupons>) =>
        hasty.issueCoupons(...args).finally(() => void setImmediate(save)),
    };
    return { store, log };
  };
  let open = openOnce();
  return {
    ...open,
    clock,
    reopen: async () => {
      await open.store.close();
      // Memory is gone after a restart, and the disk is all there is.
      copyRows(disk, memory);
      open = openOnce();
      return open;
    },
    close: () => open.store.close(),
  };
}

function copyRows(from: MemoryTables, to: MemoryTables): void {
  const isLonger = from.events.length > to.events.length;
  refill(from.vendors, to.vendors);
  refill(from.campaigns, to.campaigns);
  refill(from.acceptedClaims, to.acceptedClaims);
  refill(from.redemptions, to.redemptions);
  refill(from.payouts, to.payouts);
  refill(from.platformBalances, to.platformBalances);
  to.transactions.splice(0, to.transactions.length, ...from.transactions);
  refill(from.keys, to.keys);
  for (const index of [to.coupons, to.couponIdsByCode, to.couponIdsByUser, to.couponIdsByHolder]) {
    index.clear();
  }
  for (const coupon of from.coupons.values()) insertCoupon(to, coupon);
  to.events.splice(0, to.events.length, ...from.events);
  if (isLonger) for (const listener of to.listeners) listener();
}

function refill<Row>(from: ReadonlyMap<string, Row>, to: Map<string, Row>): void {
  to.clear();
  for (const [key, row] of from) to.set(key, row);
}
