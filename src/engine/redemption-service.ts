import type { RedeemOutcome, RedeemRequest, RedemptionStore } from '../ports/redemption-store.ts';
import type { Answer } from '../ports/store.ts';
import { Batcher } from './batcher.ts';
import type { DecisionTally } from './decision-tally.ts';
import type { NotNow } from './engine.ts';
import { OVERLOADED } from './not-now.ts';
import type { RunningKeys } from './running-keys.ts';

/** Uses in one transaction. Each writes several rows, so fewer fit than claims. */
const BATCH_MAX = 2_048;
/** Uses that may wait for the commit in flight; at 15,000 a second this is two seconds' worth. */
const WAITING_MAX = 30_000;

/** Uses of coupons that are decided while their caller waits. */
export class RedemptionService {
  readonly #store: Pick<RedemptionStore, 'redeemCoupons'>;
  readonly #keys: RunningKeys;
  readonly #tally: DecisionTally;
  readonly #batcher: Batcher<RedeemRequest, Answer<RedeemOutcome>>;

  constructor(parts: {
    store: Pick<RedemptionStore, 'redeemCoupons'>;
    keys: RunningKeys;
    tally: DecisionTally;
  }) {
    this.#store = parts.store;
    this.#keys = parts.keys;
    this.#tally = parts.tally;
    this.#batcher = new Batcher({
      flush: (requests) => this.#flush(requests),
      weigh: () => 1,
      batchWeightMax: BATCH_MAX,
      waitingWeightMax: WAITING_MAX,
    });
  }

  get waiting(): number {
    return this.#batcher.waitingWeight;
  }

  redeem(request: RedeemRequest): Promise<Answer<RedeemOutcome> | NotNow> {
    return this.#keys.run<Answer<RedeemOutcome> | NotNow>(
      request.origin.idempotency,
      () => this.#batcher.add(request) ?? Promise.resolve(OVERLOADED),
    );
  }

  drain(): Promise<void> {
    return this.#batcher.drain();
  }

  async #flush(requests: readonly RedeemRequest[]): Promise<readonly Answer<RedeemOutcome>[]> {
    const startedAt = performance.now();
    const answers = await this.#store.redeemCoupons(requests);
    this.#tally.batch((performance.now() - startedAt) / 1000);
    for (const answer of answers) {
      if (answer.kind !== 'decided') continue;
      const { outcome } = answer;
      this.#tally.decided(outcome.kind === 'redeemed' ? 'redeemed' : outcome.code);
    }
    return answers;
  }
}
