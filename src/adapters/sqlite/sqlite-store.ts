import type { Clock } from '../../ports/clock.ts';
import type { EventLog } from '../../ports/event-log.ts';
import type { Ids } from '../../ports/ids.ts';
import type {
  AcceptRedemptionOutcome,
  RedeemOutcome,
  Redemption,
} from '../../ports/redemption-store.ts';
import type {
  Answer,
  ClaimBatchResult,
  ClaimRequest,
  ClaimRequestOutcome,
  Store,
} from '../../ports/store.ts';
import { DecisionReader, toColumns } from './claim-columns.ts';
import { databaseFile, lockDataFolder } from './data-folder.ts';
import type { ReaderCommands } from './reader-thread.ts';
import { ThreadClient } from './thread-client.ts';
import type { WriterThreadCommands } from './writer-thread.ts';

// The threads' scripts have the ending of this one: .ts in a checkout, .js when built.
const ENDING = import.meta.url.slice(-3);
const WRITER = new URL(`./writer-thread${ENDING}`, import.meta.url);
const READER = new URL(`./reader-thread${ENDING}`, import.meta.url);

export interface SqliteStoreOptions {
  /** The data folder; made if it is not there. */
  readonly folder: string;
  readonly clock: Clock;
  readonly ids: Ids;
}

/**
 * Opens the embedded engine's record: an SQLite file in a folder that this process then owns, one
 * thread that writes and one that reads.
 *
 * @throws {DataFolderError} if the folder or the file in it cannot be used
 */
export async function openSqliteStore(
  options: SqliteStoreOptions,
): Promise<{ store: Store; log: EventLog }> {
  const unlock = lockDataFolder(options.folder);
  try {
    const file = databaseFile(options.folder);
    const [writer, reader] = await startBoth(file);
    return joinThreads({ ...options, file, writer, reader, unlock });
  } catch (error) {
    unlock();
    throw error;
  }
}

/** Starts the threads side by side; if one of them cannot, the other ends. */
async function startBoth(
  file: string,
): Promise<[ThreadClient<WriterThreadCommands>, ThreadClient<ReaderCommands>]> {
  const reading = ThreadClient.start<ReaderCommands>(READER, { file });
  try {
    const writer = await ThreadClient.start<WriterThreadCommands>(WRITER, { file });
    return [writer, await reading];
  } catch (error) {
    await (await reading).close();
    throw error;
  }
}

/**
 * Recounts the promises of a data folder from its rows, whether or not a process owns it.
 *
 * @throws {DataFolderError} if the file cannot be read
 */
export async function recountDataFolder(folder: string): ReturnType<Store['recount']> {
  return recountIn(databaseFile(folder));
}

async function recountIn(file: string): ReturnType<Store['recount']> {
  const auditor = await ThreadClient.start<ReaderCommands>(READER, { file });
  try {
    return await auditor.call('recount');
  } finally {
    await auditor.close();
  }
}

interface Threads extends SqliteStoreOptions {
  readonly file: string;
  readonly writer: ThreadClient<WriterThreadCommands>;
  readonly reader: ThreadClient<ReaderCommands>;
  readonly unlock: () => void;
}

function joinThreads(threads: Threads): { store: Store; log: EventLog } {
  const { reader } = threads;
  const listeners = new Set<() => void>();
  const appended = (): void => {
    for (const listener of listeners) listener();
  };
  const log: EventLog = {
    read: (query) => reader.call('read', query),
    head: () => reader.call('head'),
    onAppended: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
  return { store: { ...writesOf(threads, appended), ...readsOf(threads) }, log };
}

function readsOf({ file, reader }: Threads) {
  return {
    vendor: (id) => reader.call('vendor', id),
    vendors: (page) => reader.call('vendors', page),
    campaign: (id) => reader.call('campaign', id),
    campaigns: (page) => reader.call('campaigns', page),
    coupon: (idOrCode) => reader.call('coupon', idOrCode),
    couponsOfUser: (userId, page) => reader.call('couponsOfUser', userId, page),
    acceptedClaim: (id) => reader.call('acceptedClaim', id),
    redemption: (id) => reader.call('redemption', id),
    entries: (vendorId, page) => reader.call('entries', vendorId, page),
    holders: (campaignId) => reader.call('holders', campaignId),
    recount: () => recountIn(file),
  } satisfies Partial<Store>;
}

function writesOf({ clock, ids, writer, reader, unlock }: Threads, appended: () => void) {
  const announced = async <Result>(write: Promise<Result>): Promise<Result> => {
    const result = await write;
    appended();
    return result;
  };
  let closing: Promise<void> | null = null;
  const close = async (): Promise<void> => {
    await reader.close();
    await writer.call('close').finally(() => writer.close());
    unlock();
  };
  return {
    registerVendor: (command, origin) =>
      announced(writer.call('registerVendor', command, origin, clock.nowMs())),
    createCampaign: (command, origin) =>
      announced(writer.call('createCampaign', command, origin, clock.nowMs())),
    updateCampaign: (id, change, origin) =>
      announced(writer.call('updateCampaign', id, change, origin, clock.nowMs())),
    issueCoupons: (requests) => announced(issueCoupons(writer, requests, clock.nowMs())),
    acceptClaims: (requests) => {
      const named = requests.map((request) => ({ ...request, id: ids.next('clm_') }));
      return writer.call('acceptClaims', named, clock.nowMs());
    },
    decideAcceptedClaims: (countMax) =>
      announced(writer.call('decideAcceptedClaims', countMax, clock.nowMs())),
    redeemCoupons: async (requests) => {
      const text = JSON.stringify(requests);
      const answers = await announced(writer.call('redeemCoupons', text, clock.nowMs()));
      return JSON.parse(answers) as Answer<RedeemOutcome>[];
    },
    acceptRedemptions: async (requests) => {
      const text = JSON.stringify(requests);
      const answers = await writer.call('acceptRedemptions', text, clock.nowMs());
      return JSON.parse(answers) as Answer<AcceptRedemptionOutcome>[];
    },
    decideAcceptedRedemptions: async (countMax) => {
      const call = writer.call('decideAcceptedRedemptions', countMax, clock.nowMs());
      return JSON.parse(await announced(call)) as Redemption[];
    },
    reverseRedemption: (id, origin) =>
      announced(writer.call('reverseRedemption', id, origin, clock.nowMs())),
    payOut: (command, origin) => announced(writer.call('payOut', command, origin, clock.nowMs())),
    expireCoupons: (countMax) => writer.call('expireCoupons', countMax, clock.nowMs()),
    forgetKeys: (beforeMs) => writer.call('forgetKeys', beforeMs),
    probe: () => writer.call('probe', clock.nowMs()),
    close: () => (closing ??= close()),
  } satisfies Partial<Store>;
}

async function issueCoupons(
  writer: ThreadClient<WriterThreadCommands>,
  requests: readonly ClaimRequest[],
  nowMs: number,
): Promise<ClaimBatchResult> {
  const columns = toColumns(requests, nowMs);
  const decisions = await writer.call('issueCoupons', columns);
  const users = requests.flatMap((request) => request.userIds);
  const outcomes = new DecisionReader(columns, decisions, users);
  const answers = requests.map((request, index): Answer<ClaimRequestOutcome> => {
    const outcome = outcomes.next(index);
    const kept = decisions.kept.get(index);
    if (kept !== undefined) return kept;
    const requestId = request.origin.idempotency?.requestId ?? null;
    return { kind: 'decided', outcome, requestId };
  });
  const soldOut = columns.campaignIds.flatMap((campaignId, index) => {
    const facts = decisions.campaigns[index]!;
    return facts?.isSoldOut === true ? [{ campaignId, endsAtMs: facts.endsAtMs }] : [];
  });
  return { answers, soldOut };
}
