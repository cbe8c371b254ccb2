import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { runProgram } from './cli/program.ts';
import { CommandFailure, EXIT } from './cli/exit-codes.ts';
import { createTerminal } from './cli/terminal.ts';
import type { AuditReport, RunningServer, Wiring } from './cli/wiring.ts';
import type { Settings } from './config.ts';
import type { Auth } from './http/auth.ts';
import type { Clock } from './ports/clock.ts';
import type { EventLog } from './ports/event-log.ts';
import type { Ids } from './ports/ids.ts';
import type { Store } from './ports/store.ts';

/**
 * Runs the command line; `process.exitCode` says how it ended. What only a server needs is loaded
 * when one is started, so that every other command is there at once.
 */
export async function main(argv: readonly string[]): Promise<void> {
  const wiring: Wiring = { version: ownVersion(), serve, auditFolder };
  await runProgram(argv, {
    terminal: createTerminal(process.stdout, process.stderr, process.env),
    wiring,
    env: process.env,
    folder: process.cwd(),
    exit: (code) => {
      process.exitCode = code;
    },
  });
}

const WELCOME_VENDOR = 'ven_welcome';
const WELCOME_CAMPAIGN = 'cmp_welcome';
const RANDOM_BYTES = 10;
const TIME_DIGITS = 12;

const clock: Clock = { nowMs: () => Date.now() };

/** The time first, so that ids sort by it and new rows lie side by side in an index. */
const ids: Ids = {
  next: (prefix) =>
    prefix +
    Date.now().toString(16).padStart(TIME_DIGITS, '0') +
    randomBytes(RANDOM_BYTES).toString('hex'),
};

/**
 * Starts in order, and lets go of what was started when a later step fails. The record is opened by
 * threads of its own, so that happens while the HTTP layer, which is much code, is being loaded.
 */
async function serve(settings: Settings): Promise<RunningServer> {
  const { openSqliteStore } = await import('./adapters/sqlite/sqlite-store.ts');
  const opening = openSqliteStore({ folder: settings.data, clock, ids });
  const layers = loadLayers();
  const { store, log: events } = await opening.catch(explainFolder);
  const started: (() => Promise<void>)[] = [() => store.close()];
  try {
    return await serveFrom(store, events, settings, await layers, started);
  } catch (error) {
    await started.at(-1)?.();
    throw error;
  }
}

async function serveFrom(
  store: Store,
  events: EventLog,
  settings: Settings,
  { pino, createEngine, createHttpServer }: Awaited<ReturnType<typeof loadLayers>>,
  /** The last one lets go of everything that was started. */
  started: (() => Promise<void>)[],
): Promise<RunningServer> {
  const auth = await readAuth(settings.apiKeysFile);
  const isNew = await welcome(store);
  const campaign = await store.campaign(WELCOME_CAMPAIGN);
  const output = pino.destination({ fd: process.stderr.fd, sync: false });
  const log = pino.pino({ level: settings.logLevel, base: { pid: process.pid } }, output);
  const broken = Promise.withResolvers<Error>();
  const onBroken = (error: Error) => {
    log.fatal({ err: error }, 'the record is broken');
    output.flushSync();
    broken.resolve(error);
  };
  const engine = createEngine({ store, log: events, clock, ids, onBroken });
  started.push(() => engine.close());
  const http = createHttpServer({ engine, clock, auth, log });
  const url = await http.listen({ host: settings.host, port: settings.port });
  return {
    url,
    isNew,
    welcome: campaign && {
      id: campaign.id,
      quantity: campaign.quantity,
      remaining: campaign.quantity - campaign.issued,
    },
    broken: broken.promise,
    close: async () => {
      await http.close();
      await engine.close();
      output.flushSync();
    },
  };
}

async function loadLayers() {
  const [{ default: pino }, { createEngine }, { createHttpServer }] = await Promise.all([
    import('pino'),
    import('./engine/create-engine.ts'),
    import('./http/create-http-server.ts'),
  ]);
  return { pino, createEngine, createHttpServer };
}

/** Gives a new record something to be won; tells whether it did. */
async function welcome(store: Store): Promise<boolean> {
  if ((await store.campaign(WELCOME_CAMPAIGN)) !== null) return false;
  const origin = { idempotency: null, traceparent: null };
  if ((await store.vendor(WELCOME_VENDOR)) === null) {
    const vendor = { id: WELCOME_VENDOR, name: 'Welcome', currency: 'KRW' };
    await store.registerVendor(vendor, origin);
  }
  await store.createCampaign(
    {
      id: WELCOME_CAMPAIGN,
      vendorId: WELCOME_VENDOR,
      title: 'Welcome: 5,000 won off for the first hundred',
      discount: { type: 'fixed', amount: 5_000, currency: 'KRW' },
      quantity: 100,
      perUserLimit: 1,
      startsAtMs: null,
      endsAtMs: null,
      couponValidFor: null,
      reimbursementBps: 1_000,
    },
    origin,
  );
  return true;
}

async function auditFolder(folder: string): Promise<AuditReport> {
  const { recountDataFolder } = await import('./adapters/sqlite/sqlite-store.ts');
  const { databaseFile } = await import('./adapters/sqlite/data-folder.ts');
  if (!existsSync(databaseFile(folder))) {
    throw new CommandFailure(EXIT.error, `${folder} holds no record; give another --data`);
  }
  const checks = await recountDataFolder(folder).catch(explainFolder);
  return { ok: checks.every((check) => check.ok), checks };
}

async function readAuth(file: string | null): Promise<Auth> {
  const { createKeyAuth, OPEN_AUTH, parseApiKeys } = await import('./http/auth.ts');
  if (file === null) return OPEN_AUTH;
  const keys = parseApiKeys(readJson(file));
  if (keys.ok) return createKeyAuth(keys.keys);
  const lines = keys.problems.map((problem) => `API keys file ${file}: ${problem}`);
  throw new CommandFailure(EXIT.usage, lines.join('\n'));
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as unknown;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // What the parser says may quote the file, and the file is about secrets.
    const reason = code === undefined ? 'is not JSON' : `cannot be read (${code})`;
    throw new CommandFailure(EXIT.usage, `API keys file ${file}: ${reason}`, { cause: error });
  }
}

/** A folder that cannot be used says itself what to do; in use is a matter of waiting. */
async function explainFolder(error: unknown): Promise<never> {
  const { DataFolderError } = await import('./adapters/sqlite/data-folder.ts');
  if (!(error instanceof DataFolderError)) throw error;
  const exitCode = error.code === 'in-use' ? EXIT.unavailable : EXIT.error;
  throw new CommandFailure(exitCode, error.message, { cause: error });
}

function ownVersion(): string {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
