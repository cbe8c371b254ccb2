import { isAscii, isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { invalidRequest, type ProblemDetails } from '../contract/problem-document.ts';
import type { Validator } from '../contract/validate.ts';
import { announcesBody, type RequestHeaders } from './request-headers.ts';

/** A body, or why there is none that could be used. */
export type Body<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly problem: ProblemDetails };

/**
 * Says what is wrong with a request's body before any of it is read; null if nothing is.
 *
 * @param isOptional  whether there may be none
 */
export function refuseBody(
  message: IncomingMessage,
  headers: RequestHeaders,
  maxBytes: number,
  isOptional = false,
): ProblemDetails | null {
  if (headers.host === undefined && message.httpVersionMinor > 0) return NO_HOST;
  if (!announcesBody(headers)) return isOptional ? null : MISSING;
  if (!isJson(headers.contentType) || !isPlain(headers.contentEncoding)) return NOT_JSON;
  if (Number(headers.contentLength ?? 0) > maxBytes) return tooLarge(maxBytes);
  return null;
}

/**
 * Gathers a body and calls back once, with null if it is larger than allowed. A request that breaks
 * off before its end is never called back for: there is nobody to answer.
 */
export function gatherBody(
  message: IncomingMessage,
  maxBytes: number,
  done: (bytes: Buffer | null) => void,
): void {
  let first: Buffer | null = null;
  let more: Buffer[] | null = null;
  let size = 0;
  message.on('data', (chunk: Buffer) => {
    size += chunk.length;
    // The rest of a body that is too large still runs in, and is let go.
    if (size > maxBytes) {
      if (size - chunk.length <= maxBytes) done(null);
    } else if (first === null) first = chunk;
    else (more ??= [first]).push(chunk);
  });
  message.on('end', () => {
    if (size <= maxBytes) done(more === null ? (first ?? EMPTY) : Buffer.concat(more));
  });
}

/**
 * Reads gathered bytes as JSON and holds them against a schema.
 *
 * @param isOptional  whether no bytes stand for `{}`
 */
export function parseBody<Value>(
  bytes: Buffer | null,
  maxBytes: number,
  validator: Validator<Value>,
  isOptional = false,
): Body<Value> {
  if (bytes === null) return { ok: false, problem: tooLarge(maxBytes) };
  if (bytes.length === 0 && !isOptional) return { ok: false, problem: MISSING };
  let text: string;
  if (bytes.length === 0) text = '{}';
  else if (isAscii(bytes)) text = bytes.toString('latin1');
  else if (isUtf8(bytes)) text = bytes.toString('utf8');
  else return { ok: false, problem: NOT_UTF8 };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { ok: false, problem: notJsonText(error as SyntaxError) };
  }
  if (validator.accepts(value)) return { ok: true, value };
  return { ok: false, problem: invalidRequest(validator.errorsOf(value, bytes.length)) };
}

/** A problem of the request as a whole. */
export function wholeRequest(detail: string): ProblemDetails {
  return { code: 'invalid-request', detail, errors: [{ pointer: '', detail }] };
}

const EMPTY = Buffer.alloc(0);
const MISSING = wholeRequest('The request has no body; a JSON object is needed.');
const NO_HOST = wholeRequest('The request has no Host header.');
const NOT_UTF8 = wholeRequest('The body is not UTF-8.');
const NOT_JSON: ProblemDetails = { code: 'unsupported-media-type' };

function tooLarge(maxBytes: number): ProblemDetails {
  return {
    code: 'payload-too-large',
    detail: `The body is larger than ${maxBytes / 1024} KiB.`,
  };
}

/** The parser's own words quote the body, so only the place is taken from them. */
function notJsonText(error: SyntaxError): ProblemDetails {
  const place = /at position \d+/.exec(error.message)?.[0];
  return wholeRequest(`The body is not JSON${place === undefined ? '' : ` (${place})`}.`);
}

function isJson(contentType: string | undefined): boolean {
  if (contentType === 'application/json') return true;
  if (contentType === undefined) return false;
  const [type, ...parameters] = contentType.toLowerCase().split(';');
  if (type!.trim() !== 'application/json') return false;
  return parameters.every((parameter) => {
    const [name, value] = parameter.trim().split('=');
    return name !== 'charset' || /^"?utf-?8"?$/.test(value ?? '');
  });
}

function isPlain(contentEncoding: string | undefined): boolean {
  return contentEncoding === undefined || contentEncoding.toLowerCase() === 'identity';
}
