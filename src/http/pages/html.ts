import { hash } from 'node:crypto';
import type { CallAnswer } from '../answer.ts';

/** HTML that is as it should be; everything else is text and gets escaped. */
export interface Html {
  readonly html: string;
}

type Part = string | number | Html | readonly Html[];

/**
 * Writes HTML from a template; what is put into it is escaped unless it is HTML itself.
 *
 * @example
 * html`<p>${title}</p>`
 */
export function html(texts: TemplateStringsArray, ...values: readonly Part[]): Html {
  let written = texts[0]!;
  values.forEach((value, i) => {
    written += render(value) + texts[i + 1]!;
  });
  return { html: written };
}

/** Text of the catalogues: what stands between backticks is code. */
export function prose(text: string): Html {
  const parts = text.split('`').map((part, i) => (i % 2 === 1 ? html`<code>${part}</code>` : part));
  return {
    html: parts.map((part) => (typeof part === 'string' ? escape(part) : part.html)).join(''),
  };
}

/** A whole page. It loads nothing and runs nothing, and says so to the browser. */
export function htmlPage(title: string, body: Html): CallAnswer {
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title} · firstcome</title>
        <style>
          ${{ html: STYLE }}
        </style>
      </head>
      <body>
        <header>
          <a href="/">firstcome</a>
          <nav>
            <a href="/docs">Calls</a> <a href="/openapi.json">OpenAPI</a>
            <a href="/asyncapi.json">AsyncAPI</a>
          </nav>
        </header>
        <main>${body}</main>
      </body>
    </html> `;
  return {
    status: 200,
    contentType: 'text/html; charset=utf-8',
    body: page.html,
    headers: ['Content-Security-Policy', POLICY],
  };
}

const STYLE = `
:root{--ink:#1b1f24;--soft:#57606a;--line:#d5dae0;--paper:#fff;--tint:#f4f6f8;--accent:#0a58ca}
@media(prefers-color-scheme:dark){:root{--ink:#e6e9ed;--soft:#a4adb8;--line:#343b44;--paper:#14171b;
--tint:#1d2228;--accent:#7fb2ff}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,sans-serif}
header,main{max-width:60rem;margin:0 auto;padding:1rem}
header{display:flex;gap:1.5rem;border-bottom:1px solid var(--line)}
header>a{font-weight:700}
nav{display:flex;gap:1rem;flex-wrap:wrap}
a{color:var(--accent)}
h1{font-size:1.7rem;line-height:1.25;margin:1rem 0}
h2{font-size:1.3rem;margin:2.5rem 0 .5rem;border-bottom:1px solid var(--line)}
h3{font-size:1.05rem;margin:2rem 0 .25rem}
h4{font-size:.95rem;margin:1rem 0 .25rem;color:var(--soft)}
code,pre{font:.9em/1.5 ui-monospace,monospace;background:var(--tint);border-radius:4px}
code{padding:.1em .3em}
pre{padding:.75rem;overflow-x:auto}
pre code{padding:0;background:none}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.92rem}
th,td{text-align:left;vertical-align:top;padding:.35rem .6rem;border-bottom:1px solid var(--line)}
th{color:var(--soft);font-weight:600}
.soft{color:var(--soft)}
`;

const POLICY = [
  `default-src 'none'`,
  `style-src 'sha256-${hash('sha256', STYLE, 'base64')}'`,
  `base-uri 'none'`,
  `form-action 'none'`,
  `frame-ancestors 'none'`,
].join('; ');

function render(value: Part): string {
  if (typeof value === 'string') return escape(value);
  if (typeof value === 'number') return String(value);
  if ('html' in value) return value.html;
  return value.map((part) => part.html).join('\n');
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ESCAPES[character]!);
}
