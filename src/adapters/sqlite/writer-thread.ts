import { parentPort, workerData } from 'node:worker_threads';
import { CheckpointPacer } from './checkpoint-pacer.ts';
import { openForWriting } from './open-database.ts';
import { answerCall, toFault, type ThreadCall } from './thread-protocol.ts';
import { createWriter, type WriterCommands } from './writer.ts';

// The one thread that writes. An fsync stops this thread and never the one that speaks HTTP.
const port = parentPort!;
const { file } = workerData as { file: string };

/** The commands that the writer's thread runs, by name. */
export type WriterThreadCommands = WriterCommands & { close: () => void };

try {
  const db = openForWriting(file);
  const pacer = new CheckpointPacer(db, file);
  const commands: WriterThreadCommands = {
    ...createWriter(db),
    close: () => {
      void pacer.close();
      db.close();
    },
  };
  port.on('message', (call: ThreadCall) => {
    port.postMessage(answerCall(commands, call));
    if (call.name !== 'close') pacer.afterCommit();
  });
  port.postMessage({ id: 0, result: null });
} catch (error) {
  port.postMessage({ id: 0, error: toFault(error) });
}
