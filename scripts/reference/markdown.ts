/** Said on every page, so that nobody mends the copy. */
const NOTICE = '<!-- Written by `npm run docs` from the code; change it there. -->';

/** A page: its title, then blocks with an empty line between them. */
export function page(title: string, ...blocks: readonly string[]): string {
  return [NOTICE, `# ${title}`, ...blocks.filter((block) => block !== '')].join('\n\n') + '\n';
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}

export function code(text: string): string {
  return `\`${text}\``;
}

export function list(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join('\n');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
