import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDuration, parseDuration } from './duration.ts';

const SEED = 20260131;
const HOUR_MS = 3_600_000;

describe('given a text', () => {
  it.each([
    ['P30D', { months: 0, days: 30, ms: 0 }],
    ['P1M', { months: 1, days: 0, ms: 0 }],
    ['P1Y2M', { months: 14, days: 0, ms: 0 }],
    ['P2W', { months: 0, days: 14, ms: 0 }],
    ['P1W1D', { months: 0, days: 8, ms: 0 }],
    ['PT12H', { months: 0, days: 0, ms: 12 * HOUR_MS }],
    ['PT90M', { months: 0, days: 0, ms: 1.5 * HOUR_MS }],
    ['PT1S', { months: 0, days: 0, ms: 1000 }],
    ['P1Y2M3DT4H5M6S', { months: 14, days: 3, ms: 4 * HOUR_MS + 306_000 }],
  ])('when it is %s, then it is that duration', (text, duration) => {
    expect(parseDuration(text)).toEqual(duration);
  });

  it.each([
    ...['', 'P', 'PT', 'P1', '1D', 'P1DT', 'T1H', 'P1H', 'PT1D', 'P1D2M', 'p1d', ' P1D', 'P1D '],
    ...['P-1D', '-P1D', 'P1.5D', 'PT0.5S', 'P0D', 'PT0S', 'P0Y0M0DT0H0M0S', 'P1D\n', 'P99999Y'],
  ])('when it is %o, then it is no duration', (text) => {
    expect(parseDuration(text)).toBeNull();
  });
});

describe('given a moment', () => {
  it.each([
    ['2026-01-31T12:00:00Z', 'P1M', '2026-02-28T12:00:00Z'],
    ['2028-01-31T12:00:00Z', 'P1M', '2028-02-29T12:00:00Z'],
    ['2028-02-29T00:00:00Z', 'P1Y', '2029-02-28T00:00:00Z'],
    ['2026-12-31T23:59:59Z', 'P2M', '2027-02-28T23:59:59Z'],
    ['2026-01-31T12:00:00Z', 'P1M1D', '2026-03-01T12:00:00Z'],
    ['2026-01-30T00:00:00Z', 'P30D', '2026-03-01T00:00:00Z'],
    ['2026-03-28T23:30:00Z', 'P1D', '2026-03-29T23:30:00Z'],
    ['2026-12-31T23:59:59Z', 'PT1S', '2027-01-01T00:00:00Z'],
    ['2026-05-31T00:00:00Z', 'P1M1DT1H', '2026-07-01T01:00:00Z'],
  ])('when it is %s and %s pass, then it is %s', (from, duration, to) => {
    expect(addDuration(Date.parse(from), parseDuration(duration)!)).toBe(Date.parse(to));
  });

  it('when any duration passes, then it is later, and the milliseconds of the day are kept', () => {
    const moment = fc.integer({ min: 0, max: Date.UTC(2100, 0) });
    const days = fc.integer({ min: 1, max: 10_000 });
    const months = fc.integer({ min: 0, max: 1200 });
    fc.assert(
      fc.property(moment, days, months, (fromMs, day, month) => {
        const toMs = addDuration(fromMs, { months: month, days: day, ms: 0 });
        expect(toMs).toBeGreaterThan(fromMs);
        expect(toMs % (24 * HOUR_MS)).toBe(fromMs % (24 * HOUR_MS));
      }),
      { seed: SEED },
    );
  });
});
