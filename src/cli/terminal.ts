import pc from 'picocolors';

/** Where a command writes: data on stdout, messages on stderr; colour only on a terminal. */
export interface Terminal {
  /** A line (or lines) of what was asked for. */
  data(text: string): void;
  /** A line (or lines) for the person in front of it. */
  message(text: string): void;
  /** A line that the next one replaces; nothing off a terminal. An empty text takes it away. */
  progress(text: string): void;
  readonly dataPaint: Paint;
  readonly messagePaint: Paint;
}

export type Paint = ReturnType<typeof pc.createColors>;

const CLEAR_LINE = '\r\u001b[2K';

export function createTerminal(
  stdout: NodeJS.WriteStream,
  stderr: NodeJS.WriteStream,
  env: Readonly<Record<string, string | undefined>>,
): Terminal {
  // https://no-color.org: any value but an empty one.
  const isPlain = (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb';
  const isLively = stderr.isTTY && !isPlain;
  let isProgressShown = false;
  const clear = () => {
    if (isProgressShown) stderr.write(CLEAR_LINE);
    isProgressShown = false;
  };
  // A reader that has seen enough (`| head`) is no fault of ours.
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  return {
    data(text) {
      clear();
      stdout.write(`${text}\n`);
    },
    message(text) {
      clear();
      stderr.write(`${text}\n`);
    },
    progress(text) {
      if (!isLively) return;
      clear();
      if (text === '') return;
      stderr.write(text.slice(0, (stderr.columns || 80) - 1));
      isProgressShown = true;
    },
    dataPaint: pc.createColors(stdout.isTTY && !isPlain),
    messagePaint: pc.createColors(isLively),
  };
}

/** Rows under a head, columns as wide as their widest cell. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((name, column) =>
    Math.max(name.length, ...rows.map((cells) => (cells[column] ?? '').length)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return [head, ...rows].map(line).join('\n');
}

/** `Name   value` lines, the names as wide as the widest. */
export function fields(pairs: readonly (readonly [string, string])[]): string {
  const width = Math.max(...pairs.map(([name]) => name.length));
  return pairs.map(([name, value]) => `${name.padEnd(width)}  ${value}`.trimEnd()).join('\n');
}
