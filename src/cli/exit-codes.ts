/** What the process says when it ends. Scripts branch on these. */
export const EXIT = {
  ok: 0,
  error: 1,
  usage: 2,
  /** The port, the engine or the server is not available. */
  unavailable: 3,
  /** A promise is broken. */
  broken: 10,
  thresholdMissed: 11,
  inconclusive: 12,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Ends a command with one line on stderr and an exit code; never shown with a stack. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, line: string, options?: ErrorOptions) {
    super(line, options);
    this.exitCode = exitCode;
  }
}
