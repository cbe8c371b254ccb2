import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

export interface SyncLatency {
  readonly medianMs: number;
  readonly worstMs: number;
  readonly count: number;
}

const ROUNDS_MAX = 50;
/** A slow disk is known to be slow after this long. */
const TIME_MAX_MS = 1_000;
const PAGE_BYTES = 4096;

/** Measures how long a small write takes to be on disk, in a folder of its own that it removes. */
export function measureSyncMs(folder: string): SyncLatency {
  const scratch = mkdtempSync(join(folder, '.firstcome-doctor-'));
  const fd = openSync(join(scratch, 'page'), 'w');
  const page = Buffer.alloc(PAGE_BYTES, 1);
  const samples: number[] = [];
  try {
    const endMs = performance.now() + TIME_MAX_MS;
    while (samples.length < ROUNDS_MAX && performance.now() < endMs) {
      writeSync(fd, page);
      const beganMs = performance.now();
      fdatasyncSync(fd);
      samples.push(performance.now() - beganMs);
    }
  } finally {
    closeSync(fd);
    rmSync(scratch, { recursive: true, force: true });
  }
  samples.sort((a, b) => a - b);
  const medianMs = samples[Math.floor(samples.length / 2)] ?? Infinity;
  return { medianMs, worstMs: samples.at(-1) ?? Infinity, count: samples.length };
}
