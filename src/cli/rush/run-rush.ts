import type { Campaign, Client } from '../../sdk/index.ts';
import { anotherRound } from '../another-round.ts';
import { mustHave } from '../context.ts';
import { askHoldings, replaySample, usersInDoubt, USERS_ASKED_MAX } from './aftermath.ts';
import type { Aftermath } from './aftermath.ts';
import { judge, type CampaignFigures, type Evidence } from './judge.ts';
import { issuedOverTime, latencyOf } from './latency.ts';
import { runLoad, type RushRecord } from './load.ts';
import { userIdOf, type RushPlan } from './plan.ts';
import type { RushReport } from './report.ts';
import type { Wire } from './wire.ts';

export interface RushRun {
  readonly plan: RushPlan;
  readonly wire: Wire;
  readonly client: Client;
  readonly timeoutMs: number;
  /** Ends the sending; what was sent is still judged. */
  readonly signal: AbortSignal;
  readonly onProgress: (text: string) => void;
}

/** Rushes a campaign, looks at it afterwards, and judges. */
export async function runRush(run: RushRun): Promise<RushReport> {
  const { plan, wire, client, timeoutMs } = run;
  const before = mustHave(await client.campaigns.get(plan.campaignId), plan.campaignId);
  const startedAt = new Date().toISOString();
  const record = await runLoad(plan, wire, {
    timeoutMs,
    signal: run.signal,
    onProgress: (done, total) => run.onProgress(`${done} of ${total} claims answered`),
  });
  run.onProgress('asking again, counting again ...');
  const judgement = judge(await gather(run, record, before));
  const url = wire.origin.href.replace(/\/$/, '');
  return {
    event: 'rush',
    ...judgement,
    notes: [...judgement.notes, ...adviceOn(before, url)],
    url,
    campaignId: plan.campaignId,
    quantity: before.quantity,
    perUserLimit: before.perUserLimit,
    plan: {
      users: plan.users,
      requestsPerUser: plan.requestsPerUser,
      concurrency: plan.concurrency,
      ratePerS: plan.ratePerS,
      seed: plan.seed,
      idempotency: plan.keyPrefix !== null,
    },
    startedAt,
    durationMs: record.durationMs,
    ...paceOf(record),
    latency: latencyOf(record),
    issuedOverTime: issuedOverTime(record),
  };
}

/** Whoever rushes what is gone most likely wants to see coupons being won. */
function adviceOn(before: Campaign, url: string): string[] {
  if (before.remaining > 0) return [];
  const { vendorId, discount } = before;
  const [create, rush] = anotherRound({ vendorId, currency: discount.currency }, url);
  return [`for another round: ${create}`, `and then: ${rush}`];
}

async function gather(
  { plan, wire, client, timeoutMs, signal }: RushRun,
  record: RushRecord,
  before: CampaignFigures,
): Promise<Evidence> {
  const aftermath: Aftermath = { plan, wire, record, before, timeoutMs };
  const told = record.answers.filter((answer) => answer?.kind === 'issued' && !answer.isReplay);
  const between = await client.campaigns.get(plan.campaignId);
  // Coupons that no answer speaks of may be other callers', or the server hid them from ours.
  const isUnaccounted = between.ok && between.value.issued - before.issued > told.length;
  const inDoubt = usersInDoubt(aftermath, isUnaccounted);
  const holdings = await askHoldings(aftermath, inDoubt.slice(0, USERS_ASKED_MAX));
  const replays = await replaySample(aftermath);
  const after = await client.campaigns.get(plan.campaignId);
  const audit = await client.audit();
  return {
    campaignId: plan.campaignId,
    before,
    after: after.ok ? after.value : null,
    record,
    userIdOf: (user) => userIdOf(plan, user),
    holdings,
    holdingsComplete: inDoubt.length <= USERS_ASKED_MAX,
    replays,
    audit: audit.ok ? audit.value : null,
    ...(!audit.ok && { auditRefusal: audit.code }),
    interrupted: signal.aborted,
  };
}

function paceOf(record: RushRecord): { requests: number; requestsPerS: number } {
  const requests = record.answers.filter((answer) => answer !== null).length;
  return { requests, requestsPerS: (requests * 1000) / Math.max(1, record.durationMs) };
}
