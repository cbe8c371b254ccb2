import fc from 'fast-check';
import { expect } from 'vitest';
import { couponStatus, type Coupon } from '../../../src/domain/coupon/coupon.ts';
import type { Redemption } from '../../../src/ports/redemption-store.ts';
import type { Answer, CreateCampaign, Origin } from '../../../src/ports/store.ts';
import { claim, expectAuditOk, givenCampaign } from '../given.ts';
import { balanceOf, entriesOf, redeemedOf, useOf } from '../given-redemptions.ts';
import { expectPaidOnce } from '../ledger-invariants.ts';
import type { OpenStore, OpenStoreUnderTest, TestClock } from '../store-under-test.ts';
import { CLAIMED, ledgerSteps, TERMS, type LedgerStep, type NamedUse } from './ledger-steps.ts';
import { fingerprintOf, NaiveLedger, type ModelTerms } from './naive-ledger.ts';

/**
 * A property: a store and the model say the same to any steps, come to the same balances and
 * coupons after each, and promise 4 holds at every moment in between.
 *
 * @param recountEach  after how many steps the store recounts, which is dear on some
 */
export function ledgerAgreesWithModel(
  open: OpenStoreUnderTest,
  recountEach = 1,
): fc.IAsyncProperty<[readonly LedgerStep[]]> {
  return fc.asyncProperty(ledgerSteps, async (given) => {
    const subject = await open();
    try {
      for (const terms of TERMS) await givenCampaign(subject.store, commandOf(terms));
      const game = new Game(subject, subject.clock);
      for (const [campaignId, userId] of CLAIMED) {
        await game.play({ kind: 'claim', campaignId, userId });
      }
      for (const [index, step] of given.entries()) {
        if (step.kind === 'restart') game.open = await subject.reopen();
        else await game.play(step);
        await game.expectAgreement();
        await expectPaidOnce(game.open);
        if (index % recountEach === 0) await expectAuditOk(game.open.store);
      }
      await expectAuditOk(game.open.store);
    } finally {
      await subject.close();
    }
  });
}

/** A store and the model, side by side. */
class Game {
  open: OpenStore;
  readonly #clock: TestClock;
  readonly #model = new NaiveLedger(TERMS);
  /** The coupons by the names that the model has for them. */
  readonly #coupons = new Map<string, Coupon>();
  #made = 0;

  constructor(open: OpenStore, clock: TestClock) {
    this.open = open;
    this.#clock = clock;
  }

  async play(step: Exclude<LedgerStep, { kind: 'restart' }>): Promise<void> {
    const { store } = this.open;
    const model = this.#model;
    const nowMs = this.#clock.nowMs();
    switch (step.kind) {
      case 'claim':
        expect(await this.#claim(step.campaignId, step.userId)).toBe(
          model.claim(step.campaignId, step.userId, nowMs),
        );
        return;
      case 'redeem': {
        const requests = this.#requestsOf('redeem', step.uses);
        const answers = await store.redeemCoupons(requests);
        const said = answers.map((answer) => this.#inWords(answer));
        expect(said).toEqual(
          step.uses.map((use, index) => model.redeem(requests[index]!.id, asked(use), nowMs)),
        );
        return;
      }
      case 'accept': {
        const requests = this.#requestsOf('accept', step.uses);
        const answers = await store.acceptRedemptions(requests);
        const said = answers.map((answer) => this.#inWords(answer));
        expect(said).toEqual(
          step.uses.map((use, index) => model.accept(requests[index]!.id, asked(use))),
        );
        return;
      }
      case 'decide': {
        const decided = await store.decideAcceptedRedemptions(step.countMax);
        const said = decided.map((one) => one.code ?? this.#redeemedInWords(one));
        expect(said).toEqual(model.decideAccepted(step.countMax, nowMs));
        return;
      }
      case 'reverse': {
        const { redemptions } = model;
        const id = redemptions[step.of % (redemptions.length + 1)]?.id ?? 'red_nowhere';
        const answer = await store.reverseRedemption(id, originOf(step.key, 'reverse', id));
        expect(this.#inWords(answer)).toBe(model.reverse(id, step.key, nowMs));
        return;
      }
      case 'payOut': {
        const { vendorId, amount, currency, key } = step;
        const id = `pay_${(this.#made += 1)}`;
        const origin = originOf(key, 'payOut', [vendorId, amount, currency]);
        const answer = await store.payOut({ id, vendorId, amount: { amount, currency } }, origin);
        expect(this.#inWords(answer)).toBe(model.payOut(vendorId, amount, currency, key));
        return;
      }
      case 'expire':
        expect(await store.expireCoupons(step.countMax)).toBe(model.expire(step.countMax, nowMs));
        return;
      case 'pass':
        this.#clock.advance(step.ms);
    }
  }

  /** Balances, entries, counters, coupons and redemptions are what the model says they are. */
  async expectAgreement(): Promise<void> {
    const { store } = this.open;
    const model = this.#model;
    const nowMs = this.#clock.nowMs();
    for (const vendorId of new Set(TERMS.map((terms) => terms.vendorId))) {
      expect(await balanceOf(store, vendorId)).toBe(model.balanceOf(vendorId));
      const entries = await entriesOf(store, vendorId);
      expect(entries.map(({ type, amount }) => [type, amount.amount])).toEqual(
        model.moved
          .filter((movement) => movement.vendorId === vendorId)
          .map(({ why, amount }) => [why, amount]),
      );
    }
    for (const { id } of TERMS) {
      const uses = model.redemptions.filter((one) => one.coupon.terms.id === id);
      const inForce = uses.filter((one) => one.status === 'redeemed').length;
      expect([id, await redeemedOf(store, id)]).toEqual([id, inForce]);
    }
    const shown = model.coupons.map(async ({ name }) => {
      const stored = (await store.coupon(this.#coupons.get(name)!.id))!;
      return [name, couponStatus(stored, nowMs)];
    });
    expect(await Promise.all(shown)).toEqual(
      model.coupons.map((coupon) => [coupon.name, model.statusOf(coupon, nowMs)]),
    );
    const stored = model.redemptions.map(({ id }) => store.redemption(id));
    const status = (await Promise.all(stored)).map((one) => one?.status);
    expect(status).toEqual(model.redemptions.map((one) => one.status));
  }

  async #claim(campaignId: string, userId: string): Promise<string> {
    const [outcome] = await claim(this.open.store, campaignId, [userId]);
    if (outcome!.kind === 'refused') return outcome!.code;
    const name = `${campaignId}/${outcome!.coupon.sequence}`;
    this.#coupons.set(name, outcome!.coupon);
    return `issued ${name}`;
  }

  #requestsOf(command: string, uses: readonly NamedUse[]) {
    return uses.map((use) => {
      const named = this.#coupons.get(use.coupon)?.[use.by] ?? 'cpn_nowhere';
      const origin = originOf(use.key, command, asked(use));
      const id = `red_${(this.#made += 1)}`;
      return useOf(id, named, { orderAmount: use.order, origin });
    });
  }

  #inWords(answer: Answer<Outcome>): string {
    if (answer.kind === 'key-reused') return answer.kind;
    return `${answer.kind} ${this.#outcomeInWords(answer.outcome)}`;
  }

  #outcomeInWords(outcome: Outcome): string {
    switch (outcome.kind) {
      case 'refused':
        return outcome.code;
      case 'redeemed':
        return this.#redeemedInWords(outcome.redemption);
      case 'accepted':
      case 'reversed':
        return `${outcome.kind} ${outcome.redemption.id}`;
      case 'paid':
        return `paid ${outcome.payout.amount.amount}`;
    }
  }

  #redeemedInWords({ id, couponId, discount, reimbursement }: Redemption): string {
    const [name] = [...this.#coupons].find(([, coupon]) => coupon.id === couponId)!;
    return `redeemed ${id} ${name}: ${discount?.amount} off, ${reimbursement?.amount} paid`;
  }
}

/** Any outcome of a use, a reversal or a payout. */
type Outcome =
  | { readonly kind: 'refused'; readonly code: string }
  | { readonly kind: 'redeemed' | 'accepted' | 'reversed'; readonly redemption: Redemption }
  | { readonly kind: 'paid'; readonly payout: { readonly amount: { readonly amount: number } } };

/** What was asked for, whichever way the coupon was named. */
function asked({ coupon, order, key }: NamedUse) {
  return { coupon, order, key };
}

function originOf(key: string | null, command: string, what: unknown): Origin {
  const fingerprint = fingerprintOf(command, what);
  const idempotency = key === null ? null : { key, fingerprint, requestId: `req_${key}` };
  return { idempotency, traceparent: null };
}

function commandOf({ off, bps, validForMs, ...terms }: ModelTerms): Partial<CreateCampaign> {
  return {
    ...terms,
    discount:
      'fixed' in off
        ? { type: 'fixed', amount: off.fixed, currency: 'KRW' }
        : { type: 'percent', percent: off.percent, maxAmount: off.cap, currency: 'KRW' },
    reimbursementBps: bps,
    couponValidFor: validForMs === null ? null : `PT${validForMs / 1000}S`,
  };
}
