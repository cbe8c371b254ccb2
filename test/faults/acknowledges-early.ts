import { pino } from 'pino';
import { createMemoryStore } from '../../src/adapters/memory/memory-store.ts';
import { openSqliteStore } from '../../src/adapters/sqlite/sqlite-store.ts';
import { createEngine } from '../../src/engine/create-engine.ts';
import { OPEN_AUTH } from '../../src/http/auth.ts';
import { createHttpServer } from '../../src/http/create-http-server.ts';
import type { Store } from '../../src/ports/store.ts';

// The control of the crash test: a server that answers from memory and writes a little later, as a
// store that acknowledges on enqueue does. It is right in everything, until it is killed.
const WRITES_LATER_BY_MS = 300;
const folder = process.argv[process.argv.indexOf('--data') + 1]!;
const clock = { nowMs: () => Date.now() };
let made = 0;
const ids = { next: (prefix: string) => `${prefix}${process.pid}x${(made += 1)}` };

const durable = await openSqliteStore({ folder, clock, ids });
const memory = createMemoryStore({ clock, ids });
const store: Store = {
  ...durable.store,
  registerVendor: async (command, origin) => {
    await memory.store.registerVendor(command, origin);
    return durable.store.registerVendor(command, origin);
  },
  createCampaign: async (command, origin) => {
    await memory.store.createCampaign(command, origin);
    return durable.store.createCampaign(command, origin);
  },
  issueCoupons: async (requests) => {
    setTimeout(() => void durable.store.issueCoupons(requests), WRITES_LATER_BY_MS);
    return memory.store.issueCoupons(requests);
  },
};
const engine = createEngine({
  store,
  log: durable.log,
  clock,
  ids,
  onBroken: (error) => {
    throw error;
  },
});
const log = pino({ level: 'silent' });
const http = createHttpServer({ engine, clock, auth: OPEN_AUTH, log });
const url = await http.listen({ host: '127.0.0.1', port: 0 });
console.log(JSON.stringify({ event: 'ready', url, engine: 'control', pid: process.pid }));
