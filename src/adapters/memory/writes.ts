import { campaignCreated, campaignUpdated } from '../../domain/campaign/campaign-events.ts';
import type { Campaign } from '../../domain/campaign/campaign.ts';
import { decideCampaignUpdate } from '../../domain/campaign/decide-update.ts';
import type { Ids } from '../../ports/ids.ts';
import type {
  AcceptOutcome,
  Answer,
  ClaimRequest,
  ClaimRequestOutcome,
  CreateCampaign,
  CreateCampaignOutcome,
  RegisterVendor,
  Store,
  Vendor,
} from '../../ports/store.ts';
import { decideAccepted, decideAndWrite, type RandomBytes } from './decide.ts';
import { forgetKeysBefore, once } from './keyed.ts';
import { appendEvent, type MemoryTables } from './tables.ts';

/** What the writes work on and draw from. */
export interface Parts {
  readonly tables: MemoryTables;
  readonly ids: Ids;
  readonly random: RandomBytes;
}

/** Runs an effect at once and as a whole, with the moment that it is stamped with. */
export type Write = <Result>(effect: (nowMs: number) => Result) => Result;

/** The methods of the store that write. */
export type Writes =
  | 'registerVendor'
  | 'createCampaign'
  | 'updateCampaign'
  | 'issueCoupons'
  | 'acceptClaims'
  | 'decideAcceptedClaims'
  | 'forgetKeys';

/** The writing half of the store; `write` gives each effect its moment and its atomicity. */
export function writesOf(parts: Parts, write: Write): Pick<Store, Writes> {
  const { tables, random } = parts;
  return {
    async registerVendor(command, origin) {
      return write((nowMs) =>
        once(tables, origin, nowMs, () => registerVendor(tables, command, nowMs)),
      );
    },
    async createCampaign(command, origin) {
      return write((nowMs) =>
        once(tables, origin, nowMs, () =>
          createCampaign(tables, command, nowMs, origin.traceparent),
        ),
      );
    },
    async updateCampaign(id, change, origin) {
      return write((nowMs) => {
        const campaign = tables.campaigns.get(id);
        if (campaign === undefined) return { kind: 'not-found' };
        const decision = decideCampaignUpdate(campaign, change);
        if (decision.kind === 'updated' && decision.changed.length > 0) {
          tables.campaigns.set(id, decision.campaign);
          const { campaign: updated, changed } = decision;
          appendEvent(tables, campaignUpdated(updated, changed, nowMs, origin.traceparent));
        }
        return decision;
      });
    },
    async issueCoupons(requests) {
      return write((nowMs) => {
        const answers = requests.map((request) =>
          once(tables, request.origin, nowMs, () => issue(parts, request, nowMs)),
        );
        return { answers, soldOut: soldOutAmong(tables, requests) };
      });
    },
    async acceptClaims(requests) {
      return write((nowMs) =>
        requests.map((request): Answer<AcceptOutcome> =>
          once(tables, request.origin, nowMs, () => accept(parts, request, nowMs)),
        ),
      );
    },
    async decideAcceptedClaims(countMax) {
      return write((nowMs) =>
        [...tables.acceptedClaims.values()]
          .filter((row) => row.claim.outcome === null)
          .slice(0, countMax)
          .map((row) => decideAccepted(tables, row, nowMs, random)),
      );
    },
    async forgetKeys(beforeMs) {
      return write(() => forgetKeysBefore(tables, beforeMs));
    },
  };
}

function registerVendor(tables: MemoryTables, command: RegisterVendor, nowMs: number): Vendor {
  if (tables.vendors.has(command.id)) throw new Error(`vendor ${command.id} exists already`);
  const { id, name, currency } = command;
  const vendor = { id, name, balance: { amount: 0, currency }, createdAtMs: nowMs };
  tables.vendors.set(id, vendor);
  return vendor;
}

function createCampaign(
  tables: MemoryTables,
  command: CreateCampaign,
  nowMs: number,
  traceparent: string | null,
): CreateCampaignOutcome {
  if (tables.campaigns.has(command.id)) throw new Error(`campaign ${command.id} exists already`);
  const vendor = tables.vendors.get(command.vendorId);
  if (vendor === undefined) return { kind: 'refused', code: 'vendor-not-found' };
  if (command.discount.currency !== vendor.balance.currency) {
    return { kind: 'refused', code: 'currency-mismatch' };
  }
  const campaign: Campaign = {
    ...command,
    paused: false,
    issued: 0,
    redeemed: 0,
    createdAtMs: nowMs,
  };
  tables.campaigns.set(campaign.id, campaign);
  appendEvent(tables, campaignCreated(campaign, traceparent));
  return { kind: 'created', campaign };
}

function issue(parts: Parts, request: ClaimRequest, nowMs: number): ClaimRequestOutcome {
  const { tables, random } = parts;
  const { campaignId, userIds, origin } = request;
  if (!tables.campaigns.has(campaignId)) return { kind: 'campaign-not-found' };
  const claims = userIds.map((userId) =>
    decideAndWrite(tables, { campaignId, userId }, origin.traceparent, nowMs, random),
  );
  return { kind: 'claims', claims };
}

/** Writes one user's claim down; the queue is the order of these rows. */
function accept(parts: Parts, request: ClaimRequest, nowMs: number): AcceptOutcome {
  const { tables, ids } = parts;
  const { campaignId, userIds, origin } = request;
  const [userId, ...others] = userIds;
  if (userId === undefined || others.length > 0) {
    throw new Error(`an asynchronous claim is of one user, not of ${userIds.length}`);
  }
  if (!tables.campaigns.has(campaignId)) return { kind: 'campaign-not-found' };
  const claim = { id: ids.next('clm_'), campaignId, userId, outcome: null, createdAtMs: nowMs };
  tables.acceptedClaims.set(claim.id, { claim, traceparent: origin.traceparent });
  return { kind: 'accepted', claim };
}

function soldOutAmong(tables: MemoryTables, requests: readonly ClaimRequest[]) {
  return [...new Set(requests.map((request) => request.campaignId))]
    .map((id) => tables.campaigns.get(id))
    .filter((campaign) => campaign !== undefined)
    .filter((campaign) => campaign.issued >= campaign.quantity)
    .map((campaign) => ({ campaignId: campaign.id, endsAtMs: campaign.endsAtMs }));
}
