import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClient, type Client, type Result } from '../../src/sdk/index.ts';
import { startTestServer, type TestServer } from '../http/support/test-server.ts';

let server: TestServer;
let client: Client;
let users = 0;

beforeAll(async () => {
  server = await startTestServer();
  client = createClient({ url: server.url, retriesMax: 0 });
});
afterAll(() => server.close());

function valueOf<Value>(result: Result<Value>): Value {
  if (!result.ok) expect.fail(`${result.code}: ${result.detail}`);
  return result.value;
}

/** A new coupon of 1,000 won off; gives its code and its vendor. */
async function newCoupon(): Promise<{ code: string; vendorId: string }> {
  const campaignId = await server.campaign();
  const { vendorId } = valueOf(await client.campaigns.get(campaignId));
  const { code } = valueOf(await client.claims.create(campaignId, `user-${(users += 1)}`));
  return { code, vendorId };
}

const won = (amount: number) => ({ amount, currency: 'KRW' });

describe('the client', () => {
  it('uses a coupon and undoes it', async () => {
    const { code } = await newCoupon();
    const used = await client.coupons.redeem(code, { orderAmount: 5_000, reference: 'order-17' });
    const { id } = valueOf(used);
    expect(valueOf(used)).toMatchObject({ status: 'redeemed', discount: won(1_000) });
    expect(valueOf(await client.redemptions.get(id))).toEqual(valueOf(used));
    expect(await client.coupons.redeem(code)).toMatchObject({
      ok: false,
      code: 'coupon-already-redeemed',
    });
    expect(valueOf(await client.redemptions.reverse(id)).status).toBe('reversed');
    expect(await client.redemptions.reverse(id)).toMatchObject({ code: 'already-reversed' });
    expect(valueOf(await client.coupons.get(code)).status).toBe('issued');
  });

  it('hands a use in and waits for its decision', async () => {
    const { code } = await newCoupon();
    const accepted = valueOf(await client.coupons.redeemAsync(code));
    expect(accepted.status).toBe('queued');
    expect(valueOf(await client.redemptions.wait(accepted.id, 5)).status).toBe('redeemed');
    expect(await client.coupons.redeemAsync(code, {}, { waitS: 5 })).toMatchObject({
      code: 'coupon-already-redeemed',
    });
  });

  it('says which coupon, whatever stands in its name', async () => {
    expect(await client.coupons.redeem('no/such coupon')).toMatchObject({
      code: 'coupon-not-found',
    });
  });

  it('pays a vendor out and reads its ledger', async () => {
    const { code, vendorId } = await newCoupon();
    valueOf(await client.coupons.redeem(code));
    expect(await client.vendors.payOut(vendorId, 101)).toMatchObject({
      code: 'insufficient-balance',
    });
    const payout = valueOf(await client.vendors.payOut(vendorId, won(40)));
    expect(payout).toMatchObject({ object: 'payout', vendorId, amount: won(40) });
    const first = valueOf(await client.vendors.entries(vendorId, { limit: 1 }));
    expect(first.data).toMatchObject([
      { type: 'payout', amount: won(-40), balanceAfter: won(60), payoutId: payout.id },
    ]);
    const cursor = first.nextCursor ?? '';
    const second = valueOf(await client.vendors.entries(vendorId, { limit: 1, cursor }));
    expect(second.data).toMatchObject([{ type: 'redemption', amount: won(100) }]);
    expect(valueOf(await client.vendors.get(vendorId)).balance).toEqual(won(60));
  });
});
