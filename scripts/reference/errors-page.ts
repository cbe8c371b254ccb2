import { PROBLEMS, type Problem } from '../../src/contract/problems.ts';
import { code, page, table } from './markdown.ts';

const INTRODUCTION = `An answer that is no success is \`application/problem+json\` (RFC 9457):

\`\`\`json
{
  "type": "/problems/sold-out",
  "title": "All coupons are gone",
  "status": 409,
  "detail": "Every coupon of cmp_welcome belongs to someone.",
  "instance": "/v1/campaigns/cmp_welcome/claims",
  "code": "sold-out",
  "retryable": false,
  "requestId": "req_7f3a"
}
\`\`\`

Branch on \`code\`: codes never change their meaning, titles and details may. \`retryable\` says
whether the same request can succeed later without being changed. The server explains each code at
\`/problems/CODE\`.`;

/** Every problem code with what causes it and what to do. */
export function errorsPage(): string {
  const problems: [string, Problem][] = Object.entries(PROBLEMS);
  const overview = problems.map(([name, problem]) => [
    `[${code(name)}](#${name})`,
    String(problem.status),
    problem.retryable ? 'yes' : 'no',
    problem.title,
  ]);
  const sections = problems.map(
    ([name, problem]) =>
      `## ${name}\n\n${problem.status}, ${problem.retryable ? 'retryable' : 'not retryable'}. ` +
      `${problem.title}.\n\n**Cause:** ${problem.cause}\n\n**What to do:** ${problem.remedy}`,
  );
  return page(
    'Errors',
    INTRODUCTION,
    table(['code', 'status', 'retryable', 'title'], overview),
    ...sections,
  );
}
