import type { Static } from 'typebox';
import { describe, expectTypeOf, it } from 'vitest';
import type { CloudEvent as ContractEvent } from '../../src/contract/event-schemas.ts';
import type * as redemption from '../../src/contract/redemption-schemas.ts';
import type * as contract from '../../src/contract/schemas.ts';
import type * as sdk from '../../src/sdk/index.ts';

// The type checker is what fails here; running only shows that the file was not forgotten.
describe('the types of the client', () => {
  it('are those of what the server gives', () => {
    expectTypeOf<contract.Vendor>().toExtend<sdk.Vendor>();
    expectTypeOf<contract.Campaign>().toExtend<sdk.Campaign>();
    expectTypeOf<contract.Coupon>().toExtend<sdk.Coupon>();
    expectTypeOf<contract.Claim>().toExtend<sdk.Claim>();
    expectTypeOf<Static<typeof contract.BatchResult>>().toExtend<sdk.BatchResult>();
    expectTypeOf<Static<typeof contract.Audit>>().toExtend<sdk.Audit>();
    expectTypeOf<Static<typeof ContractEvent>>().toExtend<sdk.CloudEvent>();
    expectTypeOf<redemption.Redemption>().toExtend<sdk.Redemption>();
    expectTypeOf<redemption.Payout>().toExtend<sdk.Payout>();
    expectTypeOf<redemption.Entry>().toExtend<sdk.Entry>();
  });

  it('are those of what the server takes', () => {
    expectTypeOf<sdk.NewVendor>().toExtend<contract.NewVendor>();
    expectTypeOf<sdk.NewCampaign>().toExtend<contract.NewCampaign>();
    expectTypeOf<sdk.CampaignPatch>().toExtend<contract.CampaignPatch>();
    expectTypeOf<sdk.NewRedemption>().toExtend<redemption.NewRedemption>();
  });

  it('leave out no member', () => {
    expectTypeOf<keyof sdk.Vendor>().toEqualTypeOf<keyof contract.Vendor>();
    expectTypeOf<keyof sdk.Campaign>().toEqualTypeOf<keyof contract.Campaign>();
    expectTypeOf<keyof sdk.Coupon>().toEqualTypeOf<keyof contract.Coupon>();
    expectTypeOf<keyof sdk.Claim>().toEqualTypeOf<keyof contract.Claim>();
    expectTypeOf<keyof sdk.Redemption>().toEqualTypeOf<keyof redemption.Redemption>();
    expectTypeOf<keyof sdk.Payout>().toEqualTypeOf<keyof redemption.Payout>();
    expectTypeOf<keyof sdk.Entry>().toEqualTypeOf<keyof redemption.Entry>();
    expectTypeOf<keyof sdk.NewRedemption>().toEqualTypeOf<keyof redemption.NewRedemption>();
    expectTypeOf<keyof sdk.NewCampaign>().toEqualTypeOf<keyof contract.NewCampaign>();
    expectTypeOf<keyof sdk.CloudEvent>().toEqualTypeOf<keyof Static<typeof ContractEvent>>();
  });
});
