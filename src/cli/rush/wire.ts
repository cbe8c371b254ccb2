/** Builds requests as they go over the wire; everything in them is ASCII. */
export interface Wire {
  readonly origin: URL;
  claim(campaignId: string, userId: string, key: string | null): string;
  couponsOfUser(userId: string, cursor: string | null): string;
}

/** Enough for whoever holds many coupons of many campaigns, a hundred at a time. */
export const COUPONS_PAGE = 100;

/**
 * @param url  the server's address; a path is put before those of the API
 * @param apiKey  sent as a bearer token unless null
 */
export function createWire(url: URL, apiKey: string | null): Wire {
  const prefix = url.pathname.replace(/\/+$/, '');
  const credentials = apiKey === null ? '' : `Authorization: Bearer ${apiKey}\r\n`;
  const common = `Host: ${url.host}\r\nUser-Agent: firstcome-rush\r\n${credentials}`;
  return {
    origin: url,
    claim(campaignId, userId, key) {
      const body = `{"userId":${JSON.stringify(userId)}}`;
      const keyLine = key === null ? '' : `Idempotency-Key: "${key}"\r\n`;
      return (
        `POST ${prefix}/v1/campaigns/${encodeURIComponent(campaignId)}/claims HTTP/1.1\r\n` +
        `${common}Content-Type: application/json\r\nContent-Length: ${body.length}\r\n` +
        `${keyLine}\r\n${body}`
      );
    },
    couponsOfUser(userId, cursor) {
      const page = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      return (
        `GET ${prefix}/v1/users/${encodeURIComponent(userId)}/coupons` +
        `?limit=${COUPONS_PAGE}${page} HTTP/1.1\r\n${common}\r\n`
      );
    },
  };
}
