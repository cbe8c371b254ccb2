/** What the generators are asked for; both take each member as a `key=value` argument. */
export interface LoadOptions {
  readonly host: string;
  readonly port: number;
  readonly connections: number;
  readonly warmupMs: number;
  readonly measureMs: number;
  /** Ends the run early, once so many were sent and answered; 0 never. */
  readonly requestsMax: number;
  /** Requests a second on a schedule; 0 sends the next when the last was answered. */
  readonly rate: number;
  readonly seed: number;
  readonly shape: 'single' | 'batch';
  readonly usersPerRequest: number;
  /** `random` ids look like hashes, `sequential` ones like a counter; both have 20 characters. */
  readonly ids: 'random' | 'sequential';
  /** Where the count of users begins, so that runs on one database need not share any. */
  readonly firstUser: number;
  /** After so many users the first comes again; 0 never. */
  readonly distinctUsers: number;
  /** So many requests in a row are the same. */
  readonly repeats: number;
  /** 1 gives each request an idempotency key of its own. */
  readonly keys: 0 | 1;
  /** One path a line; requests go round them. */
  readonly pathsFile: string;
}

export const LOAD_DEFAULTS: LoadOptions = {
  host: '127.0.0.1',
  port: 0,
  connections: 64,
  warmupMs: 1000,
  measureMs: 2000,
  requestsMax: 0,
  rate: 0,
  seed: 1,
  shape: 'single',
  usersPerRequest: 1,
  ids: 'random',
  firstUser: 0,
  distinctUsers: 0,
  repeats: 1,
  keys: 0,
  pathsFile: '',
};

/** The last line of a generator. */
export interface LoadResult {
  readonly event: 'result';
  readonly generator: 'c' | 'node';
  /** Length of the measured window. */
  readonly seconds: number;
  /** The generator's own processor time within it. */
  readonly cpuSeconds: number;
  readonly requests: number;
  /** Connections that ended with a request in flight: nobody knows what became of it. */
  readonly lost: number;
  readonly unanswered: number;
  /** Of an open loop: sends whose time came and that found no free connection until the end. */
  readonly overdue: number;
  readonly reconnects: number;
  readonly connectErrors: number;
  readonly measuredBytes: number;
  /** Every answer of the run, warm-up included. */
  readonly totalByStatus: Readonly<Record<string, number>>;
  readonly measuredByStatus: Readonly<Record<string, number>>;
  readonly latencyUs: LatencyUs;
}

export interface LatencyUs {
  readonly count: number;
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

export function toArguments(options: LoadOptions): string[] {
  return Object.entries(options).map(([name, value]) => `${name}=${value}`);
}

export function fromArguments(args: readonly string[]): LoadOptions {
  const given: Record<string, string | number> = { ...LOAD_DEFAULTS };
  for (const arg of args) {
    const [name = '', value = ''] = arg.split(/=(.*)/s);
    const standard = given[name];
    if (standard === undefined) throw new Error(`Unknown option ${name}`);
    given[name] = typeof standard === 'number' ? Number(value) : value;
  }
  return given as unknown as LoadOptions;
}
