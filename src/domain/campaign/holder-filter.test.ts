import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addHolder, createHolderFilter, mayHold } from './holder-filter.ts';

const SEED = 20260131;

describe('given a filter of some holders', () => {
  it('when a holder is asked for, then the answer is never a false no', () => {
    const userIds = fc.uniqueArray(fc.string({ unit: 'grapheme', maxLength: 128 }), {
      maxLength: 400,
    });
    fc.assert(
      fc.property(userIds, fc.nat(400), (holders, sizedFor) => {
        const filter = createHolderFilter(sizedFor);
        for (const userId of holders) addHolder(filter, userId);
        expect(holders.filter((userId) => !mayHold(filter, userId))).toEqual([]);
      }),
      { seed: SEED },
    );
  });

  // Ids that follow each other are the hardest, and the usual, input of a cheap hash.
  it.each([
    [100, (index: number) => `user-${index}`],
    [5_000, (index: number) => `user-${index}`],
    [6_500, (index: number) => String(index).padStart(12, '0')],
    [26_000, (index: number) => `shop:${index}@example`],
    [50_000, (index: number) => index.toString(36)],
  ])('when %i hold, then under 2 %% of strangers are sent to the record', (count, nameOf) => {
    const filter = createHolderFilter(count);
    for (let index = 0; index < count; index++) addHolder(filter, nameOf(index));
    const strangers = Array.from({ length: 20_000 }, (_, index) => nameOf(count + index));
    const perhaps = strangers.filter((userId) => mayHold(filter, userId)).length;
    expect(perhaps / strangers.length).toBeLessThan(0.02);
  });

  it('when nobody holds, then everybody is told no', () => {
    const filter = createHolderFilter(0);
    expect(mayHold(filter, 'ann')).toBe(false);
    expect(mayHold(filter, '')).toBe(false);
  });

  it('when millions hold, then it takes between 10 and 20 bits for each', () => {
    for (const holdersMax of [1_000, 99_999, 1_000_000, 10_000_000]) {
      const bitsEach = (createHolderFilter(holdersMax).bits.length * 8) / holdersMax;
      expect(bitsEach).toBeGreaterThanOrEqual(10);
      expect(bitsEach).toBeLessThanOrEqual(20);
    }
  });
});
