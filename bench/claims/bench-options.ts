import { parseArgs } from 'node:util';

import { CASES, type CaseId } from './cases.ts';
import { OWN_PROGRAM } from './measure.ts';
import type { Placement } from './processes.ts';

export interface BenchOptions {
  readonly rounds: number;
  readonly warmupMs: number;
  readonly measureMs: number;
  readonly only: readonly CaseId[];
  readonly connections: readonly number[];
  readonly placements: readonly Placement[];
  readonly latency: boolean;
  readonly long: boolean;
  readonly preload: number;
  readonly seed: number;
  readonly out: string | null;
  readonly program: string;
  /** A sample is void when others used more than this part of all cores. */
  readonly foreignShareMax: number;
  /** Exit 11 when a goal is missed. */
  readonly check: boolean;
}

export const USAGE = `Usage: npm run bench -- claims [options]

  --rounds N            rounds, interleaved (5)
  --seconds N           measured seconds of each sample (4)
  --warmup N            seconds before, not measured (2)
  --only a,b,c          cases: ${CASES.map((bench) => bench.id).join(', ')} (all; a comes with any)
  --connections 64,256  connections of the load generator (64,256)
  --placement LIST      one-core, free (both)
  --no-latency          leave the open-loop runs out
  --long                also: throughput with --preload coupons issued, start time, memory
  --preload N           coupons issued before (5000000)
  --quick               1 round of 1 s, 64 connections, no latency: does it run at all
  --seed N              seed of user ids, keys and schedules (42)
  --max-foreign P       void samples in which others used more than P % of the machine (5)
  --program FILE        measure another checkout's bin/firstcome.mjs
  --out FILE            where the results go as JSON (bench/results/claims-DATE.json)
  --check               exit 11 when a goal is missed

Exit codes: 0 measured, 1 error, 2 usage, 10 an audit or a count is wrong, 11 a goal is missed
(with --check), 12 the machine was not quiet enough to tell.
`;

/** Reads the command line; gives null for --help, throws a sentence for what is wrong. */
export function readOptions(args: readonly string[]): BenchOptions | null {
  const { values } = parseArgs({
    args: [...args],
    allowPositionals: false,
    options: {
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      warmup: { type: 'string' },
      only: { type: 'string' },
      connections: { type: 'string' },
      placement: { type: 'string' },
      'no-latency': { type: 'boolean', default: false },
      long: { type: 'boolean', default: false },
      preload: { type: 'string' },
      quick: { type: 'boolean', default: false },
      seed: { type: 'string' },
      'max-foreign': { type: 'string' },
      program: { type: 'string' },
      out: { type: 'string' },
      check: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return null;
  const { quick } = values;
  return {
    rounds: positive('rounds', values.rounds, quick ? 1 : 5),
    warmupMs: positive('warmup', values.warmup, quick ? 0.5 : 2) * 1000,
    measureMs: positive('seconds', values.seconds, quick ? 1 : 4) * 1000,
    only: listed(
      'only',
      values.only,
      CASES.map((bench) => bench.id),
    ),
    connections: (values.connections ?? (quick ? '64' : '64,256'))
      .split(',')
      .map((count) => positive('connections', count, 0)),
    placements: listed<Placement>('placement', values.placement, ['one-core', 'free']),
    latency: !quick && !values['no-latency'],
    long: values.long,
    preload: positive('preload', values.preload, 5_000_000),
    seed: positive('seed', values.seed, 42),
    out: values.out ?? null,
    program: values.program ?? OWN_PROGRAM,
    foreignShareMax: positive('max-foreign', values['max-foreign'], 5) / 100,
    check: values.check,
  };
}

function positive(name: string, given: string | undefined, standard: number): number {
  if (given === undefined) return standard;
  const value = Number(given);
  if (!Number.isFinite(value) || value <= 0) {
    throw new Error(`--${name} was ${given}; it must be a number above 0.`);
  }
  return value;
}

function listed<Name extends string>(
  option: string,
  given: string | undefined,
  known: readonly Name[],
): readonly Name[] {
  if (given === undefined) return known;
  const names = given.split(',');
  const unknown = names.find((name) => !known.some((one) => one === name));
  if (unknown !== undefined) {
    throw new Error(`--${option} was ${given}; it takes of ${known.join(', ')}.`);
  }
  return known.filter((name) => names.includes(name));
}
