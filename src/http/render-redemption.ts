import type {
  Entry as EntryBody,
  Payout as PayoutBody,
  Redemption as RedemptionBody,
} from '../contract/redemption-schemas.ts';
import type { Money } from '../domain/money.ts';
import type { LedgerEntry, OrderAmount, Payout, Redemption } from '../ports/redemption-store.ts';
import { rfc3339, rfc3339OrNull } from './render.ts';

/** A redemption as the API shows it. */
export function renderRedemption(redemption: Redemption): RedemptionBody {
  const { code } = redemption;
  return {
    id: redemption.id,
    object: 'redemption',
    couponId: redemption.couponId,
    campaignId: redemption.campaignId,
    vendorId: redemption.vendorId,
    userId: redemption.userId,
    status: redemption.status,
    ...(code !== null && { code }),
    orderAmount: redemption.orderAmount,
    discount: redemption.discount,
    reimbursement: redemption.reimbursement,
    reference: redemption.reference,
    createdAt: rfc3339(redemption.createdAtMs),
    reversedAt: rfc3339OrNull(redemption.reversedAtMs),
  };
}

/** A payout as the API shows it. */
export function renderPayout({ id, vendorId, amount, createdAtMs }: Payout): PayoutBody {
  return { id, object: 'payout', vendorId, amount, createdAt: rfc3339(createdAtMs) };
}

/** A ledger entry as the API shows it. */
export function renderEntry(entry: LedgerEntry): EntryBody {
  return {
    id: entry.id,
    object: 'entry',
    vendorId: entry.vendorId,
    type: entry.type,
    amount: entry.amount,
    balanceAfter: entry.balanceAfter,
    redemptionId: entry.redemptionId,
    payoutId: entry.payoutId,
    createdAt: rfc3339(entry.createdAtMs),
  };
}

/** An amount as a caller gave it: money, or minor units alone. */
export function orderAmountOf(given: number | Money): OrderAmount {
  return typeof given === 'number' ? { amount: given, currency: null } : given;
}
