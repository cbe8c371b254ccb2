import type { IncomingMessage, ServerResponse } from 'node:http';
import { BODY_MAX_BYTES, CALLS, type Param } from '../contract/calls.ts';
import { CampaignId } from '../contract/primitives.ts';
import { NewClaim } from '../contract/schemas.ts';
import { compileValidator } from '../contract/validate.ts';
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
    const headers = readRequestHeaders(request.rawHeaders);
    const requestId = this.#parts.requestIds.of(headers.requestId);
    const exchange = { requestId, path: asked.path };
    const early = asked.hasQuery ? QUERY : refuseBody(request, headers, BODY_MAX_BYTES);
    if (early !== null) {
      this.#send(response, problemAnswer(early, exchange), exchange, startedMs);
      return;
    }
    gatherBody(request, BODY_MAX_BYTES, (bytes) => {
      void this.#answer(response, { campaignId, headers, bytes, exchange, startedMs });
    });
  }

  async #answer(response: ServerResponse, call: ClaimCall): Promise<void> {
    const { exchange, startedMs } = call;
    try {
      const body = parseBody(call.bytes, BODY_MAX_BYTES, newClaim);
      if (!body.ok) {
        this.#send(response, problemAnswer(body.problem, exchange), exchange, startedMs);
        return;
      }
      const key = parseIdempotencyKey(call.headers.idempotencyKey);
      if ('problem' in key) {
        this.#send(response, problemAnswer(key.problem, exchange), exchange, startedMs);
        return;
      }
      await this.#claim(response, call, body.value, key.key);
    } catch (error) {
      this.#parts.log.error({ err: error, requestId: exchange.requestId }, 'a claim failed');
      this.#send(response, problemAnswer({ code: 'internal' }, exchange), exchange, startedMs);
    }
  }

  async #claim(
    response: ServerResponse,
    { campaignId, headers, exchange, startedMs }: ClaimCall,
    body: NewClaim,
    key: string | null,
  ): Promise<void> {
    const { auth, engine, clock } = this.#parts;
    const admission = admit(auth, headers.authorization, 'claims:write', exchange);
    if (admission.refusal !== undefined) {
      this.#send(response, admission.refusal, exchange, startedMs);
      return;
    }
    if (!CAMPAIGN_ID.test(campaignId)) {
      const unknown = problemAnswer({ code: 'campaign-not-found' }, exchange);
      this.#send(response, unknown, exchange, startedMs);
      return;
    }
    const { principal, limiter } = admission.caller;
    const limit = limiter === null ? null : limiter.take();
    const limitHeaders = limit === null ? NO_HEADERS : limit.headers;
    if (limit !== null && !limit.allowed) {
      // A campaign that does not exist is told before a limit, however often it is asked for.
      const isKnown = (await engine.queries.campaign(campaignId)) !== null;
      const answer = isKnown
        ? tooMany(limit, exchange)
        : problemAnswer({ code: 'campaign-not-found' }, exchange);
      this.#send(response, answer, exchange, startedMs, limitHeaders);
      return;
    }
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
    const answer = preference.respondAsync
      ? await this.#accept(request, exchange, preference)
      : claimAnswer(await engine.claim(request), exchange, clock.nowMs());
    this.#send(response, answer, exchange, startedMs, limitHeaders);
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
    answer: CallAnswer,
    exchange: Exchange,
    startedMs: number,
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
  readonly bytes: Buffer | null;
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
