import { readFileSync } from 'node:fs';
import type { DatabaseSync, StatementSync } from 'node:sqlite';

/**
 * Prepares the statements of a file in `statements/`, by the names of its `-- name:` lines.
 *
 * @param names  those that the caller uses; one that the file lacks is an error
 */
export function prepareStatements<Name extends string>(
  db: DatabaseSync,
  file: string,
  names: readonly Name[],
): Record<Name, StatementSync> {
  const texts = readStatements(file);
  const statements = {} as Record<Name, StatementSync>;
  for (const name of names) statements[name] = db.prepare(find(texts, file, name));
  return statements;
}

/** The text of one statement of a file in `statements/`. */
export function readStatement(file: string, name: string): string {
  return find(readStatements(file), file, name);
}

function find(texts: ReadonlyMap<string, string>, file: string, name: string): string {
  const text = texts.get(name);
  if (text === undefined) throw new Error(`statements/${file} has no statement ${name}`);
  return text;
}

function readStatements(file: string): Map<string, string> {
  const text = readFileSync(new URL(`./statements/${file}`, import.meta.url), 'utf8');
  const [, ...sections] = text.split(/^-- name: /m);
  return new Map(
    sections.map((section) => {
      const end = section.indexOf('\n');
      return [section.slice(0, end).trim(), section.slice(end + 1)];
    }),
  );
}
