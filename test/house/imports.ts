import ts from 'typescript';
import type { SourceFile } from './source-files.ts';

/** One mention of another module or file, whatever its form. */
export interface ImportEdge {
  readonly from: string;
  readonly line: number;
  /** As written; `(computed)` where it is not a plain string. */
  readonly specifier: string;
  /** True if nothing of it is left when Node runs the file. */
  readonly typesOnly: boolean;
}

const COMPUTED = '(computed)';

/**
 * Finds every import of a file: static, re-exports, `import type`, `import('x')` as a value and as
 * a type, `require`, `import x = require()`, `import.meta.resolve`, `getBuiltinModule`, and
 * `new URL('x', import.meta.url)`, by which workers and assets are reached.
 */
export function importsOf(file: SourceFile): ImportEdge[] {
  const source = parse(file);
  const edges: ImportEdge[] = [];
  const visit = (node: ts.Node): void => {
    const found = importIn(node);
    if (found !== null) {
      const line = source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
      edges.push({ from: file.path, line, ...found });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return edges;
}

export function parse({ path, text }: SourceFile): ts.SourceFile {
  return ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
}

type Found = Pick<ImportEdge, 'specifier' | 'typesOnly'>;

function importIn(node: ts.Node): Found | null {
  if (ts.isImportDeclaration(node)) {
    return { specifier: textOf(node.moduleSpecifier), typesOnly: importsTypesOnly(node) };
  }
  if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined) {
    return { specifier: textOf(node.moduleSpecifier), typesOnly: exportsTypesOnly(node) };
  }
  if (ts.isImportTypeNode(node)) {
    const literal = ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined;
    return { specifier: textOf(literal), typesOnly: true };
  }
  if (ts.isExternalModuleReference(node)) {
    return { specifier: textOf(node.expression), typesOnly: false };
  }
  if (ts.isCallExpression(node) && callsForModule(node)) {
    return { specifier: textOf(node.arguments[0]), typesOnly: false };
  }
  if (ts.isNewExpression(node) && isUrlBesideThisFile(node)) {
    return { specifier: addressOf(node.arguments?.[0]), typesOnly: false };
  }
  return null;
}

function importsTypesOnly(node: ts.ImportDeclaration): boolean {
  const clause = node.importClause;
  if (clause === undefined) return false;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const named = clause.namedBindings;
  if (clause.name !== undefined || named === undefined || !ts.isNamedImports(named)) return false;
  return named.elements.length > 0 && named.elements.every((element) => element.isTypeOnly);
}

function exportsTypesOnly(node: ts.ExportDeclaration): boolean {
  if (node.isTypeOnly) return true;
  const clause = node.exportClause;
  if (clause === undefined || !ts.isNamedExports(clause)) return false;
  return clause.elements.length > 0 && clause.elements.every((element) => element.isTypeOnly);
}

function callsForModule(node: ts.CallExpression): boolean {
  if (node.expression.kind === ts.SyntaxKind.ImportKeyword) return true;
  const callee = node.expression.getText();
  return ['require', 'import.meta.resolve', 'process.getBuiltinModule'].includes(callee);
}

function isUrlBesideThisFile(node: ts.NewExpression): boolean {
  const base = node.arguments?.[1]?.getText() ?? '';
  return node.expression.getText() === 'URL' && base.startsWith('import.meta.');
}

function textOf(node: ts.Node | undefined): string {
  return node !== undefined && ts.isStringLiteralLike(node) ? node.text : COMPUTED;
}

/** As `textOf`, but an asset may be picked by name: `./sql/${name}.sql` is `./sql/*.sql`. */
function addressOf(node: ts.Node | undefined): string {
  if (node === undefined || !ts.isTemplateExpression(node)) return textOf(node);
  const spans = node.templateSpans.map((span) => `*${span.literal.text}`);
  return node.head.text.startsWith('./') ? node.head.text + spans.join('') : COMPUTED;
}
