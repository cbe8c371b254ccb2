import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** What a command left behind. */
export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly folder: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** A server that a test started, with what it said. */
export interface ServerUnderTest {
  readonly url: string;
  readonly pid: number;
  readonly engine: string;
  /** Signals it and resolves when it has ended. */
  end(signal?: NodeJS.Signals): Promise<Finished>;
}

const BIN = fileURLToPath(new URL('../../bin/firstcome.mjs', import.meta.url));

/** Runs a command to its end, as a shell would, off a terminal. */
export function run(args: readonly string[], options: CommandOptions): Promise<Finished> {
  return finished(start(args, options));
}

/** Starts `serve --json --port 0` and resolves with its ready line; rejects if it ends before. */
export async function serve(
  options: CommandOptions & { readonly args?: readonly string[] },
): Promise<ServerUnderTest> {
  const child = start(['serve', '--json', '--port', '0', ...(options.args ?? [])], options);
  const end = finished(child);
  const line = await Promise.race([
    new Promise<string>((done) => createInterface(child.stdout!).once('line', done)),
    end.then(({ code, stderr }) =>
      Promise.reject(new Error(`serve ended with ${code}: ${stderr}`)),
    ),
  ]);
  const ready = JSON.parse(line) as { event: string; url: string; engine: string; pid: number };
  if (ready.event !== 'ready') throw new Error(`the first line is no ready line: ${line}`);
  return {
    url: ready.url,
    pid: ready.pid,
    engine: ready.engine,
    end(signal = 'SIGTERM') {
      child.kill(signal);
      return end;
    },
  };
}

/** Starts a command and leaves it running. */
export function start(args: readonly string[], { folder, env }: CommandOptions): ChildProcess {
  return spawn(process.execPath, [BIN, ...args], {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

export function finished(child: ChildProcess): Promise<Finished> {
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (bytes: Buffer) => (stdout += bytes.toString()));
  child.stderr?.on('data', (bytes: Buffer) => (stderr += bytes.toString()));
  return new Promise((done, fail) => {
    child.once('error', fail);
    child.once('close', (code) => done({ code, stdout, stderr }));
  });
}

/** A folder of its own for a test, and the function that removes it. */
export function temporaryFolder(): { readonly folder: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'firstcome-cli-'));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
