import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Batcher } from './batcher.ts';

const SEED = 20260131;
const RUNS = 300;

interface Item {
  readonly id: number;
  readonly weight: number;
}

class FlushFailed extends Error {}

/** A random run: when items come, when flushes end, which fail, and how narrow the bounds are. */
const run = fc.record({
  scheduler: fc.scheduler(),
  weights: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 25 }),
  fails: fc.array(fc.boolean(), { minLength: 1, maxLength: 6 }),
  batchWeightMax: fc.integer({ min: 1, max: 8 }),
  waitingWeightMax: fc.integer({ min: 1, max: 16 }),
  drainAfter: fc.nat(25),
});

// A run that fails leaves its own event loop behind.
afterEach(() => vi.unstubAllGlobals());

describe('the batcher, whatever the interleaving', () => {
  it('gives every item the outcome of its own place in its own flush', async () => {
    await forEveryRun((seen) => {
      for (const [index, flight] of seen.flights.entries()) {
        const isFailed = seen.failed.has(index);
        const outcomes = flight.map((item) => seen.outcomes.get(item.id));
        expect(outcomes).toEqual(
          flight.map((item) => (isFailed ? `flush ${index} failed` : `done ${item.id}`)),
        );
      }
      expect(seen.outcomes.size).toBe(seen.accepted.length);
    });
  });

  it('never has more than one flush in flight', async () => {
    await forEveryRun((seen) => expect(seen.inFlightMax).toBeLessThanOrEqual(1));
  });

  it('keeps the order in which items came', async () => {
    await forEveryRun((seen) => expect(seen.flights.flat()).toEqual(seen.accepted));
  });

  it('fills each batch with the oldest that fit, one at least', async () => {
    await forEveryRun((seen) => expect(seen.flights).toEqual(seen.flightsExpected));
  });

  it('refuses exactly what would wait beyond the bound, and does nothing with it', async () => {
    await forEveryRun((seen) => {
      expect(seen.refused).toEqual(seen.refusedExpected);
      expect(seen.weightsWrong).toEqual([]);
      const flushed = new Set(seen.flights.flat().map((item) => item.id));
      expect(seen.refused.filter((id) => flushed.has(id))).toEqual([]);
    });
  });

  it('has nothing left when it is drained', async () => {
    await forEveryRun((seen) => {
      expect(seen.leftWhenDrained).toEqual([0, 0]);
    });
  });
});

describe('the runs that the batcher was seen in', () => {
  it('have full batches, refusals, failures and drains in the midst of them', async () => {
    const met = { fullBatch: 0, refusal: 0, failure: 0, flushAfterDrain: 0 };
    await forEveryRun((seen) => {
      if (seen.flights.some((flight) => flight.length > 1)) met.fullBatch += 1;
      if (seen.refused.length > 0) met.refusal += 1;
      if (seen.failed.size > 0) met.failure += 1;
      if (seen.flightsWhenDrained < seen.flights.length) met.flushAfterDrain += 1;
    });
    expect(Object.entries(met).filter(([, times]) => times < RUNS / 20)).toEqual([]);
  });
});

describe('the batcher, step by step', () => {
  it('flushes together what came in one turn of the event loop', async () => {
    const flights: number[][] = [];
    const batcher = createBatcher(async (items) => {
      flights.push(items.map((item) => item.id));
      return items.map((item) => item.id);
    });
    const results = [1, 2, 3].map((id) => taken(batcher, id));
    expect(flights).toEqual([]);
    expect(await Promise.all(results)).toEqual([1, 2, 3]);
    expect(flights).toEqual([[1, 2, 3]]);
  });

  it('gathers while a flush is in flight, and flushes that when it is done', async () => {
    const gates: PromiseWithResolvers<readonly number[]>[] = [];
    const flights: number[][] = [];
    const batcher = createBatcher((items) => {
      flights.push(items.map((item) => item.id));
      const gate = Promise.withResolvers<readonly number[]>();
      gates.push(gate);
      return gate.promise;
    });
    const first = batcher.add({ id: 1, weight: 1 });
    await nextTurn();
    const others = [taken(batcher, 2), taken(batcher, 3)];
    await nextTurn();
    expect(flights).toEqual([[1]]);
    gates[0]!.resolve([10]);
    expect(await first).toBe(10);
    expect(flights).toEqual([[1], [2, 3]]);
    gates[1]!.resolve([20, 30]);
    expect(await Promise.all(others)).toEqual([20, 30]);
  });

  it('lets one item through that is heavier than every bound', async () => {
    const batcher = createBatcher(async (items) => items.map((item) => item.id));
    const heavy = batcher.add({ id: 1, weight: 1000 });
    expect(batcher.add({ id: 2, weight: 1 })).toBeNull();
    expect(await heavy).toBe(1);
    expect(await batcher.add({ id: 3, weight: 1 })).toBe(3);
  });

  it('answers nobody when a flush gives another number of results than items', async () => {
    const batcher = createBatcher(async (items) => items.slice(1).map((item) => item.id));
    const results = [1, 2].map((id) => taken(batcher, id));
    const settled = await Promise.allSettled(results);
    expect(settled.map((result) => result.status)).toEqual(['rejected', 'rejected']);
  });

  it('goes on after a flush that failed', async () => {
    let flushes = 0;
    const batcher = createBatcher(async (items) => {
      flushes += 1;
      if (flushes === 1) throw new FlushFailed('disk full');
      return items.map((item) => item.id);
    });
    await expect(batcher.add({ id: 1, weight: 1 })).rejects.toThrow('disk full');
    expect(await batcher.add({ id: 2, weight: 1 })).toBe(2);
  });

  it('is drained at once when it never had anything to do', async () => {
    const batcher = createBatcher(async () => []);
    expect(await batcher.drain()).toBeUndefined();
  });
});

interface Seen {
  readonly accepted: Item[];
  readonly refused: number[];
  readonly refusedExpected: number[];
  readonly flights: Item[][];
  readonly flightsExpected: Item[][];
  readonly failed: Set<number>;
  readonly outcomes: Map<number, string>;
  readonly weightsWrong: number[];
  inFlight: number;
  inFlightMax: number;
  flightsWhenDrained: number;
  leftWhenDrained: readonly [waiting: number, inFlight: number] | null;
}

type Run = typeof run extends fc.Arbitrary<infer Value> ? Value : never;

async function forEveryRun(expectOf: (seen: Seen) => void): Promise<void> {
  const property = fc.asyncProperty(run, async (given) => {
    expectOf(await observe(given));
  });
  await fc.assert(property, { seed: SEED, numRuns: RUNS });
}

/** Plays one run and keeps books of what the batcher should do beside what it does. */
async function observe(given: Run): Promise<Seen> {
  const { scheduler, weights, fails, batchWeightMax, waitingWeightMax } = given;
  const seen = nothingSeen();
  let waiting: Item[] = [];
  const batcher = new Batcher<Item, string>({
    batchWeightMax,
    waitingWeightMax,
    weigh: (item) => item.weight,
    async flush(items) {
      const index = seen.flights.push([...items]) - 1;
      const expected = oldestThatFit(waiting, batchWeightMax);
      seen.flightsExpected.push(expected);
      waiting = waiting.slice(expected.length);
      seen.inFlight += 1;
      seen.inFlightMax = Math.max(seen.inFlightMax, seen.inFlight);
      await scheduler.schedule(Promise.resolve(), `flush ${index} ends`);
      seen.inFlight -= 1;
      if (fails[index % fails.length] === true) {
        seen.failed.add(index);
        throw new FlushFailed(`flush ${index} failed`);
      }
      return items.map((item) => `done ${item.id}`);
    },
  });
  const add = async (item: Item): Promise<void> => {
    await scheduler.schedule(Promise.resolve(), `item ${item.id} comes`);
    const isFull = waiting.length > 0 && weightOf(waiting) + item.weight > waitingWeightMax;
    if (isFull) seen.refusedExpected.push(item.id);
    const result = batcher.add(item);
    if (result === null) return void seen.refused.push(item.id);
    seen.accepted.push(item);
    waiting.push(item);
    if (batcher.waitingWeight !== weightOf(waiting)) seen.weightsWrong.push(item.id);
    seen.outcomes.set(item.id, await result.catch((error: unknown) => messageOf(error)));
  };
  // Turns of the event loop come when the scheduler says, like everything else in the run.
  vi.stubGlobal('setImmediate', (callback: () => void) => {
    void scheduler.schedule(Promise.resolve(), 'the turn ends').then(callback);
  });
  const items = weights.map((weight, id) => ({ id, weight }));
  const early = items.slice(0, given.drainAfter).map(add);
  const drained = scheduler.schedule(Promise.resolve(), 'drain').then(async () => {
    await batcher.drain();
    seen.flightsWhenDrained = seen.flights.length;
    seen.leftWhenDrained = [batcher.waitingWeight, seen.inFlight];
  });
  const late = items.slice(given.drainAfter).map(add);
  await scheduler.waitFor(Promise.all([...early, drained, ...late]));
  return seen;
}

function nothingSeen(): Seen {
  return {
    accepted: [],
    refused: [],
    refusedExpected: [],
    flights: [],
    flightsExpected: [],
    failed: new Set(),
    outcomes: new Map(),
    weightsWrong: [],
    inFlight: 0,
    inFlightMax: 0,
    flightsWhenDrained: 0,
    leftWhenDrained: null,
  };
}

function oldestThatFit(waiting: readonly Item[], weightMax: number): Item[] {
  const fitting = waiting.findIndex(
    (_, index) => index > 0 && weightOf(waiting.slice(0, index + 1)) > weightMax,
  );
  return waiting.slice(0, fitting === -1 ? waiting.length : fitting);
}

function weightOf(items: readonly Item[]): number {
  return items.reduce((weight, item) => weight + item.weight, 0);
}

function messageOf(error: unknown): string {
  return error instanceof FlushFailed ? error.message : `unexpected: ${String(error)}`;
}

function createBatcher(
  flush: (items: readonly Item[]) => Promise<readonly number[]>,
): Batcher<Item, number> {
  return new Batcher({
    flush,
    weigh: (item) => item.weight,
    batchWeightMax: 10,
    waitingWeightMax: 10,
  });
}

async function taken(batcher: Batcher<Item, number>, id: number): Promise<number> {
  const result = batcher.add({ id, weight: 1 });
  if (result === null) throw new Error(`item ${id} was refused`);
  return result;
}

/** Everything that was set to run at once has run then. */
async function nextTurn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
