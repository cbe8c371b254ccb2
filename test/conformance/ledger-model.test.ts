import fc from 'fast-check';
import { describe, it } from 'vitest';
import { ledgerAgreesWithModel } from './model/ledger-agreement.ts';
import { openMemory } from './open-memory.ts';
import { openSqlite } from './open-sqlite.ts';

const SEED = 20260131;
const TIMEOUT_MS = 60_000;

describe('a store does to any uses, reversals, payouts and time what the naive ledger says', () => {
  it('in memory', { timeout: TIMEOUT_MS }, async () => {
    await fc.assert(ledgerAgreesWithModel(openMemory), { seed: SEED, numRuns: 400 });
  });

  it('on SQLite', { timeout: TIMEOUT_MS }, async () => {
    await fc.assert(ledgerAgreesWithModel(openSqlite, 10), { seed: SEED, numRuns: 6 });
  });
});
