import type { Clock } from '../ports/clock.ts';
import type {
  Answer,
  ClaimBatchResult,
  ClaimRefusal,
  ClaimRequest,
  ClaimRequestOutcome,
  Store,
} from '../ports/store.ts';
import type { AdmissionGate } from './admission-gate.ts';
import { Batcher } from './batcher.ts';
import type { ClaimAnswer } from './engine.ts';
import type { ClaimTally } from './claim-tally.ts';
import { OVERLOADED } from './not-now.ts';
import type { RunningKeys } from './running-keys.ts';

/** Claims in one transaction. More would make the first of them wait without sparing a sync. */
const BATCH_CLAIMS_MAX = 4_096;
/** Claims that may wait for the commit in flight; at 20,000 a second this is two seconds' worth. */
const WAITING_CLAIMS_MAX = 40_000;

/** Claims that are decided while their caller waits. */
export class ClaimService {
  readonly #store: Pick<Store, 'issueCoupons'>;
  readonly #gate: AdmissionGate;
  readonly #clock: Clock;
  readonly #keys: RunningKeys;
  readonly #tally: ClaimTally;
  readonly #batcher: Batcher<ClaimRequest, Answer<ClaimRequestOutcome>>;

  constructor(parts: {
    store: Pick<Store, 'issueCoupons'>;
    gate: AdmissionGate;
    clock: Clock;
    keys: RunningKeys;
    tally: ClaimTally;
  }) {
    this.#store = parts.store;
    this.#gate = parts.gate;
    this.#clock = parts.clock;
    this.#keys = parts.keys;
    this.#tally = parts.tally;
    this.#batcher = new Batcher({
      flush: (requests) => this.#flush(requests),
      weigh: (request) => request.userIds.length,
      batchWeightMax: BATCH_CLAIMS_MAX,
      waitingWeightMax: WAITING_CLAIMS_MAX,
    });
  }

  get waiting(): number {
    return this.#batcher.waitingWeight;
  }

  claim(request: ClaimRequest): ClaimAnswer | Promise<ClaimAnswer> {
    const key = request.origin.idempotency;
    // A key must be written down with its answer, so only the record can refuse a claim that has
    // one.
    if (key !== null) return this.#keys.run(key, () => this.#decide(request));
    if (request.userIds.length === 1) {
      const userId = request.userIds[0]!;
      const refusal = this.#gate.refuse(request.campaignId, userId, this.#clock.nowMs());
      if (refusal !== null) return this.#refusedFromMemory(refusal);
    }
    return this.#decide(request);
  }

  drain(): Promise<void> {
    return this.#batcher.drain();
  }

  #decide(request: ClaimRequest): Promise<ClaimAnswer> {
    return this.#batcher.add(request) ?? Promise.resolve(OVERLOADED);
  }

  #refusedFromMemory(refusal: ClaimRefusal): Answer<ClaimRequestOutcome> {
    this.#tally.refusedFromMemory(refusal.code);
    return {
      kind: 'decided',
      outcome: { kind: 'claims', claims: [refusal] },
      requestId: null,
    };
  }

  async #flush(requests: readonly ClaimRequest[]): Promise<ClaimBatchResult['answers']> {
    const startedAt = performance.now();
    const result = await this.#store.issueCoupons(requests);
    this.#tally.batch((performance.now() - startedAt) / 1000);
    for (let i = 0; i < requests.length; i++) this.#learn(requests[i]!, result.answers[i]!);
    for (const { campaignId, endsAtMs } of result.soldOut) {
      // Who cannot be fetched now is asked for again after the next refusal of the record.
      this.#gate.learnSoldOut(campaignId, endsAtMs).catch((error: unknown) => {
        this.#tally.holdersUnknown(error);
      });
    }
    return result.answers;
  }

  #learn(request: ClaimRequest, answer: Answer<ClaimRequestOutcome>): void {
    if (answer.kind !== 'decided' || answer.outcome.kind !== 'claims') return;
    const { claims } = answer.outcome;
    for (let i = 0; i < claims.length; i++) {
      const outcome = claims[i]!;
      this.#tally.decided(outcome.kind === 'issued' ? 'issued' : outcome.code);
      this.#gate.learn(request.campaignId, request.userIds[i]!, outcome);
    }
  }
}
