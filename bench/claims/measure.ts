import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { diskShim } from '../../test/faults/disk-shim.ts';
import { LOAD_DEFAULTS, type LoadOptions, type LoadResult } from '../load/load-options.ts';
import { Api } from './api.ts';
import type { BenchCase, CaseId } from './cases.ts';
import { checkRun } from './check-run.ts';
import { cpuSecondsOf, kernelThreadSeconds, machineTime, memoryOf } from './proc-figures.ts';
import { runLoad, startServer, type Placement, type RunningServer } from './processes.ts';

/** Where and how long a sample is taken. */
export interface SampleRequest {
  readonly bench: BenchCase;
  readonly placement: Placement;
  readonly connections: number;
  readonly round: number;
  readonly warmupMs: number;
  readonly measureMs: number;
  readonly seed: number;
  /** Requests a second; 0 is the closed loop. */
  readonly rate: number;
  /** The command line program under test. */
  readonly program: string;
  /** Folder of the data folders. */
  readonly dataRoot: string;
  /** A data folder that exists, with the campaign to claim from; else a new one is made. */
  readonly existing?: { readonly folder: string; readonly campaignId: string };
  /** The file with the answer that the bare server gives. */
  readonly sampleFile: string;
}

export interface Sample {
  readonly case: CaseId;
  readonly placement: Placement;
  readonly connections: number;
  readonly round: number;
  readonly seed: number;
  readonly rate: number;
  readonly answersPerSecond: number;
  readonly claimsPerSecond: number;
  readonly bytesPerAnswer: number;
  readonly serverCpuUsPerRequest: number;
  /** Cores' worth of processor time that each process used in the window. */
  readonly serverCores: number;
  readonly generatorCores: number;
  /** Of all cores' time: what neither the benchmark's programs nor the kernel used, and steal. */
  readonly foreignShare: number;
  readonly syncsPerSecond: number | null;
  readonly syncMeanUs: number | null;
  readonly writtenBytesPerClaim: number | null;
  /** Of the whole run, from the server's metrics. */
  readonly claimsPerBatch: number | null;
  readonly metricDeltas: Readonly<Record<string, number>>;
  readonly rssBytes: number;
  readonly startMs: number;
  readonly load: LoadResult;
  /** What is wrong with the answers, the record or the audit; empty when all is well. */
  readonly broken: readonly string[];
}

/** The command line program of this checkout. */
export const OWN_PROGRAM = fileURLToPath(new URL('../../bin/firstcome.mjs', import.meta.url));
const BARE = fileURLToPath(new URL('bare-server.ts', import.meta.url));

/** The server as its users start it, but for the folder and a free port. */
export function serveArguments(program: string, dataFolder: string): string[] {
  return [program, 'serve', '--json', '--port', '0', '--data', dataFolder];
}

/** Starts the server of a case, loads it, measures it, checks what it did, and stops it. */
export async function takeSample(request: SampleRequest): Promise<Sample> {
  const folder = mkdtempSync(join(request.dataRoot, 'run-'));
  const dataFolder = request.existing?.folder ?? folder;
  const { shim, missing } = diskShim(dataFolder);
  if (shim === null && request.bench.syncDelayUs > 0) throw new Error(`No disk shim: ${missing}`);
  const logFd = openSync(join(folder, 'server.log'), 'a');
  const isBare = request.bench.id === 'a';
  const args = isBare ? [BARE, request.sampleFile] : serveArguments(request.program, dataFolder);
  const server = await startServer(args, request.placement, { env: shim?.env ?? {}, logFd });
  try {
    const api = new Api(server.url);
    const { campaignIds, issued } = request.existing
      ? {
          campaignIds: [request.existing.campaignId],
          issued: await api.issued(request.existing.campaignId),
        }
      : await request.bench.prepare(api);
    shim?.delaySyncs(request.bench.syncDelayUs);
    const pathsFile = join(folder, 'paths');
    const suffix = request.bench.load.shape === 'batch' ? '/claims/batch' : '/claims';
    writeFileSync(pathsFile, campaignIds.map((id) => `/v1/campaigns/${id}${suffix}\n`).join(''));
    const before = isBare ? {} : await api.metrics();
    const window = new Window(server.pid, () => shim?.figures() ?? null);
    const load = await runLoad(loadOptions(request, server, pathsFile), request.placement, window);
    const after = isBare ? {} : await api.metrics();
    const rssBytes = memoryOf(server.pid).rssBytes;
    shim?.delaySyncs(0);
    const broken = isBare ? [] : await checkRun(api, request.bench, campaignIds, issued, load);
    return describe(request, server, window, load, deltas(before, after), rssBytes, broken);
  } finally {
    await server.stop();
    closeSync(logFd);
    shim?.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function loadOptions(
  request: SampleRequest,
  server: RunningServer,
  pathsFile: string,
): LoadOptions {
  return {
    ...LOAD_DEFAULTS,
    ...request.bench.load,
    port: server.port,
    connections: request.connections,
    warmupMs: request.warmupMs,
    measureMs: request.measureMs,
    rate: request.rate,
    seed: request.seed,
    pathsFile,
  };
}

type DiskReading = {
  readonly syncs: number;
  readonly syncNs: number;
  readonly writtenBytes: number;
};

interface Reading {
  readonly serverCpu: number;
  readonly generatorCpu: number;
  readonly ownCpu: number;
  readonly machine: number;
  readonly kernelThreads: ReadonlyMap<number, number>;
  readonly disk: DiskReading | null;
}

/** Reads every figure of the machine when the measured window begins and when it ends. */
class Window {
  start: Reading | null = null;
  end: Reading | null = null;
  readonly #serverPid: number;
  readonly #disk: () => DiskReading | null;

  constructor(serverPid: number, disk: () => DiskReading | null) {
    this.#serverPid = serverPid;
    this.#disk = disk;
  }

  readonly onStart = (generatorPid: number): void => {
    this.start = this.#read(generatorPid);
  };

  readonly onEnd = (generatorPid: number): void => {
    this.end = this.#read(generatorPid);
  };

  /** How much a figure grew within the window. */
  grown(figure: (reading: Reading) => number): number {
    if (this.start === null || this.end === null) throw new Error('The window never closed.');
    return figure(this.end) - figure(this.start);
  }

  /** What kernel threads used within the window; one that was born in it counts from nothing. */
  kernelSeconds(): number {
    let total = 0;
    for (const [pid, seconds] of this.end?.kernelThreads ?? []) {
      total += seconds - (this.start?.kernelThreads.get(pid) ?? 0);
    }
    return total;
  }

  #read(generatorPid: number): Reading {
    const machine = machineTime();
    return {
      serverCpu: cpuSecondsOf(this.#serverPid),
      generatorCpu: cpuSecondsOf(generatorPid),
      ownCpu: cpuSecondsOf(process.pid),
      machine: machine.busySeconds + machine.stolenSeconds,
      disk: this.#disk(),
      // Last, since it takes the longest.
      kernelThreads: kernelThreadSeconds(),
    };
  }
}

function describe(
  request: SampleRequest,
  server: RunningServer,
  window: Window,
  load: LoadResult,
  metricDeltas: Readonly<Record<string, number>>,
  rssBytes: number,
  broken: readonly string[],
): Sample {
  const answers = sum(load.measuredByStatus);
  const claims = answers * (request.bench.load.usersPerRequest ?? 1);
  const serverCpu = window.grown((at) => at.serverCpu);
  const generatorCpu = window.grown((at) => at.generatorCpu);
  const ownCpu = window.grown((at) => at.ownCpu) + window.kernelSeconds();
  const foreign = window.grown((at) => at.machine) - serverCpu - generatorCpu - ownCpu;
  const syncs = window.grown((at) => at.disk?.syncs ?? NaN);
  const hasDisk = !Number.isNaN(syncs) && request.bench.id !== 'a';
  const batches = metricDeltas['firstcome_claim_batches_total'] ?? 0;
  return {
    case: request.bench.id,
    placement: request.placement,
    connections: request.connections,
    round: request.round,
    seed: request.seed,
    rate: request.rate,
    answersPerSecond: answers / load.seconds,
    claimsPerSecond: claims / load.seconds,
    bytesPerAnswer: load.measuredBytes / answers,
    serverCpuUsPerRequest: (serverCpu / answers) * 1e6,
    serverCores: serverCpu / load.seconds,
    generatorCores: generatorCpu / load.seconds,
    foreignShare: Math.max(0, foreign) / (load.seconds * cpus().length),
    syncsPerSecond: hasDisk ? syncs / load.seconds : null,
    syncMeanUs:
      hasDisk && syncs > 0 ? window.grown((at) => at.disk?.syncNs ?? 0) / syncs / 1e3 : null,
    writtenBytesPerClaim: hasDisk
      ? window.grown((at) => at.disk?.writtenBytes ?? 0) / claims
      : null,
    claimsPerBatch:
      batches > 0 ? (metricDeltas['firstcome_claims_in_batches_total'] ?? NaN) / batches : null,
    metricDeltas,
    rssBytes,
    startMs: server.startMs,
    load,
    broken,
  };
}

function deltas(
  before: Readonly<Record<string, number>>,
  after: Readonly<Record<string, number>>,
): Record<string, number> {
  const grown: Record<string, number> = {};
  for (const [name, value] of Object.entries(after)) {
    const delta = value - (before[name] ?? 0);
    if (name.startsWith('firstcome_') && !name.endsWith('_bucket') && delta !== 0)
      grown[name] = delta;
  }
  return grown;
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}
