/**
 * Gathers items while a flush is in flight and hands them on together when it is done: group
 * commit. There is no timer: an item that finds nothing in flight leaves with those that arrived in
 * the same turn of the event loop, and batches grow by themselves with the load.
 */
export class Batcher<Item, Result> {
  readonly #options: BatcherOptions<Item, Result>;
  #waiting: Entry<Item, Result>[] = [];
  #waitingWeight = 0;
  #flight: Promise<void> | null = null;
  #isScheduled = false;

  constructor(options: BatcherOptions<Item, Result>) {
    this.#options = options;
  }

  /** What waits now, in the units of `weigh`. */
  get waitingWeight(): number {
    return this.#waitingWeight;
  }

  /**
   * Gives the item's result once its batch was flushed, or null at once when too much is waiting
   * already: nothing has been done with the item then. Rejects with what the flush rejected with.
   */
  add(item: Item): Promise<Result> | null {
    const weight = this.#options.weigh(item);
    const isFull = this.#waitingWeight + weight > this.#options.waitingWeightMax;
    if (isFull && this.#waiting.length > 0) return null;
    this.#waitingWeight += weight;
    return new Promise<Result>((resolve, reject) => {
      this.#waiting.push({ item, weight, resolve, reject });
      this.#schedule();
    });
  }

  /** Resolves when nothing is waiting and nothing in flight. */
  async drain(): Promise<void> {
    while (this.#waiting.length > 0 || this.#flight !== null) {
      if (this.#flight === null) this.#flush();
      await this.#flight;
    }
  }

  #schedule(): void {
    if (this.#flight !== null || this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      if (this.#flight === null) this.#flush();
    });
  }

  #flush(): void {
    if (this.#waiting.length === 0) return;
    const batch = this.#take();
    this.#flight = this.#options.flush(batch.map((entry) => entry.item)).then(
      (results) => {
        // The next batch leaves before this one's callers are told: the store should not wait for
        // their answers to be written.
        this.#flight = null;
        this.#flush();
        settle(batch, results);
      },
      (error: unknown) => {
        this.#flight = null;
        this.#flush();
        for (const entry of batch) entry.reject(error);
      },
    );
  }

  /** The oldest items, up to the batch's weight; always one at least. */
  #take(): Entry<Item, Result>[] {
    let weight = 0;
    let count = 0;
    while (count < this.#waiting.length) {
      const next = this.#waiting[count]!.weight;
      if (count > 0 && weight + next > this.#options.batchWeightMax) break;
      weight += next;
      count += 1;
    }
    this.#waitingWeight -= weight;
    if (count === this.#waiting.length) {
      const all = this.#waiting;
      this.#waiting = [];
      return all;
    }
    return this.#waiting.splice(0, count);
  }
}

export interface BatcherOptions<Item, Result> {
  /** Does the work of one batch; the results stand in the order of the items. */
  readonly flush: (items: readonly Item[]) => Promise<readonly Result[]>;
  /** How much of a batch an item takes up; 1 or more. */
  readonly weigh: (item: Item) => number;
  /** A batch never weighs more, unless a single item does. */
  readonly batchWeightMax: number;
  /** More than this never waits, unless a single item weighs more. */
  readonly waitingWeightMax: number;
}

interface Entry<Item, Result> {
  readonly item: Item;
  readonly weight: number;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

function settle<Item, Result>(
  batch: readonly Entry<Item, Result>[],
  results: readonly Result[],
): void {
  if (results.length !== batch.length) {
    const error = new Error(`a flush of ${batch.length} items gave ${results.length} results`);
    for (const entry of batch) entry.reject(error);
    return;
  }
  for (let i = 0; i < batch.length; i++) batch[i]!.resolve(results[i]!);
}
