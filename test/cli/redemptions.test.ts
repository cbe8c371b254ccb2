import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClient } from '../../src/sdk/index.ts';
import {
  run,
  serve,
  temporaryFolder,
  type Finished,
  type ServerUnderTest,
} from './command-line.ts';

const place = temporaryFolder();
let server: ServerUnderTest;

beforeAll(async () => {
  server = await serve(place);
});
afterAll(async () => {
  await server.end();
  place.remove();
});

function firstcome(...args: string[]): Promise<Finished> {
  return run(args, { ...place, env: { FIRSTCOME_URL: server.url } });
}

/** Wins a welcome coupon (5,000 won off, of which the vendor is paid 500). */
async function winCoupon(userId: string): Promise<string> {
  const claim = await createClient({ url: server.url }).claims.create('cmp_welcome', userId);
  if (!claim.ok) throw new Error(claim.detail);
  return claim.value.code;
}

describe('firstcome coupons', () => {
  it('shows, redeems and reverses a coupon on the engine of every day', async () => {
    const code = await winCoupon('mina');
    expect((await firstcome('coupons', 'show', code)).stdout).toMatch(/^status +issued$/m);
    const args = ['--order-amount', '12000', '--reference', 'order-17', '--json'];
    const redeemed = await firstcome('coupons', 'redeem', code, ...args);
    expect(redeemed).toMatchObject({ code: 0, stderr: '' });
    const redemption = JSON.parse(redeemed.stdout) as Record<string, unknown>;
    expect(redemption).toMatchObject({
      status: 'redeemed',
      orderAmount: { amount: 12_000, currency: 'KRW' },
      discount: { amount: 5_000, currency: 'KRW' },
      reference: 'order-17',
    });
    const shown = await firstcome('coupons', 'show', code, '--json');
    expect(JSON.parse(shown.stdout)).toMatchObject({ status: 'redeemed' });
    const again = await firstcome('coupons', 'redeem', code);
    expect(again).toMatchObject({ code: 1, stdout: '' });
    expect(again.stderr).toMatch(/^firstcome: coupon-already-redeemed: .+\n$/);
    const reversed = await firstcome('coupons', 'reverse', redemption['id'] as string);
    expect(reversed.stdout).toMatch(/^status +reversed$/m);
    expect((await firstcome('coupons', 'show', code)).stdout).toMatch(/^status +issued$/m);
  });

  it('wants an amount beside a currency', async () => {
    const { code, stderr } = await firstcome('coupons', 'redeem', 'cpn_a', '--currency', 'KRW');
    expect(code).toBe(2);
    expect(stderr).toContain('--order-amount');
  });
});

describe('firstcome vendors', () => {
  it('pays out what a use has earned, and lists how it came and went', async () => {
    const code = await winCoupon('jun');
    expect((await firstcome('coupons', 'redeem', code)).code).toBe(0);
    const tooMuch = await firstcome('vendors', 'payout', 'ven_welcome', '--amount', '501');
    expect(tooMuch).toMatchObject({ code: 1, stdout: '' });
    expect(tooMuch.stderr).toContain('insufficient-balance');
    const args = ['--amount', '500', '--currency', 'KRW'];
    const payout = await firstcome('vendors', 'payout', 'ven_welcome', ...args);
    expect(payout.stdout).toMatch(/^amount +500 KRW$/m);
    const entries = await firstcome('vendors', 'entries', 'ven_welcome', '--limit', '2');
    expect(entries.stdout).toMatch(/payout +-500 KRW +0 KRW +pay_.+\n.+redemption +500 KRW/);
    expect(entries.stderr).toMatch(/^more: --cursor /);
    const vendor = await firstcome('vendors', 'show', 'ven_welcome');
    expect(vendor.stdout).toMatch(/^balance +0 KRW$/m);
  });

  it('has kept every promise after all that', async () => {
    const { code, stdout } = await firstcome('audit', '--json');
    expect(code, stdout).toBe(0);
  });
});
