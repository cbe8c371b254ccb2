import ts from 'typescript';
import { parse } from './imports.ts';
import type { SourceFile } from './source-files.ts';

export const FUNCTION_LINES_MAX = 70;

/** Functions that are too long to be one thought. */
export function longFunctions(file: SourceFile): string[] {
  return nodesOf(file, (node, source) => {
    if (!ts.isFunctionLike(node) || !('body' in node) || node.body === undefined) return null;
    const lines = linesOfCode(node.getText(source));
    return lines > FUNCTION_LINES_MAX ? `${lines} lines, at most ${FUNCTION_LINES_MAX}` : null;
  });
}

/** What the house does not use: any, enums, namespaces, default exports, silent catches. */
export function bannedSyntax(file: SourceFile): string[] {
  return nodesOf(file, (node) => {
    if (node.kind === ts.SyntaxKind.AnyKeyword) return 'any';
    if (ts.isEnumDeclaration(node)) return 'enum';
    if (ts.isModuleDeclaration(node)) return 'namespace';
    if (node.kind === ts.SyntaxKind.DefaultKeyword && !ts.isDefaultClause(node.parent)) {
      return 'default export';
    }
    if (ts.isExportAssignment(node)) return 'default export';
    if (ts.isCatchClause(node) && saysNothing(node.block)) return 'catch that says nothing';
    return null;
  });
}

/** As the linter counts: blank lines and lines of comment make a function no longer. */
function linesOfCode(text: string): number {
  return text.split('\n').filter((line) => !/^\s*($|\/\/|\/?\*)/.test(line)).length;
}

/** A catch may do nothing if a comment says why. */
function saysNothing(block: ts.Block): boolean {
  return block.statements.length === 0 && !/\/[/*]/.test(block.getText());
}

function nodesOf(
  file: SourceFile,
  judge: (node: ts.Node, source: ts.SourceFile) => string | null,
): string[] {
  const source = parse(file);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    const what = judge(node, source);
    if (what !== null) {
      const line = source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
      found.push(`${file.path}:${line} ${what}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}
