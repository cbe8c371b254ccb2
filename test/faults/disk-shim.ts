import {
  closeSync,
  openSync,
  readSync,
  realpathSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';

import { compileC } from './compile-c.ts';

/** A shim for one program under test, or why this machine cannot have one. */
export type DiskShimOutcome =
  | { readonly shim: DiskShim; readonly missing: null }
  | { readonly shim: null; readonly missing: string };

/** What the disk did to the watched files since the program started. */
export interface DiskFigures {
  readonly syncs: number;
  /** Spent in syncs, added delay and holding back included. */
  readonly syncNs: number;
  readonly writes: number;
  readonly writtenBytes: number;
  readonly failedSyncs: number;
  readonly failedWrites: number;
  /** Syncs that are held back at this moment. */
  readonly waitingSyncs: number;
}

/** Steers the disk under a running program; see disk-shim.c for how. */
export interface DiskShim {
  /** To be added to the environment of the program. */
  readonly env: Readonly<Record<string, string>>;
  /** Adds this to every sync that begins from now on. */
  delaySyncs(microseconds: number): void;
  /** `always` and `once` give EIO; nothing is synced then. */
  failSyncs(mode: 'never' | 'always' | 'once'): void;
  /** The disk takes this many bytes more, then gives ENOSPC; null makes room again. */
  leaveRoomFor(bytes: number | null): void;
  /** While true, no sync comes back; for tests that need a commit in flight. */
  holdSyncs(held: boolean): void;
  figures(): DiskFigures;
  close(): void;
}

/** In the order of `struct control` in disk-shim.c: the place of each 64-bit word. */
const WORD = {
  syncDelayUs: 0,
  failSyncs: 1,
  failWrites: 2,
  bytesLeft: 3,
  holdSyncs: 4,
  syncs: 8,
  syncNs: 9,
  writes: 10,
  writtenBytes: 11,
  failedSyncs: 12,
  failedWrites: 13,
  waitingSyncs: 14,
} as const;
const WORD_BYTES = 8;
const PAGE_BYTES = 4096;
const FAIL_MODE = { never: 0, always: 1, once: 2 } as const;

/** Prepares a shim for the files below `folder`, which must exist. */
export function diskShim(folder: string): DiskShimOutcome {
  const compiled = compileC(new URL('disk-shim.c', import.meta.url), ['-shared', '-fPIC', '-O2']);
  if (compiled.path === null) return { shim: null, missing: compiled.missing };
  const controlPath = join(tmpdir(), `firstcome-shim-${randomUUID()}`);
  writeFileSync(controlPath, Buffer.alloc(PAGE_BYTES), { mode: 0o600 });
  const control = openSync(controlPath, 'r+');
  const env = {
    LD_PRELOAD: compiled.path,
    DISK_SHIM_CONTROL: controlPath,
    DISK_SHIM_PREFIX: realpathSync(folder),
  };
  const shim: DiskShim = {
    env,
    delaySyncs: (microseconds) => put(control, WORD.syncDelayUs, microseconds),
    failSyncs: (mode) => put(control, WORD.failSyncs, FAIL_MODE[mode]),
    leaveRoomFor(bytes) {
      // The room is set before the limit applies, so that no write meets the old figure.
      put(control, WORD.failWrites, 0);
      if (bytes === null) return;
      put(control, WORD.bytesLeft, bytes);
      put(control, WORD.failWrites, 1);
    },
    holdSyncs: (held) => put(control, WORD.holdSyncs, held ? 1 : 0),
    figures: () => figuresOf(control),
    close() {
      closeSync(control);
      rmSync(controlPath, { force: true });
    },
  };
  return { shim, missing: null };
}

function put(control: number, word: number, value: number): void {
  const bytes = Buffer.alloc(WORD_BYTES);
  bytes.writeBigUInt64LE(BigInt(value));
  writeSync(control, bytes, 0, WORD_BYTES, word * WORD_BYTES);
}

function figuresOf(control: number): DiskFigures {
  const page = Buffer.alloc(PAGE_BYTES);
  readSync(control, page, 0, PAGE_BYTES, 0);
  const at = (word: number): number => Number(page.readBigUInt64LE(word * WORD_BYTES));
  return {
    syncs: at(WORD.syncs),
    syncNs: at(WORD.syncNs),
    writes: at(WORD.writes),
    writtenBytes: at(WORD.writtenBytes),
    failedSyncs: at(WORD.failedSyncs),
    failedWrites: at(WORD.failedWrites),
    waitingSyncs: at(WORD.waitingSyncs),
  };
}
