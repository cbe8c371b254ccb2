import { spawnSync } from 'node:child_process';
import {
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  rmSync,
  statfsSync,
  writeSync,
} from 'node:fs';
import { arch, cpus, loadavg, release, totalmem, type } from 'node:os';
import { join } from 'node:path';

import { generator } from './processes.ts';
import { spreadOf, type Spread } from './spread.ts';

/** What the figures were measured on: without it they mean nothing. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly kernel: string;
  readonly fileSystem: string;
  /** Of 4 KiB written and synced, one after the other. */
  readonly syncUs: Spread | null;
  readonly loadBefore: number;
  readonly node: string;
  readonly sqlite: string;
  readonly version: string;
  readonly commit: string;
  readonly generator: string;
}

const SYNCS = 200;
const PAGE_BYTES = 4096;
/** Those of statfs(2) that a benchmark is likely to meet. */
const FILE_SYSTEMS: Readonly<Record<number, string>> = {
  0xef53: 'ext4',
  0x58465342: 'xfs',
  0x9123683e: 'btrfs',
  0x01021994: 'tmpfs (memory, its syncs are free)',
  0x794c7630: 'overlayfs',
  0x2fc12fc1: 'zfs',
};

export function describeMachine(dataRoot: string): Machine {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const fileSystem = statfsSync(dataRoot).type;
  return {
    processor: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: `${type()} ${release()} ${arch()}`,
    fileSystem: FILE_SYSTEMS[fileSystem] ?? `0x${fileSystem.toString(16)}`,
    syncUs: measureSyncs(dataRoot),
    loadBefore: loadavg()[0] ?? 0,
    node: process.version,
    sqlite: process.versions['sqlite'] ?? 'unknown',
    version: (JSON.parse(manifest) as { version: string }).version,
    commit: commitOf(),
    generator: generator().note,
  };
}

function measureSyncs(dataRoot: string): Spread | null {
  const path = join(dataRoot, 'sync-probe');
  const file = openSync(path, 'w');
  const page = Buffer.alloc(PAGE_BYTES, 1);
  const times: number[] = [];
  for (let i = 0; i < SYNCS; i += 1) {
    const began = performance.now();
    writeSync(file, page);
    fsyncSync(file);
    times.push((performance.now() - began) * 1000);
  }
  closeSync(file);
  rmSync(path);
  return spreadOf(times);
}

function commitOf(): string {
  const git = (...args: string[]): string =>
    spawnSync('git', args, { cwd: import.meta.dirname, encoding: 'utf8' }).stdout?.trim() ?? '';
  const commit = git('rev-parse', '--short', 'HEAD');
  if (commit === '') return 'unknown';
  return git('status', '--porcelain', '--', '../../src') === '' ? commit : `${commit} with changes`;
}
