import { createRandom, shuffle } from '../random.ts';

/** What to send, all of it fixed before the first request leaves. */
export interface RushPlan {
  readonly campaignId: string;
  readonly users: number;
  readonly requestsPerUser: number;
  readonly concurrency: number;
  /** Requests a second, sent at fixed moments (open loop); null: as fast as answers come. */
  readonly ratePerS: number | null;
  readonly seed: number;
  /** Unique to this run when every request carries an idempotency key, else null. */
  readonly keyPrefix: string | null;
}

/** The order of sending: the number of a user for each request, shuffled by the seed. */
export function orderOf(plan: RushPlan): Uint32Array {
  const order = new Uint32Array(plan.users * plan.requestsPerUser);
  for (let i = 0; i < order.length; i++) order[i] = i % plan.users;
  shuffle(order, createRandom(plan.seed));
  return order;
}

/** The id of user number 0, 1, 2 ... */
export function userIdOf(plan: RushPlan, user: number): string {
  return `rush-${plan.seed}-${user + 1}`;
}

/** The idempotency key of request number 0, 1, 2 ..., or null if this rush sends none. */
export function keyOf(plan: RushPlan, request: number): string | null {
  return plan.keyPrefix === null ? null : `${plan.keyPrefix}-${request}`;
}
