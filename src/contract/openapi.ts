import type { TSchema } from 'typebox';
import { SCOPES, type Call, type Success } from './call.ts';
import { CALL_LIST, queryOf, refusalsOf } from './calls.ts';
import { hoistNamedSchemas } from './named-schemas.ts';
import { PROBLEMS, type ProblemCode } from './problems.ts';
import { ProblemDocument } from './schemas.ts';

/** The version of the contract, not of the program. */
export const CONTRACT_VERSION = '1.0.0';

/** Describes the HTTP API (OpenAPI 3.1), from the same table that the routes are made of. */
export function openApiDocument(): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const [operationId, call] of CALL_LIST) {
    (paths[call.path] ??= {})[call.method.toLowerCase()] = operation(operationId, call);
  }
  const { document, schemas } = hoistNamedSchemas(paths, '#/components/schemas/');
  return {
    openapi: '3.1.0',
    info: {
      title: 'firstcome',
      version: CONTRACT_VERSION,
      summary: 'Coupons, first come, first served.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    tags: [...new Set(CALL_LIST.map(([, { tag }]) => tag))].map((name) => ({ name })),
    paths: document,
    components: {
      schemas,
      securitySchemes: {
        apiKey: {
          type: 'http',
          scheme: 'bearer',
          description:
            `A key of the server’s keys file, with scopes among ${SCOPES.join(', ')}. ` +
            'A server without a keys file asks for none.',
        },
      },
    },
  };
}

function operation(operationId: string, call: Call): object {
  const parameters = parametersOf(call);
  return {
    operationId,
    tags: [call.tag],
    summary: call.summary,
    ...(call.description !== undefined && { description: call.description }),
    ...(parameters.length > 0 && { parameters }),
    ...(call.body !== undefined && {
      requestBody: {
        required: call.bodyOptional !== true,
        content: { 'application/json': { schema: call.body } },
      },
    }),
    responses: responsesOf(call),
    // Without keys nobody has to say who they are.
    security: call.scope === null ? [] : [{}, { apiKey: [call.scope] }],
  };
}

function parametersOf(call: Call): object[] {
  const path = (call.params ?? []).map(({ name, schema }) => ({
    name,
    in: 'path',
    required: true,
    schema,
  }));
  const query = Object.entries(queryOf(call).properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: false,
    schema,
  }));
  const names: readonly string[] = [
    ...(call.method === 'POST' ? ['Idempotency-Key'] : []),
    ...(call.scope === null ? [] : ['traceparent']),
    ...(call.headers ?? []),
    'Request-Id',
  ];
  const headers = names.map((name) => ({
    name,
    in: 'header',
    required: false,
    ...REQUEST_HEADERS[name],
  }));
  return [...path, ...query, ...headers];
}

function responsesOf(call: Call): Record<string, object> {
  const responses: Record<string, object> = {};
  for (const success of call.successes) responses[success.status] = successResponse(call, success);
  const byStatus = Map.groupBy(refusalsOf(call), (code) => PROBLEMS[code].status);
  for (const [status, codes] of byStatus) {
    // Integer-like names stand in numeric order in any object.
    responses[status] = problemResponse(call, codes);
  }
  return responses;
}

function successResponse(call: Call, success: Success): object {
  const { description, schema, contentType = 'application/json', headers = [] } = success;
  const names = [
    ...headers,
    'Request-Id',
    ...(call.method === 'POST' ? ['Idempotent-Replayed'] : []),
    ...limitHeaders(call),
  ];
  return {
    description,
    headers: responseHeaders(names),
    ...(schema !== null && { content: { [contentType]: { schema } } }),
  };
}

function problemResponse(call: Call, codes: readonly ProblemCode[]): object {
  const names = [
    'Request-Id',
    ...(codes.some((code) => HAS_RETRY_AFTER.has(code)) ? ['Retry-After'] : []),
    ...(call.headers?.includes('Prefer') === true ? ['Preference-Applied'] : []),
    ...(codes.includes('unauthenticated') ? ['WWW-Authenticate'] : []),
    ...(call.method === 'POST' ? ['Idempotent-Replayed'] : []),
    ...limitHeaders(call),
  ];
  const schema = {
    allOf: [
      ProblemDocument,
      { type: 'object', properties: { code: { type: 'string', enum: codes } } },
    ],
  };
  return {
    description: codes.map((code) => `\`${code}\`: ${PROBLEMS[code].title}.`).join(' '),
    headers: responseHeaders(names),
    content: { 'application/problem+json': { schema: schema as unknown as TSchema } },
  };
}

const HAS_RETRY_AFTER: ReadonlySet<ProblemCode> = new Set([
  'rate-limited',
  'request-in-progress',
  'campaign-not-started',
  'overloaded',
]);

function limitHeaders(call: Call): string[] {
  return call.scope === null ? [] : ['RateLimit', 'RateLimit-Policy'];
}

function responseHeaders(names: readonly string[]): Record<string, object> {
  return Object.fromEntries(
    names.map((name) => [
      name,
      { description: RESPONSE_HEADERS[name], schema: { type: 'string' } },
    ]),
  );
}

const TEXT = { type: 'string' };

const REQUEST_HEADERS: Readonly<Record<string, { description: string; schema: object }>> = {
  'Idempotency-Key': {
    description: 'Makes a repeat of the request give the first answer again; quoted or bare.',
    schema: { type: 'string', minLength: 1, maxLength: 257 },
  },
  'Last-Event-ID': { description: 'Goes on after this event.', schema: TEXT },
  Prefer: {
    description: '`respond-async` has the request decided later; `wait=N` waits N seconds first.',
    schema: TEXT,
  },
  'Request-Id': {
    description: 'The caller’s name for the request; one that is not sane is replaced.',
    schema: TEXT,
  },
  traceparent: {
    description: 'W3C Trace Context; carried into the events that the request causes.',
    schema: TEXT,
  },
};

const RESPONSE_HEADERS: Readonly<Record<string, string>> = {
  'Idempotent-Replayed': '`true` on the repeat of a first answer.',
  Location: 'Where the thing is.',
  'Preference-Applied': 'Which of the preferences were honoured.',
  RateLimit: 'What is left of the limit, where one applies.',
  'RateLimit-Policy': 'The limit, where one applies.',
  'Request-Id': 'Names the request in logs and problems.',
  'Retry-After': 'Seconds to wait before asking again.',
  'WWW-Authenticate': 'How to say who is asking.',
};
