import { performance } from 'node:perf_hooks';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { BODY_MAX_BYTES, type Call, type Param } from '../contract/call.ts';
import type { Validator } from '../contract/validate.ts';
import type { Origin } from '../ports/store.ts';
import { admit, tooMany } from './access.ts';
import { problemAnswer, sendAnswer, type CallAnswer, type Exchange } from './answer.ts';
import type { RouteMetrics } from './http-metrics.ts';
import type { HttpParts } from './http-parts.ts';
import { originOf, parseIdempotencyKey } from './origin.ts';
import { parsePrefer, type Preference } from './prefer.ts';
import type { RateLimitState } from './rate-limit.ts';
import { gatherBody, parseBody, refuseBody, wholeRequest } from './request-body.ts';
import { readRequestHeaders, type RequestHeaders } from './request-headers.ts';

/** A command that is most of the load: a POST under one thing, decided now or later. */
export interface LeanCommand<Body> {
  /** Its path has one part that varies, and its scope is not null. */
  readonly call: Call;
  readonly body: Validator<Body>;
  /** Whether the thing exists; asked only of callers whose limit is used up. */
  readonly isKnown: (id: string) => Promise<boolean>;
  /** Without a promise where memory knows the answer; one would cost as much as the refusal. */
  readonly execute: (asked: Asked<Body>) => CallAnswer | Promise<CallAnswer>;
}

/** A request for a command: everything in it was checked. */
export interface Asked<Body> {
  /** The part of the path that varies. */
  readonly id: string;
  readonly body: Body;
  readonly origin: Origin;
  readonly preference: Preference;
  readonly exchange: Exchange;
}

/** A route that Node's own server leads to. */
export interface DirectRoute {
  /** Takes a request if it is one of its own; false if it is none. */
  take(request: IncomingMessage, response: ServerResponse): boolean;
}

/**
 * One command on Node's own server. A router and its hooks would cost these calls, which are most
 * of the load, a fifth of their speed; everything they share with the others (headers, bodies,
 * schemas, access, keys, problems) is the same code.
 */
export class LeanRoute<Body> implements DirectRoute {
  readonly #parts: HttpParts;
  readonly #command: LeanCommand<Body>;
  readonly #metrics: RouteMetrics;
  readonly #prefix: string;
  readonly #suffix: string;
  readonly #id: RegExp;
  readonly #notFound: NonNullable<Param['notFound']>;
  readonly #scope: NonNullable<Call['scope']>;
  readonly #isBodyOptional: boolean;

  constructor(parts: HttpParts, command: LeanCommand<Body>) {
    const { path, params, scope, bodyOptional } = command.call;
    const [prefix, suffix] = path.split(/\{\w+\}/);
    const param = params?.[0];
    if (prefix === undefined || suffix === undefined || scope === null || !param?.notFound) {
      throw new Error(`${path} is no path of a lean route`);
    }
    this.#parts = parts;
    this.#command = command;
    this.#metrics = parts.metrics.route('POST', path);
    this.#prefix = prefix;
    this.#suffix = suffix;
    this.#id = new RegExp(param.schema.pattern ?? '', 'u');
    this.#notFound = param.notFound;
    this.#scope = scope;
    this.#isBodyOptional = bodyOptional === true;
    // The first requests of a rush should not wait for the compiler of their schema.
    command.body.accepts(null);
  }

  take(request: IncomingMessage, response: ServerResponse): boolean {
    const url = request.url!;
    const prefix = this.#prefix;
    if (request.method !== 'POST' || !url.startsWith(prefix)) return false;
    const query = url.indexOf('?');
    const path = query < 0 ? url : url.slice(0, query);
    const end = path.length - this.#suffix.length;
    if (!path.endsWith(this.#suffix) || path.indexOf('/', prefix.length) !== end) return false;
    this.#handle(request, response, decoded(path.slice(prefix.length, end)), {
      path,
      hasQuery: query >= 0 && query + 1 < url.length,
    });
    return true;
  }

  #handle(
    request: IncomingMessage,
    response: ServerResponse,
    id: string,
    asked: { readonly path: string; readonly hasQuery: boolean },
  ): void {
    const startedMs = performance.now();
    const headers = readRequestHeaders(request.headers);
    const requestId = this.#parts.requestIds.of(headers.requestId);
    const given: Given = {
      id,
      headers,
      bytes: null,
      exchange: { requestId, path: asked.path },
      startedMs,
    };
    const early = asked.hasQuery
      ? QUERY
      : refuseBody(request, headers, BODY_MAX_BYTES, this.#isBodyOptional);
    if (early !== null) {
      this.#send(response, given, problemAnswer(early, given.exchange));
      return;
    }
    gatherBody(request, BODY_MAX_BYTES, (bytes) => {
      given.bytes = bytes;
      this.#answer(response, given);
    });
  }

  #answer(response: ServerResponse, given: Given): void {
    const { body: validator } = this.#command;
    try {
      const body = parseBody(given.bytes, BODY_MAX_BYTES, validator, this.#isBodyOptional);
      const key = body.ok ? parseIdempotencyKey(given.headers.idempotencyKey) : body;
      if (!body.ok) this.#send(response, given, problemAnswer(body.problem, given.exchange));
      else if ('problem' in key)
        this.#send(response, given, problemAnswer(key.problem, given.exchange));
      else this.#execute(response, given, body.value, key.key);
    } catch (error) {
      this.#fail(response, given, error);
    }
  }

  #execute(response: ServerResponse, given: Given, body: Body, key: string | null): void {
    const { id, headers, exchange } = given;
    const admission = admit(this.#parts.auth, headers.authorization, this.#scope, exchange);
    if (admission.refusal !== undefined) {
      this.#send(response, given, admission.refusal);
      return;
    }
    if (!this.#id.test(id)) {
      this.#send(response, given, problemAnswer({ code: this.#notFound }, exchange));
      return;
    }
    const { principal, limiter } = admission.caller;
    const limit = limiter === null ? null : limiter.take();
    if (limit !== null && !limit.allowed) {
      this.#sendLater(response, given, this.#limited(given, limit), limit.headers);
      return;
    }
    const preference = parsePrefer(headers.prefer);
    // Whether an answer waits changes what it is, so a key does not stand for both.
    const way = preference.respondAsync ? ' respond-async' : '';
    const origin = originOf(key, headers.traceparent, {
      principal,
      requestId: exchange.requestId,
      call: `POST ${this.#prefix}${id}${this.#suffix}${way}`,
      body,
    });
    const answer = this.#command.execute({ id, body, origin, preference, exchange });
    const limitHeaders = limit === null ? NO_HEADERS : limit.headers;
    if (answer instanceof Promise) this.#sendLater(response, given, answer, limitHeaders);
    else this.#send(response, given, answer, limitHeaders);
  }

  /** What does not exist is told before a limit, however often it is asked for. */
  async #limited({ id, exchange }: Given, limit: RateLimitState): Promise<CallAnswer> {
    const isKnown = await this.#command.isKnown(id);
    return isKnown ? tooMany(limit, exchange) : problemAnswer({ code: this.#notFound }, exchange);
  }

  #sendLater(
    response: ServerResponse,
    given: Given,
    answer: Promise<CallAnswer>,
    headers: readonly string[],
  ): void {
    answer
      .then((settled) => this.#send(response, given, settled, headers))
      .catch((error: unknown) => this.#fail(response, given, error));
  }

  #fail(response: ServerResponse, given: Given, error: unknown): void {
    const { exchange } = given;
    const { method, path: route } = this.#command.call;
    this.#parts.log.error({ err: error, requestId: exchange.requestId, method, route }, 'failed');
    if (response.headersSent) response.destroy();
    else this.#send(response, given, problemAnswer({ code: 'internal' }, exchange));
  }

  #send(
    response: ServerResponse,
    { exchange, startedMs }: Given,
    answer: CallAnswer,
    further: readonly string[] = NO_HEADERS,
  ): void {
    const isLast = this.#parts.closing.hasBegun;
    sendAnswer(response, answer, exchange.requestId, isLast, further);
    this.#metrics.record(answer.status, performance.now() - startedMs);
  }
}

const NO_HEADERS: readonly string[] = [];
const QUERY = wholeRequest('This call takes no query parameters.');

interface Given {
  readonly id: string;
  readonly headers: RequestHeaders;
  /** Null until the body is there, and if it is too large. */
  bytes: Buffer | null;
  readonly exchange: Exchange;
  readonly startedMs: number;
}

/** Ids need no escaping, but a client may escape what it likes. */
function decoded(id: string): string {
  if (!id.includes('%')) return id;
  try {
    return decodeURIComponent(id);
  } catch {
    // Not an escape: then it is no id either, which the pattern finds.
    return id;
  }
}
