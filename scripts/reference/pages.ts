import { cliPage } from './cli-page.ts';
import { errorsPage } from './errors-page.ts';
import { eventsPage } from './events-page.ts';
import { httpPage } from './http-page.ts';
import { settingsPage } from './settings-page.ts';

/** The pages of docs/reference, by file name. */
export async function referencePages(): Promise<Readonly<Record<string, string>>> {
  return {
    'cli.md': await cliPage(),
    'errors.md': errorsPage(),
    'events.md': eventsPage(),
    'http.md': httpPage(),
    'settings.md': settingsPage(),
  };
}
