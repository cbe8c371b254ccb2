import type { Clock } from '../ports/clock.ts';
import type { EventLog } from '../ports/event-log.ts';
import type { Ids } from '../ports/ids.ts';
import { StoreUnavailable, type Store } from '../ports/store.ts';
import { AcceptedClaims } from './accepted-claims.ts';
import { AdmissionGate } from './admission-gate.ts';
import { ClaimService, OVERLOADED } from './claim-service.ts';
import { ClaimTally } from './claim-tally.ts';
import type { Engine, Figures, NotNow } from './engine.ts';
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
  const tally = new ClaimTally();
  const gate = new AdmissionGate(store);
  const health = new StoreHealth(store, {
    onBroken: parts.onBroken,
    onPaused: (reason) => parts.onPaused?.(reason),
    onRecovered: () => {
      parts.onRecovered?.();
      accepted.decideWaiting();
    },
  });
  const claims = new ClaimService({ store, gate, clock, keys, tally });
  const accepted: AcceptedClaims = new AcceptedClaims({
    store,
    keys,
    tally,
    onFailure: (error) => health.observe(error),
  });
  const sweep = (): void =>
    void forgetOldKeys(store, clock).catch((error) => health.observe(error));
  const sweeper = setInterval(sweep, FORGET_KEYS_EVERY_MS).unref();
  accepted.decideWaiting();

  const guarded = guardedBy(health);

  return {
    claim: (request) => {
      const answer = claims.claim(request);
      return answer instanceof Promise ? guarded(answer) : answer;
    },
    acceptClaim: (request) => guarded(accepted.accept(request)),
    acceptedClaim: (id, waitMs) => accepted.find(id, waitMs),
    registerVendor: (command, origin) =>
      guarded(
        keys.run(origin.idempotency, () =>
          store.registerVendor({ ...command, id: ids.next('ven_') }, origin),
        ),
      ),
    createCampaign: (command, origin) =>
      guarded(
        keys.run(origin.idempotency, () =>
          store.createCampaign({ ...command, id: ids.next('cmp_') }, origin),
        ),
      ),
    updateCampaign: async (id, change, origin) => {
      const outcome = await guarded(store.updateCampaign(id, change, origin));
      gate.forget(id);
      return outcome;
    },
    audit: async () => {
      const checks = await store.recount();
      return { ok: checks.every((check) => check.ok), checks };
    },
    queries: store,
    events: log,
    health,
    figures: figuresOf(tally, claims),
    close: async () => {
      clearInterval(sweeper);
      await claims.drain();
      await accepted.close();
      health.close();
      await store.close();
    },
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

function figuresOf(tally: ClaimTally, claims: ClaimService): Figures {
  return {
    claimsByOutcome: tally.byOutcome,
    get refusedFromMemory() {
      return tally.fromMemory;
    },
    get batches() {
      return tally.batches;
    },
    get claimsInBatches() {
      return tally.inBatches;
    },
    get claimsWaiting() {
      return claims.waiting;
    },
    get storeSeconds() {
      return tally.storeSeconds;
    },
  };
}
