import type { BenchOptions } from './bench-options.ts';
import { CASES } from './cases.ts';
import type { Placement } from './processes.ts';
import { takeQuietSample, type Site, type Taken } from './rounds.ts';
import { spreadOf } from './spread.ts';

/** Open-loop runs of case b at a part of what it can do. */
export interface LatencyRun {
  readonly placement: Placement;
  readonly fraction: number;
  readonly taken: Taken;
}

const FRACTIONS = [0.25, 0.5, 0.75, 0.9] as const;

/**
 * Sends claims at 25, 50, 75 and 90 % of the median that case b reached in closed loop with as many
 * connections, on a schedule, and times each answer from the moment the schedule named.
 */
export async function runLatency(
  options: BenchOptions,
  placements: readonly Placement[],
  closedLoop: readonly Taken[],
  site: Site,
  say: (line: string) => void,
): Promise<LatencyRun[]> {
  const bench = CASES.find((one) => one.id === 'b');
  if (bench === undefined) return [];
  const connections = Math.max(...options.connections);
  const runs: LatencyRun[] = [];
  for (let round = 1; round <= options.rounds; round += 1) {
    for (const placement of placements) {
      const capacity = capacityOf(closedLoop, placement, connections);
      if (capacity === null) continue;
      for (const fraction of FRACTIONS) {
        say(`open loop at ${fraction * 100} % of ${Math.round(capacity)}/s, round ${round}`);
        const taken = await takeQuietSample(
          {
            ...site,
            bench,
            placement,
            connections,
            round,
            warmupMs: options.warmupMs,
            measureMs: options.measureMs,
            seed: options.seed + round,
            rate: capacity * fraction,
          },
          options.foreignShareMax,
          say,
        );
        runs.push({ placement, fraction, taken });
      }
    }
  }
  return runs;
}

function capacityOf(
  closedLoop: readonly Taken[],
  placement: Placement,
  connections: number,
): number | null {
  const rates = closedLoop
    .filter(({ sample }) => sample.case === 'b')
    .filter(({ sample }) => sample.placement === placement && sample.connections === connections)
    .map(({ sample }) => sample.answersPerSecond);
  return spreadOf(rates)?.median ?? null;
}
