import type {
  AcceptRedemptionOutcome,
  Redemption,
  RedeemRequest,
  RedemptionStore,
} from '../ports/redemption-store.ts';
import { AcceptedCommands } from './accepted-commands.ts';
import type { DecisionTally } from './decision-tally.ts';
import type { RunningKeys } from './running-keys.ts';

export type AcceptedRedemptions = AcceptedCommands<
  RedeemRequest,
  AcceptRedemptionOutcome,
  Redemption
>;

/** Uses of coupons that are written down first and decided later. */
export function createAcceptedRedemptions(parts: {
  store: Pick<RedemptionStore, 'acceptRedemptions' | 'decideAcceptedRedemptions' | 'redemption'>;
  keys: RunningKeys;
  tally: DecisionTally;
  onFailure: (error: unknown) => void;
}): AcceptedRedemptions {
  const { store, keys, tally, onFailure } = parts;
  return new AcceptedCommands({
    record: {
      accept: (requests) => store.acceptRedemptions(requests),
      decide: (countMax) => store.decideAcceptedRedemptions(countMax),
      find: (id) => store.redemption(id),
      isDecided: ({ status }) => status !== 'queued',
    },
    keys,
    onDecided: ({ code }) => tally.decided(code ?? 'redeemed'),
    onFailure,
  });
}
