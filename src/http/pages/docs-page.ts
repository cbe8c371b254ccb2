import type { TSchema } from 'typebox';
import type { Call } from '../../contract/call.ts';
import { CALL_LIST, queryOf, refusalsOf, type CallName } from '../../contract/calls.ts';
import { EVENT_TYPES, EVENTS, fullEventType } from '../../contract/event-schemas.ts';
import { PROBLEMS, type ProblemCode } from '../../contract/problems.ts';
import type { CallAnswer } from '../answer.ts';
import { html, htmlPage, prose, type Html } from './html.ts';

/** What the pages read of a schema. */
interface SchemaView {
  readonly type?: string | readonly string[];
  readonly title?: string;
  readonly description?: string;
  readonly format?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxItems?: number;
  readonly items?: SchemaView;
  readonly oneOf?: readonly SchemaView[];
  readonly properties?: Readonly<Record<string, SchemaView>>;
  readonly required?: readonly string[];
  readonly 'x-rule'?: string;
}

/** Every call with what it takes and gives, then the events and the problems. */
export function docsPage(): CallAnswer {
  const tags = [...new Set(CALL_LIST.map(([, { tag }]) => tag))];
  return htmlPage(
    'Calls',
    html`<h1>Calls</h1>
      <p>
        JSON in UTF-8. Errors are <a href="#problems">problems</a> with a <code>code</code>. Every
        POST takes an <code>Idempotency-Key</code>: the same key with the same body gives the first
        answer again.
      </p>
      ${tags.map(tagSection)}
      <h2 id="events">Events</h2>
      ${EVENT_TYPES.map(eventSection)}
      <h2 id="problems">Problems</h2>
      ${problemTable(Object.keys(PROBLEMS) as ProblemCode[])}`,
  );
}

function tagSection(tag: string): Html {
  const calls = CALL_LIST.filter(([, call]) => call.tag === tag);
  return html`<h2 id="${tag.toLowerCase()}">${tag}</h2>
    ${calls.map(([name, call]) => callSection(name, call))}`;
}

function callSection(name: CallName, call: Call): Html {
  const params = (call.params ?? []).map(
    ({ name: param, schema }) => [`{${param}}`, schema] as const,
  );
  const query = Object.entries(queryOf(call).properties).map(
    ([key, value]) => [`?${key}=`, value] as const,
  );
  const parameters = Object.fromEntries<TSchema>([...params, ...query]);
  const scope =
    call.scope === null ? html`No key is needed.` : html`Scope: <code>${call.scope}</code>.`;
  return html`<h3 id="${name}"><code>${call.method} ${call.path}</code></h3>
    <p>${call.summary}. ${prose(call.description ?? '')} <span class="soft">${scope}</span></p>
    ${membersTable('Parameters', { properties: parameters, required: params.map(([key]) => key) })}
    ${call.body === undefined ? html`` : membersTable('Body', view(call.body))}
    ${call.successes.map(
      ({ status, description, schema }) =>
        html`<h4>${status}: ${description}</h4>
          ${schema === null ? html`` : membersTable('', view(schema))}`,
    )}
    <p class="soft">Refusals, the first that holds: ${refusalLinks(call)}</p>`;
}

function refusalLinks(call: Call): Html {
  const links = refusalsOf(call).map((code) => html`<a href="/problems/${code}">${code}</a>`);
  return { html: links.map((link) => link.html).join(', ') };
}

function eventSection(type: (typeof EVENT_TYPES)[number]): Html {
  const { summary, data } = EVENTS[type];
  return html`<h3><code>${fullEventType(type)}</code></h3>
    <p>${summary}</p>
    ${membersTable('Data', view(data))}`;
}

function problemTable(codes: readonly ProblemCode[]): Html {
  const rows = codes.map((code) => {
    const { status, title, retryable } = PROBLEMS[code];
    return html`<tr>
      <td>
        <a href="/problems/${code}"><code>${code}</code></a>
      </td>
      <td>${status}</td>
      <td>${title}</td>
      <td>${retryable ? 'yes' : 'no'}</td>
    </tr>`;
  });
  return html`<div class="wide">
    <table>
      <thead>
        <tr>
          <th scope="col">Code</th>
          <th scope="col">Status</th>
          <th scope="col">Title</th>
          <th scope="col">Retryable</th>
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`;
}

function membersTable(heading: string, schema: SchemaView): Html {
  const members = Object.entries(schema.properties ?? {});
  if (members.length === 0) return html``;
  const rows = members.map(
    ([name, member]) =>
      html`<tr>
        <td><code>${name}</code></td>
        <td>${typeOf(member)}</td>
        <td>${schema.required?.includes(name) === true ? 'always' : 'may be left out'}</td>
        <td>${prose(meaningOf(member))}</td>
      </tr>`,
  );
  return html`${heading === '' ? html`` : html`<h4>${heading}</h4>`}
    <div class="wide">
      <table>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Type</th>
            <th scope="col">Given</th>
            <th scope="col">Meaning</th>
          </tr>
        </thead>
        <tbody>
          ${rows}
        </tbody>
      </table>
    </div>`;
}

function typeOf(schema: SchemaView): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map(String).join(', ');
  if (schema.oneOf !== undefined) {
    return schema.oneOf.map((branch) => `{ ${branchMembers(branch)} }`).join(' or ');
  }
  if (schema.items !== undefined) return `list of ${typeOf(schema.items)}`;
  if (schema.title !== undefined) return schema.title;
  const type = [schema.type ?? 'any'].flat().join(' or ');
  return schema.format === undefined ? type : `${type} (${schema.format})`;
}

function branchMembers({ properties = {}, required = [] }: SchemaView): string {
  return Object.entries(properties)
    .map(([name, member]) => {
      const optional = required.includes(name) ? '' : '?';
      const constant = member.const === undefined ? '' : `: ${JSON.stringify(member.const)}`;
      return name + optional + constant;
    })
    .join(', ');
}

function meaningOf(schema: SchemaView): string {
  const { description = '', minimum, maximum, maxItems, 'x-rule': rule } = schema;
  const figure = (limit: number) => limit.toLocaleString('en-US');
  return [
    description,
    minimum !== undefined && maximum !== undefined
      ? `${figure(minimum)} to ${figure(maximum)}.`
      : '',
    maxItems === undefined ? '' : `At most ${figure(maxItems)}.`,
    rule === undefined ? '' : `Must ${rule}.`,
  ]
    .filter((text) => text !== '')
    .join(' ');
}

function view(schema: TSchema): SchemaView {
  return schema;
}
