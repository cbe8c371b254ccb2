/** How many requests a key may make. */
export interface RateLimitPolicy {
  readonly limit: number;
  readonly windowS: number;
}

/** What became of one request under a limit, and the headers that say so. */
export interface RateLimitState {
  readonly allowed: boolean;
  readonly retryAfterS: number;
  /** `RateLimit-Policy` and `RateLimit`, flat. */
  readonly headers: readonly string[];
}

/**
 * Counts requests in windows of equal length, on a clock that never goes back. A caller that
 * bunches its requests around a boundary may make two windows' worth at once, no more.
 */
export class RateLimiter {
  readonly #policy: RateLimitPolicy;
  readonly #monotonicMs: () => number;
  readonly #policyText: string;
  #windowEndsMs = 0;
  #used = 0;

  constructor(policy: RateLimitPolicy, monotonicMs: () => number) {
    this.#policy = policy;
    this.#monotonicMs = monotonicMs;
    this.#policyText = `"key";q=${policy.limit};w=${policy.windowS}`;
    this.#windowEndsMs = -Infinity;
  }

  /** Counts one request. */
  take(): RateLimitState {
    const nowMs = this.#monotonicMs();
    if (nowMs >= this.#windowEndsMs) {
      this.#windowEndsMs = nowMs + this.#policy.windowS * 1000;
      this.#used = 0;
    }
    const allowed = this.#used < this.#policy.limit;
    if (allowed) this.#used += 1;
    const remaining = this.#policy.limit - this.#used;
    const resetS = Math.max(1, Math.ceil((this.#windowEndsMs - nowMs) / 1000));
    return {
      allowed,
      retryAfterS: resetS,
      headers: [
        'RateLimit-Policy',
        this.#policyText,
        'RateLimit',
        `"key";r=${remaining};t=${resetS}`,
      ],
    };
  }
}
