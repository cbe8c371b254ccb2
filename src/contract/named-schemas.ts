/** A schema with a `title` is a thing with a name: it is described once and referred to. */
export interface Hoisted {
  readonly document: unknown;
  readonly schemas: Readonly<Record<string, unknown>>;
}

/**
 * Takes every schema that has a title out of a document and leaves a reference in its place.
 *
 * @param prefix  what a reference begins with, such as `#/components/schemas/`
 */
export function hoistNamedSchemas(document: unknown, prefix: string): Hoisted {
  const schemas: Record<string, unknown> = {};
  const hoist = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(hoist);
    if (typeof value !== 'object' || value === null) return value;
    const copy = Object.fromEntries(
      Object.entries(value).map(([name, member]) => [name, hoist(member)]),
    );
    const { title } = value as { title?: unknown };
    if (typeof title !== 'string') return copy;
    schemas[title] ??= copy;
    return { $ref: prefix + title };
  };
  const hoisted = hoist(document);
  const sorted = Object.entries(schemas).sort(([a], [b]) => (a < b ? -1 : 1));
  return { document: hoisted, schemas: Object.fromEntries(sorted) };
}
