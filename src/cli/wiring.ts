import type { Settings } from '../config.ts';

/** What only the composition root can do for a command. */
export interface Wiring {
  readonly version: string;
  /** Starts the server; resolves when it answers. */
  serve(settings: Settings): Promise<RunningServer>;
  /** Recounts the promises of a data folder that no server uses. */
  auditFolder(folder: string): Promise<AuditReport>;
  /** The process that has a data folder now, as far as it can be told; null if none has it. */
  folderOwner(folder: string): Promise<FolderOwner | null>;
}

export interface FolderOwner {
  /** Null if the folder is locked and does not tell by whom. */
  readonly pid: number | null;
}

export interface RunningServer {
  /** The address it listens on, with the port that was really taken. */
  readonly url: string;
  /** What the record says of the campaign that every new data folder begins with. */
  readonly welcome: {
    readonly id: string;
    readonly remaining: number;
    readonly quantity: number;
    readonly vendorId: string;
    readonly currency: string;
  } | null;
  /** Whether this start made it. */
  readonly isNew: boolean;
  /** Resolves when nobody can say any more what is on disk, so that the process must end. */
  readonly broken: Promise<Error>;
  /** Finishes what is in flight, then lets go of everything. */
  close(): Promise<void>;
}

export interface AuditReport {
  readonly ok: boolean;
  readonly checks: readonly {
    readonly name: string;
    readonly ok: boolean;
    readonly detail: string;
  }[];
}
