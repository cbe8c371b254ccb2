/** The headers that calls look at. A header that was sent twice is joined with a comma. */
export interface RequestHeaders {
  readonly host: string | undefined;
  readonly prefer: string | undefined;
  readonly requestId: string | undefined;
  readonly traceparent: string | undefined;
  readonly contentType: string | undefined;
  readonly authorization: string | undefined;
  readonly lastEventId: string | undefined;
  readonly contentLength: string | undefined;
  readonly idempotencyKey: string | undefined;
  readonly contentEncoding: string | undefined;
  readonly transferEncoding: string | undefined;
}

/**
 * Picks those headers out of Node's flat list. `message.headers` would build an object of all of
 * them, which a claim can do without; most headers are passed over here by their length alone.
 */
export function readRequestHeaders(raw: readonly string[]): RequestHeaders {
  const found: Found = {
    host: undefined,
    prefer: undefined,
    requestId: undefined,
    traceparent: undefined,
    contentType: undefined,
    authorization: undefined,
    lastEventId: undefined,
    contentLength: undefined,
    idempotencyKey: undefined,
    contentEncoding: undefined,
    transferEncoding: undefined,
  };
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i]!;
    const candidates = BY_LENGTH[name.length];
    if (candidates === undefined) continue;
    const lowerCase = name.toLowerCase();
    for (const [header, member] of candidates) {
      if (lowerCase !== header) continue;
      const earlier = found[member];
      found[member] = earlier === undefined ? raw[i + 1]! : `${earlier}, ${raw[i + 1]!}`;
    }
  }
  return found;
}

/** Whether a body follows the headers. */
export function announcesBody(headers: RequestHeaders): boolean {
  const { contentLength, transferEncoding } = headers;
  return transferEncoding !== undefined || (contentLength !== undefined && contentLength !== '0');
}

type Found = { -readonly [Member in keyof RequestHeaders]: RequestHeaders[Member] };

const MEMBERS: readonly (readonly [header: string, member: keyof RequestHeaders])[] = [
  ['host', 'host'],
  ['prefer', 'prefer'],
  ['request-id', 'requestId'],
  ['traceparent', 'traceparent'],
  ['content-type', 'contentType'],
  ['authorization', 'authorization'],
  ['last-event-id', 'lastEventId'],
  ['content-length', 'contentLength'],
  ['idempotency-key', 'idempotencyKey'],
  ['content-encoding', 'contentEncoding'],
  ['transfer-encoding', 'transferEncoding'],
];

const LENGTH_MAX = 17;
const BY_LENGTH = Array.from({ length: LENGTH_MAX + 1 }, (_, length) => {
  const ofLength = MEMBERS.filter(([header]) => header.length === length);
  return ofLength.length === 0 ? undefined : ofLength;
});
