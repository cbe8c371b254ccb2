import { PROBLEMS, type ProblemCode } from '../../contract/problems.ts';
import type { CallAnswer } from '../answer.ts';
import { html, htmlPage, prose } from './html.ts';

/** The page that a problem's `type` leads to; null if there is no such code. */
export function problemPage(code: string): CallAnswer | null {
  if (!Object.hasOwn(PROBLEMS, code)) return null;
  const { title, status, retryable, cause, remedy } = PROBLEMS[code as ProblemCode];
  const retry = retryable
    ? 'The same request can succeed later.'
    : 'The same request will not succeed later either.';
  return htmlPage(
    title,
    html`<h1>${title}</h1>
      <p><code>${code}</code>, HTTP status ${status}. ${retry}</p>
      <h2>Why it happens</h2>
      <p>${prose(cause)}</p>
      <h2>What to do</h2>
      <p>${prose(remedy)}</p>`,
  );
}
