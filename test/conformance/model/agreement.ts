import fc from 'fast-check';
import { expect } from 'vitest';
import type {
  AcceptOutcome,
  Answer,
  ClaimOutcome,
  ClaimRequestOutcome,
  Origin,
  Store,
} from '../../../src/ports/store.ts';
import { allEvents, expectAuditOk, givenCampaign, PLAIN, readPages } from '../given.ts';
import type { OpenStoreUnderTest, StoreUnderTest } from '../store-under-test.ts';
import { nameOf, NaiveModel, type ModelRequest } from './naive-model.ts';
import { CAMPAIGNS, steps, type Step } from './steps.ts';

/**
 * A property: a store and the model say the same to any steps, and keep the promises after them.
 */
export function agreesWithModel(open: OpenStoreUnderTest): fc.IAsyncProperty<[readonly Step[]]> {
  return fc.asyncProperty(steps, async (given) => {
    const subject = await open();
    try {
      for (const campaign of CAMPAIGNS) await givenCampaign(subject.store, { ...campaign });
      const model = new NaiveModel(CAMPAIGNS);
      for (const step of given) await playBoth(subject, model, step);
      await expectPromises(subject, model);
    } finally {
      await subject.close();
    }
  });
}

async function playBoth(subject: StoreUnderTest, model: NaiveModel, step: Step): Promise<void> {
  const { store, clock } = subject;
  const nowMs = clock.nowMs();
  switch (step.kind) {
    case 'claim': {
      const { answers } = await store.issueCoupons(step.requests.map(commandOf));
      const said = await inOrder(answers, (answer) => wordsOf(store, answer));
      expect(said).toEqual(step.requests.map((request) => model.issue(request, nowMs)));
      return;
    }
    case 'accept': {
      const answers = await store.acceptClaims(step.requests.map(commandOf));
      const said = answers.map(acceptedInWords);
      expect(said).toEqual(step.requests.map((request) => model.accept(request)));
      return;
    }
    case 'decide': {
      const decided = await store.decideAcceptedClaims(step.countMax);
      const said = await inOrder(decided, (claim) => outcomeInWords(store, claim.outcome!));
      expect(said).toEqual(model.decideAccepted(step.countMax, nowMs));
      return;
    }
    case 'update': {
      const decision = await store.updateCampaign(step.campaignId, step.change, PLAIN);
      const said = decision.kind === 'refused' ? decision.code : decision.kind;
      expect(said).toBe(model.update(step.campaignId, step.change));
      return;
    }
    case 'pass':
      clock.advance(step.ms);
  }
}

/** Looks at the rows and the log themselves, and not only at what the store says of them. */
async function expectPromises({ store, log }: StoreUnderTest, model: NaiveModel): Promise<void> {
  const userIds = [...new Set(model.coupons.map((coupon) => coupon.userId))];
  const lists = await inOrder(userIds, async (userId) =>
    (await readPages((page) => store.couponsOfUser(userId, page), 3)).flat(),
  );
  const coupons = lists.flat();
  for (const campaign of model.campaigns) {
    const issued = coupons.filter((coupon) => coupon.campaignId === campaign.id);
    expect(issued.length).toBeLessThanOrEqual(campaign.quantity);
    const sequences = issued.map((coupon) => coupon.sequence).sort((a, b) => a - b);
    expect(sequences).toEqual(issued.map((_, index) => index + 1));
    for (const held of Map.groupBy(issued, (coupon) => coupon.userId).values()) {
      expect(held.length).toBeLessThanOrEqual(campaign.perUserLimit);
    }
    expect((await store.campaign(campaign.id))?.issued).toBe(issued.length);
  }
  const owners = (list: readonly { campaignId: string; sequence: number; userId: string }[]) =>
    list.map((coupon) => `${nameOf(coupon)} ${coupon.userId}`).sort();
  expect(owners(coupons)).toEqual(owners(model.coupons));
  const told = (await allEvents(log)).filter((event) => event.type === 'coupon.issued');
  expect(told.map((event) => event.subject).sort()).toEqual(coupons.map((one) => one.id).sort());
  await expectAuditOk(store);
}

function commandOf({ campaignId, userIds, key, fingerprint }: ModelRequest) {
  const idempotency = key === null ? null : { key, fingerprint, requestId: `req_${key}` };
  const origin: Origin = { idempotency, traceparent: null };
  return { campaignId, userIds, origin };
}

async function wordsOf(store: Store, answer: Answer<ClaimRequestOutcome>): Promise<string> {
  if (answer.kind === 'key-reused') return answer.kind;
  const { outcome } = answer;
  if (outcome.kind === 'campaign-not-found') return `${answer.kind} ${outcome.kind}`;
  const words = await inOrder(outcome.claims, (claim) => outcomeInWords(store, claim));
  return `${answer.kind} ${words.join(' ')}`;
}

async function outcomeInWords(store: Store, outcome: ClaimOutcome): Promise<string> {
  if (outcome.kind === 'issued') return `issued:${nameOf(outcome.coupon)}`;
  if (outcome.code !== 'already-claimed') return outcome.code;
  const held = await inOrder(outcome.couponIds ?? [], async (id) =>
    nameOf((await store.coupon(id))!),
  );
  return `already-claimed:${held.join(',')}`;
}

function acceptedInWords(answer: Answer<AcceptOutcome>): string {
  return answer.kind === 'key-reused' ? answer.kind : `${answer.kind} ${answer.outcome.kind}`;
}

async function inOrder<From, To>(
  items: readonly From[],
  each: (item: From) => Promise<To>,
): Promise<To[]> {
  const results: To[] = [];
  for (const item of items) results.push(await each(item));
  return results;
}
