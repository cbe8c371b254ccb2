import { describe, it } from 'vitest';
import { acceptedRedemptionChecks } from './checks/accepted-redemptions.ts';
import { acceptedChecks } from './checks/accepted.ts';
import { auditChecks } from './checks/audit.ts';
import { balanceLimitChecks } from './checks/balance-limits.ts';
import { campaignChecks } from './checks/campaigns.ts';
import { claimChecks, precedenceChecks, soldOutChecks } from './checks/claims.ts';
import { eventChecks, logChecks } from './checks/events.ts';
import { expiryChecks } from './checks/expiry.ts';
import { claimKeyChecks, otherKeyChecks } from './checks/keys.ts';
import { listChecks } from './checks/lists.ts';
import { entryChecks, payoutChecks } from './checks/payouts.ts';
import { raceChecks } from './checks/races.ts';
import { redemptionEventChecks } from './checks/redemption-events.ts';
import { redemptionKeyChecks } from './checks/redemption-keys.ts';
import { redemptionRaceChecks } from './checks/redemption-races.ts';
import { redemptionChecks, redemptionRefusalChecks } from './checks/redemptions.ts';
import { reversalChecks } from './checks/reversals.ts';
import type { Checks, OpenStoreUnderTest } from './store-under-test.ts';

/** Everything that a store must do, by subject. */
export const STORE_CHECKS: Readonly<Record<string, Checks>> = {
  campaigns: campaignChecks,
  claims: claimChecks,
  'the precedence of refusals': precedenceChecks,
  'selling out': soldOutChecks,
  'keys of claims': claimKeyChecks,
  'keys of other commands': otherKeyChecks,
  'accepted claims': acceptedChecks,
  events: eventChecks,
  'the event log': logChecks,
  lists: listChecks,
  'audit and life': auditChecks,
  'many at once': raceChecks,
  redemptions: redemptionChecks,
  'refusals of a use': redemptionRefusalChecks,
  reversals: reversalChecks,
  payouts: payoutChecks,
  entries: entryChecks,
  'limits of balances': balanceLimitChecks,
  expiry: expiryChecks,
  'accepted redemptions': acceptedRedemptionChecks,
  'events of uses': redemptionEventChecks,
  'keys of uses, reversals and payouts': redemptionKeyChecks,
  'many uses at once': redemptionRaceChecks,
};

/** Generous: an engine starts threads for each check, on a machine that may be busy. */
const TIMEOUT_MS = 60_000;

/** Runs every check on a store of its own. The one suite for every engine. */
export function storeSuite(name: string, open: OpenStoreUnderTest): void {
  describe(name, { concurrent: true, timeout: TIMEOUT_MS }, () => {
    for (const [about, checks] of Object.entries(STORE_CHECKS)) {
      describe(about, () => {
        for (const [sentence, check] of Object.entries(checks)) {
          it(sentence, async () => {
            const subject = await open();
            try {
              await check(subject);
            } finally {
              await subject.close();
            }
          });
        }
      });
    }
  });
}
