import type { Answer, Origin } from '../ports/store.ts';
import { Batcher } from './batcher.ts';
import type { NotNow } from './engine.ts';
import { OVERLOADED } from './not-now.ts';
import type { RunningKeys } from './running-keys.ts';

const BATCH_MAX = 4_096;
const WAITING_MAX = 40_000;

/** How commands of one kind are written down, decided and found again. */
export interface AcceptedRecord<Request, Outcome, Item> {
  /** Writes commands down, in the order given. */
  accept(requests: readonly Request[]): Promise<readonly Answer<Outcome>[]>;
  /** Decides the oldest that are still queued, at most `countMax` of them. */
  decide(countMax: number): Promise<readonly Item[]>;
  find(id: string): Promise<Item | null>;
  /** Whether nothing more will come of it. */
  isDecided(item: Item): boolean;
}

/**
 * Commands that are written down first and decided later (`Prefer: respond-async`). One worker
 * decides them in the order in which they were accepted; after a restart it goes on where it was.
 */
export class AcceptedCommands<
  Request extends { readonly origin: Origin },
  Outcome,
  Item extends { readonly id: string },
> {
  readonly #record: AcceptedRecord<Request, Outcome, Item>;
  readonly #keys: RunningKeys;
  readonly #onDecided: (item: Item) => void;
  readonly #onFailure: (error: unknown) => void;
  readonly #batcher: Batcher<Request, Answer<Outcome>>;
  readonly #waiters = new Map<string, Set<(item: Item) => void>>();
  #deciding: Promise<void> | null = null;
  #hasMore = false;
  #isClosed = false;

  constructor(parts: {
    record: AcceptedRecord<Request, Outcome, Item>;
    keys: RunningKeys;
    /** Told of each decision, for the figures. */
    onDecided: (item: Item) => void;
    onFailure: (error: unknown) => void;
  }) {
    this.#record = parts.record;
    this.#keys = parts.keys;
    this.#onDecided = parts.onDecided;
    this.#onFailure = parts.onFailure;
    this.#batcher = new Batcher({
      flush: (requests) => this.#record.accept(requests),
      weigh: () => 1,
      batchWeightMax: BATCH_MAX,
      waitingWeightMax: WAITING_MAX,
    });
  }

  async accept(request: Request): Promise<Answer<Outcome> | NotNow> {
    const answer = await this.#keys.run<Answer<Outcome> | NotNow>(
      request.origin.idempotency,
      () => this.#batcher.add(request) ?? Promise.resolve(OVERLOADED),
    );
    this.decideWaiting();
    return answer;
  }

  /** The command once it is decided, or as it stands after `waitMs`; null if there is none. */
  async find(id: string, waitMs: number): Promise<Item | null> {
    if (waitMs <= 0) return this.#record.find(id);
    // Listening before reading: a decision between the two would else be missed.
    const decision = this.#nextDecision(id, waitMs);
    const item = await this.#record.find(id);
    if (item === null || this.#record.isDecided(item)) {
      decision.cancel();
      return item;
    }
    return (await decision.item) ?? this.#record.find(id);
  }

  /** Decides all that is queued, unless that is under way. Also called once at the start. */
  decideWaiting(): void {
    this.#hasMore = true;
    if (this.#deciding !== null || this.#isClosed) return;
    this.#deciding = this.#decideAll()
      .catch(this.#onFailure)
      .finally(() => {
        this.#deciding = null;
      });
  }

  async close(): Promise<void> {
    await this.#batcher.drain();
    this.#isClosed = true;
    await this.#deciding;
  }

  async #decideAll(): Promise<void> {
    while (this.#hasMore && !this.#isClosed) {
      this.#hasMore = false;
      const decided = await this.#record.decide(BATCH_MAX);
      if (decided.length > 0) this.#hasMore = true;
      for (const item of decided) this.#announce(item);
    }
  }

  #announce(item: Item): void {
    if (this.#record.isDecided(item)) this.#onDecided(item);
    for (const wake of this.#waiters.get(item.id) ?? []) wake(item);
  }

  #nextDecision(id: string, waitMs: number): { item: Promise<Item | null>; cancel(): void } {
    const { promise, resolve } = Promise.withResolvers<Item | null>();
    const waiters = this.#waiters.get(id) ?? new Set();
    this.#waiters.set(id, waiters);
    waiters.add(resolve);
    const timer = setTimeout(() => resolve(null), waitMs);
    const item = promise.finally(() => {
      clearTimeout(timer);
      waiters.delete(resolve);
      if (waiters.size === 0 && this.#waiters.get(id) === waiters) this.#waiters.delete(id);
    });
    return { item, cancel: () => resolve(null) };
  }
}
