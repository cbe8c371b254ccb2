import type { IncomingHttpHeaders } from 'node:http';

/** The headers calls look at. One that was sent twice is joined with commas or counts once. */
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

/** Picks those headers out of a request's. Node has made the object already, so this is cheap. */
export function readRequestHeaders(headers: IncomingHttpHeaders): RequestHeaders {
  return {
    host: headers.host,
    prefer: text(headers['prefer']),
    requestId: text(headers['request-id']),
    traceparent: text(headers['traceparent']),
    contentType: headers['content-type'],
    authorization: headers.authorization,
    lastEventId: text(headers['last-event-id']),
    contentLength: headers['content-length'],
    idempotencyKey: text(headers['idempotency-key']),
    contentEncoding: headers['content-encoding'],
    transferEncoding: headers['transfer-encoding'],
  };
}

/** Whether a body follows the headers. */
export function announcesBody(headers: RequestHeaders): boolean {
  const { contentLength, transferEncoding } = headers;
  return transferEncoding !== undefined || (contentLength !== undefined && contentLength !== '0');
}

/** Only `Set-Cookie` is ever a list. */
function text(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : value?.join(', ');
}
