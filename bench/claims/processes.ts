import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { compileC } from '../../test/faults/compile-c.ts';
import { toArguments, type LoadOptions, type LoadResult } from '../load/load-options.ts';

/** `one-core`: all threads of the server on core 0 and the load on core 1; `free`: as it comes. */
export type Placement = 'one-core' | 'free';

export interface RunningServer {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** From the spawn to the line that says it is ready. */
  readonly startMs: number;
  stop(): Promise<void>;
}

export interface LoadMarks {
  readonly onStart?: (generatorPid: number) => void;
  readonly onEnd?: (generatorPid: number) => void;
  /** Another generator than the machine's best. */
  readonly command?: readonly string[];
}

const READY_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_MS = 30_000;
const SERVER_CORE = '0';
const LOAD_CORE = '1';

const running = new Set<ChildProcess>();

/** Starts a program that prints the ready line of `serve --json`, and waits for that line. */
export async function startServer(
  args: readonly string[],
  placement: Placement,
  options: { readonly env?: Readonly<Record<string, string>>; readonly logFd?: number } = {},
): Promise<RunningServer> {
  const beganMs = performance.now();
  const child = pinned([process.execPath, ...args], placement === 'free' ? null : SERVER_CORE, {
    env: { ...ownEnvironment(), ...options.env },
    // Its log goes where a user's would, to a file, so that writing it is part of what is measured.
    stderr: options.logFd ?? 'ignore',
  });
  const deadline = setTimeout(() => child.kill('SIGKILL'), READY_TIMEOUT_MS);
  try {
    const ready = await readyLine(child);
    // Whatever it prints later must not fill the pipe and stop it.
    child.stdout?.resume();
    return {
      url: ready.url,
      port: Number(new URL(ready.url).port),
      pid: ready.pid,
      startMs: performance.now() - beganMs,
      stop: () => stop(child),
    };
  } finally {
    clearTimeout(deadline);
  }
}

/** Runs a generator, calling back when its measured window begins and when it ends. */
export async function runLoad(
  load: LoadOptions,
  placement: Placement,
  marks: LoadMarks = {},
): Promise<LoadResult> {
  const command = [...(marks.command ?? generator().command), ...toArguments(load)];
  const child = pinned(command, placement === 'free' ? null : LOAD_CORE, { stderr: 'inherit' });
  const exited = once(child, 'exit');
  const pid = child.pid ?? 0;
  let result: LoadResult | null = null;
  for await (const line of linesOf(child)) {
    const said = JSON.parse(line) as { event: string };
    if (said.event === 'start') marks.onStart?.(pid);
    if (said.event === 'end') marks.onEnd?.(pid);
    if (said.event === 'result') result = said as LoadResult;
  }
  const [code] = (await exited) as [number | null];
  if (result === null) throw new Error(`The load generator ended with ${code} and no result.`);
  return result;
}

/** The generator in C where there is a compiler, else the one in Node. */
export function generator(wanted?: 'c' | 'node'): {
  readonly command: readonly string[];
  readonly note: string;
} {
  const inNode = [process.execPath, fileURLToPath(new URL('../load/load.ts', import.meta.url))];
  if (wanted === 'node') return { command: inNode, note: 'Node' };
  const compiled = compileC(new URL('../load/load.c', import.meta.url), ['-O2']);
  return compiled.path === null
    ? { command: inNode, note: `Node, since ${compiled.missing}` }
    : { command: [compiled.path], note: 'C' };
}

/** Why the machine cannot keep server and load on one core each; null when it can. */
export function oneCoreImpossibleBecause(cores: number): string | null {
  if (cores < 2) return 'the machine has one core';
  return spawnSync('taskset', ['-V']).error ? 'there is no taskset' : null;
}

function pinned(
  [command = '', ...args]: readonly string[],
  core: string | null,
  options: { readonly env?: NodeJS.ProcessEnv; readonly stderr: number | 'ignore' | 'inherit' },
): ChildProcess {
  const [program, programArgs] =
    core === null ? [command, args] : ['taskset', ['-c', core, command, ...args]];
  const child = spawn(program, programArgs, {
    env: options.env ?? process.env,
    stdio: ['ignore', 'pipe', options.stderr],
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

/** Ends what still runs; for a benchmark that is interrupted. */
export function killAll(): void {
  for (const child of running) child.kill('SIGKILL');
}

async function readyLine(child: ChildProcess): Promise<{ url: string; pid: number }> {
  for await (const line of linesOf(child)) {
    if (!line.startsWith('{')) continue;
    const said = JSON.parse(line) as { event?: string; url: string; pid: number };
    if (said.event === 'ready') {
      return said;
    }
  }
  throw new Error('The server ended before it was ready; its own words say why.');
}

async function* linesOf(child: ChildProcess): AsyncGenerator<string> {
  if (!child.stdout) return;
  // Rejects with the error of a program that is not there.
  await once(child, 'spawn');
  yield* createInterface({ input: child.stdout });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const deadline = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
  await exited;
  clearTimeout(deadline);
}

/** The bench measures the defaults: settings of the shell that it runs in stay out. */
function ownEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith('FIRSTCOME_')),
  );
}
