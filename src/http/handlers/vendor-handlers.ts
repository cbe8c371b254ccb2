import type { NewPayout } from '../../contract/redemption-schemas.ts';
import { CURRENCY_DEFAULT, type NewVendor } from '../../contract/schemas.ts';
import { jsonAnswer, problemAnswer } from '../answer.ts';
import type { CallHandler } from '../call-route.ts';
import { commandAnswer } from '../command-answer.ts';
import type { HttpParts } from '../http-parts.ts';
import { orderAmountOf, renderEntry, renderPayout } from '../render-redemption.ts';
import { renderVendor } from '../render.ts';
import { pageAnswer, pageRequest } from './paging.ts';

type VendorCalls =
  'createVendor' | 'listVendors' | 'getVendor' | 'listVendorEntries' | 'createPayout';

/** Vendors: register, list, look at, pay out. */
export function vendorHandlers({ engine, log }: HttpParts): Record<VendorCalls, CallHandler> {
  return {
    createVendor: async ({ body, origin, exchange }) => {
      const { name, currency = CURRENCY_DEFAULT } = body as NewVendor;
      const answer = await engine.registerVendor({ name, currency }, origin);
      return commandAnswer(answer, exchange, (vendor, _, headers) => {
        log.info({ requestId: exchange.requestId, vendorId: vendor.id }, 'vendor registered');
        const location = ['Location', `/v1/vendors/${vendor.id}`, ...headers];
        return jsonAnswer(201, renderVendor(vendor), location);
      });
    },
    listVendors: async (input) => {
      const page = await engine.queries.vendors(pageRequest(input));
      return pageAnswer(page, input, renderVendor);
    },
    getVendor: async ({ params, exchange }) => {
      const vendor = await engine.queries.vendor(params['vendorId']!);
      return vendor === null
        ? problemAnswer({ code: 'vendor-not-found' }, exchange)
        : jsonAnswer(200, renderVendor(vendor));
    },
    listVendorEntries: async (input) => {
      const vendorId = input.params['vendorId']!;
      const page = await engine.queries.entries(vendorId, pageRequest(input));
      return page === 'vendor-not-found'
        ? problemAnswer({ code: page }, input.exchange)
        : pageAnswer(page, input, renderEntry);
    },
    createPayout: async ({ params, body, origin, exchange }) => {
      const amount = orderAmountOf((body as NewPayout).amount);
      const answer = await engine.payOut({ vendorId: params['vendorId']!, amount }, origin);
      return commandAnswer(answer, exchange, (outcome, first, headers) => {
        if (outcome.kind === 'refused') {
          return problemAnswer({ code: outcome.code }, first, headers);
        }
        const { payout } = outcome;
        if (answer.kind === 'decided') {
          const { id: payoutId, vendorId, amount: paid } = payout;
          const fields = { payoutId, vendorId, amount: paid };
          log.info({ requestId: exchange.requestId, ...fields }, 'vendor paid out');
        }
        return jsonAnswer(201, renderPayout(payout), headers);
      });
    },
  };
}
