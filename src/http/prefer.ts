/** What a `Prefer` header (RFC 7240) asks of a claim. */
export interface Preference {
  readonly respondAsync: boolean;
  /** How long to wait for the decision first, in seconds. */
  readonly waitS: number;
  /** For `Preference-Applied`. */
  readonly applied: string;
}

export const WAIT_MAX_S = 30;

const SYNCHRONOUS: Preference = { respondAsync: false, waitS: 0, applied: '' };

/** Reads a `Prefer` header. Preferences that nobody here knows are passed over, as the RFC asks. */
export function parsePrefer(header: string | undefined): Preference {
  if (header === undefined) return SYNCHRONOUS;
  let respondAsync = false;
  let waitS: number | null = null;
  for (const preference of header.split(',')) {
    const [name = '', value = ''] = preference.split(';', 1)[0]!.split('=', 2);
    const word = name.trim().toLowerCase();
    if (word === 'respond-async') respondAsync = true;
    // Of a preference given twice the first counts.
    if (word === 'wait') waitS ??= parseWait(value.trim());
  }
  if (!respondAsync) return SYNCHRONOUS;
  const applied = waitS === null ? 'respond-async' : `respond-async, wait=${waitS}`;
  return { respondAsync, waitS: waitS ?? 0, applied };
}

function parseWait(value: string): number | null {
  const digits = value.replace(/^"(.*)"$/, '$1');
  return /^\d{1,9}$/.test(digits) ? Math.min(Number(digits), WAIT_MAX_S) : null;
}
