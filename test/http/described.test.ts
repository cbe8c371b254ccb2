import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CALL_LIST } from '../../src/contract/calls.ts';
import { EVENTS } from '../../src/contract/event-schemas.ts';
import { startTestServer, type TestServer } from './support/test-server.ts';

interface Operation {
  readonly operationId: string;
  readonly responses: Readonly<Record<string, Described>>;
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: object;
}

interface Described {
  readonly headers: Readonly<Record<string, object>>;
  readonly content?: Readonly<Record<string, { readonly schema: object }>>;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

/** Of any HTTP server, so that no description of ours names them. */
const PLAIN_HEADERS = [
  'cache-control',
  'connection',
  'content-length',
  'content-type',
  'date',
  'keep-alive',
  'transfer-encoding',
  'x-accel-buffering',
  'x-content-type-options',
];

let server: TestServer;
let api: Document;
let events: object;
let validate: (ref: string) => ValidateFunction;
/** `operationId status` of every answer that was seen. */
const seen = new Set<string>();

beforeAll(async () => {
  server = await startTestServer();
  api = (await server.call('GET', '/openapi.json')).body as unknown as Document;
  events = (await server.call('GET', '/asyncapi.json')).body;
  const ajv = new Ajv2020({ strict: false, discriminator: true, validateFormats: false });
  ajv.addSchema(api, 'openapi').addSchema(events, 'asyncapi');
  const pointer = (path: string) => path.replaceAll('~', '~0').replaceAll('/', '~1');
  validate = (ref) => {
    const [document, ...parts] = ref.split(' ');
    return ajv.compile({
      $ref: `${document}#/${parts.map(pointer).map(encodeURIComponent).join('/')}`,
    });
  };
});
afterAll(() => server.close());

/** Makes a call and holds its answer against its description; gives the body. */
async function described(
  template: string,
  method: string,
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Record<string, unknown>> {
  const operation = api.paths[template]?.[method.toLowerCase()];
  if (operation === undefined) throw new Error(`${method} ${template} is not described`);
  const response = await fetch(server.url + path, {
    method,
    headers: body === undefined ? headers : { 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const { status } = response;
  const [type = ''] = (response.headers.get('content-type') ?? '').split(';');
  const description = operation.responses[status];
  const what = `${operation.operationId} ${status}`;
  expect(Object.keys(operation.responses), what).toContain(String(status));
  expect(Object.keys(description!.content ?? {}), what).toContain(type);
  const known = [
    ...Object.keys(description!.headers).map((name) => name.toLowerCase()),
    ...PLAIN_HEADERS,
  ];
  expect(
    [...response.headers.keys()].filter((name) => !known.includes(name)),
    what,
  ).toEqual([]);
  seen.add(what);
  if (type === 'text/event-stream') {
    await response.body?.cancel();
    return {};
  }
  const text = await response.text();
  const json = type.endsWith('json') ? (JSON.parse(text) as Record<string, unknown>) : {};
  const at = `openapi paths ${template} ${method.toLowerCase()}`;
  const ref = `${at} responses ${status} content ${type} schema`;
  const check = validate(ref);
  expect(
    check(type.endsWith('json') ? json : text),
    `${what}: ${text} ${JSON.stringify(check.errors)}`,
  ).toBe(true);
  return json;
}

describe('the schema of an event', () => {
  it('requires every member that such an event always has', () => {
    for (const [type, { data }] of Object.entries(EVENTS)) {
      if (type === 'campaign.updated') continue;
      const { required, properties } = data as { required?: string[]; properties?: object };
      expect(required, type).toEqual(Object.keys(properties ?? {}));
    }
  });
});

describe('the OpenAPI document', () => {
  it('describes every call of the table and no other', () => {
    const operations = Object.entries(api.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(
        ([method, { operationId }]) => `${operationId} ${method.toUpperCase()} ${path}`,
      ),
    );
    expect(operations.sort()).toEqual(
      CALL_LIST.map(([name, { method, path }]) => `${name} ${method} ${path}`).sort(),
    );
  });

  it('has no reference that leads nowhere', () => {
    for (const document of [api, events]) {
      const text = JSON.stringify(document);
      for (const [, ref] of text.matchAll(/"\$ref":"#\/([^"]+)"/g)) {
        const target = ref!
          .split('/')
          .reduce<unknown>(
            (at, part) => (at as Record<string, unknown> | undefined)?.[part],
            document,
          );
        expect(target, ref).toBeDefined();
      }
      expect(text).not.toContain('~kind');
    }
  });

  it('names every part of a path as a parameter', () => {
    for (const [path, methods] of Object.entries(api.paths)) {
      const parts = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      for (const { parameters = [] } of Object.values(methods)) {
        expect(parameters.filter((one) => one.in === 'path').map(({ name }) => name)).toEqual(
          parts,
        );
      }
    }
  });

  it('says what the server does, call by call', async () => {
    const vendor = await described('/v1/vendors', 'POST', '/v1/vendors', { name: 'Tea' });
    const vendorId = vendor['id'] as string;
    await described('/v1/vendors', 'GET', '/v1/vendors');
    await described('/v1/vendors', 'POST', '/v1/vendors', { name: '' });
    await described('/v1/vendors/{vendorId}', 'GET', `/v1/vendors/${vendorId}`);
    await described('/v1/vendors/{vendorId}', 'GET', '/v1/vendors/ven_nobody');
    const discount = { type: 'percent', percent: 10, currency: 'KRW' };
    const body = { vendorId, title: 'Tea', discount, quantity: 3 };
    const campaigns = '/v1/campaigns';
    const campaign = await described(campaigns, 'POST', campaigns, body);
    const ofNobody = { ...body, vendorId: 'ven_nobody' };
    await described(campaigns, 'POST', campaigns, ofNobody);
    const inDollars = { ...discount, currency: 'USD' };
    await described(campaigns, 'POST', campaigns, { ...body, discount: inDollars });
    await described(campaigns, 'GET', campaigns);
    const path = `/v1/campaigns/${campaign['id'] as string}`;
    const one = '/v1/campaigns/{campaignId}';
    await described(one, 'GET', path);
    await described(one, 'PATCH', path, { title: 'More tea' });
    await describeClaims(path);
    await described(one, 'PATCH', path, { quantity: 1 });
    await describeEvents();
    for (const plain of ['/v1/audit', '/healthz', '/readyz', '/metrics']) {
      await described(plain, 'GET', plain);
    }
  });

  it('was held against every success of every call', () => {
    const successes = Object.values(api.paths).flatMap((methods) =>
      Object.values(methods).flatMap(({ operationId, responses }) =>
        Object.keys(responses)
          .filter((status) => status.startsWith('2'))
          .map((status) => `${operationId} ${status}`),
      ),
    );
    expect(successes.filter((success) => !seen.has(success))).toEqual([]);
  });
});

async function describeClaims(campaign: string): Promise<void> {
  const claims = '/v1/campaigns/{campaignId}/claims';
  const path = `${campaign}/claims`;
  const key = { 'idempotency-key': 'k' };
  const coupon = await described(claims, 'POST', path, { userId: 'a' }, key);
  await described(claims, 'POST', path, { userId: 'a' }, key);
  await described(claims, 'POST', path, { userId: 'b' }, key);
  await described(claims, 'POST', path, { userId: 'a' });
  await described(claims, 'POST', path, { userId: '' });
  await described(claims, 'POST', '/v1/campaigns/cmp_nobody/claims', { userId: 'a' });
  await described(claims, 'POST', path, 'x'.repeat(70_000));
  const prefer = { prefer: 'respond-async' };
  const claim = await described(claims, 'POST', path, { userId: 'b' }, prefer);
  await server.engine.acceptedClaim(claim['id'] as string, 5_000);
  const again = await described(claims, 'POST', path, { userId: 'b' }, prefer);
  await server.engine.acceptedClaim(again['id'] as string, 5_000);
  await described(claims, 'POST', path, { userId: 'b' }, { prefer: 'respond-async, wait=5' });
  await described(`${claims}/batch`, 'POST', `${path}/batch`, { userIds: ['b', 'c', 'd'] });
  for (const { id } of [claim, again]) {
    await described('/v1/claims/{claimId}', 'GET', `/v1/claims/${id as string}`);
  }
  await described('/v1/claims/{claimId}', 'GET', '/v1/claims/clm_nobody');
  await described('/v1/users/{userId}/coupons', 'GET', '/v1/users/a/coupons');
  await described('/v1/coupons/{idOrCode}', 'GET', `/v1/coupons/${coupon['code'] as string}`);
  await described('/v1/coupons/{idOrCode}', 'GET', '/v1/coupons/nobody');
  await describeRedemptions(coupon['code'] as string);
}

async function describeRedemptions(code: string): Promise<void> {
  const redemptions = '/v1/coupons/{idOrCode}/redemptions';
  const path = `/v1/coupons/${code}/redemptions`;
  const key = { 'idempotency-key': 'r' };
  await described(redemptions, 'POST', path, {});
  await described(redemptions, 'POST', path, { orderAmount: { amount: 1, currency: 'USD' } });
  await described(redemptions, 'POST', '/v1/coupons/nobody/redemptions');
  const order = { orderAmount: 50_000, reference: 'order-17' };
  const used = await described(redemptions, 'POST', path, order, key);
  await described(redemptions, 'POST', path, order, key);
  await described(redemptions, 'POST', path, order, { prefer: 'respond-async, wait=5' });
  await described(redemptions, 'POST', path, {}, { prefer: 'respond-async' });
  const later = await described(redemptions, 'POST', path, order, { prefer: 'respond-async' });
  await server.engine.redemption(later['id'] as string, 5_000);
  const one = '/v1/redemptions/{redemptionId}';
  for (const { id } of [used, later]) {
    await described(one, 'GET', `/v1/redemptions/${id as string}`);
  }
  await described(one, 'GET', '/v1/redemptions/red_nobody');
  const vendor = `/v1/vendors/${used['vendorId'] as string}`;
  const payouts = '/v1/vendors/{vendorId}/payouts';
  await described(payouts, 'POST', `${vendor}/payouts`, { amount: 1 });
  await described(payouts, 'POST', `${vendor}/payouts`, { amount: 1_000_000 });
  const reversals = `${one}/reversals`;
  for (const id of [used['id'], used['id'], later['id'], 'red_nobody']) {
    await described(reversals, 'POST', `/v1/redemptions/${id as string}/reversals`);
  }
  const entries = '/v1/vendors/{vendorId}/entries';
  await described(entries, 'GET', `${vendor}/entries`);
  await described(entries, 'GET', `${vendor}/entries?cursor=none`);
}

async function describeEvents(): Promise<void> {
  await described('/v1/events/stream', 'GET', '/v1/events/stream');
  const { data } = await described('/v1/events', 'GET', '/v1/events?limit=100');
  const types = new Set<string>();
  const messages = (events as { components: { messages: Record<string, { name: string }> } })
    .components.messages;
  for (const event of data as { type: string }[]) {
    const [name] = Object.entries(messages).find(([, message]) => message.name === event.type)!;
    const check = validate(`asyncapi components messages ${name} payload`);
    expect(check(event), JSON.stringify([event, check.errors])).toBe(true);
    types.add(event.type);
  }
  expect(types.size).toBe(Object.keys(messages).length);
}
