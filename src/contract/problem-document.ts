import { PROBLEMS, type ProblemCode } from './problems.ts';
import type { FieldError } from './validate.ts';

/** What an answer says beside the words of the catalogue. */
export interface ProblemDetails {
  readonly code: ProblemCode;
  /** Instead of the catalogue's cause. */
  readonly detail?: string;
  readonly errors?: readonly FieldError[];
  readonly couponIds?: readonly string[];
  readonly startsAt?: string;
  readonly endsAt?: string;
}

/**
 * Writes a problem of RFC 9457. What never changes for a code is prepared, since most answers of a
 * busy campaign are refusals.
 *
 * @param instance  the path that was asked
 * @param requestId  of the request that was decided
 */
export function problemJson(problem: ProblemDetails, instance: string, requestId: string): string {
  const { head, detail } = PREPARED.get(problem.code)!;
  let json = head;
  json += problem.detail === undefined ? detail : JSON.stringify(problem.detail);
  json += `,"instance":${JSON.stringify(instance)},"requestId":${JSON.stringify(requestId)}`;
  if (problem.errors !== undefined) json += `,"errors":${JSON.stringify(problem.errors)}`;
  if (problem.couponIds !== undefined) json += `,"couponIds":${JSON.stringify(problem.couponIds)}`;
  if (problem.startsAt !== undefined) json += `,"startsAt":"${problem.startsAt}"`;
  if (problem.endsAt !== undefined) json += `,"endsAt":"${problem.endsAt}"`;
  return `${json}}`;
}

/** The problem of a request in which something is wrong; its detail says the first thing. */
export function invalidRequest(errors: readonly FieldError[]): ProblemDetails {
  const first = errors[0];
  if (first === undefined) return { code: 'invalid-request' };
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  return { code: 'invalid-request', detail: `${first.pointer} ${first.detail}${more}`, errors };
}

const PREPARED = new Map(
  (Object.keys(PROBLEMS) as ProblemCode[]).map((code) => {
    const { title, status, retryable, cause } = PROBLEMS[code];
    const members = { type: `/problems/${code}`, title, status, code, retryable };
    const head = `${JSON.stringify(members).slice(0, -1)},"detail":`;
    return [code, { head: ascii(head), detail: ascii(JSON.stringify(plain(cause))) }] as const;
  }),
);

/** The catalogue marks code with backticks, which only its pages show. */
function plain(text: string): string {
  return text.replaceAll('`', '');
}

/** The same JSON in ASCII, which is written faster. */
function ascii(json: string): string {
  return json.replaceAll(/[\u0080-\uffff]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
