import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { Api } from './api.ts';
import { readOptions, USAGE, type BenchOptions } from './bench-options.ts';
import { runLatency, type LatencyRun } from './latency.ts';
import { runLong, type LongFigures } from './long.ts';
import { describeMachine } from './machine.ts';
import { serveArguments } from './measure.ts';
import { oneCoreImpossibleBecause, startServer } from './processes.ts';
import { toMarkdown, type ClaimsReport } from './report.ts';
import { runRounds, type Site, type Taken } from './rounds.ts';
import { goalsOf, summariseCases, summariseLatency } from './summary.ts';

const EXIT = { ok: 0, usage: 2, broken: 10, missed: 11, inconclusive: 12 } as const;
const EXIT_BY_VERDICT = {
  PASS: EXIT.ok,
  BROKEN: EXIT.broken,
  INCONCLUSIVE: EXIT.inconclusive,
} as const;

/** `npm run bench -- claims`; gives the exit code. */
export async function claimsBench(args: readonly string[]): Promise<number> {
  let options: BenchOptions | null;
  try {
    options = readOptions(args);
  } catch (error) {
    console.error(`bench: ${error instanceof Error ? error.message : String(error)}`);
    return EXIT.usage;
  }
  if (options === null) {
    console.log(USAGE);
    return EXIT.ok;
  }
  const dataRoot = makeDataRoot();
  // Also when interrupted; gigabytes would stay behind.
  const forget = (): void => rmSync(dataRoot, { recursive: true, force: true });
  process.once('exit', forget);
  try {
    const report = await measure(options, ['claims', ...args].join(' '), dataRoot);
    console.log(toMarkdown(report));
    if (report.verdict !== 'PASS') return EXIT_BY_VERDICT[report.verdict];
    return options.check && report.goals.some((goal) => !goal.met) ? EXIT.missed : EXIT.ok;
  } finally {
    process.off('exit', forget);
    forget();
  }
}

async function measure(
  options: BenchOptions,
  command: string,
  dataRoot: string,
): Promise<ClaimsReport> {
  const date = new Date().toISOString();
  const machine = describeMachine(dataRoot);
  const placements = options.placements.filter((placement) => {
    const reason = placement === 'one-core' ? oneCoreImpossibleBecause(cpus().length) : null;
    if (reason !== null) say(`no one-core placement: ${reason}`);
    return reason === null;
  });
  const site = await prepareSite(options, dataRoot);
  const taken = await runRounds(options, placements, site, say);
  const runs = options.latency ? await runLatency(options, placements, taken, site, say) : [];
  const long = options.long ? await runLong(options, 'free', site, say) : null;
  const cases = summariseCases(taken);
  const latency = summariseLatency(runs);
  const report: ClaimsReport = {
    command: `npm run bench -- ${command}`,
    date,
    seed: options.seed,
    machine,
    rounds: options.rounds,
    secondsPerSample: options.measureMs / 1000,
    verdict: verdictOf(taken, runs, long),
    cases,
    latency,
    long,
    goals: goalsOf(cases, latency, long),
  };
  keep(options, { ...report, samples: taken, latencyRuns: runs });
  return report;
}

/** Learns from the server under test what its answer looks like, for the bare one to repeat. */
async function prepareSite(options: BenchOptions, dataRoot: string): Promise<Site> {
  const folder = join(dataRoot, 'sample');
  mkdirSync(folder);
  // The first start shows its words, since a server that cannot start says why there.
  const server = await startServer(serveArguments(options.program, folder), 'free', { logFd: 2 });
  try {
    const api = new Api(server.url);
    const [campaignId = ''] = await api.createCampaigns(1, 100);
    const sample = await api.sampleClaim(campaignId, 'abcdefghijklmnopqrst');
    if (sample.status !== 201) throw new Error(`A claim was answered ${sample.status}.`);
    const sampleFile = join(dataRoot, 'sample.json');
    writeFileSync(sampleFile, JSON.stringify(sample));
    return { program: options.program, dataRoot, sampleFile };
  } finally {
    await server.stop();
  }
}

function verdictOf(
  taken: readonly Taken[],
  runs: readonly LatencyRun[],
  long: LongFigures | null,
): ClaimsReport['verdict'] {
  const all = [
    ...taken,
    ...runs.map((run) => run.taken),
    ...(long?.rounds ?? []).flatMap((round) => [round.empty, round.full]),
  ];
  if (all.some(({ sample }) => sample.broken.length > 0)) return 'BROKEN';
  return all.some((one) => one.disturbed) ? 'INCONCLUSIVE' : 'PASS';
}

/** On the disk of the checkout: temporary folders are memory on many machines. */
function makeDataRoot(): string {
  const cache = fileURLToPath(
    new URL('../../node_modules/.cache/firstcome-bench', import.meta.url),
  );
  mkdirSync(cache, { recursive: true });
  return mkdtempSync(join(cache, 'data-'));
}

function keep(
  options: BenchOptions,
  results: ClaimsReport & Readonly<Record<string, unknown>>,
): void {
  const day = results.date.slice(0, 16).replace(/[:T]/g, '-');
  const standard = new URL(`../results/claims-${day}.json`, import.meta.url);
  const path = options.out ?? fileURLToPath(standard);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(results, null, 1)}\n`);
  say(`kept in ${path}`);
}

function say(line: string): void {
  console.error(line);
}
