import ts from 'typescript';
import { parse } from './imports.ts';
import type { SourceFile } from './source-files.ts';

/** Names that reach out of a pure function: to time, chance, the machine or another turn. */
const IMPURE_NAMES = new Set([
  'Promise',
  'performance',
  'process',
  'globalThis',
  'global',
  'crypto',
  'console',
  'fetch',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
  'Temporal',
  'Intl',
  'Atomics',
  'SharedArrayBuffer',
]);
const IMPURE_CALLS = new Set(['Date.now', 'Math.random']);

/** Everything in a file that a pure function may not do, one line each. */
export function impuritiesOf(file: SourceFile): string[] {
  const source = parse(file);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    const what = impurityOf(node);
    if (what !== null) {
      const line = source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
      found.push(`${file.path}:${line} ${what}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function impurityOf(node: ts.Node): string | null {
  if (ts.isAwaitExpression(node)) return 'await';
  if (node.kind === ts.SyntaxKind.AsyncKeyword) return 'async';
  if (ts.isNewExpression(node) && node.expression.getText() === 'Date') {
    return (node.arguments?.length ?? 0) === 0 ? 'new Date() without a time' : null;
  }
  if (ts.isCallExpression(node) && node.expression.getText() === 'Date') return 'Date()';
  if (ts.isPropertyAccessExpression(node)) {
    const name = node.getText();
    return IMPURE_CALLS.has(name) ? name : null;
  }
  if (ts.isVariableDeclarationList(node) && (node.flags & ts.NodeFlags.Let) !== 0) {
    return ts.isSourceFile(node.parent.parent) ? 'state of the module (let)' : null;
  }
  return ts.isIdentifier(node) && isImpureName(node) ? node.text : null;
}

/** A member of that name, as in `options.process`, is no reach outside. */
function isImpureName(node: ts.Identifier): boolean {
  if (!IMPURE_NAMES.has(node.text)) return false;
  const parent = node.parent;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  return !ts.isPropertyAssignment(parent) && !ts.isPropertySignature(parent);
}
