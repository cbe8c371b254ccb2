import { parentPort, workerData } from 'node:worker_threads';
import { CouponNames } from './coupon-names.ts';
import { createEventQueries } from './event-queries.ts';
import { openForReading, readSecret } from './open-database.ts';
import { createQueries } from './queries.ts';
import { createRedemptionQueries } from './redemption-queries.ts';
import { recount } from './recount.ts';
import { answerCall, toFault, type ThreadCall } from './thread-protocol.ts';

// Reads beside the writer: lists, lookups and the event log. A recount, which may take seconds,
// runs in a second thread of this kind, so that nobody waits behind it.
const port = parentPort!;
const { file } = workerData as { file: string };

/** The commands that the reader's thread runs, by name. */
export type ReaderCommands = ReturnType<typeof createReader>;

// Opened with the first question: the writer, which makes the tables, starts at the same time.
let reader: ReaderCommands | null = null;
port.on('message', (call: ThreadCall) => {
  try {
    reader ??= createReader(file);
    port.postMessage(answerCall(reader, call));
  } catch (error) {
    port.postMessage({ id: call.id, error: toFault(error) });
  }
});
port.postMessage({ id: 0, result: null });

function createReader(path: string) {
  const db = openForReading(path);
  const names = new CouponNames(readSecret(db));
  return {
    ...createQueries(db, names),
    ...createRedemptionQueries(db, names),
    ...createEventQueries(db, names),
    recount: () => recount(db, names),
  };
}
