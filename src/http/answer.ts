import type { ServerResponse } from 'node:http';
import { problemJson, type ProblemDetails } from '../contract/problem-document.ts';
import { PROBLEMS } from '../contract/problems.ts';

/** What goes back to the caller of one request. */
export interface CallAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  /** Names and values in turn. */
  readonly headers: readonly string[];
}

/** Where an answer stands: what its problem would name. */
export interface Exchange {
  readonly requestId: string;
  /** The path that was asked, without what follows `?`. */
  readonly path: string;
}

export const JSON_TYPE = 'application/json; charset=utf-8';
export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

/** For retryable refusals that know no better time. */
export const RETRY_AFTER_S = 1;
const NONE: readonly string[] = [];

/** An answer in JSON. */
export function jsonAnswer(
  status: number,
  body: unknown,
  headers: readonly string[] = NONE,
): CallAnswer {
  return { status, contentType: JSON_TYPE, body: JSON.stringify(body), headers };
}

/** A refusal. */
export function problemAnswer(
  problem: ProblemDetails,
  exchange: Exchange,
  headers: readonly string[] = NONE,
): CallAnswer {
  return {
    status: PROBLEMS[problem.code].status,
    contentType: PROBLEM_TYPE,
    body: problemJson(problem, exchange.path, exchange.requestId),
    headers,
  };
}

/**
 * Sends an answer in one write.
 *
 * @param isLast  whether the connection ends with it, since the server is closing
 * @param further  more names and values in turn
 */
export function sendAnswer(
  response: ServerResponse,
  answer: CallAnswer,
  requestId: string,
  isLast: boolean,
  further: readonly string[] = NONE,
): void {
  const { body } = answer;
  const length = Buffer.byteLength(body);
  const headers = [
    'Content-Type',
    answer.contentType,
    'Content-Length',
    String(length),
    'Request-Id',
    requestId,
  ];
  for (const text of answer.headers) headers.push(text);
  for (const text of further) headers.push(text);
  if (isLast) headers.push('Connection', 'close');
  response.writeHead(answer.status, headers);
  // Text of one byte a character is written without another look at it.
  response.end(body, length === body.length ? 'latin1' : 'utf8');
}
