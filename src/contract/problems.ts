/**
 * The catalogue of problems: every `code` that an answer can carry. The documentation, the OpenAPI
 * document, the pages at /problems/CODE and the tests all read this one table.
 */
export const PROBLEMS = {
  'invalid-request': problem(400, false, 'The request is not valid', {
    cause: 'A member is missing, unknown, of the wrong type or out of range; `errors` names each.',
    remedy: 'Mend the members that `errors` points at and send the request again.',
  }),
  unauthenticated: problem(401, false, 'No valid credentials', {
    cause: 'This server wants an API key and the request carried none that it knows.',
    remedy: 'Send `Authorization: Bearer KEY` with a key from the server’s keys file.',
  }),
  forbidden: problem(403, false, 'The key may not do this', {
    cause: 'The API key is known, but lacks the scope that this call needs.',
    remedy: 'Use a key with that scope, or have it added in the keys file.',
  }),
  'not-found': problem(404, false, 'Nothing is here', {
    cause: 'No call of this API has that path.',
    remedy: 'Compare the path with /docs or /openapi.json.',
  }),
  'method-not-allowed': problem(405, false, 'The path does not take this method', {
    cause: 'The path exists, but not with this method; `Allow` names those that it takes.',
    remedy: 'Use one of the methods in `Allow`.',
  }),
  'vendor-not-found': problem(404, false, 'No such vendor', {
    cause: 'No vendor has that id.',
    remedy: 'Register the vendor first, or correct the id.',
  }),
  'campaign-not-found': problem(404, false, 'No such campaign', {
    cause: 'No campaign has that id.',
    remedy: 'Correct the id; `GET /v1/campaigns` lists them.',
  }),
  'claim-not-found': problem(404, false, 'No such claim', {
    cause: 'No asynchronous claim has that id. Claims that were answered at once have none.',
    remedy: 'Use the address in the `Location` of the 202 answer.',
  }),
  'coupon-not-found': problem(404, false, 'No such coupon', {
    cause: 'No coupon has that id or code.',
    remedy: 'Correct it; `GET /v1/users/{userId}/coupons` lists a user’s coupons.',
  }),
  'redemption-not-found': problem(404, false, 'No such redemption', {
    cause: 'No redemption has that id.',
    remedy: 'Use the `id` or the `Location` of the answer that made it.',
  }),
  'request-timeout': problem(408, true, 'The request took too long to arrive', {
    cause: 'Headers or body were not complete in time.',
    remedy: 'Send the whole request at once.',
  }),
  'payload-too-large': problem(413, false, 'The body is too large', {
    cause: 'Bodies end at 64 KiB, those of batches at 1 MiB.',
    remedy: 'Send less in one request.',
  }),
  'unsupported-media-type': problem(415, false, 'The body is not declared as JSON', {
    cause: 'Bodies are `application/json` in UTF-8, without content encoding.',
    remedy: 'Send `Content-Type: application/json`.',
  }),
  'headers-too-large': problem(431, false, 'The headers are too large', {
    cause: 'All headers together end at 16 KiB.',
    remedy: 'Send fewer or shorter headers.',
  }),
  'rate-limited': problem(429, true, 'Too many requests', {
    cause: 'The key’s limit of requests is used up for now.',
    remedy: 'Wait as long as `Retry-After` says.',
  }),
  'idempotency-key-reused': problem(422, false, 'The idempotency key was used for something else', {
    cause: 'The first request with this key had another path or body.',
    remedy: 'Use a new key for a new request.',
  }),
  'request-in-progress': problem(409, true, 'The first request with this key is still running', {
    cause: 'A request with the same idempotency key has not been answered yet.',
    remedy: 'Wait as long as `Retry-After` says, then ask again with the same key.',
  }),
  'currency-mismatch': problem(422, false, 'The currencies differ', {
    cause: 'A vendor’s ledger has one currency, and so has everything that is paid through it.',
    remedy: 'Use the vendor’s currency.',
  }),
  'insufficient-balance': problem(409, true, 'The vendor’s balance is smaller than that', {
    cause: 'A payout never takes more than the balance.',
    remedy:
      'Pay out `balance` of `GET /v1/vendors/{vendorId}` at most, or wait until it has grown.',
  }),
  'quantity-below-issued': problem(409, false, 'More coupons are issued than that', {
    cause: 'A campaign’s quantity cannot fall below what it has issued.',
    remedy: 'Give a quantity of `issued` or more; with `issued` itself the campaign is sold out.',
  }),
  'already-claimed': problem(409, false, 'This user has claimed already', {
    cause: 'The user holds as many coupons of the campaign as one user may; see `couponIds`.',
    remedy: 'Nothing is wrong: `couponIds` is what the user won.',
  }),
  'campaign-not-started': problem(409, true, 'The campaign has not started', {
    cause: 'Claims are taken from `startsAt` on.',
    remedy: 'Ask again then; `Retry-After` counts the seconds.',
  }),
  'campaign-paused': problem(409, true, 'The campaign is paused', {
    cause: 'Its owner has paused it.',
    remedy: 'Ask again later.',
  }),
  'campaign-ended': problem(409, false, 'The campaign has ended', {
    cause: 'Claims were taken until `endsAt`.',
    remedy: 'Nothing can be claimed any more.',
  }),
  'sold-out': problem(409, false, 'All coupons are gone', {
    cause: 'Every coupon of the campaign belongs to someone, durably.',
    remedy: 'Nothing can be claimed any more, unless the owner raises the quantity.',
  }),
  'coupon-already-redeemed': problem(409, false, 'The coupon has been used', {
    cause: 'A coupon can be used once.',
    remedy: 'If its use was a mistake, reverse that redemption first.',
  }),
  'coupon-held': problem(409, true, 'An order holds the coupon', {
    cause: 'An order that is not finished has taken the coupon for itself.',
    remedy: 'Wait until the order is completed or cancelled.',
  }),
  'coupon-expired': problem(409, false, 'The coupon has expired', {
    cause: 'The coupon could be used until `expiresAt`.',
    remedy: 'It cannot be used any more.',
  }),
  'balance-limit-reached': problem(409, true, 'The vendor’s balance would be beyond counting', {
    cause:
      'The vendor’s balance would leave the range that can be counted exactly; pay the vendor ' +
      'out first. That range is ±(2^53-1) minor units. Nothing was done.',
    remedy:
      'Pay the vendor out first. Where a reversal would take the balance too far below zero, ' +
      'wait until the vendor has earned more. Then ask again, with a new idempotency key.',
  }),
  'already-reversed': problem(409, false, 'The redemption was reversed before', {
    cause: 'A redemption can be undone once.',
    remedy: 'Nothing is left to do: the coupon and the ledger are as before its use.',
  }),
  'redemption-not-completed': problem(409, true, 'There is nothing to reverse yet', {
    cause: 'The asynchronous redemption is still queued, or it was refused.',
    remedy: 'Look at its `status`; once it is `redeemed` it can be reversed.',
  }),
  overloaded: problem(503, true, 'The server cannot take this now', {
    cause: 'Too much is waiting, or the store cannot write (a full disk). Nothing was done.',
    remedy: 'Wait as long as `Retry-After` says, then ask again.',
  }),
  internal: problem(500, true, 'Something broke', {
    cause:
      'A fault of the server or its disk. What the request asked may or may not have been done.',
    remedy: 'Ask again with the same idempotency key; give `requestId` to whoever runs the server.',
  }),
} as const satisfies Record<string, Problem>;

export type ProblemCode = keyof typeof PROBLEMS;

export interface Problem {
  readonly status: number;
  /** Whether the same request can succeed later without being changed. */
  readonly retryable: boolean;
  readonly title: string;
  readonly cause: string;
  readonly remedy: string;
}

function problem(
  status: number,
  retryable: boolean,
  title: string,
  help: { cause: string; remedy: string },
): Problem {
  return { status, retryable, title, ...help };
}
