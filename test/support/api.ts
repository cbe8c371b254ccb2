/** The answer to a call, read whole. */
export interface ApiAnswer {
  readonly status: number;
  readonly headers: Headers;
  // The tests look into bodies of every shape; what they expect of them, they say themselves.
  readonly body: Record<string, unknown>;
}

/** Calls the API of a server under test. */
export async function call(
  url: string,
  method: string,
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<ApiAnswer> {
  const response = await fetch(url + path, {
    method,
    headers: body === undefined ? headers : { 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>),
  };
}

/** Creates a vendor and an open campaign of so many coupons; gives the campaign's id. */
export async function createCampaign(url: string, quantity: number): Promise<string> {
  const vendor = await call(url, 'POST', '/v1/vendors', { name: 'Test vendor' });
  const campaign = await call(url, 'POST', '/v1/campaigns', {
    vendorId: vendor.body['id'],
    title: 'Test campaign',
    discount: { type: 'fixed', amount: 1000, currency: 'KRW' },
    quantity,
  });
  if (campaign.status !== 201) throw new Error(JSON.stringify(campaign.body));
  return campaign.body['id'] as string;
}
