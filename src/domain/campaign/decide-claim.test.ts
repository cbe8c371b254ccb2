import { describe, expect, it } from 'vitest';
import { campaignStatus, type ClaimTerms } from './campaign.ts';
import { decideClaim, type ClaimDecision } from './decide-claim.ts';

const NOW_MS = 1_000_000;
const OPEN: ClaimTerms = {
  quantity: 3,
  perUserLimit: 2,
  startsAtMs: null,
  endsAtMs: null,
  paused: false,
};

describe('given an open campaign of three, two for each user', () => {
  it.each<[issued: number, held: number, decision: ClaimDecision]>([
    [0, 0, 'issue'],
    [1, 1, 'issue'],
    [2, 1, 'issue'],
    [2, 2, 'already-claimed'],
    [3, 0, 'sold-out'],
    [3, 1, 'sold-out'],
    [3, 2, 'already-claimed'],
    [4, 3, 'already-claimed'],
  ])('when %i are issued and the user holds %i, then %s', (issued, held, decision) => {
    expect(decideClaim(OPEN, issued, held, NOW_MS)).toBe(decision);
  });
});

describe('given a window', () => {
  it.each<[terms: Partial<ClaimTerms>, decision: ClaimDecision]>([
    [{ startsAtMs: NOW_MS + 1 }, 'campaign-not-started'],
    [{ startsAtMs: NOW_MS }, 'issue'],
    [{ endsAtMs: NOW_MS + 1 }, 'issue'],
    [{ endsAtMs: NOW_MS }, 'campaign-ended'],
    [{ startsAtMs: NOW_MS, endsAtMs: NOW_MS + 1 }, 'issue'],
    [{ paused: true, endsAtMs: NOW_MS }, 'campaign-paused'],
    [{ paused: true, startsAtMs: NOW_MS + 1 }, 'campaign-not-started'],
  ])('%o: when a new user claims now, then %s', (terms, decision) => {
    expect(decideClaim({ ...OPEN, ...terms }, 0, 0, NOW_MS)).toBe(decision);
  });
});

/** Each way in which a claim can fail, strongest first, with terms that bring it about. */
const REASONS = [
  { code: 'already-claimed', applies: (given: Given) => given.held >= given.terms.perUserLimit },
  { code: 'campaign-not-started', applies: ({ terms }: Given) => isAfter(terms.startsAtMs) },
  { code: 'campaign-paused', applies: ({ terms }: Given) => terms.paused },
  { code: 'campaign-ended', applies: ({ terms }: Given) => isReached(terms.endsAtMs) },
  { code: 'sold-out', applies: (given: Given) => given.issued >= given.terms.quantity },
] as const;

describe('given any combination of terms, counts and holdings', () => {
  const table = [...everyGiven()];

  it('is decided by the first reason in the order of precedence that applies', () => {
    for (const given of table) {
      const expected = REASONS.find((reason) => reason.applies(given))?.code ?? 'issue';
      const decision = decideClaim(given.terms, given.issued, given.held, NOW_MS);
      expect({ ...given, decision }).toEqual({ ...given, decision: expected });
    }
  });

  it('meets every decision, and every set of reasons that can stand together', () => {
    const sets = table.map((given) =>
      REASONS.map((reason) => (reason.applies(given) ? reason.code : '-')).join(' '),
    );
    expect(new Set(sets).size).toBe(2 ** REASONS.length);
  });

  it('shows new users as status what they would be told', () => {
    const told = {
      scheduled: 'campaign-not-started',
      paused: 'campaign-paused',
      ended: 'campaign-ended',
      soldOut: 'sold-out',
      open: 'issue',
    } as const;
    for (const { terms, issued } of table) {
      const status = campaignStatus(terms, issued, NOW_MS);
      expect(told[status]).toBe(decideClaim(terms, issued, 0, NOW_MS));
    }
  });
});

interface Given {
  readonly terms: ClaimTerms;
  readonly issued: number;
  readonly held: number;
}

function* everyGiven(): Generator<Given> {
  const moments = [null, 0, NOW_MS - 1, NOW_MS, NOW_MS + 1];
  for (const startsAtMs of moments) {
    for (const endsAtMs of moments) {
      for (const paused of [false, true]) {
        for (const issued of [0, 2, 3, 4]) {
          for (const held of [0, 1, 2, 3]) {
            yield { terms: { ...OPEN, startsAtMs, endsAtMs, paused }, issued, held };
          }
        }
      }
    }
  }
}

function isAfter(momentMs: number | null): boolean {
  return momentMs !== null && momentMs > NOW_MS;
}

function isReached(momentMs: number | null): boolean {
  return momentMs !== null && momentMs <= NOW_MS;
}
