import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { call, createCampaign } from '../support/api.ts';
import { startServer, type ServerProcess } from '../support/server-process.ts';
import { diskShim, type DiskShim } from './disk-shim.ts';
import { reconcile, type Note } from './reconcile.ts';

const probe = diskShim(tmpdir());
probe.shim?.close();
if (probe.missing !== null) console.warn(`Disk faults are not tested here: ${probe.missing}.`);

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

describe.skipIf(probe.shim === null)('a server whose disk fails', () => {
  it('ends without acknowledging when a sync fails; a new start serves what is there', async () => {
    const { server, shim, folder } = await start();
    const campaignId = await createCampaign(server.url, 1000);
    const notes = await claims(server, campaignId, 'before', 50);
    expect(notes.every((note) => note.coupon !== undefined)).toBe(true);
    shim.failSyncs('always');
    notes.push(...(await claims(server, campaignId, 'during', 20)));
    expect(notes.slice(50).filter((note) => note.coupon !== undefined)).toEqual([]);
    expect(await server.ended()).toBe(1);
    expect(server.stderr()).toContain('cannot be written');
    expect(server.stderr()).not.toMatch(/^\s+at /m);
    shim.failSyncs('never');
    const again = await startServer(join(folder, 'data'), { env: shim.env });
    closers.push(() => again.stop());
    const { faults } = await reconcile(again.url, campaignId, notes);
    expect(faults).toEqual([]);
  });

  it('refuses while the disk is full, says so, and goes on when there is room', async () => {
    const { server, shim } = await start();
    const campaignId = await createCampaign(server.url, 1000);
    const notes = await claims(server, campaignId, 'before', 10);
    shim.leaveRoomFor(0);
    const refused = await call(server.url, 'POST', `/v1/campaigns/${campaignId}/claims`, {
      userId: 'no-room',
    });
    expect([refused.status, refused.body['code']]).toEqual([503, 'overloaded']);
    expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
    expect((await call(server.url, 'GET', '/readyz')).status).toBe(503);
    expect((await call(server.url, 'GET', '/healthz')).status).toBe(200);
    const read = await call(server.url, 'GET', `/v1/campaigns/${campaignId}`);
    expect(read.body['issued']).toBe(10);
    shim.leaveRoomFor(null);
    while ((await call(server.url, 'GET', '/readyz')).status !== 200) await wait(50);
    notes.push(...(await claims(server, campaignId, 'after', 10)));
    expect(notes.every((note) => note.coupon !== undefined)).toBe(true);
    for (const words of ['claims are refused', 'can be written again']) {
      while (!server.stderr().includes(words)) await wait(50);
      expect(server.stderr().split(words)).toHaveLength(2);
    }
    const { faults, stored } = await reconcile(server.url, campaignId, notes);
    expect(faults).toEqual([]);
    expect(stored).toBe(20);
  });

  it('answers other requests while a sync is slow', async () => {
    const { server, shim } = await start();
    const campaignId = await createCampaign(server.url, 1000);
    shim.delaySyncs(500_000);
    const claim = call(server.url, 'POST', `/v1/campaigns/${campaignId}/claims`, { userId: 'a' });
    const beganMs = performance.now();
    expect((await call(server.url, 'GET', '/healthz')).status).toBe(200);
    expect(performance.now() - beganMs).toBeLessThan(400);
    expect((await claim).status).toBe(201);
  });
});

async function start(): Promise<{ server: ServerProcess; shim: DiskShim; folder: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'firstcome-disk-'));
  closers.push(() => rmSync(folder, { recursive: true, force: true }));
  const { shim } = diskShim(folder) as { shim: DiskShim };
  closers.push(() => shim.close());
  const server = await startServer(join(folder, 'data'), { env: shim.env });
  closers.push(() => server.stop('SIGKILL').catch(() => null));
  return { server, shim, folder };
}

async function claims(
  server: ServerProcess,
  campaignId: string,
  prefix: string,
  count: number,
): Promise<Note[]> {
  const path = `/v1/campaigns/${campaignId}/claims`;
  const users = Array.from({ length: count }, (_, index) => `${prefix}-${index}`);
  return Promise.all(
    users.map(async (userId): Promise<Note> => {
      try {
        const { status, body } = await call(server.url, 'POST', path, { userId });
        if (status === 201) return { userId, coupon: body as NonNullable<Note['coupon']> };
        // An answer of 500 does not say what became of the claim.
        return { userId, status: status === 500 ? 0 : status };
      } catch {
        return { userId, status: 0 };
      }
    }),
  );
}
