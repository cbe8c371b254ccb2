import { CASES, type BenchCase, type CaseId } from './cases.ts';
import type { BenchOptions } from './bench-options.ts';
import { takeSample, type Sample, type SampleRequest } from './measure.ts';
import type { Placement } from './processes.ts';

/** A sample, and whether the machine was quiet enough for it to count. */
export interface Taken {
  readonly sample: Sample;
  readonly disturbed: boolean;
}

/** Where samples of this bench are taken; the rest of a request differs from one to the next. */
export type Site = Pick<SampleRequest, 'program' | 'dataRoot' | 'sampleFile'>;

const ATTEMPTS_MAX = 4;

/** Takes a sample until the machine was quiet during one, a few times at most. */
export async function takeQuietSample(
  request: SampleRequest | (() => SampleRequest),
  foreignShareMax: number,
  say: (line: string) => void,
): Promise<Taken> {
  for (let attempt = 1; ; attempt += 1) {
    const sample = await takeSample(typeof request === 'function' ? request() : request);
    const disturbed = sample.foreignShare > foreignShareMax;
    say(lineOf(sample, disturbed));
    // What is broken stays broken, however loud the machine was.
    if (!disturbed || attempt === ATTEMPTS_MAX || sample.broken.length > 0) {
      return { sample, disturbed };
    }
  }
}

/**
 * Takes every case at every placement and number of connections, round after round, so that a slow
 * change of the machine meets all of them alike; every second round goes backwards for that too.
 */
export async function runRounds(
  options: BenchOptions,
  placements: readonly Placement[],
  site: Site,
  say: (line: string) => void,
): Promise<Taken[]> {
  const wanted = new Set<CaseId>([...options.only, 'a']);
  if (wanted.has('b-slow')) wanted.add('b');
  const cases = CASES.filter((bench) => wanted.has(bench.id));
  const taken: Taken[] = [];
  for (let round = 1; round <= options.rounds; round += 1) {
    say(`round ${round} of ${options.rounds}`);
    for (const placement of placements) {
      for (const connections of options.connections) {
        const order: readonly BenchCase[] = round % 2 === 0 ? cases.toReversed() : cases;
        for (const bench of order) {
          const request: SampleRequest = {
            ...site,
            bench,
            placement,
            connections,
            round,
            warmupMs: options.warmupMs,
            measureMs: options.measureMs,
            seed: options.seed + round,
            rate: 0,
          };
          taken.push(await takeQuietSample(request, options.foreignShareMax, say));
        }
      }
    }
  }
  return taken;
}

function lineOf(sample: Sample, disturbed: boolean): string {
  const connections = String(sample.connections).padStart(4);
  const parts = [
    `  ${sample.case.padEnd(7)}${sample.placement.padEnd(9)}${connections}`,
    `${Math.round(sample.answersPerSecond).toLocaleString('en')}/s`.padStart(10),
    `server ${sample.serverCores.toFixed(2)} cores`,
    `load ${sample.generatorCores.toFixed(2)}`,
    `p99 ${(sample.load.latencyUs.p99 / 1000).toFixed(1)} ms`,
  ];
  if (sample.claimsPerBatch !== null) parts.push(`${sample.claimsPerBatch.toFixed(0)} a batch`);
  if (sample.syncsPerSecond !== null) parts.push(`${sample.syncsPerSecond.toFixed(0)} syncs/s`);
  if (disturbed) parts.push(`VOID: others used ${(sample.foreignShare * 100).toFixed(0)} %`);
  for (const fault of sample.broken) parts.push(`BROKEN: ${fault}`);
  return parts.join('  ');
}
