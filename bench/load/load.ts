// The generator in Node, for machines without a C compiler: the same options and lines as load.c.
// It costs about twice as much processor time for each request, which the result says.
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';

import { LatencyHistogram } from './latency-histogram.ts';
import { fromArguments, type LoadOptions } from './load-options.ts';
import { mix32, requestMaker } from './requests.ts';

const DRAIN_MS = 10_000;
const RECONNECTS_MAX = 100_000;
const HEAD_END = Buffer.from('\r\n\r\n');

interface Connection {
  socket: Socket;
  busy: boolean;
  intendedMs: number;
  status: number;
  closes: boolean;
  head: Buffer | null;
  bodyLeft: number;
}

const options = fromArguments(process.argv.slice(2));
const paths = readFileSync(options.pathsFile, 'utf8').split('\n').filter(Boolean);
const makeRequest = requestMaker(options, paths);
const latencies = new LatencyHistogram();
const idle: Connection[] = [];
const totalByStatus: Record<string, number> = {};
const measuredByStatus: Record<string, number> = {};
const counts = { requests: 0, lost: 0, reconnects: 0, connectErrors: 0, measuredBytes: 0 };
let inFlight = 0;
let finished = false;
let measureAtMs = Infinity;
let endAtMs = Infinity;
let nextIntendedMs = Infinity;
let randomState = mix32(options.seed);

await Promise.all(
  Array.from({ length: options.connections }, () => new Promise<void>((done) => open(done))),
);
nextIntendedMs = performance.now();
measureAtMs = nextIntendedMs + options.warmupMs;
endAtMs = measureAtMs + options.measureMs;
sendDue();
if (options.rate > 0) pace();
await at(measureAtMs);
say({ event: 'start' });
const cpuBefore = process.cpuUsage();
while (performance.now() < endAtMs && !isSatisfied())
  await at(Math.min(endAtMs, performance.now() + 20));
const seconds = (performance.now() - measureAtMs) / 1e3;
const cpu = process.cpuUsage(cpuBefore);
say({ event: 'end' });
const giveUpAtMs = endAtMs + DRAIN_MS;
while (inFlight > 0 && performance.now() < giveUpAtMs) await at(performance.now() + 5);
finished = true;
say({
  event: 'result',
  generator: 'node',
  seconds,
  cpuSeconds: (cpu.user + cpu.system) / 1e6,
  ...counts,
  unanswered: inFlight,
  overdue: overdueOf(options),
  totalByStatus,
  measuredByStatus,
  latencyUs: latencies.summary(),
});
process.exit(0);

function open(done: () => void): void {
  const socket = connect({ host: options.host, port: options.port, noDelay: true });
  const connection: Connection = {
    socket,
    busy: false,
    intendedMs: 0,
    status: 0,
    closes: false,
    head: null,
    bodyLeft: 0,
  };
  socket.once('connect', () => {
    idle.push(connection);
    done();
  });
  socket.on('data', (data: Buffer) => receive(connection, data));
  socket.on('error', () => (counts.connectErrors += socket.connecting ? 1 : 0));
  socket.once('close', () => replace(connection));
}

function replace(connection: Connection): void {
  if (finished) return;
  if (connection.busy) {
    counts.lost += 1;
    inFlight -= 1;
  }
  const place = idle.indexOf(connection);
  if (place >= 0) idle.splice(place, 1);
  counts.reconnects += 1;
  if (counts.reconnects <= RECONNECTS_MAX) open(sendDue);
}

function sendDue(): void {
  for (let nowMs = performance.now(); idle.length > 0;) {
    if (options.requestsMax > 0 && counts.requests >= options.requestsMax) return;
    if (nowMs >= endAtMs && options.rate === 0) return;
    let intendedMs = nowMs;
    if (options.rate > 0) {
      if (nextIntendedMs > nowMs || nextIntendedMs >= endAtMs) return;
      intendedMs = nextIntendedMs;
      nextIntendedMs += (-Math.log(randomUnit()) * 1e3) / options.rate;
    }
    const connection = idle.pop();
    if (connection === undefined) return;
    connection.busy = true;
    connection.intendedMs = intendedMs;
    inFlight += 1;
    connection.socket.write(makeRequest(counts.requests), 'latin1');
    counts.requests += 1;
    nowMs = performance.now();
  }
}

/** Timers are only right to a millisecond, so that the schedule is looked at in every turn. */
function pace(): void {
  sendDue();
  if (!finished) setImmediate(pace);
}

function receive(connection: Connection, data: Buffer): void {
  const nowMs = performance.now();
  if (nowMs >= measureAtMs && nowMs < endAtMs) counts.measuredBytes += data.length;
  let rest = data;
  while (rest.length > 0) {
    if (!connection.busy) return void connection.socket.destroy();
    if (connection.status === 0) {
      const whole = connection.head === null ? rest : Buffer.concat([connection.head, rest]);
      const end = whole.indexOf(HEAD_END);
      connection.head = whole;
      if (end < 0) return;
      connection.head = null;
      if (!readHead(connection, whole.toString('latin1', 0, end)))
        return void connection.socket.destroy();
      rest = whole.subarray(end + HEAD_END.length);
    }
    const body = Math.min(rest.length, connection.bodyLeft);
    connection.bodyLeft -= body;
    rest = rest.subarray(body);
    if (connection.bodyLeft > 0) return;
    answered(connection, nowMs);
  }
  sendDue();
}

function readHead(connection: Connection, head: string): boolean {
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (length === undefined) return false;
  connection.status = Number(head.slice(9, 12));
  connection.bodyLeft = Number(length);
  connection.closes = /\r\nconnection: close/i.test(head);
  return true;
}

function answered(connection: Connection, nowMs: number): void {
  const status = String(connection.status);
  connection.status = 0;
  connection.busy = false;
  inFlight -= 1;
  totalByStatus[status] = (totalByStatus[status] ?? 0) + 1;
  const momentMs = options.rate > 0 ? connection.intendedMs : nowMs;
  if (momentMs >= measureAtMs && momentMs < endAtMs) {
    measuredByStatus[status] = (measuredByStatus[status] ?? 0) + 1;
    latencies.record((nowMs - connection.intendedMs) * 1e6);
  }
  if (connection.closes) connection.socket.destroy();
  else idle.push(connection);
}

/** Whether as many were sent and answered as were asked for. */
function isSatisfied(): boolean {
  return options.requestsMax > 0 && counts.requests >= options.requestsMax && inFlight === 0;
}

function overdueOf({ rate }: LoadOptions): number {
  return nextIntendedMs < endAtMs ? Math.round(((endAtMs - nextIntendedMs) / 1e3) * rate) : 0;
}

function randomUnit(): number {
  randomState = (randomState + 0x9e3779b9) >>> 0;
  return (mix32(randomState) + 0.5) / 2 ** 32;
}

function at(momentMs: number): Promise<void> {
  return new Promise((done) => setTimeout(done, Math.max(0, momentMs - performance.now())));
}

function say(line: object): void {
  console.log(JSON.stringify(line));
}
