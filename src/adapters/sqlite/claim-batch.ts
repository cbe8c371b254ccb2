import type { Answer, ClaimRequestOutcome } from '../../ports/store.ts';
import {
  CLAIM_CODES,
  DecisionReader,
  UNDECIDED,
  type CampaignFacts,
  type ClaimColumns,
  type DecisionColumns,
} from './claim-columns.ts';
import type { CouponNames } from './coupon-names.ts';
import type { CampaignRun, CouponIssuer } from './issue-coupons.ts';
import type { KeptClaims } from './kept-claims.ts';

const CODE_INDEX = new Map(CLAIM_CODES.map((code, index) => [code, index]));

interface Parts {
  readonly issuer: CouponIssuer;
  readonly kept: KeptClaims;
  readonly names: CouponNames;
}

/** Decides one message's claims, inside the writer's open transaction. */
export function decideClaimBatch(columns: ClaimColumns, parts: Parts): DecisionColumns {
  const users = columns.userIds.split('\n');
  const { kept, repeats } = findKept(columns, parts.kept);
  const runs = columns.campaignIds.map((id) => parts.issuer.begin(id, columns.nowMs));
  const draft = decideAll(
    columns,
    users,
    runs,
    (request) => {
      return kept.has(request) || repeats.has(request);
    },
    parts.issuer,
  );
  for (const run of runs) if (run !== null) parts.issuer.end(run);
  const decisions = { ...named(draft, runs, columns, parts.names), kept };
  keepOutcomes({ columns, decisions, users, repeats, runs }, parts.kept);
  return decisions;
}

/** Which requests were answered before; `repeats` name the request of this batch they repeat. */
function findKept(columns: ClaimColumns, keptClaims: KeptClaims) {
  const kept = new Map<number, Answer<ClaimRequestOutcome>>();
  const repeats = new Map<number, number>();
  const firsts = new Map<string, { request: number; fingerprint: string }>();
  for (const { request, key } of columns.keys) {
    const before = keptClaims.find(key);
    const first = firsts.get(key.key);
    if (before !== null) kept.set(request, before);
    else if (first === undefined) firsts.set(key.key, { request, fingerprint: key.fingerprint });
    else if (first.fingerprint === key.fingerprint) repeats.set(request, first.request);
    else kept.set(request, { kind: 'key-reused' });
  }
  return { kept, repeats };
}

interface Draft {
  readonly codes: Uint8Array;
  readonly sequences: Int32Array;
  readonly heldSequences: Map<number, readonly number[]>;
  /** Of each user: the index of the campaign. */
  readonly campaignOfUser: Int32Array;
}

function decideAll(
  columns: ClaimColumns,
  users: readonly string[],
  runs: readonly (CampaignRun | null)[],
  isAnswered: (request: number) => boolean,
  issuer: CouponIssuer,
): Draft {
  const draft: Draft = {
    codes: new Uint8Array(users.length).fill(UNDECIDED),
    sequences: new Int32Array(users.length),
    heldSequences: new Map(),
    campaignOfUser: new Int32Array(users.length),
  };
  const traces = new Map(columns.traceparents.map((trace) => [trace.request, trace.traceparent]));
  const hasAnswered = columns.keys.length > 0;
  let user = 0;
  for (let request = 0; request < columns.userCounts.length; request++) {
    const end = user + columns.userCounts[request]!;
    const campaign = columns.campaignOf[request]!;
    const run = runs[campaign]!;
    if (run === null || (hasAnswered && isAnswered(request))) {
      user = end;
      continue;
    }
    const traceparent = traces.get(request);
    for (; user < end; user++) {
      const { decision, sequence, held } = issuer.decide(run, users[user]!, traceparent);
      draft.codes[user] = CODE_INDEX.get(decision)!;
      draft.sequences[user] = sequence;
      draft.campaignOfUser[user] = campaign;
      if (held.length > 0) draft.heldSequences.set(user, held);
    }
  }
  return draft;
}

/** Gives the coupons their ids and codes. */
function named(
  draft: Draft,
  runs: readonly (CampaignRun | null)[],
  columns: ClaimColumns,
  names: CouponNames,
): Omit<DecisionColumns, 'kept'> {
  const numberOf = (user: number, sequence: number) => {
    return { campaignNo: runs[draft.campaignOfUser[user]!]!.campaign.no, sequence };
  };
  const issued = [];
  for (let user = 0; user < draft.codes.length; user++) {
    if (draft.sequences[user]! > 0) issued.push(numberOf(user, draft.sequences[user]!));
  }
  const heldNumbers = [...draft.heldSequences].flatMap(([user, sequences]) => {
    return sequences.map((sequence) => numberOf(user, sequence));
  });
  const heldIds = names.ids(heldNumbers);
  const held = new Map<number, readonly string[]>();
  let at = 0;
  for (const [user, sequences] of draft.heldSequences) {
    held.set(user, heldIds.slice(at, (at += sequences.length)));
  }
  return {
    codes: draft.codes,
    sequences: draft.sequences,
    couponIds: names.ids(issued).join(''),
    couponCodes: names.codes(issued).join(''),
    held,
    campaigns: runs.map(factsOf),
    nowMs: columns.nowMs,
  };
}

function factsOf(run: CampaignRun | null): CampaignFacts | null {
  if (run === null) return null;
  const { campaign, expiresAtMs } = run;
  return {
    startsAtMs: campaign.startsAtMs,
    endsAtMs: campaign.endsAtMs,
    expiresAtMs,
    isSoldOut: campaign.issued >= campaign.quantity,
  };
}

interface DecidedBatch {
  readonly columns: ClaimColumns;
  readonly decisions: DecisionColumns & { kept: Map<number, Answer<ClaimRequestOutcome>> };
  readonly users: readonly string[];
  readonly repeats: ReadonlyMap<number, number>;
  readonly runs: readonly (CampaignRun | null)[];
}

/** Keeps the outcomes of requests with keys, and answers the repeats within the batch from them. */
function keepOutcomes(batch: DecidedBatch, keptClaims: KeptClaims): void {
  const { columns, decisions, users, repeats, runs } = batch;
  if (columns.keys.length === 0) return;
  const keyed = new Map(columns.keys.map(({ request, key }) => [request, key]));
  const outcomes = new Map<number, ClaimRequestOutcome>();
  const reader = new DecisionReader(columns, decisions, users);
  for (let request = 0; request < columns.userCounts.length; request++) {
    const outcome = reader.next(request);
    const key = keyed.get(request);
    if (key === undefined || decisions.kept.has(request)) continue;
    const first = repeats.get(request);
    if (first === undefined) {
      const run = runs[columns.campaignOf[request]!]!;
      keptClaims.keep(key, outcome, run?.campaign.no ?? null, columns.nowMs);
      outcomes.set(request, outcome);
    } else {
      decisions.kept.set(request, {
        kind: 'replayed',
        outcome: outcomes.get(first)!,
        requestId: keyed.get(first)!.requestId,
      });
    }
  }
}
