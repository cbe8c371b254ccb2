import { parseDuration } from '../domain/campaign/duration.ts';

const CURRENCIES: ReadonlySet<string> = new Set(Intl.supportedValuesOf('currency'));

const RFC_3339 =
  /^(\d{4})-(\d{2})-(\d{2})T([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(\.\d{1,9})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/i;

/** Whether a text is a currency of ISO 4217. */
export function isCurrency(text: string): boolean {
  return CURRENCIES.has(text);
}

/** Whether a text is an ISO 8601 duration of whole parts. */
export function isDuration(text: string): boolean {
  return parseDuration(text) !== null;
}

/**
 * Reads an RFC 3339 time to the millisecond; null if it is not one. Days that a month does not have
 * are refused, although `Date` would take them for the month after.
 */
export function parseTime(text: string): number | null {
  const parts = RFC_3339.exec(text);
  if (parts === null) return null;
  const [year, month, day] = [Number(parts[1]), Number(parts[2]), Number(parts[3])];
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return null;
  const timeMs = Date.parse(text.toUpperCase());
  return Number.isNaN(timeMs) ? null : timeMs;
}

function daysInMonth(year: number, month: number): number {
  const lastDay = new Date(0);
  lastDay.setUTCFullYear(year, month, 0);
  return lastDay.getUTCDate();
}
