import { code, table } from './markdown.ts';

/** The parts of JSON Schema that the contract uses. */
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
  readonly maxLength?: number;
  readonly maxItems?: number;
  readonly items?: SchemaView;
  readonly oneOf?: readonly SchemaView[];
  readonly anyOf?: readonly SchemaView[];
  readonly properties?: Readonly<Record<string, SchemaView>>;
  readonly required?: readonly string[];
  readonly 'x-rule'?: string;
}

/**
 * The members of an object, one row each. Objects with a name are links to `objectsPage`; the
 * members of others follow, dotted, those of a list's objects with `[]`.
 */
export function membersTable(schema: object, objectsPage: string): string {
  return table(['member', 'type', 'needed', 'what'], rowsWithin(schema, '', objectsPage));
}

/** The kind of value, in a few words. */
export function typeOf(schema: object, objectsPage = ''): string {
  const view = schema as SchemaView;
  if (isNamedObject(view)) return `[${view.title}](${objectsPage}#${view.title.toLowerCase()})`;
  if (view.const !== undefined) return code(JSON.stringify(view.const));
  if (view.enum !== undefined) return view.enum.map((word) => code(String(word))).join(', ');
  if (view.items !== undefined) return `list of ${typeOf(view.items, objectsPage)}`;
  const types = typeof view.type === 'string' ? [view.type] : (view.type ?? ['object']);
  return types.map((type) => plainTypeOf(type, view)).join(' or ');
}

/** Every object that has a name, wherever it stands in these schemas, by its name. */
export function namedObjectsIn(schemas: readonly object[]): ReadonlyMap<string, object> {
  const found = new Map<string, object>();
  const visit = (schema: SchemaView): void => {
    if (isNamedObject(schema)) found.set(schema.title, schema);
    const within = [schema.items ?? [], ...variantsOf(schema)].flat();
    for (const next of [...within, ...Object.values(schema.properties ?? {})]) visit(next);
  };
  for (const schema of schemas) visit(schema);
  return found;
}

/** The names of the objects of which a value is one; none if it is not such a choice. */
export function choiceOf(schema: object): readonly string[] {
  return variantsOf(schema as SchemaView).flatMap(({ title }) => title ?? []);
}

function memberRows(schema: SchemaView, prefix: string, objectsPage: string): string[][] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, member]) => {
    const needed = schema.required?.includes(name) === true ? 'yes' : '';
    const row = [code(prefix + name), typeOf(member, objectsPage), needed, meaningOf(member)];
    if (isNamedObject(member.items ?? member)) return [row];
    const path = member.items === undefined ? `${prefix}${name}.` : `${prefix}${name}[].`;
    return [row, ...rowsWithin(member.items ?? member, path, objectsPage)];
  });
}

/** Of a choice, every member that one of its kinds has; none of them is needed in all. */
function rowsWithin(schema: SchemaView, prefix: string, objectsPage: string): string[][] {
  const variants = variantsOf(schema);
  if (variants.length === 0) return memberRows(schema, prefix, objectsPage);
  const properties = Object.assign({}, ...variants.map((variant) => variant.properties)) as Record<
    string,
    SchemaView
  >;
  return memberRows({ properties, required: schema.required ?? [] }, prefix, objectsPage);
}

function variantsOf(schema: SchemaView): readonly SchemaView[] {
  return schema.oneOf ?? schema.anyOf ?? [];
}

function isNamedObject(schema: SchemaView): schema is SchemaView & { title: string } {
  return schema.title !== undefined && schema.type === 'object';
}

function plainTypeOf(type: string, view: SchemaView): string {
  switch (type) {
    case 'integer':
    case 'number':
      return `${type}${rangeOf(view)}`;
    default:
      return view.format === undefined || type === 'null' ? type : `${type} (${view.format})`;
  }
}

function rangeOf({ minimum, maximum }: SchemaView): string {
  if (minimum === undefined) return '';
  const isOpen = maximum === undefined || maximum === Number.MAX_SAFE_INTEGER;
  if (minimum === -Number.MAX_SAFE_INTEGER) return '';
  return isOpen ? `, ${figure(minimum)} or more` : `, ${figure(minimum)} to ${figure(maximum)}`;
}

function figure(value: number): string {
  return value.toLocaleString('en-US');
}

function meaningOf(view: SchemaView): string {
  const parts = [view.description ?? ''];
  if (view.maxItems !== undefined) parts.push(`At most ${figure(view.maxItems)}.`);
  if (view['x-rule'] !== undefined) parts.push(`Must ${view['x-rule']}.`);
  if (view.default !== undefined) parts.push(`Default: ${code(JSON.stringify(view.default))}.`);
  return parts.filter((part) => part !== '').join(' ');
}
