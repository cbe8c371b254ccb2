import type { NewEvent } from '../../domain/campaign/campaign-events.ts';
import type { Campaign } from '../../domain/campaign/campaign.ts';
import type { Coupon } from '../../domain/coupon/coupon.ts';
import { parseCouponCode } from '../../domain/coupon/coupon-code.ts';
import type { DomainEvent } from '../../domain/event.ts';
import type { Payout, Redemption } from '../../ports/redemption-store.ts';
import type { AcceptedClaim, Vendor } from '../../ports/store.ts';
import type { LedgerTransaction } from './ledger.ts';

/**
 * What the memory store keeps: a database's tables, as maps that remember the order of insertion.
 */
export interface MemoryTables {
  /** With the balances of their accounts. */
  readonly vendors: Map<string, Vendor>;
  readonly campaigns: Map<string, Campaign>;
  readonly coupons: Map<string, Coupon>;
  readonly acceptedClaims: Map<string, AcceptedRow>;
  readonly redemptions: Map<string, RedemptionRow>;
  readonly payouts: Map<string, Payout>;
  readonly transactions: LedgerTransaction[];
  /** Balances of the platform's own accounts, minor units, by `platformAccount`. */
  readonly platformBalances: Map<string, bigint>;
  readonly keys: Map<string, KeyRow>;
  readonly events: DomainEvent[];
  /** Indexes over `coupons`: they answer fast what a scan would answer, and nothing else. */
  readonly couponIdsByCode: Map<string, string>;
  readonly couponIdsByUser: Map<string, string[]>;
  readonly couponIdsByHolder: Map<string, Map<string, string[]>>;
  /** Called after each commit that appended events. */
  readonly listeners: Set<() => void>;
}

/** An asynchronous claim, with the trace of the request that made it. */
export interface AcceptedRow {
  readonly claim: AcceptedClaim;
  readonly traceparent: string | null;
}

/** The use of a coupon, with the trace of the request that asked for it. */
export interface RedemptionRow {
  readonly redemption: Redemption;
  readonly traceparent: string | null;
}

/** What the first request with an idempotency key was, and what came of it. */
export interface KeyRow {
  readonly fingerprint: string;
  readonly requestId: string;
  readonly outcome: unknown;
  readonly firstUsedAtMs: number;
}

export function createTables(): MemoryTables {
  return {
    vendors: new Map(),
    campaigns: new Map(),
    coupons: new Map(),
    acceptedClaims: new Map(),
    redemptions: new Map(),
    payouts: new Map(),
    transactions: [],
    platformBalances: new Map(),
    keys: new Map(),
    events: [],
    couponIdsByCode: new Map(),
    couponIdsByUser: new Map(),
    couponIdsByHolder: new Map(),
    listeners: new Set(),
  };
}

/** Writes a coupon's row and its indexes. An id or code that is there already is broken code. */
export function insertCoupon(tables: MemoryTables, coupon: Coupon): void {
  if (tables.coupons.has(coupon.id) || tables.couponIdsByCode.has(coupon.code)) {
    throw new Error(`coupon ${coupon.id} or its code exists already`);
  }
  tables.coupons.set(coupon.id, coupon);
  tables.couponIdsByCode.set(coupon.code, coupon.id);
  listIn(tables.couponIdsByUser, coupon.userId).push(coupon.id);
  listIn(holdersOf(tables, coupon.campaignId), coupon.userId).push(coupon.id);
}

/** Finds a coupon by its id, or by its code however it was typed. */
export function findCoupon(tables: MemoryTables, idOrCode: string): Coupon | null {
  const code = parseCouponCode(idOrCode);
  const idOfCode = code === null ? undefined : tables.couponIdsByCode.get(code);
  return tables.coupons.get(idOfCode ?? idOrCode) ?? null;
}

/** The coupons that a user holds of a campaign, oldest first. */
export function heldBy(
  tables: MemoryTables,
  campaignId: string,
  userId: string,
): readonly string[] {
  return tables.couponIdsByHolder.get(campaignId)?.get(userId) ?? [];
}

/** Puts an event at the end of the log. */
export function appendEvent(tables: MemoryTables, event: NewEvent): void {
  tables.events.push({ position: tables.events.length + 1, ...event });
}

/** Runs one atomic effect, and tells the listeners if it appended events. */
export function commit<Result>(tables: MemoryTables, effect: () => Result): Result {
  const headBefore = tables.events.length;
  const result = effect();
  if (tables.events.length > headBefore) {
    for (const listener of [...tables.listeners]) listener();
  }
  return result;
}

function holdersOf(tables: MemoryTables, campaignId: string): Map<string, string[]> {
  let holders = tables.couponIdsByHolder.get(campaignId);
  if (holders === undefined) {
    holders = new Map();
    tables.couponIdsByHolder.set(campaignId, holders);
  }
  return holders;
}

function listIn(index: Map<string, string[]>, key: string): string[] {
  let list = index.get(key);
  if (list === undefined) {
    list = [];
    index.set(key, list);
  }
  return list;
}
