import { asyncApiDocument } from '../../contract/asyncapi.ts';
import { openApiDocument } from '../../contract/openapi.ts';
import { JSON_TYPE, type CallAnswer } from '../answer.ts';
import { docsPage } from './docs-page.ts';
import { landingPage } from './landing-page.ts';
import type { Page } from './page-route.ts';
import { problemPage } from './problem-page.ts';

/** Everything that is served beside the calls. */
export const PAGES: readonly Page[] = [
  { path: '/', render: (_params, parts) => landingPage(parts) },
  { path: '/docs', render: once(docsPage) },
  { path: '/problems/{code}', render: ({ code = '' }) => problemPage(code) },
  { path: '/openapi.json', render: once(() => document(openApiDocument())) },
  { path: '/asyncapi.json', render: once(() => document(asyncApiDocument())) },
];

function document(json: object): CallAnswer {
  return {
    status: 200,
    contentType: JSON_TYPE,
    body: JSON.stringify(json, null, 2),
    // Tools on other pages may read it; there is nothing secret in it.
    headers: ['Access-Control-Allow-Origin', '*'],
  };
}

/** What never changes is made when it is first asked for. */
function once(render: () => CallAnswer): () => CallAnswer {
  let made: CallAnswer | null = null;
  return () => (made ??= render());
}
