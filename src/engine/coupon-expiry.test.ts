import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CouponExpiry } from './coupon-expiry.ts';

const PORTION = 1_000;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A record with so many coupons past their time; it keeps the sizes of the portions. */
function recordWith(dueAtFirst: number) {
  const record = {
    due: dueAtFirst,
    portions: [] as number[],
    failure: null as Error | null,
    async expireCoupons(countMax: number): Promise<number> {
      if (record.failure !== null) throw record.failure;
      const count = Math.min(record.due, countMax);
      record.due -= count;
      record.portions.push(count);
      return count;
    },
  };
  return record;
}

/** Lets a round run to its end without time going on. */
async function settle(): Promise<void> {
  await vi.advanceTimersByTimeAsync(0);
}

describe('the expiry of coupons', () => {
  it('marks all that are due, in portions', async () => {
    const store = recordWith(2.5 * PORTION);
    const expiry = new CouponExpiry({ store, onFailure: () => undefined });
    expiry.run();
    await settle();
    expect(store.portions).toEqual([PORTION, PORTION, PORTION / 2]);
    expect(expiry.expired).toBe(2.5 * PORTION);
    await expiry.close();
  });

  it('asks the record again as time goes on, and leaves off when it is closed', async () => {
    const store = recordWith(0);
    const expiry = new CouponExpiry({ store, onFailure: () => undefined });
    await vi.advanceTimersByTimeAsync(1_000);
    store.due = 3;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(store.portions).toEqual([0, 3]);
    await expiry.close();
    await vi.advanceTimersByTimeAsync(10_000);
    expiry.run();
    expect(store.portions).toEqual([0, 3]);
  });

  it('bounds a round and goes on in the next', async () => {
    const store = recordWith(101 * PORTION);
    const expiry = new CouponExpiry({ store, onFailure: () => undefined });
    expiry.run();
    await settle();
    expect(store.due).toBe(PORTION);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(store.due).toBe(0);
    await expiry.close();
  });

  it('never runs two rounds at once', async () => {
    const answers: ((count: number) => void)[] = [];
    const store = {
      expireCoupons: () => new Promise<number>((resolve) => void answers.push(resolve)),
    };
    const expiry = new CouponExpiry({ store, onFailure: () => undefined });
    expiry.run();
    expiry.run();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(answers).toHaveLength(1);
    const closing = expiry.close();
    answers[0]!(PORTION);
    await closing;
    expect(answers).toHaveLength(1);
  });

  it('tells of a failure and tries again', async () => {
    const store = recordWith(1);
    const failures: unknown[] = [];
    const expiry = new CouponExpiry({ store, onFailure: (error) => failures.push(error) });
    store.failure = new Error('disk full');
    await vi.advanceTimersByTimeAsync(1_000);
    expect(failures).toEqual([store.failure]);
    store.failure = null;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(expiry.expired).toBe(1);
    await expiry.close();
  });
});
