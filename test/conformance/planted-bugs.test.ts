import { describe, expect, it } from 'vitest';
import { claim, givenCampaign, users } from './given.ts';
import * as bugs from './planted/bugs.ts';
import { failedChecks } from './planted/failed-checks.ts';
import { STORE_CHECKS } from './store-suite.ts';
import type { OpenStoreUnderTest } from './store-under-test.ts';

/** Each bug with the checks that are there to catch it. Others may catch it too. */
const CAUGHT_BY: readonly (readonly [
  bug: string,
  open: OpenStoreUnderTest,
  checks: readonly string[],
])[] = [
  [
    'checks before it saves',
    bugs.openCheckThenSave,
    [
      'issues exactly the quantity to 300 that ask at once',
      'gives one user who asks 100 times at once one coupon, and names it to all',
      'keeps every promise while the owner changes the terms',
    ],
  ],
  [
    'acknowledges before it commits',
    bugs.openHasty,
    [
      'has stored, and told, whatever it answers, the moment it answers',
      'has after a restart whatever it answered before',
      'gives the coupon as it is stored from then on',
    ],
  ],
  [
    'forgets what its batch has given out',
    bugs.openForgetfulOfBatch,
    [
      'refuses a duplicate within one request, and names the coupon just issued',
      'refuses a duplicate within one batch of several requests',
      'lets a user hold up to the limit, in one batch and over several',
    ],
  ],
  [
    'repeats a sequence number',
    bugs.openRepeatingSequence,
    [
      'refuses the 101st claim of 100',
      'issues exactly the quantity to 300 that ask at once',
      'numbers events without gap, in the order of decisions',
    ],
  ],
  [
    'says sold out to a winner',
    bugs.openSoldOutFirst,
    ['puts already-claimed first, then not started, paused, ended, sold out'],
  ],
  [
    'leaves out an event',
    bugs.openSilentThird,
    [
      'numbers events without gap, in the order of decisions',
      'finds nothing wrong after everything that may happen',
    ],
  ],
  [
    'keeps its keys in memory only',
    bugs.openForgetfulOfKeys,
    ['replays after a restart what was decided before it'],
  ],
  [
    'does not look what a key was used for',
    bugs.openBlindToFingerprints,
    ['refuses a key that was used for something else, and does nothing'],
  ],
];

/** Each of these runs the whole suite on a store. */
const TIMEOUT_MS = 60_000;

describe('the checks of the store', { timeout: TIMEOUT_MS }, () => {
  it('say nothing against the construction that the bugs are planted in', async () => {
    expect(await failedChecks(bugs.openUnspoilt)).toEqual([]);
  });

  it.each(CAUGHT_BY)('catch a store that %s', async (_bug, open, checks) => {
    const failed = await failedChecks(open);
    expect(failed).toEqual(expect.arrayContaining([...checks]));
  });

  it('need many at once to catch a store that checks before it saves', async () => {
    const failed = new Set(await failedChecks(bugs.openCheckThenSave));
    const alone = ['claims', 'the precedence of refusals', 'selling out', 'lists', 'campaigns'];
    const sentences = alone.flatMap((about) => Object.keys(STORE_CHECKS[about]!));
    expect(sentences.filter((sentence) => failed.has(sentence))).toEqual([]);
  });
});

describe('the recount', () => {
  it.each([
    [
      'checks before it saves',
      bugs.openCheckThenSave,
      ['issued-within-quantity', 'per-user-limit', 'sequences-without-gap', 'counters-agree'],
    ],
    ['forgets what its batch has given out', bugs.openForgetfulOfBatch, ['per-user-limit']],
    ['repeats a sequence number', bugs.openRepeatingSequence, ['sequences-without-gap']],
    ['leaves out an event', bugs.openSilentThird, ['events-agree']],
  ])('shows what a store did that %s', async (_bug, open, names) => {
    expect(await redAfterARush(open)).toEqual(expect.arrayContaining(names));
  });

  it('is content with the construction that the bugs are planted in', async () => {
    expect(await redAfterARush(bugs.openUnspoilt)).toEqual([]);
  });
});

/** The checks of the recount that are red after twelve users asked two or three times, at once. */
async function redAfterARush(open: OpenStoreUnderTest): Promise<readonly string[]> {
  const { store, close } = await open();
  const id = await givenCampaign(store, { quantity: 8 });
  await Promise.all([
    claim(store, id, ['twice', 'other', 'twice']),
    ...[...users(10), ...users(10)].map((userId) => claim(store, id, [userId])),
    claim(store, id, users(10)),
  ]);
  const red = (await store.recount()).filter((check) => !check.ok).map((check) => check.name);
  await close();
  return red;
}
