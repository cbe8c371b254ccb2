import type { CallName } from '../../contract/calls.ts';
import type { CallHandler } from '../call-route.ts';
import type { EventStreams } from '../event-streams.ts';
import type { HttpParts } from '../http-parts.ts';
import { campaignHandlers } from './campaign-handlers.ts';
import { claimHandlers } from './claim-handlers.ts';
import { eventHandlers } from './event-handlers.ts';
import { operationHandlers } from './operation-handlers.ts';
import { vendorHandlers } from './vendor-handlers.ts';

/** The calls that the router leads to; a single claim has a way of its own. */
export type RoutedCall = Exclude<CallName, 'createClaim'>;

/** What each call does, once its request was found to be right. */
export function createHandlers(
  parts: HttpParts,
  streams: EventStreams,
): Readonly<Record<RoutedCall, CallHandler>> {
  return {
    ...vendorHandlers(parts),
    ...campaignHandlers(parts),
    ...claimHandlers(parts),
    ...eventHandlers(parts, streams),
    ...operationHandlers(parts),
  };
}
