import type { CallName } from '../../contract/calls.ts';
import type { CallHandler } from '../call-route.ts';
import type { EventStreams } from '../event-streams.ts';
import type { HttpParts } from '../http-parts.ts';
import { campaignHandlers } from './campaign-handlers.ts';
import { claimHandlers } from './claim-handlers.ts';
import { eventHandlers } from './event-handlers.ts';
import { operationHandlers } from './operation-handlers.ts';
import { redemptionHandlers } from './redemption-handlers.ts';
import { vendorHandlers } from './vendor-handlers.ts';

/** The calls that are most of the load; the router would cost them too much. */
export type DirectCall = 'createClaim' | 'createRedemption';

/** The calls that the router leads to. */
export type RoutedCall = Exclude<CallName, DirectCall>;

/** Whether a call has a way of its own, past the router. */
export function isDirect(name: CallName): name is DirectCall {
  return name === 'createClaim' || name === 'createRedemption';
}

/** What each call does, once its request was found to be right. */
export function createHandlers(
  parts: HttpParts,
  streams: EventStreams,
): Readonly<Record<RoutedCall, CallHandler>> {
  return {
    ...vendorHandlers(parts),
    ...campaignHandlers(parts),
    ...claimHandlers(parts),
    ...redemptionHandlers(parts),
    ...eventHandlers(parts, streams),
    ...operationHandlers(parts),
  };
}
