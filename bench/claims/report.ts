import { CASES } from './cases.ts';
import type { LongFigures } from './long.ts';
import type { Machine } from './machine.ts';
import type { Spread } from './spread.ts';
import { fullRatioOf, type CaseSummary, type Goal, type LatencySummary } from './summary.ts';

/** What a run of the benchmark found, as it is kept in bench/results. */
export interface ClaimsReport {
  readonly command: string;
  readonly date: string;
  readonly seed: number;
  readonly machine: Machine;
  readonly rounds: number;
  readonly secondsPerSample: number;
  readonly verdict: 'PASS' | 'BROKEN' | 'INCONCLUSIVE';
  readonly cases: readonly CaseSummary[];
  readonly latency: readonly LatencySummary[];
  readonly long: LongFigures | null;
  readonly goals: readonly Goal[];
}

/** The report as Markdown, to be pasted into the documentation as it is. */
export function toMarkdown(report: ClaimsReport): string {
  return [
    ...header(report),
    ...caseTables(report.cases),
    ...latencyTable(report.latency),
    ...longTable(report.long),
    ...goalTable(report.goals),
  ].join('\n');
}

function header({ machine, ...report }: ClaimsReport): string[] {
  return [
    `\`${report.command}\`, ${report.date}: **${report.verdict}**`,
    '',
    `- ${machine.processor}, ${machine.cores} cores, ${machine.memoryGiB} GiB; ${machine.kernel}`,
    `- ${machine.fileSystem}; 4 KiB written and synced in ${spread(machine.syncUs, 0)} us`,
    `- firstcome ${machine.version} (${machine.commit}), Node ${machine.node}, ` +
      `SQLite ${machine.sqlite}, load generator in ${machine.generator}`,
    `- seed ${report.seed}, ${report.rounds} rounds, ${report.secondsPerSample} s a sample; ` +
      'medians with (least to most)',
    '',
  ];
}

function caseTables(cases: readonly CaseSummary[]): string[] {
  const sites = Map.groupBy(cases, (one) => `${one.placement}, ${one.connections} connections`);
  return [...sites].flatMap(([site, ofSite]) => [
    `### ${site}`,
    '',
    ...table(
      [
        'case',
        'requests/s',
        'claims/s',
        'ratio',
        'server us/request',
        'cores server + load',
        'claims a batch',
        'syncs/s',
        'us a sync',
        'bytes an answer',
        'audit',
      ],
      CASES.flatMap(({ id }) => ofSite.filter((one) => one.case === id)).map((one) => [
        `${one.case}: ${CASES.find(({ id }) => id === one.case)?.title ?? ''}`,
        spread(one.answersPerSecond, 0),
        one.case === 'd' ? spread(one.claimsPerSecond, 0) : '',
        spread(one.ratio, 2),
        median(one.serverCpuUsPerRequest, 1),
        `${median(one.serverCores, 2)} + ${median(one.generatorCores, 2)}`,
        median(one.claimsPerBatch, 0),
        median(one.syncsPerSecond, 0),
        median(one.syncMeanUs, 0),
        median(one.bytesPerAnswer, 0),
        verdictOf(one),
      ]),
    ),
    '',
  ]);
}

function verdictOf(one: CaseSummary): string {
  if (one.broken.length > 0) return `BROKEN: ${one.broken.join('; ')}`;
  if (one.disturbed > 0) return `${one.disturbed} disturbed`;
  return one.case === 'a' ? '' : 'ok';
}

function latencyTable(runs: readonly LatencySummary[]): string[] {
  if (runs.length === 0) return [];
  return [
    '### Latency of b, open loop, from the intended send, ms',
    '',
    ...table(
      ['placement', 'of capacity', 'requests/s', 'p50', 'p99', 'p99.9'],
      runs.map((run) => [
        run.placement,
        `${run.fraction * 100} %`,
        median(run.ratePerSecond, 0),
        spread(thousandth(run.p50Us), 2),
        spread(thousandth(run.p99Us), 2),
        spread(thousandth(run.p999Us), 2),
      ]),
    ),
    '',
  ];
}

function longTable(long: LongFigures | null): string[] {
  if (long === null) return [];
  const { grownBytesPerCoupon: grown, restartedBytesPerCoupon: restarted } = long;
  return [
    '### With many coupons issued',
    '',
    ...table(
      ['figure', 'value'],
      [
        [
          `b with ${count(long.preloaded)} issued, to b on an empty folder`,
          spread(fullRatioOf(long), 2),
        ],
        [`start with ${count(long.countedAt)} issued, ms`, spread(long.startMs, 0)],
        ['start on an empty folder, ms', spread(long.startEmptyMs, 0)],
        ['resident bytes a coupon, of the process that issued it', grown.rssBytes.toFixed(0)],
        ['of these without mapped files', grown.anonymousBytes.toFixed(0)],
        ['resident bytes a coupon, of a process started anew', restarted.rssBytes.toFixed(0)],
        ['bytes on disk a coupon', long.diskBytesPerCoupon.toFixed(0)],
        ['claims/s while filling, batches of 1,000', count(Math.round(long.preloadPerSecond))],
        ['audit', long.auditBroken.length === 0 ? 'ok' : long.auditBroken.join('; ')],
      ],
    ),
    '',
  ];
}

function goalTable(goals: readonly Goal[]): string[] {
  if (goals.length === 0) return [];
  const figure = (value: number): string =>
    value < 10 ? value.toFixed(2) : count(Math.round(value));
  return [
    '### Goals',
    '',
    ...table(
      ['goal', 'wanted', 'reached', ''],
      goals.map((goal) => [
        goal.name,
        goal.wanted,
        figure(goal.reached),
        goal.met ? 'met' : 'MISSED',
      ]),
    ),
    '',
  ];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}

function spread(value: Spread | null, digits: number): string {
  if (value === null) return '';
  const figure = (number: number): string => decimals(number, digits);
  if (value.samples === 1) return figure(value.median);
  return `${figure(value.median)} (${figure(value.min)} to ${figure(value.max)})`;
}

function median(value: Spread | null, digits: number): string {
  return value === null ? '' : decimals(value.median, digits);
}

function decimals(value: number, digits: number): string {
  return value.toLocaleString('en', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

function count(value: number): string {
  return value.toLocaleString('en');
}

function thousandth(value: Spread | null): Spread | null {
  if (value === null) return null;
  const { median: middle, min, max, samples } = value;
  return { median: middle / 1000, min: min / 1000, max: max / 1000, samples };
}
