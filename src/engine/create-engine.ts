import type { Clock } from '../ports/clock.ts';
import type { EventLog } from '../ports/event-log.ts';
import type { Ids } from '../ports/ids.ts';
import { StoreUnavailable, type Origin, type Store } from '../ports/store.ts';
import { createAcceptedClaims } from './accepted-claims.ts';
import { createAcceptedRedemptions } from './accepted-redemptions.ts';
import { AdmissionGate } from './admission-gate.ts';
import { ClaimService } from './claim-service.ts';
import { ClaimTally } from './claim-tally.ts';
import { CouponExpiry } from './coupon-expiry.ts';
import { DecisionTally } from './decision-tally.ts';
import type { Engine, NotNow } from './engine.ts';
import { figuresOf } from './figures.ts';
import { OVERLOADED } from './not-now.ts';
import { RedemptionService } from './redemption-service.ts';
import { RunningKeys } from './running-keys.ts';
import { StoreHealth } from './store-health.ts';

/** Idempotency keys are kept this long at least. */
const KEY_KEPT_MS = 24 * 60 * 60 * 1000;
const FORGET_KEYS_EVERY_MS = 60_000;
/** One sweep forgets at most this many portions, so that it never holds up claims for long. */
const FORGET_PORTIONS_MAX = 100;

export interface EngineParts {
  readonly store: Store;
  readonly log: EventLog;
  readonly clock: Clock;
  readonly ids: Ids;
  /** Called once when nobody can say any more what is on disk; the process should end. */
  readonly onBroken: (error: Error) => void;
  /** Called when the record cannot be written for now, with the reason; once until it recovers. */
  readonly onPaused?: (reason: string) => void;
  /** Called when the record can be written again. */
  readonly onRecovered?: () => void;
}

/** Puts the use cases together over a record. */
export function createEngine(parts: EngineParts): Engine {
  const { store, log, clock, ids } = parts;
  const keys = new RunningKeys();
  const gate = new AdmissionGate(store);
  const health = new StoreHealth(store, {
    onBroken: parts.onBroken,
    onPaused: (reason) => parts.onPaused?.(reason),
    onRecovered: () => {
      parts.onRecovered?.();
      goOn();
    },
  });
  const onFailure = (error: unknown): void => health.observe(error);
  const tallies = { claims: new ClaimTally(), redemptions: new DecisionTally() };
  const ofClaims = { store, keys, tally: tallies.claims, onFailure };
  const ofRedemptions = { store, keys, tally: tallies.redemptions, onFailure };
  const claims = new ClaimService({ ...ofClaims, gate, clock });
  const acceptedClaims = createAcceptedClaims(ofClaims);
  const redemptions = new RedemptionService(ofRedemptions);
  const acceptedRedemptions = createAcceptedRedemptions(ofRedemptions);
  const expiry = new CouponExpiry({ store, onFailure });
  const goOn = (): void => {
    acceptedClaims.decideWaiting();
    acceptedRedemptions.decideWaiting();
    expiry.run();
  };
  const sweep = (): void => void forgetOldKeys(store, clock).catch(onFailure);
  const sweeper = setInterval(sweep, FORGET_KEYS_EVERY_MS).unref();
  goOn();

  const guarded = guardedBy(health);
  return {
    claim: (request) => {
      const answer = claims.claim(request);
      return answer instanceof Promise ? guarded(answer) : answer;
    },
    acceptClaim: (request) => guarded(acceptedClaims.accept(request)),
    acceptedClaim: (id, waitMs) => acceptedClaims.find(id, waitMs),
    redeem: (request) => guarded(redemptions.redeem({ ...request, id: ids.next('red_') })),
    acceptRedemption: (request) =>
      guarded(acceptedRedemptions.accept({ ...request, id: ids.next('red_') })),
    redemption: (id, waitMs) => acceptedRedemptions.find(id, waitMs),
    ...singleCommands({ store, keys, gate, ids, guarded }),
    audit: async () => {
      const checks = await store.recount();
      return { ok: checks.every((check) => check.ok), checks };
    },
    queries: store,
    events: log,
    health,
    figures: figuresOf({ tallies, claims, redemptions, expiry }),
    close: async () => {
      clearInterval(sweeper);
      await claims.drain();
      await redemptions.drain();
      await acceptedClaims.close();
      await acceptedRedemptions.close();
      await expiry.close();
      health.close();
      await store.close();
    },
  };
}

/** Commands that come one by one and are not worth a batch. */
function singleCommands(parts: {
  store: Store;
  keys: RunningKeys;
  gate: AdmissionGate;
  ids: Ids;
  guarded: ReturnType<typeof guardedBy>;
}): Pick<
  Engine,
  'registerVendor' | 'createCampaign' | 'updateCampaign' | 'reverseRedemption' | 'payOut'
> {
  const { store, keys, gate, ids, guarded } = parts;
  const once = <Result>({ idempotency }: Origin, command: () => Promise<Result>) =>
    guarded(keys.run(idempotency, command));
  return {
    registerVendor: (command, origin) =>
      once(origin, () => store.registerVendor({ ...command, id: ids.next('ven_') }, origin)),
    createCampaign: (command, origin) =>
      once(origin, () => store.createCampaign({ ...command, id: ids.next('cmp_') }, origin)),
    updateCampaign: async (id, change, origin) => {
      const outcome = await guarded(store.updateCampaign(id, change, origin));
      gate.forget(id);
      return outcome;
    },
    reverseRedemption: (id, origin) => once(origin, () => store.reverseRedemption(id, origin)),
    payOut: (command, origin) =>
      once(origin, () => store.payOut({ ...command, id: ids.next('pay_') }, origin)),
  };
}

/** Lets a command through and takes note of how the record fares. */
function guardedBy(health: StoreHealth) {
  return <Result>(command: Promise<Result>): Promise<Result | NotNow> =>
    command.catch((error: unknown) => {
      health.observe(error);
      if (error instanceof StoreUnavailable) return OVERLOADED;
      throw error;
    });
}

async function forgetOldKeys(store: Store, clock: Clock): Promise<void> {
  for (let portion = 0; portion < FORGET_PORTIONS_MAX; portion++) {
    if ((await store.forgetKeys(clock.nowMs() - KEY_KEPT_MS)) === 0) return;
  }
}
