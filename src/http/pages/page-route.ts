import { performance } from 'node:perf_hooks';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { problemAnswer, sendAnswer, type CallAnswer } from '../answer.ts';
import type { RouteMetrics } from '../http-metrics.ts';
import type { HttpParts } from '../http-parts.ts';
import { readRequestHeaders } from '../request-headers.ts';

/** A page for people or a document for their tools. */
export interface Page {
  readonly path: string;
  /** Gives the page, or null if there is none of that name. */
  readonly render: (
    params: Readonly<Record<string, string>>,
    parts: HttpParts,
  ) => CallAnswer | null | Promise<CallAnswer | null>;
}

/** One page on its way from request to answer. */
export class PageRoute {
  readonly #page: Page;
  readonly #parts: HttpParts;
  readonly #metrics: RouteMetrics;

  constructor(page: Page, parts: HttpParts) {
    this.#page = page;
    this.#parts = parts;
    this.#metrics = parts.metrics.route('GET', page.path);
  }

  /** Answers a request; never rejects. */
  async handle(
    request: IncomingMessage,
    response: ServerResponse,
    params: Readonly<Record<string, string>>,
  ): Promise<void> {
    const startedMs = performance.now();
    const { requestIds, closing, log } = this.#parts;
    const { requestId: given } = readRequestHeaders(request.headers);
    const exchange = { requestId: requestIds.of(given), path: request.url!.split('?', 1)[0]! };
    let answer: CallAnswer;
    try {
      answer =
        (await this.#page.render(params, this.#parts)) ??
        problemAnswer({ code: 'not-found' }, exchange);
    } catch (error) {
      log.error({ err: error, requestId: exchange.requestId, page: this.#page.path }, 'failed');
      answer = problemAnswer({ code: 'internal' }, exchange);
    }
    sendAnswer(response, answer, exchange.requestId, closing.hasBegun, HEADERS);
    this.#metrics.record(answer.status, performance.now() - startedMs);
  }
}

const HEADERS = [
  'X-Content-Type-Options',
  'nosniff',
  'Referrer-Policy',
  'no-referrer',
  'Cache-Control',
  'no-cache',
];
