import type { LoadOptions } from '../load/load-options.ts';
import type { Api } from './api.ts';

/** One way of loading the server; `a` is the bare server. */
export type CaseId = 'a' | 'b' | 'b-seq' | 'b-key' | 'b-slow' | 'c' | 'd' | 'e' | 'f';

export interface BenchCase {
  readonly id: CaseId;
  readonly title: string;
  readonly load: Partial<LoadOptions>;
  /** What every answer of it should be. */
  readonly statuses: readonly string[];
  /** Added to each sync of the disk, by the shim. */
  readonly syncDelayUs: number;
  /** Creates what it claims from; gives the campaigns, and how many coupons that already issued. */
  prepare(api: Api): Promise<{ readonly campaignIds: readonly string[]; readonly issued: number }>;
}

const QUANTITY_MAX = 10_000_000;
const SOLD_OUT_QUANTITY = 100;
const BATCH_USERS = 100;
const STORM_USERS = 500;
const STORM_REPEATS = 4;
const CAMPAIGNS_MANY = 1000;
export const SLOW_SYNC_US = 2000;

const oneCampaign = async (
  api: Api,
  quantity: number = QUANTITY_MAX,
): Promise<{ campaignIds: string[]; issued: number }> => ({
  campaignIds: await api.createCampaigns(1, quantity),
  issued: 0,
});

export const CASES: readonly BenchCase[] = [
  {
    id: 'a',
    title: 'bare node:http, same bytes',
    load: {},
    statuses: ['201'],
    syncDelayUs: 0,
    prepare: async () => ({ campaignIds: ['cmp_00000000000000000000000000000000'], issued: 0 }),
  },
  {
    id: 'b',
    title: 'durable claims, all win, random user ids',
    load: {},
    statuses: ['201'],
    syncDelayUs: 0,
    prepare: (api) => oneCampaign(api),
  },
  {
    id: 'b-seq',
    title: 'the same, sequential user ids',
    load: { ids: 'sequential' },
    statuses: ['201'],
    syncDelayUs: 0,
    prepare: (api) => oneCampaign(api),
  },
  {
    id: 'b-key',
    title: 'the same as b, each with an Idempotency-Key',
    load: { keys: 1 },
    statuses: ['201'],
    syncDelayUs: 0,
    prepare: (api) => oneCampaign(api),
  },
  {
    id: 'b-slow',
    title: 'the same as b, 2 ms added to every sync',
    load: {},
    statuses: ['201'],
    syncDelayUs: SLOW_SYNC_US,
    prepare: (api) => oneCampaign(api),
  },
  {
    id: 'c',
    title: 'sold out',
    load: {},
    statuses: ['409'],
    syncDelayUs: 0,
    prepare: async (api) => {
      const { campaignIds } = await oneCampaign(api, SOLD_OUT_QUANTITY);
      const users = Array.from({ length: SOLD_OUT_QUANTITY }, (_, n) => `winner-${n}`);
      await api.claimBatch(campaignIds[0] ?? '', users);
      return { campaignIds, issued: SOLD_OUT_QUANTITY };
    },
  },
  {
    id: 'd',
    title: 'batch claims of 100, all win',
    load: { shape: 'batch', usersPerRequest: BATCH_USERS },
    statuses: ['200'],
    syncDelayUs: 0,
    prepare: (api) => oneCampaign(api),
  },
  {
    id: 'e',
    title: 'retry storm: 500 users again and again, 4 in a row the same',
    load: { distinctUsers: STORM_USERS, repeats: STORM_REPEATS },
    statuses: ['201', '409'],
    syncDelayUs: 0,
    // Twice as many coupons as users: it never sells out, which is the harder case.
    prepare: (api) => oneCampaign(api, STORM_USERS * 2),
  },
  {
    id: 'f',
    title: '1,000 campaigns in turn, all win',
    load: {},
    statuses: ['201'],
    syncDelayUs: 0,
    prepare: async (api) => ({
      campaignIds: await api.createCampaigns(CAMPAIGNS_MANY, QUANTITY_MAX),
      issued: 0,
    }),
  },
];
