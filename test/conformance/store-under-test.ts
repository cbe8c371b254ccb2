import type { Clock } from '../../src/ports/clock.ts';
import type { EventLog } from '../../src/ports/event-log.ts';
import type { Store } from '../../src/ports/store.ts';

/**
 * What a check works on: one store with its log, empty at first, on a clock that the check turns.
 */
export interface StoreUnderTest extends OpenStore {
  readonly clock: TestClock;
  /** Closes the store and opens it again on what it had written. */
  readonly reopen: () => Promise<OpenStore>;
  /** Closes whatever is open and removes what was written. */
  readonly close: () => Promise<void>;
}

export interface OpenStore {
  readonly store: Store;
  readonly log: EventLog;
}

/**
 * Checks by their sentences. They are plain functions, so that the same check that a good store
 * must pass can be shown to fail on a bad one.
 */
export type Checks = Readonly<Record<string, (subject: StoreUnderTest) => Promise<void>>>;

/** Any number of checks on stores, all opened in the same way. */
export type OpenStoreUnderTest = () => Promise<StoreUnderTest>;

export interface TestClock extends Clock {
  advance(ms: number): void;
  set(nowMs: number): void;
}

/** The last day of a month, so that an expiry a month later has to be thought about. */
export const START_MS = Date.UTC(2026, 0, 31, 12);

export function createTestClock(startMs = START_MS): TestClock {
  let nowMs = startMs;
  return {
    nowMs: () => nowMs,
    advance(ms) {
      nowMs += ms;
    },
    set(ms) {
      nowMs = ms;
    },
  };
}
