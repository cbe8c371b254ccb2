import { Type, type Static } from 'typebox';
import {
  amountOrMoney,
  Balance,
  CampaignId,
  CouponId,
  EntryId,
  moneyOrNull,
  oneOf,
  orNull,
  PayoutId,
  RedemptionId,
  textSchema,
  Time,
  UserId,
  VendorId,
} from './primitives.ts';
import type { ProblemCode } from './problems.ts';

export const REFERENCE_LENGTH_MAX = 255;

const CLOSED = { additionalProperties: false } as const;
const REFERENCE = 'The caller’s own word for it, such as the number of an order.';

export const NewRedemption = Type.Object(
  {
    orderAmount: Type.Optional(
      amountOrMoney(
        0,
        'What the order comes to: money, or only minor units in the coupon’s currency. A ' +
          'discount in percent is taken of it and needs it; no discount is larger.',
      ),
    ),
    reference: Type.Optional(textSchema(REFERENCE, REFERENCE_LENGTH_MAX)),
  },
  { ...CLOSED, title: 'NewRedemption' },
);
export type NewRedemption = Static<typeof NewRedemption>;

const REDEMPTION_REFUSALS = [
  'coupon-already-redeemed',
  'coupon-held',
  'coupon-expired',
  'currency-mismatch',
  'balance-limit-reached',
] as const satisfies readonly ProblemCode[];

export const Redemption = Type.Object(
  {
    id: RedemptionId,
    object: Type.Literal('redemption'),
    couponId: CouponId,
    campaignId: CampaignId,
    vendorId: VendorId,
    userId: UserId,
    status: oneOf(
      ['queued', 'redeemed', 'refused', 'reversed'],
      'Whether it is decided, and how. `queued` and `refused` are of asynchronous redemptions.',
    ),
    code: Type.Optional(oneOf(REDEMPTION_REFUSALS, 'When refused: why.')),
    orderAmount: moneyOrNull('What the order came to; null if nobody said.'),
    discount: moneyOrNull('What was taken off; null while queued and when refused.'),
    reimbursement: moneyOrNull('What the vendor was paid; null while queued and when refused.'),
    reference: orNull(Type.String(), REFERENCE),
    createdAt: Time,
    reversedAt: orNull(Time, 'When it was undone; null if it was not.'),
  },
  { ...CLOSED, title: 'Redemption' },
);
export type Redemption = Static<typeof Redemption>;

/** It says nothing yet; closed, so that it can say something one day. */
export const NewReversal = Type.Object({}, { ...CLOSED, title: 'NewReversal' });

export const NewPayout = Type.Object(
  {
    amount: amountOrMoney(
      1,
      'What is paid out: money, or only minor units in the vendor’s currency.',
    ),
  },
  { ...CLOSED, title: 'NewPayout' },
);
export type NewPayout = Static<typeof NewPayout>;

export const Payout = Type.Object(
  {
    id: PayoutId,
    object: Type.Literal('payout'),
    vendorId: VendorId,
    amount: Balance,
    createdAt: Time,
  },
  { ...CLOSED, title: 'Payout' },
);
export type Payout = Static<typeof Payout>;

/** Why money moved. */
export const EntryType = oneOf(['redemption', 'reversal', 'payout'], 'Why the money moved.');

export const Entry = Type.Object(
  {
    id: EntryId,
    object: Type.Literal('entry'),
    vendorId: VendorId,
    type: EntryType,
    amount: Type.Object(Balance.properties, {
      ...CLOSED,
      description: 'What was added to the balance; negative for what was taken away.',
    }),
    balanceAfter: Type.Object(Balance.properties, {
      ...CLOSED,
      description: 'The balance with this entry; below zero when the vendor owes.',
    }),
    redemptionId: orNull(RedemptionId, 'Of redemptions and reversals.'),
    payoutId: orNull(PayoutId, 'Of payouts.'),
    createdAt: Time,
  },
  { ...CLOSED, title: 'Entry' },
);
export type Entry = Static<typeof Entry>;
