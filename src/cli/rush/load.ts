import { setTimeout } from 'node:timers/promises';
import { readClaimAnswer, type ClaimAnswer } from './answer.ts';
import { HttpConnection } from './http-connection.ts';
import { keyOf, orderOf, userIdOf, type RushPlan } from './plan.ts';
import type { Wire } from './wire.ts';

/** What was sent and what came back, a column each; row i is request i of the plan's order. */
export interface RushRecord {
  readonly users: Uint32Array;
  /** Null where the request was never tried, because the run was ended before. */
  readonly answers: (ClaimAnswer | null)[];
  /** When it should have left, in ms since the start. Without a rate: when it left. */
  readonly intendedMs: Float64Array;
  readonly sentMs: Float64Array;
  readonly answeredMs: Float64Array;
  durationMs: number;
}

export interface LoadOptions {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, total: number) => void;
}

const PROGRESS_MS = 100;
/** Requests in a row that could not even be sent before the run gives up. */
const UNSENT_IN_A_ROW_MAX = 500;
/** Nearer than this, a timer would come too late. */
const TIMER_MS = 2;

/** Sends the plan's claims over at most `concurrency` connections. */
export async function runLoad(
  plan: RushPlan,
  wire: Wire,
  options: LoadOptions,
): Promise<RushRecord> {
  const run: Run = {
    plan,
    wire,
    options,
    record: createRecord(plan),
    startMs: 0,
    next: 0,
    done: 0,
    unsentInARow: 0,
  };
  const total = run.record.users.length;
  const connections = Array.from(
    { length: Math.min(plan.concurrency, total) },
    () => new HttpConnection(wire.origin, options.timeoutMs),
  );
  const progress = setInterval(() => options.onProgress(run.done, total), PROGRESS_MS);
  // So that the first decisions are not measured together with the opening of connections.
  await Promise.all(connections.map((connection) => connection.warmUp()));
  run.startMs = performance.now();
  try {
    if (plan.ratePerS === null) await sendAsAnswersCome(run, connections);
    else await sendOnTime(run, connections);
  } finally {
    clearInterval(progress);
    for (const connection of connections) connection.close();
  }
  run.record.durationMs = performance.now() - run.startMs;
  return run.record;
}

interface Run {
  readonly plan: RushPlan;
  readonly wire: Wire;
  readonly options: LoadOptions;
  readonly record: RushRecord;
  startMs: number;
  next: number;
  done: number;
  unsentInARow: number;
}

/** Closed loop: each connection sends its next request when it has the answer to its last. */
async function sendAsAnswersCome(run: Run, connections: readonly HttpConnection[]): Promise<void> {
  const work = async (connection: HttpConnection) => {
    while (!isOver(run)) await sendNext(run, connection);
  };
  await Promise.all(connections.map(work));
}

/**
 * Open loop: the moment of each request is fixed by its number. When every connection is busy the
 * request waits here, and that wait counts, since its latency runs from when it should have left.
 */
async function sendOnTime(run: Run, connections: readonly HttpConnection[]): Promise<void> {
  const idle = [...connections];
  let onIdle: () => void = () => undefined;
  const flights = new Set<Promise<void>>();
  while (!isOver(run)) {
    await until(run.startMs + run.record.intendedMs[run.next]!, run.options.signal);
    while (idle.length === 0) await new Promise<void>((free) => (onIdle = free));
    const connection = idle.pop();
    if (connection === undefined || isOver(run)) break;
    const flight = sendNext(run, connection).then(() => {
      flights.delete(flight);
      idle.push(connection);
      onIdle();
    });
    flights.add(flight);
  }
  await Promise.all(flights);
}

async function sendNext(run: Run, connection: HttpConnection): Promise<void> {
  const { plan, record, startMs } = run;
  const request = run.next++;
  const userId = userIdOf(plan, record.users[request]!);
  const bytes = run.wire.claim(plan.campaignId, userId, keyOf(plan, request));
  const sentMs = performance.now() - startMs;
  record.sentMs[request] = sentMs;
  if (plan.ratePerS === null) record.intendedMs[request] = sentMs;
  const answer = readClaimAnswer(await connection.exchange(bytes));
  record.answeredMs[request] = performance.now() - startMs;
  record.answers[request] = answer;
  run.unsentInARow = answer.kind === 'unsent' ? run.unsentInARow + 1 : 0;
  run.done++;
}

function isOver({ next, record, options, unsentInARow }: Run): boolean {
  const isGivenUp = unsentInARow >= UNSENT_IN_A_ROW_MAX;
  return next >= record.users.length || options.signal.aborted || isGivenUp;
}

function createRecord(plan: RushPlan): RushRecord {
  const users = orderOf(plan);
  const intendedMs = new Float64Array(users.length);
  if (plan.ratePerS !== null) {
    for (let i = 0; i < intendedMs.length; i++) intendedMs[i] = (i * 1000) / plan.ratePerS;
  }
  return {
    users,
    answers: new Array<ClaimAnswer | null>(users.length).fill(null),
    intendedMs,
    sentMs: new Float64Array(users.length),
    answeredMs: new Float64Array(users.length),
    durationMs: 0,
  };
}

/** Waits until a moment of the monotonic clock: by a timer when it is far, else turn by turn. */
async function until(momentMs: number, signal: AbortSignal): Promise<void> {
  for (;;) {
    const leftMs = momentMs - performance.now();
    if (leftMs <= 0 || signal.aborted) return;
    if (leftMs <= TIMER_MS) await new Promise((done) => setImmediate(done));
    else await setTimeout(leftMs - TIMER_MS, undefined, { signal }).catch(() => undefined);
  }
}
