import { fields, type Paint } from '../terminal.ts';
import type { Judgement } from './judge.ts';
import { untold } from './judge-replays.ts';
import type { IssuedBucket, Latency } from './latency.ts';
import type { RushPlan } from './plan.ts';

/** What `--json` prints and `--report` writes. */
export interface RushReport extends Judgement {
  readonly event: 'rush';
  readonly url: string;
  readonly campaignId: string;
  readonly quantity: number;
  readonly perUserLimit: number;
  readonly plan: Omit<RushPlan, 'campaignId' | 'keyPrefix'> & { readonly idempotency: boolean };
  readonly startedAt: string;
  readonly durationMs: number;
  readonly requests: number;
  readonly requestsPerS: number;
  readonly latency: Latency | null;
  readonly issuedOverTime: readonly IssuedBucket[];
}

const BAR_WIDTH = 40;

/** The report for people; its first line is the verdict. */
export function reportText(report: RushReport, paint: Paint): string {
  const sections = [
    coloured(report, paint),
    '',
    fields([
      ['campaign', `${report.campaignId} at ${report.url}, ${perUser(report)}`],
      ['requests', requests(report)],
      ['issued', issued(report)],
      ['over-issued', String(report.overIssued)],
      ['duplicates', duplicates(report)],
      ['gaps', String(report.gaps)],
      ['refused', counts(report.refused)],
      ['errors', counts(report.errors)],
      ['replays', replays(report)],
      ['latency', latency(report)],
      ['audit', audit(report)],
    ]),
    ...list('Broken:', report.faults),
    ...list('Could not tell:', report.doubts),
    ...list('Note:', report.notes),
  ];
  if (report.issuedOverTime.length > 0) {
    sections.push('', 'issued over time', plot(report.issuedOverTime));
  }
  return sections.join('\n');
}

function coloured({ verdict, headline }: RushReport, paint: Paint): string {
  const colour = { PASS: paint.green, BROKEN: paint.red, INCONCLUSIVE: paint.yellow }[verdict];
  return colour(paint.bold(verdict)) + headline.slice(verdict.length);
}

function perUser({ quantity, perUserLimit }: RushReport): string {
  return `quantity ${number(quantity)}, ${number(perUserLimit)} a user`;
}

function requests(report: RushReport): string {
  const { plan } = report;
  const pace = plan.ratePerS === null ? 'as answers came' : `${number(plan.ratePerS)}/s intended`;
  return (
    `${number(report.requests)} of ${number(plan.users)} users in ${ms(report.durationMs)}: ` +
    `${number(Math.round(report.requestsPerS))}/s, ${pace}, ${plan.concurrency} connections`
  );
}

function issued({ issued: count, issuedBefore, recovered }: RushReport): string {
  const details = [
    ...(issuedBefore > 0 ? [`${number(issuedBefore)} before this run`] : []),
    ...(recovered > 0 ? [`${number(recovered)} of them though the answer was lost`] : []),
  ];
  return number(count) + (details.length > 0 ? ` (${details.join(', ')})` : '');
}

function duplicates({ duplicates: found }: RushReport): string {
  return (
    `${found.all} (users ${found.users}, sequence numbers ${found.sequences}, ` +
    `coupon ids ${found.couponIds}, codes ${found.codes})`
  );
}

function latency({ latency: measured, plan }: RushReport): string {
  if (measured === null) return 'nothing was decided';
  const from = plan.ratePerS === null ? 'send' : 'intended send';
  return (
    `p50 ${ms(measured.p50Ms)}, p95 ${ms(measured.p95Ms)}, p99 ${ms(measured.p99Ms)}, ` +
    `max ${ms(measured.maxMs)}, from the ${from} to the decision`
  );
}

function replays({ replays: found }: RushReport): string {
  const different = found.different > 0 ? [`${found.different} different`] : [];
  const words = [`${found.asked} asked again`, `${found.same} the same`, ...different];
  return [...words, ...untold(found)].join(', ');
}

function audit({ audit: found }: RushReport): string {
  return found === 'forbidden' ? 'not read: the key needs the scope admin (403)' : found;
}

function counts(found: Readonly<Record<string, number>>): string {
  const all = Object.values(found).reduce((sum, count) => sum + count, 0);
  const details = Object.entries(found).map(([name, count]) => `${name} ${number(count)}`);
  return all === 0 ? '0' : `${number(all)} (${details.join(', ')})`;
}

function list(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`)];
}

function plot(buckets: readonly IssuedBucket[]): string {
  const most = Math.max(...buckets.map((bucket) => bucket.issued));
  const labels = buckets.map((bucket) => `${number(bucket.fromMs)} ms`);
  const width = Math.max(...labels.map((label) => label.length));
  return buckets
    .map((bucket, row) => {
      const length = Math.round((bucket.issued / most) * BAR_WIDTH);
      const bar = bucket.issued > 0 ? `${'#'.repeat(Math.max(1, length))} ` : '';
      return `  ${labels[row]!.padStart(width)} ${bar}${number(bucket.issued)}`;
    })
    .join('\n');
}

function ms(value: number): string {
  return value >= 10_000 ? `${(value / 1000).toFixed(1)} s` : `${value.toFixed(1)} ms`;
}

function number(value: number): string {
  return value.toLocaleString('en-US');
}
