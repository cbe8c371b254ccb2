import { expect } from 'vitest';
import { couponStatus } from '../../../src/domain/coupon/coupon.ts';
import {
  campaignCommand,
  claim,
  claimsOf,
  couponOf,
  givenCampaign,
  inAWord,
  inWords,
  outcomeOf,
  PLAIN,
  request,
  users,
} from '../given.ts';
import { START_MS, type Checks } from '../store-under-test.ts';

const CODE = /^[0-9A-HJKMNP-TV-Z]{5}(-[0-9A-HJKMNP-TV-Z]{5}){3}$/;
const DAY_MS = 86_400_000;

/** What one claim after the other must give. */
export const claimChecks: Checks = {
  'issues sequence numbers in the order of the claims': async ({ store }) => {
    const id = await givenCampaign(store);
    expect(inWords(await claim(store, id, ['b', 'a']))).toEqual(['issued 1', 'issued 2']);
    expect(inWords(await claim(store, id, ['d', 'c']))).toEqual(['issued 3', 'issued 4']);
    expect((await store.campaign(id))?.issued).toBe(4);
  },

  'refuses the 101st claim of 100': async ({ store }) => {
    const id = await givenCampaign(store, { quantity: 100 });
    const said = inWords(await claim(store, id, users(101)));
    expect(said.slice(0, 100)).toEqual(users(100, 'issued '));
    expect(said[100]).toBe('sold-out');
  },

  'gives the coupon as it is stored from then on': async ({ store, clock }) => {
    const id = await givenCampaign(store);
    const coupon = couponOf((await claim(store, id, ['ann']))[0]);
    expect(coupon).toEqual({
      id: expect.stringMatching(/^cpn_[0-9A-Za-z_-]{10,}$/) as string,
      campaignId: id,
      userId: 'ann',
      sequence: 1,
      code: expect.stringMatching(CODE) as string,
      status: 'issued',
      issuedAtMs: clock.nowMs(),
      expiresAtMs: null,
    });
    expect(await store.coupon(coupon.id)).toEqual(coupon);
  },

  'lets a coupon expire as long after its issue as the campaign says': async ({ store, clock }) => {
    const id = await givenCampaign(store, { couponValidFor: 'P1M' });
    const coupon = couponOf((await claim(store, id, ['ann']))[0]);
    expect(coupon.expiresAtMs).toBe(Date.UTC(2026, 1, 28, 12));
    clock.advance(DAY_MS);
    const later = couponOf((await claim(store, id, ['bob']))[0]);
    expect(later.expiresAtMs).toBe(Date.UTC(2026, 2, 1, 12));
    const stored = await store.coupon(coupon.id);
    expect(couponStatus(stored!, Date.UTC(2026, 1, 28, 12) - 1)).toBe('issued');
    expect(couponStatus(stored!, Date.UTC(2026, 1, 28, 12))).toBe('expired');
  },

  'gives every coupon another id and another code': async ({ store }) => {
    const id = await givenCampaign(store, { quantity: 2000 });
    const coupons = (await claim(store, id, users(2000))).map(couponOf);
    const codes = coupons.map((coupon) => coupon.code);
    expect(new Set(coupons.map((coupon) => coupon.id)).size).toBe(2000);
    expect(new Set(codes).size).toBe(2000);
    expect(codes.filter((code) => !CODE.test(code))).toEqual([]);
    // 32 letters in 2,000 codes: every letter stands in every place, unless a place is not random.
    const places = [...codes[0]!].map((_, place) => new Set(codes.map((code) => code[place])).size);
    expect(places.filter((letters) => letters !== 32)).toEqual([1, 1, 1]);
  },

  'refuses a second claim and names what the user holds': async ({ store, clock }) => {
    const id = await givenCampaign(store);
    const coupon = couponOf((await claim(store, id, ['ann']))[0]);
    clock.advance(1000);
    const again = await claim(store, id, ['ann']);
    expect(again).toEqual([
      {
        kind: 'refused',
        code: 'already-claimed',
        couponIds: [coupon.id],
        decidedAtMs: clock.nowMs(),
      },
    ]);
  },

  'refuses a duplicate within one request, and names the coupon just issued': async ({ store }) => {
    const id = await givenCampaign(store);
    const [first, second, other] = await claim(store, id, ['ann', 'ann', 'bob']);
    expect(second).toMatchObject({ code: 'already-claimed', couponIds: [couponOf(first).id] });
    expect(couponOf(other).sequence).toBe(2);
  },

  'refuses a duplicate within one batch of several requests': async ({ store }) => {
    const id = await givenCampaign(store);
    const batch = [request(id, ['ann']), request(id, ['bob', 'ann']), request(id, ['ann'])];
    const { answers } = await store.issueCoupons(batch);
    expect(answers.map((answer) => inWords(claimsOf(answer)))).toEqual([
      ['issued 1'],
      ['issued 2', 'already-claimed'],
      ['already-claimed'],
    ]);
  },

  'lets a user hold up to the limit, in one batch and over several': async ({ store }) => {
    const id = await givenCampaign(store, { perUserLimit: 3 });
    const first = await claim(store, id, ['ann', 'bob', 'ann']);
    expect(inWords(first)).toEqual(['issued 1', 'issued 2', 'issued 3']);
    const second = await claim(store, id, ['ann', 'ann', 'bob']);
    expect(inWords(second)).toEqual(['issued 4', 'already-claimed', 'issued 5']);
    const held = [first[0], first[2], second[0]].map((outcome) => couponOf(outcome).id);
    expect(second[1]).toMatchObject({ couponIds: held });
    expect((await claim(store, id, ['ann']))[0]).toMatchObject({ couponIds: held });
  },

  'keeps the campaigns of one batch apart': async ({ store }) => {
    const a = await givenCampaign(store, { id: 'cmp_a', quantity: 1 });
    const b = await givenCampaign(store, { id: 'cmp_b', quantity: 2 });
    const batch = [request(a, ['ann']), request(b, ['ann']), request(a, ['bob'])];
    const { answers } = await store.issueCoupons([...batch, request(b, ['bob', 'cid'])]);
    expect(answers.map((answer) => inWords(claimsOf(answer)))).toEqual([
      ['issued 1'],
      ['issued 1'],
      ['sold-out'],
      ['issued 2', 'sold-out'],
    ]);
  },

  'knows nothing of an unknown campaign, and decides the rest of the batch': async ({ store }) => {
    const id = await givenCampaign(store);
    const batch = [request('cmp_nowhere', ['ann', 'bob']), request(id, ['ann'])];
    const { answers, soldOut } = await store.issueCoupons(batch);
    expect(answers[0]).toEqual({
      kind: 'decided',
      outcome: { kind: 'campaign-not-found' },
      requestId: null,
    });
    expect(inWords(claimsOf(answers[1]!))).toEqual(['issued 1']);
    expect(soldOut).toEqual([]);
  },

  'decides a batch of 1,000 campaigns': async ({ store }) => {
    const ids = Array.from({ length: 1000 }, (_, index) => `cmp_${index}`);
    await givenCampaign(store, { id: 'cmp_first' });
    const created = ids.map((id) => {
      return store.createCampaign(campaignCommand({ id, quantity: 1 }), PLAIN);
    });
    expect((await Promise.all(created)).map((answer) => outcomeOf(answer).kind)).toEqual(
      ids.map(() => 'created'),
    );
    const { answers, soldOut } = await store.issueCoupons(ids.map((id) => request(id, ['a', 'b'])));
    const said = answers.map((answer) => inWords(claimsOf(answer)).join());
    expect(said).toEqual(ids.map(() => 'issued 1,sold-out'));
    expect(soldOut.map((one) => one.campaignId).sort()).toEqual([...ids].sort());
  },

  'answers nothing to an empty batch and an empty request': async ({ store }) => {
    const id = await givenCampaign(store);
    expect(await store.issueCoupons([])).toEqual({ answers: [], soldOut: [] });
    expect(await claim(store, id, [])).toEqual([]);
  },

  'takes user ids as they are, whatever they look like': async ({ store }) => {
    const id = await givenCampaign(store, { quantity: 20 });
    const odd = ['ann', 'ANN', '__proto__', 'constructor', 'a:b', 'a|b', 'a', '0', '00', '1e3'];
    const longest = 'x'.repeat(128);
    const said = inWords(await claim(store, id, [...odd, longest, `${'x'.repeat(127)}y`]));
    expect(said).toEqual(users(12, 'issued '));
    const again = await claim(store, id, [...odd, longest]);
    expect(new Set(again.map(inAWord))).toEqual(new Set(['already-claimed']));
  },
};

/** Which refusal stands before which. */
export const precedenceChecks: Checks = {
  'takes claims from the start of the window on, and says when that is': async (subject) => {
    const { store, clock } = subject;
    const startsAtMs = START_MS + 5000;
    const id = await givenCampaign(store, { startsAtMs });
    clock.set(startsAtMs - 1);
    expect(await claim(store, id, ['ann'])).toEqual([
      { kind: 'refused', code: 'campaign-not-started', startsAtMs, decidedAtMs: startsAtMs - 1 },
    ]);
    clock.set(startsAtMs);
    expect(inWords(await claim(store, id, ['ann']))).toEqual(['issued 1']);
  },

  'takes claims until before the end of the window, and says when that was': async (subject) => {
    const { store, clock } = subject;
    const endsAtMs = START_MS + 5000;
    const id = await givenCampaign(store, { endsAtMs });
    clock.set(endsAtMs - 1);
    expect(inWords(await claim(store, id, ['ann']))).toEqual(['issued 1']);
    clock.set(endsAtMs);
    expect(await claim(store, id, ['bob'])).toEqual([
      { kind: 'refused', code: 'campaign-ended', endsAtMs, decidedAtMs: endsAtMs },
    ]);
  },

  'puts already-claimed first, then not started, paused, ended, sold out': async (subject) => {
    const { store, clock } = subject;
    const [startsAtMs, endsAtMs] = [START_MS, START_MS + 5000];
    const id = await givenCampaign(store, { quantity: 1, startsAtMs, endsAtMs });
    const ask = async () => inWords(await claim(store, id, ['winner', 'loser']));
    expect(await ask()).toEqual(['issued 1', 'sold-out']);
    clock.set(endsAtMs);
    expect(await ask()).toEqual(['already-claimed', 'campaign-ended']);
    await store.updateCampaign(id, { paused: true }, PLAIN);
    expect(await ask()).toEqual(['already-claimed', 'campaign-paused']);
    clock.set(startsAtMs - 1);
    expect(await ask()).toEqual(['already-claimed', 'campaign-not-started']);
    await store.updateCampaign(id, { paused: false }, PLAIN);
    clock.set(startsAtMs);
    expect(await ask()).toEqual(['already-claimed', 'sold-out']);
  },

  'gives a paused or sold-out refusal no more than its code and moment': async (subject) => {
    const { store, clock } = subject;
    const id = await givenCampaign(store, { quantity: 1 });
    await claim(store, id, ['ann']);
    const decidedAtMs = clock.nowMs();
    expect(await claim(store, id, ['bob'])).toEqual([
      { kind: 'refused', code: 'sold-out', decidedAtMs },
    ]);
    await store.updateCampaign(id, { paused: true }, PLAIN);
    expect(await claim(store, id, ['bob'])).toEqual([
      { kind: 'refused', code: 'campaign-paused', decidedAtMs },
    ]);
  },
};

/** What is said of campaigns that have nothing left. */
export const soldOutChecks: Checks = {
  'names a campaign as sold out with the batch that took its last coupon': async ({ store }) => {
    const endsAtMs = START_MS + DAY_MS;
    const id = await givenCampaign(store, { quantity: 3, endsAtMs });
    const ask = async (userIds: readonly string[]) =>
      (await store.issueCoupons(userIds.map((userId) => request(id, [userId])))).soldOut;
    expect(await ask(['a', 'b'])).toEqual([]);
    expect(await ask(['c', 'd'])).toEqual([{ campaignId: id, endsAtMs }]);
    expect(await ask(['e'])).toEqual([{ campaignId: id, endsAtMs }]);
  },

  'issues again, with the next number, once the quantity is raised': async ({ store }) => {
    const id = await givenCampaign(store, { quantity: 2 });
    await claim(store, id, ['a', 'b', 'c']);
    await store.updateCampaign(id, { quantity: 4 }, PLAIN);
    const { answers, soldOut } = await store.issueCoupons([request(id, ['a', 'c'])]);
    expect(inWords(claimsOf(answers[0]!))).toEqual(['already-claimed', 'issued 3']);
    expect(soldOut).toEqual([]);
    expect(inWords(await claim(store, id, ['d', 'e']))).toEqual(['issued 4', 'sold-out']);
  },

  'sells out at once when the quantity is lowered to what is issued': async ({ store }) => {
    const id = await givenCampaign(store, { quantity: 5 });
    await claim(store, id, ['a', 'b']);
    await store.updateCampaign(id, { quantity: 2 }, PLAIN);
    const { answers, soldOut } = await store.issueCoupons([request(id, ['c'])]);
    expect(inWords(claimsOf(answers[0]!))).toEqual(['sold-out']);
    expect(soldOut).toEqual([{ campaignId: id, endsAtMs: null }]);
  },
};
