import { randomBytes } from 'node:crypto';
import { newCoupon } from '../../../src/adapters/memory/decide.ts';
import { once } from '../../../src/adapters/memory/keyed.ts';
import { createMemoryStore } from '../../../src/adapters/memory/memory-store.ts';
import {
  appendEvent,
  commit,
  createTables,
  insertCoupon,
  type MemoryTables,
} from '../../../src/adapters/memory/tables.ts';
import { couponIssued } from '../../../src/domain/campaign/campaign-events.ts';
import type { Campaign } from '../../../src/domain/campaign/campaign.ts';
import type { ClaimDecision } from '../../../src/domain/campaign/decide-claim.ts';
import type { Clock } from '../../../src/ports/clock.ts';
import type {
  ClaimOutcome,
  ClaimRequest,
  ClaimRequestOutcome,
  Store,
} from '../../../src/ports/store.ts';
import { createTestClock, type OpenStore, type OpenStoreUnderTest } from '../store-under-test.ts';

/** What a bug can get at. */
export interface Parts {
  readonly tables: MemoryTables;
  readonly clock: Clock;
}

/**
 * Opens memory stores with a bug.
 *
 * @param spoil  puts the bug into a good store
 * @param atRestart  what else goes wrong when the store is opened again
 */
export function planted(
  spoil: (good: Store, parts: Parts) => Store,
  atRestart: (tables: MemoryTables) => void = () => undefined,
): OpenStoreUnderTest {
  return async () => {
    const clock = createTestClock();
    const tables = createTables();
    const openOnce = (): OpenStore => {
      const { store, log } = createMemoryStore({ clock, tables });
      const spoilt = spoil(store, { tables, clock });
      const issueCoupons: Store['issueCoupons'] = async (requests) => {
        // Refuses once it is closed, as a good store does: the bug is to be found by itself.
        await store.probe();
        return spoilt.issueCoupons(requests);
      };
      return { store: { ...spoilt, issueCoupons }, log };
    };
    let open = openOnce();
    return {
      ...open,
      clock,
      reopen: async () => {
        await open.store.close();
        atRestart(tables);
        open = openOnce();
        return open;
      },
      close: () => open.store.close(),
    };
  };
}

/** Decides one user's claim and writes it, rightly or wrongly. */
export type DecideOne = (request: ClaimRequest, userId: string) => ClaimOutcome;

/** The way of a batch through a store, all but the decision of each claim. */
export async function issueWith(
  { tables, clock }: Parts,
  requests: readonly ClaimRequest[],
  decideOne: DecideOne,
): ReturnType<Store['issueCoupons']> {
  const answers = commit(tables, () =>
    requests.map((request) =>
      once(tables, request.origin, clock.nowMs(), (): ClaimRequestOutcome => {
        if (!tables.campaigns.has(request.campaignId)) return { kind: 'campaign-not-found' };
        return {
          kind: 'claims',
          claims: request.userIds.map((userId) => decideOne(request, userId)),
        };
      }),
    ),
  );
  return { answers, soldOut: soldOutAmong(tables, requests) };
}

/** Writes what a decision says, on a campaign as it was read. */
export function write(
  { tables, clock }: Parts,
  decision: ClaimDecision,
  read: {
    readonly campaign: Campaign;
    readonly held: readonly string[];
    readonly userId: string;
    readonly sequence?: number;
    readonly traceparent: string | null;
  },
): ClaimOutcome {
  const { campaign, held, userId, traceparent } = read;
  const decidedAtMs = clock.nowMs();
  if (decision !== 'issue') {
    const { startsAtMs, endsAtMs } = campaign;
    return {
      kind: 'refused',
      code: decision,
      decidedAtMs,
      ...(decision === 'already-claimed' && { couponIds: [...held] }),
      ...(decision === 'campaign-not-started' && startsAtMs !== null && { startsAtMs }),
      ...(decision === 'campaign-ended' && endsAtMs !== null && { endsAtMs }),
    };
  }
  const sequence = read.sequence ?? campaign.issued + 1;
  const coupon = newCoupon(campaign, userId, sequence, decidedAtMs, randomBytes);
  insertCoupon(tables, coupon);
  tables.campaigns.set(campaign.id, { ...campaign, issued: campaign.issued + 1 });
  appendEvent(tables, couponIssued(coupon, traceparent));
  return { kind: 'issued', coupon };
}

/** The campaigns of a batch that have nothing left. */
export function soldOutAmong(
  tables: MemoryTables,
  requests: readonly ClaimRequest[],
): { campaignId: string; endsAtMs: number | null }[] {
  return [...new Set(requests.map((request) => request.campaignId))].flatMap((campaignId) => {
    const campaign = tables.campaigns.get(campaignId);
    const isSoldOut = campaign !== undefined && campaign.issued >= campaign.quantity;
    return isSoldOut ? [{ campaignId, endsAtMs: campaign.endsAtMs }] : [];
  });
}
