import { CURRENCY_DEFAULT, type NewVendor } from '../../contract/schemas.ts';
import { jsonAnswer, problemAnswer } from '../answer.ts';
import type { CallHandler } from '../call-route.ts';
import { commandAnswer } from '../claim-answers.ts';
import type { HttpParts } from '../http-parts.ts';
import { renderVendor } from '../render.ts';
import { pageAnswer, pageRequest } from './paging.ts';

type VendorCalls = 'createVendor' | 'listVendors' | 'getVendor';

/** Vendors: register, list, look at. */
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
  };
}
