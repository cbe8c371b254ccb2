import type { Call, Success } from '../../src/contract/call.ts';
import { CALL_LIST, refusalsOf } from '../../src/contract/calls.ts';
import { CloudEvent } from '../../src/contract/event-schemas.ts';
import type { ProblemCode } from '../../src/contract/problems.ts';
import { ProblemDocument } from '../../src/contract/schemas.ts';
import { code, list, page } from './markdown.ts';
import { choiceOf, membersTable, namedObjectsIn, typeOf } from './schema-table.ts';

const INTRODUCTION = `
The API speaks JSON in UTF-8 with members in camelCase. The server describes itself too:
\`/openapi.json\` is made from the same schemas, and \`/docs\` shows it.

- **Ids** are strings with a prefix that tells the type: \`ven_\`, \`cmp_\`, \`cpn_\`, \`clm_\`,
  \`red_\`, \`pay_\`, \`ent_\`, \`evt_\`.
- **Money** is \`{ "amount": 5000, "currency": "KRW" }\`: whole minor units and ISO 4217.
- **Times** are RFC 3339 in UTC, **durations** ISO 8601.
- **Bodies are closed**: an unknown member is refused, with a JSON pointer to it.
- **Lists** take \`?limit=\` (1 to 100, 20 unless set) and \`?cursor=\`, and answer
  \`{ "data": [...], "nextCursor": "..." | null }\`.
- **Errors** are problems with a \`code\`; see [errors](errors.md).
- **\`Idempotency-Key\`** is taken on every POST and kept for 24 hours at least. The same key with
  the same body gives the first answer again, refusals included, with
  \`Idempotent-Replayed: true\`.
- **\`Request-Id\`** is on every answer: the caller's own, if it sent a sane one.
- **API keys** go into \`Authorization: Bearer KEY\`. Scope \`admin\` may do everything.
`.trim();

/** Codes that say nothing about a call of its own. */
const SHARED: readonly ProblemCode[] = [
  'invalid-request',
  'request-timeout',
  'payload-too-large',
  'unsupported-media-type',
  'unauthenticated',
  'forbidden',
  'rate-limited',
  'idempotency-key-reused',
  'request-in-progress',
  'overloaded',
  'internal',
];

const OBJECTS = 'What the calls take and give. All of it is closed: there are no other members.';

/** Every call with what it takes, gives and refuses, then every object. */
export function httpPage(): string {
  const calls = CALL_LIST.map(([, call]) => call);
  const tags = [...new Set(calls.map(({ tag }) => tag))];
  const sections = tags.flatMap((tag) => [
    `## Calls: ${tag}`,
    ...calls.filter((call) => call.tag === tag).map(callSection),
  ]);
  return page(
    'HTTP API',
    INTRODUCTION,
    `Any call may be refused with ${links(SHARED)}; only what else can happen stands with a call.`,
    ...sections,
    '## Objects',
    OBJECTS,
    ...objectSections(),
  );
}

function callSection(call: Call): string {
  const scope = call.scope === null ? 'Needs no API key.' : `Needs scope ${code(call.scope)}.`;
  const description = call.description === undefined ? '' : ` ${call.description}`;
  return [
    `### ${call.method} ${call.path}`,
    `${call.summary}.${description} ${scope}`,
    parametersOf(call),
    call.body === undefined ? '' : `Body: ${linkTo(call.body)}${limitOf(call)}${absenceOf(call)}`,
    `Answers:\n\n${list(call.successes.map(successLine))}`,
    refusalsLine(call),
  ]
    .filter((block) => block !== '')
    .join('\n\n');
}

function parametersOf({ params = [], query, headers = [] }: Call): string {
  return list([
    ...params.map(({ name, schema }) => `${code(`{${name}}`)}: ${descriptionOf(schema)}`),
    ...Object.entries(query?.properties ?? {}).map(
      ([name, schema]) => `${code(`?${name}=`)}: ${descriptionOf(schema)}`,
    ),
    ...headers.map((name) => `${code(name)} header`),
  ]);
}

function refusalsLine(call: Call): string {
  const codes = refusalsOf(call).filter((name) => !SHARED.includes(name));
  return codes.length === 0 ? '' : `Refusals, the first that applies: ${links(codes)}.`;
}

function limitOf({ bodyMaxBytes }: Call): string {
  return bodyMaxBytes === undefined ? '' : `, at most ${bodyMaxBytes / 1024} KiB`;
}

function absenceOf({ bodyOptional }: Call): string {
  return bodyOptional === true ? '; no body stands for `{}`' : '';
}

function successLine({ status, description, schema, contentType, headers = [] }: Success): string {
  const what = contentType === undefined ? contentOf(schema ?? {}) : code(contentType);
  const also = headers.length === 0 ? '' : ` With ${headers.map(code).join(', ')}.`;
  return `**${status}** ${what}. ${description}${also}`;
}

/** What an answer holds; a page of a list is named by what is in it. */
function contentOf(schema: object): string {
  const { properties } = schema as { properties?: { data?: { items?: object } } };
  const item = properties?.data?.items;
  return item === undefined ? linkTo(schema) : `page of ${linkTo(item)}`;
}

function linkTo(schema: object): string {
  return schema === CloudEvent ? '[CloudEvent](events.md)' : typeOf(schema);
}

/** CloudEvents have a page of their own. */
function objectSections(): string[] {
  const used = CALL_LIST.flatMap(([, call]) => [
    ...(call.body === undefined ? [] : [call.body]),
    ...call.successes.map(({ schema }) => schema ?? {}),
  ]).filter((schema) => !contentOf(schema).includes('[CloudEvent]'));
  const objects = [...namedObjectsIn([...used, ProblemDocument])];
  return objects
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([title, schema]) => `### ${title}\n\n${objectSection(schema)}`);
}

function objectSection(schema: object): string {
  const choice = choiceOf(schema);
  if (choice.length === 0 && isEmpty(schema)) return 'It has no members.';
  if (choice.length === 0) return membersTable(schema, '');
  return `One of ${choice.map((title) => `[${title}](#${title.toLowerCase()})`).join(', ')}.`;
}

function isEmpty({ properties }: { properties?: object }): boolean {
  return properties !== undefined && Object.keys(properties).length === 0;
}

function descriptionOf(schema: object): string {
  const { description, 'x-rule': rule } = schema as { description?: string; 'x-rule'?: string };
  return [description ?? typeOf(schema), rule === undefined ? '' : `Must ${rule}.`]
    .join(' ')
    .trim();
}

function links(codes: readonly ProblemCode[]): string {
  return codes.map((name) => `[${name}](errors.md#${name})`).join(', ');
}
