import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { agreesWithModel } from './model/agreement.ts';
import { openMemory } from './open-memory.ts';
import { openSqlite } from './open-sqlite.ts';
import {
  openForgetfulOfBatch,
  openRepeatingSequence,
  openSilentThird,
  openSoldOutFirst,
  openUnspoilt,
} from './planted/bugs.ts';

const SEED = 20260131;
const TIMEOUT_MS = 60_000;

describe('a store does to any claims, changes and repeats what the naive model says', () => {
  it('in memory', { timeout: TIMEOUT_MS }, async () => {
    await fc.assert(agreesWithModel(openMemory), { seed: SEED, numRuns: 400 });
  });

  it('on SQLite', { timeout: TIMEOUT_MS }, async () => {
    await fc.assert(agreesWithModel(openSqlite), { seed: SEED, numRuns: 8 });
  });
});

describe('the naive model disagrees with a store that', { timeout: TIMEOUT_MS }, () => {
  it.each([
    ['forgets what its batch has given out', openForgetfulOfBatch],
    ['repeats a sequence number', openRepeatingSequence],
    ['says sold out to a winner', openSoldOutFirst],
    ['leaves out an event', openSilentThird],
  ])('%s', async (_bug, open) => {
    const result = await fc.check(agreesWithModel(open), { seed: SEED, numRuns: 200 });
    expect(result.failed).toBe(true);
  });

  it('but with none that has no bug', async () => {
    await fc.assert(agreesWithModel(openUnspoilt), { seed: SEED, numRuns: 200 });
  });
});
