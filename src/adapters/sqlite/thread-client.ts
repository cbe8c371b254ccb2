import { Worker } from 'node:worker_threads';
import { StoreBroken, StoreUnavailable } from '../../ports/store.ts';
import { fromFault, type ThreadCall, type ThreadReply } from './thread-protocol.ts';

type Commands = Record<string, (...args: never[]) => unknown>;

/** Calls the commands of a worker thread. Calls are carried out one after the other, in order. */
export class ThreadClient<Names extends Commands> {
  readonly #worker: Worker;
  readonly #calls = new Map<number, Call>();
  #nextId = 1;
  #end: Error | null = null;

  /** Starts the thread and waits until it has opened what it works on. */
  static async start<Names extends Commands>(
    script: URL,
    workerData: unknown,
  ): Promise<ThreadClient<Names>> {
    const worker = new Worker(script, { workerData });
    const client = new ThreadClient<Names>(worker);
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    client.#calls.set(0, { resolve, reject });
    await promise;
    return client;
  }

  private constructor(worker: Worker) {
    this.#worker = worker;
    worker.on('message', (reply: ThreadReply) => this.#settle(reply));
    worker.on('error', (error) => this.#fail(ended(error)));
    worker.on('exit', () => this.#fail(ended(new Error('it was stopped'))));
  }

  call<Name extends keyof Names & string>(
    name: Name,
    ...args: Parameters<Names[Name]>
  ): Promise<ReturnType<Names[Name]>> {
    if (this.#end !== null) return Promise.reject(this.#end);
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#calls.set(id, { resolve: resolve as Call['resolve'], reject });
      this.#worker.postMessage({ id, name, args } satisfies ThreadCall);
    });
  }

  /** Ends the thread; what is still under way is rejected. */
  async close(): Promise<void> {
    this.#fail(new StoreUnavailable('the record is closed'));
    await this.#worker.terminate();
  }

  #settle(reply: ThreadReply): void {
    const call = this.#calls.get(reply.id);
    this.#calls.delete(reply.id);
    if ('error' in reply) call?.reject(fromFault(reply.error));
    else call?.resolve(reply.result);
  }

  #fail(end: Error): void {
    this.#end ??= end;
    for (const call of this.#calls.values()) call.reject(this.#end);
    this.#calls.clear();
  }
}

function ended(cause: unknown): StoreBroken {
  const message = cause instanceof Error ? cause.message : String(cause);
  return new StoreBroken(`a thread of the record ended: ${message}`, { cause });
}

interface Call {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}
