import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { LOAD_DEFAULTS } from '../load/load-options.ts';
import { Api } from './api.ts';
import type { BenchOptions } from './bench-options.ts';
import { CASES } from './cases.ts';
import { serveArguments } from './measure.ts';
import { memoryOf, type MemoryFigures } from './proc-figures.ts';
import { runLoad, startServer, type Placement, type RunningServer } from './processes.ts';
import { takeQuietSample, type Site, type Taken } from './rounds.ts';
import { spreadOf, type Spread } from './spread.ts';

/** What many coupons do to the server. */
export interface LongFigures {
  /** Coupons issued when start and memory were measured. */
  readonly countedAt: number;
  readonly startMs: Spread | null;
  readonly startEmptyMs: Spread | null;
  /** Of the process that issued them, less what it held after its warm-up. */
  readonly grownBytesPerCoupon: MemoryFigures;
  /** Of a process started anew on them, less one started on an empty folder. */
  readonly restartedBytesPerCoupon: MemoryFigures;
  readonly diskBytesPerCoupon: number;
  readonly preloaded: number;
  readonly preloadPerSecond: number;
  readonly rounds: readonly { readonly empty: Taken; readonly full: Taken }[];
  readonly auditBroken: readonly string[];
}

const COUNTED_AT = 1_000_000;
const WARM_UP_COUPONS = 50_000;
const BATCH_USERS = 1000;
const BATCH_CONNECTIONS = 4;
const STARTS = 5;
const SETTLE_MS = 3000;
const PRELOAD_TIMEOUT_MS = 3_600_000;

/** Fills a data folder through the API, measuring on the way, then measures claims on top of it. */
export async function runLong(
  options: BenchOptions,
  placement: Placement,
  site: Site,
  say: (line: string) => void,
): Promise<LongFigures> {
  const folder = mkdtempSync(join(site.dataRoot, 'long-'));
  try {
    const countedAt = Math.min(COUNTED_AT, options.preload);
    const filler = new Filler(site, folder, options.seed * 1000);
    const campaignId = await filler.begin();
    await filler.fillTo(Math.min(WARM_UP_COUPONS, countedAt / 10));
    const warm = await filler.settledMemory();
    await filler.fillTo(countedAt);
    const grown = await filler.settledMemory();
    const grownBy = countedAt - warm.issued;
    await filler.end();
    say(`${countedAt} coupons issued; starting on them`);
    const full = await timeStarts(site, folder);
    const emptyFolder = mkdtempSync(join(site.dataRoot, 'long-empty-'));
    const empty = await timeStarts(site, emptyFolder);
    rmSync(emptyFolder, { recursive: true, force: true });
    const diskBytes = folderBytes(folder);

    say(`filling up to ${options.preload}`);
    await filler.begin();
    await filler.fillTo(options.preload);
    await filler.end();
    const rounds = await compareRounds(options, placement, site, { folder, campaignId }, say);
    return {
      countedAt,
      startMs: full.startMs,
      startEmptyMs: empty.startMs,
      grownBytesPerCoupon: perCoupon(grown.memory, warm.memory, grownBy),
      restartedBytesPerCoupon: perCoupon(full.memory, empty.memory, countedAt),
      diskBytesPerCoupon: diskBytes / countedAt,
      preloaded: options.preload,
      preloadPerSecond: filler.couponsPerSecond(),
      rounds,
      auditBroken: rounds.flatMap(({ full: { sample } }) => sample.broken),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Issues coupons of one campaign in batches of 1,000, the fastest way that the API has. */
class Filler {
  readonly #site: Site;
  readonly #folder: string;
  #seed: number;
  #campaignId = '';
  #server: RunningServer | null = null;
  #issued = 0;
  #seconds = 0;

  constructor(site: Site, folder: string, seed: number) {
    this.#site = site;
    this.#folder = folder;
    this.#seed = seed;
  }

  async begin(): Promise<string> {
    this.#server = await startServer(serveArguments(this.#site.program, this.#folder), 'free');
    if (this.#campaignId === '') {
      const api = new Api(this.#server.url);
      this.#campaignId = (await api.createCampaigns(1, 10_000_000))[0] ?? '';
    }
    return this.#campaignId;
  }

  async fillTo(coupons: number): Promise<void> {
    const server = this.#running();
    const requestsMax = Math.ceil((coupons - this.#issued) / BATCH_USERS);
    if (requestsMax <= 0) return;
    const pathsFile = join(this.#site.dataRoot, 'fill-paths');
    writeFileSync(pathsFile, `/v1/campaigns/${this.#campaignId}/claims/batch\n`);
    this.#seed += 1;
    const load = await runLoad(
      {
        ...LOAD_DEFAULTS,
        port: server.port,
        connections: BATCH_CONNECTIONS,
        warmupMs: 0,
        measureMs: PRELOAD_TIMEOUT_MS,
        requestsMax,
        seed: this.#seed,
        shape: 'batch',
        usersPerRequest: BATCH_USERS,
        pathsFile,
      },
      'free',
    );
    const issued = await new Api(server.url).issued(this.#campaignId);
    this.#seconds += load.seconds;
    this.#issued += requestsMax * BATCH_USERS;
    if (issued !== this.#issued) {
      throw new Error(`${this.#issued} coupons should be issued and ${issued} are.`);
    }
  }

  couponsPerSecond(): number {
    return this.#issued / this.#seconds;
  }

  async settledMemory(): Promise<{ readonly memory: MemoryFigures; readonly issued: number }> {
    // A collector that runs when idle gets the time to; nobody can see when it has.
    await new Promise((done) => setTimeout(done, SETTLE_MS));
    return { memory: memoryOf(this.#running().pid), issued: this.#issued };
  }

  async end(): Promise<void> {
    await this.#running().stop();
    this.#server = null;
  }

  #running(): RunningServer {
    if (this.#server === null) throw new Error('The server to fill does not run.');
    return this.#server;
  }
}

async function timeStarts(
  site: Site,
  folder: string,
): Promise<{ readonly startMs: Spread | null; readonly memory: MemoryFigures }> {
  const times: number[] = [];
  let memory: MemoryFigures = { rssBytes: 0, anonymousBytes: 0 };
  for (let i = 0; i < STARTS; i += 1) {
    const server = await startServer(serveArguments(site.program, folder), 'free');
    times.push(server.startMs);
    memory = memoryOf(server.pid);
    await server.stop();
  }
  return { startMs: spreadOf(times), memory };
}

async function compareRounds(
  options: BenchOptions,
  placement: Placement,
  site: Site,
  existing: { readonly folder: string; readonly campaignId: string },
  say: (line: string) => void,
): Promise<{ empty: Taken; full: Taken }[]> {
  const bench = CASES.find((one) => one.id === 'b');
  if (bench === undefined) return [];
  const rounds: { empty: Taken; full: Taken }[] = [];
  for (let round = 1; round <= options.rounds; round += 1) {
    const request = {
      ...site,
      bench,
      placement,
      connections: Math.max(...options.connections),
      round,
      warmupMs: options.warmupMs,
      measureMs: options.measureMs,
      rate: 0,
    };
    // No two runs on the full folder share a user, not even when a void one is repeated.
    let seed = options.seed * 100_000 + round * 100;
    const nextSeed = (): number => (seed += 1);
    const take = (on?: typeof existing): Promise<Taken> =>
      takeQuietSample(
        () => ({ ...request, seed: nextSeed(), ...(on ? { existing: on } : {}) }),
        options.foreignShareMax,
        say,
      );
    say(`round ${round}: empty, then with ${options.preload} issued`);
    rounds.push({ empty: await take(), full: await take(existing) });
  }
  return rounds;
}

function perCoupon(after: MemoryFigures, before: MemoryFigures, coupons: number): MemoryFigures {
  return {
    rssBytes: (after.rssBytes - before.rssBytes) / coupons,
    anonymousBytes: (after.anonymousBytes - before.anonymousBytes) / coupons,
  };
}

function folderBytes(folder: string): number {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => statSync(join(folder, name)))
    .reduce((total, file) => total + (file.isFile() ? file.size : 0), 0);
}
