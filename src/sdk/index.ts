/** The package entry `firstcome/sdk`. */
export { createClient, type Client, type EventQuery } from './client.ts';
export { FollowRefused, type FollowOptions } from './follow-events.ts';
export type { CallOptions, ClientOptions } from './transport.ts';
export type * from './types.ts';
