/** Upper bounds in seconds, 0.5 ms to 10 s. */
const BUCKETS_S = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
] as const;
const STATUS_MAX = 599;

/** What one route counts. Kept by hand, since the claim route has no time for labels. */
export class RouteMetrics {
  readonly method: string;
  readonly path: string;
  readonly #byStatus = new Uint32Array(STATUS_MAX + 1);
  /** One more than there are bounds: what is slower than all of them. */
  readonly #byBucket = new Float64Array(BUCKETS_S.length + 1);
  #seconds = 0;

  constructor(method: string, path: string) {
    this.method = method;
    this.path = path;
  }

  /** Counts one answer and how long it took. */
  record(status: number, durationMs: number): void {
    const seconds = durationMs / 1000;
    this.#byStatus[status]! += 1;
    this.#seconds += seconds;
    let bucket = 0;
    while (bucket < BUCKETS_S.length && seconds > BUCKETS_S[bucket]!) bucket += 1;
    this.#byBucket[bucket]! += 1;
  }

  /** Samples of `firstcome_http_requests_total`. */
  countLines(): string[] {
    const labels = `method="${this.method}",route="${this.path}"`;
    const lines: string[] = [];
    this.#byStatus.forEach((count, status) => {
      if (count > 0) lines.push(`${REQUESTS}{${labels},status="${status}"} ${count}`);
    });
    return lines;
  }

  /** Samples of `firstcome_http_request_duration_seconds`; none before the first answer. */
  durationLines(): string[] {
    const labels = `method="${this.method}",route="${this.path}"`;
    let count = 0;
    const buckets = [...BUCKETS_S, '+Inf'].map((bound, i) => {
      count += this.#byBucket[i]!;
      return `${DURATION}_bucket{${labels},le="${bound}"} ${count}`;
    });
    if (count === 0) return [];
    return [
      ...buckets,
      `${DURATION}_sum{${labels}} ${this.#seconds}`,
      `${DURATION}_count{${labels}} ${count}`,
    ];
  }
}

/** The counts of all routes, in Prometheus' text format. */
export class HttpMetrics {
  readonly #routes: RouteMetrics[] = [];

  route(method: string, path: string): RouteMetrics {
    const route = new RouteMetrics(method, path);
    this.#routes.push(route);
    return route;
  }

  render(): string {
    return [
      `# HELP ${REQUESTS} Answers by route and status.`,
      `# TYPE ${REQUESTS} counter`,
      ...this.#routes.flatMap((route) => route.countLines()),
      `# HELP ${DURATION} From the first byte of the headers to the answer.`,
      `# TYPE ${DURATION} histogram`,
      ...this.#routes.flatMap((route) => route.durationLines()),
      '',
    ].join('\n');
  }
}

const REQUESTS = 'firstcome_http_requests_total';
const DURATION = 'firstcome_http_request_duration_seconds';
