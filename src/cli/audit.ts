import { resolve } from 'node:path';
import type { Command } from 'commander';
import { addServerFlags, connectTo, mustHave, show } from './context.ts';
import type { Context, ServerFlags } from './context.ts';
import { CommandFailure, EXIT } from './exit-codes.ts';
import { table, type Paint } from './terminal.ts';
import type { AuditReport } from './wiring.ts';

interface AuditFlags extends ServerFlags {
  readonly data?: string;
}

const EXAMPLES = `
Examples:
  $ firstcome audit                        ask the running server
  $ firstcome audit --data .firstcome      read a data folder that no server uses
  $ firstcome audit --json | jq .ok

Exit code 10 if a check fails.`;

export function defineAudit(command: Command, context: Context): void {
  addServerFlags(command)
    .option('--data <folder>', 'recount this folder instead of asking a server')
    .addHelpText('after', EXAMPLES)
    .action(async (flags: AuditFlags) => {
      const report = await audit(flags, context);
      const { dataPaint } = context.terminal;
      show(context, flags, report, () => auditText(report, dataPaint));
      context.exit(report.ok ? EXIT.ok : EXIT.broken);
    });
}

async function audit(flags: AuditFlags, context: Context): Promise<AuditReport> {
  if (flags.data === undefined) return mustHave(await connectTo(context, flags).client.audit());
  if (flags.url !== undefined) {
    throw new CommandFailure(EXIT.usage, '--url and --data exclude each other; give one of them');
  }
  return context.wiring.auditFolder(resolve(context.folder, flags.data));
}

function auditText({ ok, checks }: AuditReport, paint: Paint): string {
  const failed = checks.filter((check) => !check.ok).length;
  const verdict = ok
    ? `${paint.green('OK')} ${checks.length} checks hold`
    : `${paint.red('BROKEN')} ${failed} of ${checks.length} checks fail`;
  const rows = checks.map((check) => [check.ok ? 'ok' : 'FAILED', check.name, check.detail]);
  return `${verdict}\n\n${table(['', 'check', 'detail'], rows)}`;
}
