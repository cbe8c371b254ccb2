import type { Command } from 'commander';
import { dialableHost, isLoopback, loadSettings, SETTINGS, type Settings } from '../config.ts';
import { anotherRound, urlFlag } from './another-round.ts';
import type { Context } from './context.ts';
import { CommandFailure, EXIT } from './exit-codes.ts';
import { findPortHolder } from './port-holder.ts';
import { fields } from './terminal.ts';
import type { RunningServer } from './wiring.ts';

interface ServeFlags extends Readonly<Record<string, string | boolean | undefined>> {
  readonly json?: boolean;
}

const NO_SUCH_ADDRESS: ReadonlySet<string> = new Set(['EADDRNOTAVAIL', 'ENOTFOUND', 'EAI_AGAIN']);

const EXAMPLES = `
Examples:
  $ firstcome serve                          on http://127.0.0.1:4600, data in .firstcome/
  $ firstcome serve --port 4601
  $ firstcome serve --port 0 --json          a free port, told as one JSON line on stdout
  $ firstcome serve --data /var/lib/firstcome --log-level warn
  $ firstcome serve --host 0.0.0.0 --api-keys-file keys.json

Every flag is also a setting of the environment (FIRSTCOME_PORT) and of firstcome.config.json
({"port": 4601}); a flag wins over the environment, the environment over the file.`;

export function defineServe(command: Command, context: Context): void {
  for (const setting of SETTINGS) {
    const fallback = setting.fallback === null ? '' : ` (default: ${setting.fallback})`;
    command.option(setting.flag ?? '', `${setting.doc}${fallback}`);
  }
  command
    .option('--json', 'print one JSON line on stdout when ready')
    .addHelpText('after', EXAMPLES)
    .action((flags: ServeFlags) => serve(flags, context));
}

async function serve({ json, ...flags }: ServeFlags, context: Context): Promise<void> {
  const { terminal } = context;
  const settings = settingsFor(flags as Record<string, string | undefined>, context);
  // Before the start, so that a Ctrl-C during the start ends in order as well.
  const ending = endSignal();
  const server = await start(settings, context);
  if (json === true) {
    const { url, bound } = addressesOf(server);
    const ready = { event: 'ready', url, engine: settings.engine, pid: process.pid };
    terminal.data(JSON.stringify(bound === null ? ready : { ...ready, bound }));
  } else terminal.message(banner(server, settings, context));
  const end = await Promise.race([ending, server.broken]);
  if (end instanceof Error) {
    terminal.message(`firstcome: the record cannot be relied on any more: ${end.message}`);
    terminal.message('firstcome: ending; start again, and it is read back from disk');
    // Nothing more may be answered from memory, so there is nothing to finish either.
    process.exit(EXIT.error);
  }
  terminal.message(`firstcome: ${end}, finishing what is in flight (again to end at once)`);
  await server.close();
  context.exit(EXIT.ok);
}

/** The settings, or one line for each that is wrong. */
export function settingsFor(
  flags: Readonly<Record<string, string | undefined>>,
  { env, folder, terminal }: Context,
): Settings {
  const loaded = loadSettings({ flags, env, folder });
  for (const note of loaded.notes) terminal.message(`firstcome: note: ${note}`);
  if (!loaded.ok) throw new CommandFailure(loaded.exitCode, loaded.problems.join('\n'));
  return loaded.settings;
}

async function start(settings: Settings, { wiring }: Context): Promise<RunningServer> {
  try {
    return await wiring.serve(settings);
  } catch (error) {
    throw explained(error, settings);
  }
}

/** Turns what the system says about an address into a line that says what to do. */
function explained(error: unknown, { host, port }: Settings): unknown {
  const { code } = error as NodeJS.ErrnoException;
  const refuse = (line: string) => new CommandFailure(EXIT.unavailable, line, { cause: error });
  if (code === 'EADDRINUSE') {
    const holder = findPortHolder(port);
    const by = holder === null ? 'another process' : `process ${holder.pid} (${holder.name})`;
    const remedy = 'stop it, or give another port with --port (0 picks a free one)';
    return refuse(`port ${port} on ${host} is taken by ${by}; ${remedy}`);
  }
  if (code === 'EACCES') {
    return refuse(
      `port ${port} on ${host} needs rights that this user lacks; give a --port above 1023`,
    );
  }
  if (code !== undefined && NO_SUCH_ADDRESS.has(code)) {
    return refuse(`host ${host} is no address of this machine (${code}); give another with --host`);
  }
  return error;
}

/** The name of the signal that ends the server. A second one ends the process at once. */
function endSignal(): Promise<string> {
  return new Promise((end) => {
    let isEnding = false;
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        if (isEnding) process.exit(EXIT.interrupted);
        isEnding = true;
        end(signal);
      });
    }
  });
}

function banner(server: RunningServer, settings: Settings, { wiring, terminal }: Context): string {
  const paint = terminal.messagePaint;
  const { welcome } = server;
  const { url, bound } = addressesOf(server);
  const access =
    settings.apiKeysFile === null
      ? 'everybody on this machine (loopback only, no API keys)'
      : `API keys of ${settings.apiKeysFile}${isLoopback(settings.host) ? ', loopback only' : ''}`;
  const seeded =
    welcome === null ? [] : [['campaign', welcomeText(welcome, server.isNew)] as const];
  const listens =
    bound === null ? [] : [['listens', `${bound} (every address of this machine)`] as const];
  const rows = fields([
    ...listens,
    ['API', `${url}/v1`],
    ['docs', `${url}/docs`],
    ['health', `${url}/readyz`],
    ['data', `${settings.data} (SQLite, each commit synced to disk)`],
    ...seeded,
    ['access', access],
  ]);
  return [
    paint.bold(`firstcome ${wiring.version}`) + `, ${settings.engine} engine, ready`,
    '',
    ...rows.split('\n').map((line) => `  ${line}`),
    '',
    ...nextSteps(server, settings).map((line) =>
      line.startsWith('npx ') ? `  ${paint.cyan(line)}` : `  ${line}`,
    ),
    '',
  ].join('\n');
}

/** What to try, as commands that work as they stand (but for the id that one gives the other). */
function nextSteps(server: RunningServer, { apiKeysFile }: Settings): string[] {
  const { welcome } = server;
  const { url } = addressesOf(server);
  const where =
    apiKeysFile === null
      ? 'in a second terminal'
      : 'in a second terminal, with a key of scope admin in FIRSTCOME_API_KEY';
  if (welcome === null || welcome.remaining > 0) {
    return [`next, ${where}:`, `npx firstcome rush${urlFlag(url)}`];
  }
  const [create = '', rush = ''] = anotherRound(welcome, url);
  return [`${welcome.id} is sold out; next, ${where}:`, create, `${rush}   (ID: of the new one)`];
}

/** Where a client finds the server, and the address it is bound to if that is another. */
function addressesOf({ url }: RunningServer): { url: string; bound: string | null } {
  const dialable = new URL(url);
  const host = dialableHost(dialable.hostname.replace(/^\[|\]$/g, ''));
  dialable.hostname = host.includes(':') ? `[${host}]` : host;
  const found = dialable.href.replace(/\/$/, '');
  return { url: found === url ? url : found, bound: found === url ? null : url };
}

function welcomeText(welcome: NonNullable<RunningServer['welcome']>, isNew: boolean): string {
  const { id, remaining, quantity } = welcome;
  return isNew ? `${id}, ${quantity} coupons, open` : `${id}, ${remaining} of ${quantity} left`;
}
