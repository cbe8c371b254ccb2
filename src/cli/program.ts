import { Command, CommanderError } from 'commander';
import type { Context } from './context.ts';
import { CommandFailure, EXIT } from './exit-codes.ts';

/** Adds a command's flags, examples and action to the program. */
export type DefineCommand = (command: Command, context: Context) => void;

interface CommandRow {
  readonly name: string;
  readonly summary: string;
  /** Loaded only when it is the one that was asked for, so that starting stays quick. */
  readonly load: () => Promise<DefineCommand>;
}

/** Every command, in the order of the help. */
export const COMMANDS: readonly CommandRow[] = [
  {
    name: 'serve',
    summary: 'start the server',
    load: async () => (await import('./serve.ts')).defineServe,
  },
  {
    name: 'rush',
    summary: 'send a crowd at a campaign and judge what it got',
    load: async () => (await import('./rush/rush.ts')).defineRush,
  },
  {
    name: 'seed',
    summary: 'make random vendors, campaigns and users',
    load: async () => (await import('./seed.ts')).defineSeed,
  },
  {
    name: 'audit',
    summary: 'recount every promise from the stored rows',
    load: async () => (await import('./audit.ts')).defineAudit,
  },
  {
    name: 'campaigns',
    summary: 'list, show, make and change campaigns',
    load: async () => (await import('./campaigns.ts')).defineCampaigns,
  },
  {
    name: 'vendors',
    summary: 'list, show, register and pay out vendors',
    load: async () => (await import('./vendors.ts')).defineVendors,
  },
  {
    name: 'coupons',
    summary: 'show coupons, use them, undo their use',
    load: async () => (await import('./coupons.ts')).defineCoupons,
  },
  {
    name: 'events',
    summary: 'read or follow the event log',
    load: async () => (await import('./events.ts')).defineEvents,
  },
  {
    name: 'doctor',
    summary: 'look whether this machine and these settings can serve',
    load: async () => (await import('./doctor/doctor.ts')).defineDoctor,
  },
];

const EXAMPLES = `
Examples:
  $ firstcome serve                 start with a campaign of 100 coupons to win
  $ firstcome rush                  1,000 users want them; see that 100 get one
  $ firstcome audit                 have every promise recounted from the rows
  $ firstcome campaigns --help      flags and examples of one command

Exit codes: 0 as expected, 1 error, 2 usage, 3 port, engine or server not available,
10 a promise is broken, 11 a threshold is missed, 12 inconclusive, 130 interrupted.`;

/** The program with every command's name, and the flags of those named (of all, if none is). */
export async function buildProgram(context: Context, only?: string): Promise<Command> {
  const program = new Command('firstcome')
    .description('First-come-first-served coupons: never over-issued, never twice, never lost.')
    .version(context.wiring.version, '-V, --version')
    .addHelpText('after', EXAMPLES);
  for (const { name, summary, load } of COMMANDS) {
    const command = program.command(name).description(summary);
    if (only === undefined || only === name) (await load())(command, context);
  }
  configure(program, context);
  return program;
}

/** Runs a command line. Whatever goes wrong ends in one line a problem and an exit code. */
export async function runProgram(argv: readonly string[], context: Context): Promise<void> {
  const named = argv.find((argument) => !argument.startsWith('-'));
  try {
    const program = await buildProgram(context, named ?? '');
    if (argv.length === 0) {
      context.terminal.message(program.helpInformation() + EXAMPLES);
      context.exit(EXIT.usage);
      return;
    }
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    context.exit(explain(error, context));
  }
}

function configure(command: Command, context: Context): void {
  command
    .exitOverride()
    .configureOutput({
      writeOut: (text) => context.terminal.data(text.trimEnd()),
      writeErr: (text) => context.terminal.message(text.trimEnd()),
      outputError: (text, write) => write(text.replace(/^error: /, 'firstcome: ')),
    })
    .showSuggestionAfterError()
    .helpCommand(false);
  for (const child of command.commands) configure(child, context);
}

function explain(error: unknown, { terminal, env }: Context): CommandFailure['exitCode'] {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (error instanceof CommandFailure) {
    for (const line of error.message.split('\n')) terminal.message(`firstcome: ${line}`);
    return error.exitCode;
  }
  const fault = error instanceof Error ? error : new Error(String(error));
  const isDebug = ['debug', 'trace'].includes(env['FIRSTCOME_LOG_LEVEL'] ?? '');
  const words = isDebug ? (fault.stack ?? fault.message) : fault.message;
  const advice = isDebug ? '' : ' (FIRSTCOME_LOG_LEVEL=debug shows where)';
  terminal.message(`firstcome: unexpected: ${words}${advice}`);
  return EXIT.error;
}
