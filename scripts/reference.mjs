// `npm run docs`: writes docs/reference from the catalogues in the code. `test/docs.test.ts` fails
// when a page is not what this would write.
import { mkdirSync, writeFileSync } from 'node:fs';
import { referencePages } from './reference/pages.ts';

const folder = new URL('../docs/reference/', import.meta.url);

mkdirSync(folder, { recursive: true });
for (const [name, text] of Object.entries(await referencePages())) {
  writeFileSync(new URL(name, folder), text);
  console.error(`docs/reference/${name}`);
}
