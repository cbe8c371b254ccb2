import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { CALL_LIST } from '../contract/calls.ts';
import type { ProblemDetails } from '../contract/problem-document.ts';
import { problemAnswer, sendAnswer } from './answer.ts';
import { CallRoute } from './call-route.ts';
import type { EventStreams } from './event-streams.ts';
import { createHandlers, isDirect } from './handlers/handlers.ts';
import type { HttpParts } from './http-parts.ts';
import { PAGES } from './pages/pages.ts';
import { PageRoute } from './pages/page-route.ts';
import { wholeRequest } from './request-body.ts';
import { readRequestHeaders } from './request-headers.ts';

type Params = Readonly<Record<string, string>>;

/**
 * Leads every request to its route but those that Node's own server leads. The router only finds
 * the way: bodies, refusals and answers are ours, so that all calls treat them alike.
 */
export function defineRoutes(app: FastifyInstance, parts: HttpParts, streams: EventStreams): void {
  app.removeAllContentTypeParsers();
  // Leaves the body where it is; the route reads it.
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));

  const handlers = createHandlers(parts, streams);
  for (const [name, call] of CALL_LIST) {
    if (isDirect(name)) continue;
    const route = new CallRoute(call, parts, handlers[name]);
    app.route({
      method: call.method,
      url: routerPath(call.path),
      handler: (request, reply) => {
        reply.hijack();
        void route.handle(request.raw, reply.raw, request.params as Params);
      },
    });
  }
  for (const page of PAGES) {
    const route = new PageRoute(page, parts);
    app.get(routerPath(page.path), (request, reply) => {
      reply.hijack();
      void route.handle(request.raw, reply.raw, request.params as Params);
    });
  }
  app.setNotFoundHandler((request, reply) => {
    refuse(request.raw, reply, parts, unknownOrNotAllowed(request.raw));
  });
  app.setErrorHandler((error, request, reply) => refuseUnroutable(error, request, reply, parts));
}

/** Answers a request that the router could not even lead astray. */
export function refuseUnroutable(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  parts: HttpParts,
): void {
  refuse(request.raw, reply, parts, { problem: routerProblem(error, parts) });
}

interface Refusal {
  readonly problem: ProblemDetails;
  readonly headers?: readonly string[];
}

function refuse(
  request: IncomingMessage,
  reply: FastifyReply,
  parts: HttpParts,
  { problem, headers = [] }: Refusal,
): void {
  reply.hijack();
  const { requestIds, closing } = parts;
  const { requestId: given } = readRequestHeaders(request.headers);
  const exchange = { requestId: requestIds.of(given), path: pathOf(request) };
  const answer = problemAnswer(problem, exchange, headers);
  sendAnswer(reply.raw, answer, exchange.requestId, closing.hasBegun);
}

/** A path that no route has, or that one has for other methods. */
function unknownOrNotAllowed(request: IncomingMessage): Refusal {
  const path = pathOf(request);
  const methods = new Set<string>(
    ROUTES.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method),
  );
  if (methods.size === 0) return { problem: { code: 'not-found' } };
  if (methods.has('GET')) methods.add('HEAD');
  return {
    problem: { code: 'method-not-allowed' },
    headers: ['Allow', [...methods].sort().join(', ')],
  };
}

/** What the router itself can object to: a malformed media type or escape in the path. */
function routerProblem(error: unknown, { log }: HttpParts): ProblemDetails {
  switch ((error as { code?: string }).code) {
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
    case 'FST_ERR_ROUTE_MISSING_CONTENT_TYPE':
      return { code: 'unsupported-media-type' };
    case 'FST_ERR_BAD_URL':
      return wholeRequest('The path has an escape that is none.');
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return { code: 'not-found' };
    case undefined:
    default:
      log.error({ err: error }, 'the router failed');
      return { code: 'internal' };
  }
}

const ROUTES = [
  ...CALL_LIST.map(([, { method, path }]) => ({ method, path })),
  ...PAGES.map(({ path }) => ({ method: 'GET', path })),
].map(({ method, path }) => ({ method, pattern: pathPattern(path) }));

function pathPattern(path: string): RegExp {
  return new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`);
}

function routerPath(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1');
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').split('?', 1)[0]!;
}
