import type { RedemptionStore } from '../ports/redemption-store.ts';

/** Coupons in one transaction, so that expiry never holds up claims for long. */
const PORTION_MAX = 1_000;
/** One round marks at most this many portions; what is left is due in the next. */
const PORTIONS_MAX = 100;
const EVERY_MS = 1_000;

/**
 * Marks coupons whose time has passed. Which are due is asked of the record each time, so a restart
 * forgets none, and what came due while no process ran is marked by the first round. Nobody's right
 * hangs on how soon it runs: a coupon past its time is refused and shown as expired before it.
 */
export class CouponExpiry {
  readonly #store: Pick<RedemptionStore, 'expireCoupons'>;
  readonly #onFailure: (error: unknown) => void;
  readonly #timer: NodeJS.Timeout;
  #round: Promise<void> | null = null;
  #isClosed = false;
  #expired = 0;

  constructor(parts: {
    store: Pick<RedemptionStore, 'expireCoupons'>;
    onFailure: (error: unknown) => void;
  }) {
    this.#store = parts.store;
    this.#onFailure = parts.onFailure;
    this.#timer = setInterval(() => this.run(), EVERY_MS).unref();
  }

  /** Coupons marked since the start. */
  get expired(): number {
    return this.#expired;
  }

  /** Begins a round, unless one is under way. Also called once at the start. */
  run(): void {
    if (this.#round !== null || this.#isClosed) return;
    this.#round = this.#expireDue()
      .catch(this.#onFailure)
      .finally(() => {
        this.#round = null;
      });
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#isClosed = true;
    await this.#round;
  }

  async #expireDue(): Promise<void> {
    for (let portion = 0; portion < PORTIONS_MAX && !this.#isClosed; portion++) {
      const count = await this.#store.expireCoupons(PORTION_MAX);
      this.#expired += count;
      if (count < PORTION_MAX) return;
    }
  }
}
