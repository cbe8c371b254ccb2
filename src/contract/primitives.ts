import { Type, type Static, type TSchema, type TUnsafe } from 'typebox';

/** The largest whole number that JSON readers agree on. */
export const SAFE_INTEGER_MAX = Number.MAX_SAFE_INTEGER;
export const TEXT_LENGTH_MAX = 200;
export const PAGE_LIMIT_MAX = 100;
export const PAGE_LIMIT_DEFAULT = 20;

/**
 * Patterns are written for the `u` flag, as JSON Schema wants them. A surrogate that stands alone
 * is of category Cs there; one of a pair is not.
 */
const NO_CONTROL_CHARACTERS = '^[^\\p{Cc}\\p{Cs}\\p{Zl}\\p{Zp}]*$';

/** An id that the server made: the type's prefix and up to 64 letters, digits, `_` and `-`. */
export function idSchema(prefix: string, what: string) {
  return Type.String({
    pattern: `^${prefix}[A-Za-z0-9_-]{1,64}$`,
    description: `The id of ${what}.`,
    'x-rule': `be an id that begins with ${prefix}`,
    examples: [`${prefix}welcome`],
  });
}

export const VendorId = idSchema('ven_', 'a vendor');
export const CampaignId = idSchema('cmp_', 'a campaign');
export const CouponId = idSchema('cpn_', 'a coupon');
export const ClaimId = idSchema('clm_', 'an asynchronous claim');
export const RedemptionId = idSchema('red_', 'a redemption');
export const PayoutId = idSchema('pay_', 'a payout');
export const EntryId = idSchema('ent_', 'a ledger entry');
export const EventId = Type.String({
  pattern: '^evt_[0-9]{1,16}$',
  description: 'The id of an event; ids of later events are larger.',
  'x-rule': 'be the id of an event, such as evt_0000000000000001',
  examples: ['evt_0000000000000001'],
});

export const UserId = Type.String({
  pattern: '^[A-Za-z0-9._:@+|-]{1,128}$',
  description: 'The caller’s own name for a user.',
  'x-rule': 'be 1 to 128 characters of A-Z a-z 0-9 . _ : @ + | -',
  examples: ['mina'],
});

/** Text that people read: well-formed, on one line, not blank. */
export function textSchema(description: string, lengthMax = TEXT_LENGTH_MAX) {
  return Type.String({
    minLength: 1,
    maxLength: lengthMax,
    allOf: [
      { pattern: NO_CONTROL_CHARACTERS, 'x-rule': 'be one line of well-formed text' },
      { pattern: '\\S|^$', 'x-rule': 'hold more than spaces' },
    ],
    description,
  });
}

export const Currency = Type.String({
  pattern: '^[A-Z]{3}$',
  format: 'iso-4217',
  description: 'Three capital letters of ISO 4217.',
  'x-rule': 'be a currency of ISO 4217 in capital letters, such as KRW',
  examples: ['KRW'],
});

export const Time = Type.String({
  format: 'date-time',
  description: 'RFC 3339; answers are in UTC.',
  examples: ['2026-11-11T00:00:00.000Z'],
});

export const Duration = Type.String({
  format: 'duration',
  description: 'An ISO 8601 duration of whole parts.',
  examples: ['P30D'],
});

/** A positive amount in the currency's minor units. */
export function amountSchema(description: string) {
  return Type.Integer({ minimum: 1, maximum: SAFE_INTEGER_MAX, description });
}

export const Balance = Type.Object(
  {
    amount: Type.Integer({
      minimum: -SAFE_INTEGER_MAX,
      maximum: SAFE_INTEGER_MAX,
      description: 'Whole minor units: won for KRW, cents for USD.',
    }),
    currency: Currency,
  },
  { title: 'Money', additionalProperties: false },
);

/** Money, or null, as one schema and not as a union. */
export function moneyOrNull(description: string): TUnsafe<Static<typeof Balance> | null> {
  return Type.Unsafe({
    type: ['object', 'null'],
    properties: Balance.properties,
    required: ['amount', 'currency'],
    additionalProperties: false,
    description,
  });
}

/** Money of at least so much, or its amount alone, as one schema and not as a union. */
export function amountOrMoney(
  minimum: number,
  description: string,
): TUnsafe<number | { amount: number; currency: string }> {
  const amount = Type.Integer({ minimum, maximum: SAFE_INTEGER_MAX, description: 'Minor units.' });
  return Type.Unsafe({
    type: ['object', 'integer'],
    minimum,
    maximum: SAFE_INTEGER_MAX,
    properties: { amount, currency: Currency },
    required: ['amount', 'currency'],
    additionalProperties: false,
    description,
  });
}

/** The same string schema, with null allowed beside it, as one schema and not as a union. */
export function orNull<Schema extends TSchema & { type: 'string' }>(
  schema: Schema,
  description: string,
): TUnsafe<string | null> {
  return Type.Unsafe<string | null>({ ...schema, type: ['string', 'null'], description });
}

/** One of some words. */
export function oneOf<const Words extends readonly string[]>(
  words: Words,
  description: string,
): TUnsafe<Words[number]> {
  return Type.Unsafe<Words[number]>({ type: 'string', enum: [...words], description });
}

/** Query parameters arrive as text, so their numbers are text of digits here. */
export const PageLimit = Type.String({
  pattern: '^([1-9][0-9]?|100)$',
  description: `How many to give, 1 to ${PAGE_LIMIT_MAX}; ${PAGE_LIMIT_DEFAULT} unless set.`,
  'x-rule': `be a whole number from 1 to ${PAGE_LIMIT_MAX}`,
});

export const Cursor = Type.String({
  minLength: 1,
  maxLength: 512,
  description: '`nextCursor` of the page before.',
});

export const PageQuery = Type.Object(
  { limit: Type.Optional(PageLimit), cursor: Type.Optional(Cursor) },
  { additionalProperties: false },
);

/** The schema of a list's page. */
export function pageSchema<Item extends TSchema>(item: Item) {
  return Type.Object(
    {
      data: Type.Array(item),
      nextCursor: orNull(Type.String(), 'Pass it as `cursor` for the next page; null on the last.'),
    },
    { additionalProperties: false },
  );
}
