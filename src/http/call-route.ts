import { performance } from 'node:perf_hooks';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { BODY_MAX_BYTES, type Call, type Param } from '../contract/call.ts';
import { queryOf } from '../contract/calls.ts';
import { invalidRequest, type ProblemDetails } from '../contract/problem-document.ts';
import { compileValidator, type FieldError, type Validator } from '../contract/validate.ts';
import type { Origin } from '../ports/store.ts';
import { admit, tooMany } from './access.ts';
import { problemAnswer, sendAnswer, type CallAnswer, type Exchange } from './answer.ts';
import type { RouteMetrics } from './http-metrics.ts';
import type { HttpParts } from './http-parts.ts';
import { originOf, parseIdempotencyKey } from './origin.ts';
import { gatherBody, parseBody, refuseBody, wholeRequest } from './request-body.ts';
import { readRequestHeaders, type RequestHeaders } from './request-headers.ts';

/** A request as its handler sees it: everything in it was checked against the call's schemas. */
export interface CallInput {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly headers: RequestHeaders;
  readonly exchange: Exchange;
  /** For the record; only commands need it. */
  readonly origin: Origin;
}

/** Does a call; `streaming` when it has taken the response over. */
export type CallHandler = (
  input: CallInput,
  response: ServerResponse,
) => Promise<CallAnswer | 'streaming'>;

/** One call of the table on its way from request to answer. */
export class CallRoute {
  readonly #call: Call;
  readonly #parts: HttpParts;
  readonly #handler: CallHandler;
  readonly #metrics: RouteMetrics;
  readonly #query: Validator<unknown>;
  readonly #body: Validator<unknown> | null;
  readonly #params: readonly CheckedParam[];

  constructor(call: Call, parts: HttpParts, handler: CallHandler) {
    this.#call = call;
    this.#parts = parts;
    this.#handler = handler;
    this.#metrics = parts.metrics.route(call.method, call.path);
    this.#query = compileValidator(queryOf(call));
    this.#body = call.body === undefined ? null : compileValidator(call.body);
    this.#params = (call.params ?? []).map((param) => ({
      ...param,
      pattern: new RegExp(param.schema.pattern ?? '', 'u'),
    }));
  }

  /** Answers a request; never rejects. */
  async handle(
    request: IncomingMessage,
    response: ServerResponse,
    params: Readonly<Record<string, string>>,
  ): Promise<void> {
    const startedMs = performance.now();
    const headers = readRequestHeaders(request.headers);
    const [path = '', search = ''] = splitOnce(request.url ?? '', '?');
    const exchange = { requestId: this.#parts.requestIds.of(headers.requestId), path };
    const further: string[] = [];
    let answer: CallAnswer | 'streaming';
    try {
      const given = { request, response, params, search, headers };
      answer = await this.#answer(given, exchange, further);
    } catch (error) {
      const { method, path: route } = this.#call;
      this.#parts.log.error({ err: error, requestId: exchange.requestId, method, route }, 'failed');
      answer = problemAnswer({ code: 'internal' }, exchange);
    }
    if (answer === 'streaming' || response.headersSent) return;
    further.push(...SECURITY_HEADERS);
    sendAnswer(response, answer, exchange.requestId, this.#parts.closing.hasBegun, further);
    this.#metrics.record(answer.status, performance.now() - startedMs);
  }

  /** The steps stand in the order in which refusals go before each other. */
  async #answer(
    given: Given,
    exchange: Exchange,
    further: string[],
  ): Promise<CallAnswer | 'streaming'> {
    const { headers } = given;
    const call = this.#call;
    const input = await this.#read(given);
    if ('problem' in input) return problemAnswer(input.problem, exchange);
    let principal = '';
    if (call.scope !== null) {
      const admission = admit(this.#parts.auth, headers.authorization, call.scope, exchange);
      if (admission.refusal !== undefined) return admission.refusal;
      principal = admission.caller.principal;
      const notFound = this.#unknownId(given.params);
      if (notFound !== null) return problemAnswer({ code: notFound }, exchange);
      const limit = admission.caller.limiter?.take();
      if (limit !== undefined) {
        further.push(...limit.headers);
        if (!limit.allowed) return tooMany(limit, exchange);
      }
    }
    const origin = originOf(input.key, headers.traceparent, {
      principal,
      requestId: exchange.requestId,
      call: `${call.method} ${fill(call.path, given.params)}`,
      body: input.body,
    });
    const { params, response } = given;
    const { query, body } = input;
    return this.#handler({ params, query, body, headers, exchange, origin }, response);
  }

  async #read({ request, headers, params, search }: Given): Promise<Input | Wrong> {
    if (headers.host === undefined && request.httpVersionMinor > 0) return NO_HOST;
    const bad = this.#params.find(
      ({ name, notFound, pattern }) => notFound === null && !pattern.test(params[name] ?? ''),
    );
    const query = parseQuery(search);
    const errors: FieldError[] = [...query.errors];
    if (bad !== undefined) errors.push({ pointer: `/${bad.name}`, detail: ruleOf(bad) });
    if (!this.#query.accepts(query.values)) {
      errors.push(...this.#query.errorsOf(query.values, search.length));
    }
    if (errors.length > 0) return { problem: invalidRequest(errors) };
    const isPost = this.#call.method === 'POST';
    let body: unknown = null;
    if (this.#body !== null) {
      const maxBytes = this.#call.bodyMaxBytes ?? BODY_MAX_BYTES;
      const isOptional = this.#call.bodyOptional === true;
      const early = refuseBody(request, headers, maxBytes, isOptional);
      if (early !== null) return { problem: early };
      const bytes = await new Promise<Buffer | null>((resolve) => {
        gatherBody(request, maxBytes, resolve);
      });
      const parsed = parseBody(bytes, maxBytes, this.#body, isOptional);
      if (!parsed.ok) return parsed;
      body = parsed.value;
    }
    const key = parseIdempotencyKey(isPost ? headers.idempotencyKey : undefined);
    if ('problem' in key) return key;
    return { query: query.values, body, key: key.key };
  }

  #unknownId(params: Readonly<Record<string, string>>): ProblemDetails['code'] | null {
    const unknown = this.#params.find(({ name, pattern }) => !pattern.test(params[name] ?? ''));
    return unknown?.notFound ?? null;
  }
}

/** On every answer but a claim's, which no browser ever shows or keeps. */
const SECURITY_HEADERS: readonly string[] = [
  'X-Content-Type-Options',
  'nosniff',
  'Cache-Control',
  'no-store',
];
const NO_HOST: Wrong = { problem: wholeRequest('The request has no Host header.') };

type CheckedParam = Param & { readonly pattern: RegExp };

interface Given {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly params: Readonly<Record<string, string>>;
  readonly search: string;
  readonly headers: RequestHeaders;
}

interface Input {
  readonly query: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly key: string | null;
}

interface Wrong {
  readonly problem: ProblemDetails;
}

function parseQuery(search: string): { values: Record<string, string>; errors: FieldError[] } {
  const errors: FieldError[] = [];
  const values = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(search)) {
    if (values.has(name)) errors.push({ pointer: `/${name}`, detail: 'is given more than once' });
    values.set(name, value);
  }
  return { values: Object.fromEntries(values), errors };
}

function ruleOf({ schema }: Param): string {
  return `must ${String((schema as { 'x-rule'?: string })['x-rule'] ?? 'be as documented')}`;
}

/** The path with its parts as they are meant, however they were escaped. */
function fill(path: string, params: Readonly<Record<string, string>>): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => params[name] ?? '');
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
