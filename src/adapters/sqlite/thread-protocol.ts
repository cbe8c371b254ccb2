import { StoreBroken, StoreUnavailable } from '../../ports/store.ts';
import { DataFolderError } from './data-folder.ts';

/** A call of one of a thread's commands. */
export interface ThreadCall {
  readonly id: number;
  readonly name: string;
  readonly args: readonly unknown[];
}

/** What became of a call. */
export type ThreadReply =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: ThreadFault };

/** An error on its way between threads, which keep messages but not classes. */
export interface ThreadFault {
  readonly kind: 'unavailable' | 'broken' | 'data-folder' | 'other';
  /** With `data-folder`: its code. */
  readonly code?: DataFolderError['code'];
  readonly message: string;
  readonly stack: string | undefined;
}

export function toFault(error: unknown): ThreadFault {
  const message = error instanceof Error ? error.message : String(error);
  const stack = error instanceof Error ? error.stack : undefined;
  if (error instanceof StoreUnavailable) return { kind: 'unavailable', message, stack };
  if (error instanceof StoreBroken) return { kind: 'broken', message, stack };
  if (error instanceof DataFolderError) {
    return { kind: 'data-folder', code: error.code, message, stack };
  }
  return { kind: 'other', message, stack };
}

export function fromFault(fault: ThreadFault): Error {
  const cause = new Error(fault.message);
  if (fault.stack !== undefined) cause.stack = fault.stack;
  switch (fault.kind) {
    case 'unavailable':
      return new StoreUnavailable(fault.message, { cause });
    case 'broken':
      return new StoreBroken(fault.message, { cause });
    case 'data-folder':
      return new DataFolderError(fault.code ?? 'corrupt', fault.message, { cause });
    case 'other':
      return new Error(fault.message, { cause });
  }
}

type Commands = Record<string, (...args: never[]) => unknown>;

/** Answers one call with a thread's commands. */
export function answerCall(commands: Commands, call: ThreadCall): ThreadReply {
  try {
    const command = commands[call.name];
    if (command === undefined) throw new Error(`this thread has no command ${call.name}`);
    return { id: call.id, result: command(...(call.args as never[])) };
  } catch (error) {
    return { id: call.id, error: toFault(error) };
  }
}
