import type { AcceptedClaim, AcceptOutcome, Answer, ClaimRequest, Store } from '../ports/store.ts';
import { Batcher } from './batcher.ts';
import { OVERLOADED } from './claim-service.ts';
import type { ClaimTally } from './claim-tally.ts';
import type { NotNow } from './engine.ts';
import type { RunningKeys } from './running-keys.ts';

const BATCH_MAX = 4_096;
const WAITING_MAX = 40_000;

/**
 * Claims that are written down first and decided later (`Prefer: respond-async`). One worker decides
 * them in the order in which they were accepted; after a restart it goes on where it was.
 */
export class AcceptedClaims {
  readonly #store: Pick<Store, 'acceptClaims' | 'decideAcceptedClaims' | 'acceptedClaim'>;
  readonly #keys: RunningKeys;
  readonly #tally: ClaimTally;
  readonly #onFailure: (error: unknown) => void;
  readonly #batcher: Batcher<ClaimRequest, Answer<AcceptOutcome>>;
  readonly #waiters = new Map<string, Set<(claim: AcceptedClaim) => void>>();
  #deciding: Promise<void> | null = null;
  #hasMore = false;
  #isClosed = false;

  constructor(parts: {
    store: Pick<Store, 'acceptClaims' | 'decideAcceptedClaims' | 'acceptedClaim'>;
    keys: RunningKeys;
    tally: ClaimTally;
    onFailure: (error: unknown) => void;
  }) {
    this.#store = parts.store;
    this.#keys = parts.keys;
    this.#tally = parts.tally;
    this.#onFailure = parts.onFailure;
    this.#batcher = new Batcher({
      flush: (requests) => this.#store.acceptClaims(requests),
      weigh: (request) => request.userIds.length,
      batchWeightMax: BATCH_MAX,
      waitingWeightMax: WAITING_MAX,
    });
  }

  async accept(request: ClaimRequest): Promise<Answer<AcceptOutcome> | NotNow> {
    const answer = await this.#keys.run<Answer<AcceptOutcome> | NotNow>(
      request.origin.idempotency,
      () => this.#batcher.add(request) ?? Promise.resolve(OVERLOADED),
    );
    this.decideWaiting();
    return answer;
  }

  /** The claim once it is decided, or as it stands after `waitMs`; null if there is none. */
  async find(id: string, waitMs: number): Promise<AcceptedClaim | null> {
    if (waitMs <= 0) return this.#store.acceptedClaim(id);
    // Listening before reading: a decision between the two would else be missed.
    const decision = this.#nextDecision(id, waitMs);
    const claim = await this.#store.acceptedClaim(id);
    if (claim === null || claim.outcome !== null) {
      decision.cancel();
      return claim;
    }
    return (await decision.claim) ?? this.#store.acceptedClaim(id);
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
      const decided = await this.#store.decideAcceptedClaims(BATCH_MAX);
      if (decided.length > 0) this.#hasMore = true;
      for (const claim of decided) this.#announce(claim);
    }
  }

  #announce(claim: AcceptedClaim): void {
    if (claim.outcome !== null) {
      this.#tally.decided(claim.outcome.kind === 'issued' ? 'issued' : claim.outcome.code);
    }
    for (const wake of this.#waiters.get(claim.id) ?? []) wake(claim);
  }

  #nextDecision(
    id: string,
    waitMs: number,
  ): { claim: Promise<AcceptedClaim | null>; cancel(): void } {
    const { promise, resolve } = Promise.withResolvers<AcceptedClaim | null>();
    const waiters = this.#waiters.get(id) ?? new Set();
    this.#waiters.set(id, waiters);
    waiters.add(resolve);
    const timer = setTimeout(() => resolve(null), waitMs);
    const claim = promise.finally(() => {
      clearTimeout(timer);
      waiters.delete(resolve);
      if (waiters.size === 0 && this.#waiters.get(id) === waiters) this.#waiters.delete(id);
    });
    return { claim, cancel: () => resolve(null) };
  }
}
