import { randomUUID } from 'node:crypto';
import { accessSync, constants, statSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { addServerFlags, connectTo, interruption, show } from '../context.ts';
import type { Context, ServerFlags } from '../context.ts';
import { CommandFailure, EXIT, type ExitCode } from '../exit-codes.ts';
import { positiveNumber, wholeNumber } from '../option-values.ts';
import { reportText, type RushReport } from './report.ts';
import { runRush } from './run-rush.ts';
import { createWire } from './wire.ts';

interface RushFlags extends ServerFlags {
  readonly campaign: string;
  readonly users: number;
  readonly requestsPerUser: number;
  readonly concurrency: number;
  readonly rate?: number;
  readonly seed: number;
  readonly idempotency?: boolean;
  readonly timeout: number;
  readonly report?: string;
}

/** All of a rush is kept in memory until it is judged. */
const REQUESTS_MAX = 10_000_000;
const CONNECTIONS_MAX = 10_000;
const RATE_MAX = 1_000_000;
const TIMEOUT_MAX_S = 600;
const SEED_MAX = 2 ** 32 - 1;

const EXAMPLES = `
Examples:
  $ firstcome rush                                   1,000 users want the 100 of cmp_welcome
  $ firstcome rush --users 20000 --concurrency 256   a bigger crowd
  $ firstcome rush --requests-per-user 5             impatient users who click again and again
  $ firstcome rush --rate 2000                       2,000 a second at fixed moments (open loop)
  $ firstcome rush --idempotency                     each request with an Idempotency-Key
  $ firstcome rush --json | jq .verdict              for scripts; so are the exit codes

The verdict comes first: PASS (exit 0), BROKEN (10: a promise is broken) or INCONCLUSIVE (12:
it could not be told, for instance because answers were lost).`;

export function defineRush(command: Command, context: Context): void {
  addServerFlags(command)
    .option('--campaign <id>', 'the campaign to claim from', 'cmp_welcome')
    .option('--users <n>', 'how many users', wholeNumber(1, REQUESTS_MAX), 1000)
    .option('--requests-per-user <n>', 'claims of each user', wholeNumber(1, 10_000), 1)
    .option('--concurrency <n>', 'connections at most', wholeNumber(1, CONNECTIONS_MAX), 64)
    .option('--rate <n>', 'claims a second, at fixed moments', positiveNumber(RATE_MAX))
    .option('--seed <n>', 'names the users and shuffles them', wholeNumber(0, SEED_MAX), 42)
    .option('--idempotency', 'send an Idempotency-Key with each claim')
    .option(
      '--timeout <seconds>',
      'how long to wait for an answer',
      positiveNumber(TIMEOUT_MAX_S),
      10,
    )
    .option('--report <file>', 'write the report as JSON')
    .addHelpText('after', EXAMPLES)
    .action((flags: RushFlags) => rush(flags, context));
}

async function rush(flags: RushFlags, context: Context): Promise<void> {
  const { terminal } = context;
  if (flags.users * flags.requestsPerUser > REQUESTS_MAX) {
    throw new CommandFailure(
      EXIT.usage,
      `--users times --requests-per-user is ${flags.users * flags.requestsPerUser}; ` +
        `give at most ${REQUESTS_MAX} in all`,
    );
  }
  if (flags.report !== undefined) checkReportFile(context, flags.report);
  const { client, url, apiKey } = connectTo(context, flags);
  const signal = interruption();
  const report = await runRush({
    plan: {
      campaignId: flags.campaign,
      users: flags.users,
      requestsPerUser: flags.requestsPerUser,
      concurrency: flags.concurrency,
      ratePerS: flags.rate ?? null,
      seed: flags.seed,
      keyPrefix: flags.idempotency === true ? `rush-${randomUUID()}` : null,
    },
    wire: createWire(url, apiKey),
    client,
    timeoutMs: flags.timeout * 1000,
    signal,
    onProgress: (text) => terminal.progress(text),
  });
  terminal.progress('');
  show(context, flags, report, () => reportText(report, terminal.dataPaint));
  if (flags.report !== undefined) writeReport(context, flags.report, report);
  context.exit(signal.aborted ? EXIT.interrupted : exitCodeOf(report));
}

function exitCodeOf({ verdict }: RushReport): ExitCode {
  switch (verdict) {
    case 'PASS':
      return EXIT.ok;
    case 'BROKEN':
      return EXIT.broken;
    case 'INCONCLUSIVE':
      return EXIT.inconclusive;
  }
}

/** A rush cannot be repeated, so its report must have a place before it begins. */
function checkReportFile({ folder }: Context, file: string): void {
  const path = resolve(folder, file);
  const existing = statSync(path, { throwIfNoEntry: false });
  const refuse = (reason: string, cause?: unknown) =>
    new CommandFailure(EXIT.usage, `--report: cannot write ${file} (${reason})`, { cause });
  if (existing?.isDirectory() === true) throw refuse('it is a folder');
  try {
    accessSync(existing === undefined ? dirname(path) : path, constants.W_OK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw refuse(code === 'ENOENT' ? 'there is no such folder' : (code ?? 'unknown'), error);
  }
}

function writeReport({ folder, terminal }: Context, file: string, report: RushReport): void {
  try {
    writeFileSync(resolve(folder, file), `${JSON.stringify(report, null, 2)}\n`);
  } catch (error) {
    const reason = (error as Error).message;
    throw new CommandFailure(EXIT.error, `--report: cannot write ${file} (${reason})`);
  }
  terminal.message(`report written to ${file}`);
}
