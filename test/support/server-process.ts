import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const BIN = fileURLToPath(new URL('../../bin/firstcome.mjs', import.meta.url));
const READY_WITHIN_MS = 30_000;

/** A server in a process of its own, started as its users start it. */
export interface ServerProcess {
  readonly url: string;
  readonly pid: number;
  /** What it has written to stderr so far. */
  stderr(): string;
  /** Sends a signal and waits for the end; gives the exit code, null after a deadly signal. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
  /** Waits for the process to end by itself. */
  ended(): Promise<number | null>;
}

/**
 * Starts `firstcome serve` on a free port and waits until it is ready.
 *
 * @param script  another program that prints the ready line, for controls
 */
export async function startServer(
  dataFolder: string,
  options: { readonly env?: Readonly<Record<string, string>>; readonly script?: URL } = {},
): Promise<ServerProcess> {
  const script = options.script === undefined ? BIN : fileURLToPath(options.script);
  const args = [script, 'serve', '--json', '--port', '0', '--data', dataFolder];
  const child = spawn(process.execPath, args, {
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const exit = once(child, 'exit').then(([code]) => code as number | null);
  const deadline = setTimeout(() => child.kill('SIGKILL'), READY_WITHIN_MS);
  const ready = await readyLine(child);
  clearTimeout(deadline);
  if (ready === null) {
    throw new Error(`the server ended with ${await exit} before it was ready:\n${stderr}`);
  }
  return {
    url: ready.url,
    pid: ready.pid,
    stderr: () => stderr,
    stop: (signal = 'SIGTERM') => {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      return exit;
    },
    ended: () => exit,
  };
}

async function readyLine(child: ChildProcess): Promise<{ url: string; pid: number } | null> {
  for await (const line of createInterface({ input: child.stdout! })) {
    const said = JSON.parse(line) as { event?: string; url: string; pid: number };
    if (said.event !== 'ready') continue;
    child.stdout!.resume();
    return said;
  }
  return null;
}
