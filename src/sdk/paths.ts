import type { CallOptions, Transport } from './transport.ts';
import type { Result } from './types.ts';

export function campaignPath(id: string): string {
  return `/v1/campaigns/${encodeURIComponent(id)}`;
}

/** Reads one thing or one page. */
export function get<Value>(
  transport: Transport,
  path: string,
  query: object | undefined,
  call: CallOptions | undefined,
): Promise<Result<Value>> {
  const pairs = query as Readonly<Record<string, string | number | undefined>> | undefined;
  return transport.call({ method: 'GET', path, ...(pairs && { query: pairs }), ...call });
}
