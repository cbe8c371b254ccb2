import type { CaseId } from './cases.ts';
import type { LatencyRun } from './latency.ts';
import type { LongFigures } from './long.ts';
import type { Placement } from './processes.ts';
import type { Taken } from './rounds.ts';
import { spreadOf, type Spread } from './spread.ts';

/** All rounds of one case at one site. */
export interface CaseSummary {
  readonly case: CaseId;
  readonly placement: Placement;
  readonly connections: number;
  readonly answersPerSecond: Spread | null;
  readonly claimsPerSecond: Spread | null;
  /** To the bare server in the same round, and for `b-slow` to `b`. */
  readonly ratio: Spread | null;
  readonly serverCpuUsPerRequest: Spread | null;
  readonly serverCores: Spread | null;
  readonly generatorCores: Spread | null;
  readonly claimsPerBatch: Spread | null;
  readonly syncsPerSecond: Spread | null;
  readonly syncMeanUs: Spread | null;
  readonly bytesPerAnswer: Spread | null;
  readonly disturbed: number;
  readonly broken: readonly string[];
}

export interface LatencySummary {
  readonly placement: Placement;
  readonly fraction: number;
  readonly ratePerSecond: Spread | null;
  readonly p50Us: Spread | null;
  readonly p99Us: Spread | null;
  readonly p999Us: Spread | null;
}

/** A figure that the project promises itself. */
export interface Goal {
  readonly name: string;
  readonly wanted: string;
  readonly reached: number;
  readonly met: boolean;
}

/** `b-slow` shows what a slow disk costs, so that it is compared with `b` on the plain one. */
const BASE_OF: Partial<Record<CaseId, CaseId>> = { 'b-slow': 'b' };

export function summariseCases(taken: readonly Taken[]): CaseSummary[] {
  const groups = Map.groupBy(taken, ({ sample }) =>
    [sample.placement, sample.connections, sample.case].join(),
  );
  return [...groups.values()].map((group) => summariseCase(group, taken));
}

function summariseCase(group: readonly Taken[], all: readonly Taken[]): CaseSummary {
  const [first] = group;
  if (first === undefined) throw new Error('A group has at least one sample.');
  const { case: id, placement, connections } = first.sample;
  const over = (figure: (sample: Taken['sample']) => number | null): Spread | null =>
    spreadOf(quietOf(group).map(({ sample }) => figure(sample) ?? NaN));
  const base = BASE_OF[id] ?? 'a';
  const bases = quietOf(all.filter(({ sample }) => sample.case === base));
  const baseRate = (round: number): number =>
    bases.find(
      ({ sample }) =>
        sample.round === round &&
        sample.placement === placement &&
        sample.connections === connections,
    )?.sample.answersPerSecond ?? NaN;
  return {
    case: id,
    placement,
    connections,
    answersPerSecond: over((sample) => sample.answersPerSecond),
    claimsPerSecond: over((sample) => sample.claimsPerSecond),
    ratio: over((sample) => sample.answersPerSecond / baseRate(sample.round)),
    serverCpuUsPerRequest: over((sample) => sample.serverCpuUsPerRequest),
    serverCores: over((sample) => sample.serverCores),
    generatorCores: over((sample) => sample.generatorCores),
    claimsPerBatch: over((sample) => sample.claimsPerBatch),
    syncsPerSecond: over((sample) => sample.syncsPerSecond),
    syncMeanUs: over((sample) => sample.syncMeanUs),
    bytesPerAnswer: over((sample) => sample.bytesPerAnswer),
    disturbed: group.filter((one) => one.disturbed).length,
    broken: group.flatMap(({ sample }) => sample.broken),
  };
}

/** Without the void samples, unless there are no others: then the verdict is that nobody knows. */
function quietOf(group: readonly Taken[]): readonly Taken[] {
  const quiet = group.filter((one) => !one.disturbed);
  return quiet.length > 0 ? quiet : group;
}

export function summariseLatency(runs: readonly LatencyRun[]): LatencySummary[] {
  const groups = Map.groupBy(runs, (run) => `${run.placement} ${run.fraction}`);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const over = (figure: (run: LatencyRun) => number): Spread | null =>
      spreadOf(group.map(figure));
    return {
      placement: first.placement,
      fraction: first.fraction,
      ratePerSecond: over((run) => run.taken.sample.answersPerSecond),
      p50Us: over((run) => run.taken.sample.load.latencyUs.p50),
      p99Us: over((run) => run.taken.sample.load.latencyUs.p99),
      p999Us: over((run) => run.taken.sample.load.latencyUs.p999),
    };
  });
}

/** The least part of the bare server's rate that a case shall reach, by placement. */
const RATIO_GOALS: readonly (readonly [CaseId, Placement, number])[] = [
  ['b', 'free', 0.85],
  ['b', 'one-core', 0.65],
  ['c', 'free', 0.9],
  ['c', 'one-core', 0.9],
  ['e', 'free', 0.9],
  ['e', 'one-core', 0.9],
  ['b-slow', 'free', 0.8],
];
const BATCH_CLAIMS_GOAL = 60_000;
const P99_GOAL_US = 10_000;
const FULL_RATIO_GOAL = 0.9;
const START_GOAL_MS = 2000;
const BYTES_GOAL = 250;

export function goalsOf(
  cases: readonly CaseSummary[],
  latency: readonly LatencySummary[],
  long: LongFigures | null,
): Goal[] {
  const goals: Goal[] = [];
  const atLeast = (name: string, reached: number | undefined, wanted: number): void => {
    if (reached === undefined) return;
    goals.push({ name, wanted: `at least ${wanted}`, reached, met: reached >= wanted });
  };
  const under = (name: string, reached: number | undefined, wanted: number): void => {
    if (reached === undefined) return;
    goals.push({ name, wanted: `under ${wanted}`, reached, met: reached < wanted });
  };
  for (const one of cases) {
    const site = `${one.placement}, ${one.connections} connections`;
    const goal = RATIO_GOALS.find(([id, at]) => id === one.case && at === one.placement);
    if (goal)
      atLeast(`${one.case} / ${BASE_OF[one.case] ?? 'a'}, ${site}`, one.ratio?.median, goal[2]);
    if (one.case === 'd' && one.placement === 'free') {
      atLeast(`d claims/s, ${site}`, one.claimsPerSecond?.median, BATCH_CLAIMS_GOAL);
    }
  }
  for (const run of latency.filter(({ fraction }) => fraction === 0.5)) {
    under(`p99 at half capacity, ${run.placement}, us`, run.p99Us?.median, P99_GOAL_US);
  }
  if (long) {
    atLeast(`b with ${long.preloaded} issued / empty`, fullRatioOf(long)?.median, FULL_RATIO_GOAL);
    under(`start with ${long.countedAt} issued, ms`, long.startMs?.median, START_GOAL_MS);
    under('bytes of memory a coupon, grown', long.grownBytesPerCoupon.rssBytes, BYTES_GOAL);
    under('bytes of memory a coupon, restarted', long.restartedBytesPerCoupon.rssBytes, BYTES_GOAL);
  }
  return goals;
}

export function fullRatioOf(long: LongFigures): Spread | null {
  return spreadOf(
    long.rounds.map(
      ({ full, empty }) => full.sample.answersPerSecond / empty.sample.answersPerSecond,
    ),
  );
}
