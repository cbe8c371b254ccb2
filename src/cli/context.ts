import type { Command } from 'commander';
import { loadClientSettings } from '../config.ts';
import { createClient, type Client, type Result } from '../sdk/index.ts';
import { CommandFailure, EXIT, type ExitCode } from './exit-codes.ts';
import type { Terminal } from './terminal.ts';
import type { Wiring } from './wiring.ts';

/** What every command works with. */
export interface Context {
  readonly terminal: Terminal;
  readonly wiring: Wiring;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The current folder. */
  readonly folder: string;
  /** Sets what the process will end with. */
  readonly exit: (code: ExitCode) => void;
}

/** Flags of commands that talk to a server. */
export interface ServerFlags {
  readonly url?: string;
  readonly apiKey?: string;
  readonly json?: boolean;
}

/** Where a command's server is, and a client of it. */
export interface Connection {
  readonly client: Client;
  readonly url: URL;
  readonly apiKey: string | null;
}

export function addServerFlags(command: Command): Command {
  return command
    .option('--url <url>', 'the server (default: FIRSTCOME_URL, else http://127.0.0.1:4600)')
    .option('--api-key <key>', 'the API key to send (better: FIRSTCOME_API_KEY)')
    .option('--json', 'print JSON on stdout');
}

export function connectTo(context: Context, flags: ServerFlags): Connection {
  const { env, folder } = context;
  const loaded = loadClientSettings({
    flags: { url: flags.url, apiKey: flags.apiKey },
    env,
    folder,
  });
  if (!loaded.ok) throw new CommandFailure(EXIT.usage, loaded.problem);
  const { url, apiKey } = loaded;
  const client = createClient({ url: url.href, apiKey: apiKey ?? undefined, retriesMax: 1 });
  return { client, url, apiKey };
}

/**
 * The value of a call that the command cannot go on without.
 *
 * @param id  what was asked for, to be named if it is not there
 */
export function mustHave<Value>(result: Result<Value>, id?: string): Value {
  if (result.ok) return result.value;
  if (result.code === 'unreachable') {
    throw new CommandFailure(
      EXIT.unavailable,
      `no server answers at ${result.detail}; start one with \`firstcome serve\`, or give --url`,
    );
  }
  // The detail of a problem with errors is the first of them.
  const details = (result.errors ?? []).map(({ pointer, detail }) => `${pointer} ${detail}`.trim());
  const reason = details.join('; ') || result.detail || result.title;
  const subject = id !== undefined && result.code.endsWith('-not-found') ? `${id}: ` : '';
  throw new CommandFailure(EXIT.error, `${result.code}: ${subject}${reason}`);
}

/** Prints a value as JSON, or as text for people. */
export function show(
  { terminal }: Context,
  flags: { readonly json?: boolean },
  value: unknown,
  text: () => string,
): void {
  terminal.data(flags.json === true ? JSON.stringify(value) : text());
}

/** A signal of the first Ctrl-C; the second ends the process at once. */
export function interruption(): AbortSignal {
  const controller = new AbortController();
  const onSignal = () => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted);
    controller.abort(new Error('interrupted'));
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return controller.signal;
}
