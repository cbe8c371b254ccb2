import { parentPort, workerData } from 'node:worker_threads';
import { openForCheckpoints } from './open-database.ts';
import { atCommit } from './sqlite-errors.ts';
import { answerCall, toFault, type ThreadCall } from './thread-protocol.ts';

// Copies committed pages from the write-ahead log into the database file beside the writer, which
// goes on committing meanwhile: a passive checkpoint waits for nobody and lets nobody wait.
const port = parentPort!;
const { file } = workerData as { file: string };
try {
  const db = openForCheckpoints(file);
  const checkpoint = db.prepare('PRAGMA wal_checkpoint(PASSIVE)');
  const commands = {
    checkpoint: () => {
      try {
        checkpoint.get();
      } catch (error) {
        throw atCommit(error);
      }
    },
  };
  port.on('message', (call: ThreadCall) => port.postMessage(answerCall(commands, call)));
  port.postMessage({ id: 0, result: null });
} catch (error) {
  port.postMessage({ id: 0, error: toFault(error) });
}
