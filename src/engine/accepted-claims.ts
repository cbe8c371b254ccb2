import type { AcceptedClaim, AcceptOutcome, ClaimRequest, Store } from '../ports/store.ts';
import { AcceptedCommands } from './accepted-commands.ts';
import type { DecisionTally } from './decision-tally.ts';
import type { RunningKeys } from './running-keys.ts';

export type AcceptedClaims = AcceptedCommands<ClaimRequest, AcceptOutcome, AcceptedClaim>;

/** Claims that are written down first and decided later. */
export function createAcceptedClaims(parts: {
  store: Pick<Store, 'acceptClaims' | 'decideAcceptedClaims' | 'acceptedClaim'>;
  keys: RunningKeys;
  tally: DecisionTally;
  onFailure: (error: unknown) => void;
}): AcceptedClaims {
  const { store, keys, tally, onFailure } = parts;
  return new AcceptedCommands({
    record: {
      accept: (requests) => store.acceptClaims(requests),
      decide: (countMax) => store.decideAcceptedClaims(countMax),
      find: (id) => store.acceptedClaim(id),
      isDecided: ({ outcome }) => outcome !== null,
    },
    keys,
    onDecided: ({ outcome }) => {
      if (outcome !== null) tally.decided(outcome.kind === 'issued' ? 'issued' : outcome.code);
    },
    onFailure,
  });
}
