import type { IncomingMessage, ServerResponse } from 'node:http';
import { BODY_MAX_BYTES, CALLS, type Param } from '../contract/calls.ts';
import { CampaignId } from '../contract/primitives.ts';
import { NewClaim } from '../contract/schemas.ts';
import { compileValidator } from '../contract/validate.ts';
import type { Engine } from '../engine/engine.ts';
import type { ClaimRequest } from '../ports/store.ts';
import { admit, tooMany } from './access.ts';
import { jsonAnswer, problemAnswer, sendAnswer, type CallAnswer, type Exchange } from './answer.ts';
import { claimAnswer, commandAnswer, outcomeAnswer } from './claim-answers.ts';
import type { RouteMetrics } from './http-metrics.ts';
import type { HttpParts } from './http-parts.ts';
import { originOf, parseIdempotencyKey } from './origin.ts';
import { parsePrefer, type Preference } from './prefer.ts';
import { renderClaim } from './render.ts';
import { gatherBody, parseBody, refuseBody, wholeRequest } from './request-body.ts';
import type { RateLimitState } from './rate-limit.ts';
import { readRequestHeaders, type RequestHeaders } from './request-headers.ts';

const PREFIX = '/v1/campaigns/';
const SUFFIX = '/claims';
const campaignIdSchema: Param['schema'] = CampaignId;
const CAMPAIGN_ID = new RegExp(campaignIdSchema.pattern ?? '', 'u');
const newClaim = compileValidator(NewClaim);
const NO_HEADERS: readonly string[] = [];

/**
 * `POST /v1/campaigns/{id}/claims` on Node's own server. A router and its hooks would cost this
 * call, which is most of the load, a fifth of its speed; everything it shares with the others
 * (headers, bodies, schemas, access, keys, problems) is the same code.
 */
export class ClaimRoute {
  readonly #parts: HttpParts;
  readonly #metrics: RouteMetrics;

  constructor(parts: HttpParts) {
    this.#parts = parts;
    this.#metrics = parts.metrics.route('POST', CALLS.createClaim.path);
    // The first claims of a rush should not wait for the compiler of their schema.
    newClaim.accepts(null);
  }

  /** Takes a request if it is a claim; false if it is none. */
  take(request: IncomingMessage, response: ServerResponse): boolean {
    const url = request.url!;
    if (request.method !== 'POST' || !url.startsWith(PREFIX)) return false;
    const query = url.indexOf('?');
    const path = query < 0 ? url : url.slice(0, query);
    const end = path.length - SUFFIX.length;
    if (!path.endsWith(SUFFIX) || path.indexOf('/', PREFIX.length) !== end) return false;
    this.#handle(request, response, decoded(path.slice(PREFIX.length, end)), {
      path,
      hasQuery: query >= 0 && query + 1 < url.length,
    });
    return true;
  }

  #handle(
    request: IncomingMessage,
    response: ServerResponse,
    campaignId: string,
    asked: { readonly path: string; readonly hasQuery: boolean },
  ): void {
    const startedMs = performance.now();
    const headers = readRequestHeaders(request.headers);
    const requestId = this.#parts.requestIds.of(headers.requestId);
    const call: ClaimCall = {
      campaignId,
      headers,
      bytes: null,
      exchange: { requestId, path: asked.path },
      startedMs,
    };
    const early = asked.hasQuery ? QUERY : refuseBody(request, headers, BODY_MAX_BYTES);
    if (early !== null) {
      this.#send(response, call, problemAnswer(early, call.exchange));
      return;
    }
    gatherBody(request, BODY_MAX_BYTES, (bytes) => {
      call.bytes = bytes;
      this.#answer(response, call);
    });
  }

  /** Answers at once where memory knows the answer; a promise would cost as much as the refusal. */
  #answer(response: ServerResponse, call: ClaimCall): void {
    try {
      const body = parseBody(call.bytes, BODY_MAX_BYTES, newClaim);
      const key = body.ok ? parseIdempotencyKey(call.headers.idempotencyKey) : body;
      if (!body.ok) this.#send(response, call, problemAnswer(body.problem, call.exchange));
      else if ('problem' in key)
        this.#send(response, call, problemAnswer(key.problem, call.exchange));
      else this.#claim(response, call, body.value, key.key);
    } catch (error) {
      this.#fail(response, call, error);
    }
  }

  #claim(response: ServerResponse, call: ClaimCall, body: NewClaim, key: string | null): void {
    const { campaignId, headers, exchange } = call;
    const { auth, engine } = this.#parts;
    const admission = admit(auth, headers.authorization, 'claims:write', exchange);
    if (admission.refusal !== undefined) {
      this.#send(response, call, admission.refusal);
      return;
    }
    if (!CAMPAIGN_ID.test(campaignId)) {
      this.#send(response, call, problemAnswer({ code: 'campaign-not-found' }, exchange));
      return;
    }
    const { principal, limiter } = admission.caller;
    const limit = limiter === null ? null : limiter.take();
    if (limit !== null && !limit.allowed) {
      this.#sendLater(response, call, this.#limited(call, limit), limit.headers);
      return;
    }
    const limitHeaders = limit === null ? NO_HEADERS : limit.headers;
    const preference = parsePrefer(headers.prefer);
    // Whether an answer waits changes what it is, so a key does not stand for both.
    const way = preference.respondAsync ? ' respond-async' : '';
    const origin = originOf(key, headers.traceparent, {
      principal,
      requestId: exchange.requestId,
      call: `POST ${PREFIX}${campaignId}${SUFFIX}${way}`,
      body,
    });
    const request = { campaignId, userIds: [body.userId], origin };
    if (preference.respondAsync) {
      this.#sendLater(response, call, this.#accept(request, exchange, preference), limitHeaders);
      return;
    }
    const decided = engine.claim(request);
    if (decided instanceof Promise) this.#sendDecided(response, call, decided, limitHeaders);
    else this.#send(response, call, this.#toAnswer(decided, exchange), limitHeaders);
  }

  #toAnswer(decided: Awaited<ReturnType<Engine['claim']>>, exchange: Exchange): CallAnswer {
    return claimAnswer(decided, exchange, this.#parts.clock.nowMs());
  }

  #sendDecided(
    response: ServerResponse,
    call: ClaimCall,
    decided: Promise<Awaited<ReturnType<Engine['claim']>>>,
    headers: readonly string[],
  ): void {
    decided
      .then((answer) => {
        this.#send(response, call, this.#toAnswer(answer, call.exchange), headers);
      })
      .catch((error: unknown) => this.#fail(response, call, error));
  }

  #sendLater(
    response: ServerResponse,
    call: ClaimCall,
    answer: Promise<CallAnswer>,
    headers: readonly string[],
  ): void {
    answer
      .then((settled) => this.#send(response, call, settled, headers))
      .catch((error: unknown) => this.#fail(response, call, error));
  }

  /** A campaign that does not exist is told before a limit, however often it is asked for. */
  async #limited({ campaignId, exchange }: ClaimCall, limit: RateLimitState): Promise<CallAnswer> {
    const isKnown = (await this.#parts.engine.queries.campaign(campaignId)) !== null;
    if (isKnown) return tooMany(limit, exchange);
    return problemAnswer({ code: 'campaign-not-found' }, exchange);
  }

  #fail(response: ServerResponse, call: ClaimCall, error: unknown): void {
    const { exchange } = call;
    this.#parts.log.error({ err: error, requestId: exchange.requestId }, 'a claim failed');
    if (response.headersSent) response.destroy();
    else this.#send(response, call, problemAnswer({ code: 'internal' }, exchange));
  }

  /** Writes a claim down, then waits for its decision as long as the caller wants to. */
  async #accept(
    request: ClaimRequest,
    exchange: Exchange,
    { waitS, applied }: Preference,
  ): Promise<CallAnswer> {
    const { engine, clock } = this.#parts;
    const accepted = await engine.acceptClaim(request);
    const isWaiting =
      waitS > 0 &&
      (accepted.kind === 'decided' || accepted.kind === 'replayed') &&
      accepted.outcome.kind === 'accepted';
    const later = isWaiting
      ? await engine.acceptedClaim(accepted.outcome.claim.id, waitS * 1000)
      : null;
    return commandAnswer(accepted, exchange, (outcome, first, headers) => {
      if (outcome.kind === 'campaign-not-found') {
        return problemAnswer({ code: 'campaign-not-found' }, first, headers);
      }
      const withPreference = ['Preference-Applied', applied, ...headers];
      if (later !== null && later.outcome !== null) {
        return outcomeAnswer(later.outcome, first, clock.nowMs(), withPreference);
      }
      const { claim } = outcome;
      const location = ['Location', `/v1/claims/${claim.id}`, ...withPreference];
      return jsonAnswer(202, renderClaim(claim, clock.nowMs()), location);
    });
  }

  #send(
    response: ServerResponse,
    { exchange, startedMs }: ClaimCall,
    answer: CallAnswer,
    further: readonly string[] = NO_HEADERS,
  ): void {
    const isLast = this.#parts.closing.hasBegun;
    sendAnswer(response, answer, exchange.requestId, isLast, further);
    this.#metrics.record(answer.status, performance.now() - startedMs);
  }
}

const QUERY = wholeRequest('A claim takes no query parameters.');

interface ClaimCall {
  readonly campaignId: string;
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
