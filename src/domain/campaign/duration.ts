/** An ISO 8601 duration, taken apart. Weeks stand as days, hours to seconds as milliseconds. */
export interface Duration {
  readonly months: number;
  readonly days: number;
  readonly ms: number;
}

const PATTERN =
  /^P(?!$)(?:(\d{1,4})Y)?(?:(\d{1,4})M)?(?:(\d{1,4})W)?(?:(\d{1,6})D)?(?:T(?!$)(?:(\d{1,6})H)?(?:(\d{1,8})M)?(?:(\d{1,9})S)?)?$/;

/** Reads an ISO 8601 duration of whole parts (`P30D`, `P1M`, `PT12H`); null if it is not one. */
export function parseDuration(text: string): Duration | null {
  const parts = PATTERN.exec(text);
  if (parts === null) return null;
  const [years, months, weeks, days, hours, minutes, seconds] = parts
    .slice(1)
    .map((part: string | undefined) => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const duration = {
    months: years * 12 + months,
    days: weeks * 7 + days,
    ms: ((hours * 60 + minutes) * 60 + seconds) * 1000,
  };
  const isEmpty = duration.months + duration.days + duration.ms === 0;
  return isEmpty ? null : duration;
}

/**
 * The moment a duration after another, in UTC. Months are calendar months; a day that the month
 * does not have becomes its last day (31 January + P1M is the end of February).
 */
export function addDuration(fromMs: number, duration: Duration): number {
  const date = new Date(fromMs);
  const day = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() + duration.months);
  const lastDay = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  date.setUTCDate(Math.min(day, lastDay) + duration.days);
  return date.getTime() + duration.ms;
}
