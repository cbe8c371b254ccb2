import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { StoreBroken, StoreUnavailable } from '../ports/store.ts';
import { StoreHealth } from './store-health.ts';

let told: string[];
let probe: () => Promise<void>;
let health: StoreHealth;

beforeEach(() => {
  vi.useFakeTimers();
  told = [];
  probe = () => Promise.reject(new StoreUnavailable('disk full'));
  health = new StoreHealth(
    { probe: () => probe() },
    {
      onBroken: (error) => told.push(`broken: ${error.message}`),
      onPaused: (reason) => told.push(`paused: ${reason}`),
      onRecovered: () => told.push('recovered'),
    },
  );
});

afterEach(() => {
  health.close();
  vi.useRealTimers();
});

describe('the health of a record', () => {
  it('is told once when writing fails, however often, and once when it works again', async () => {
    health.observe(new StoreUnavailable('disk full'));
    health.observe(new StoreUnavailable('disk full'));
    await vi.advanceTimersByTimeAsync(5_000);
    expect(told).toEqual(['paused: disk full']);
    expect(health.notReadyBecause()).toBe('disk full');
    probe = () => Promise.resolve();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(told).toEqual(['paused: disk full', 'recovered']);
    expect(health.notReadyBecause()).toBeNull();
    health.observe(new StoreUnavailable('disk full again'));
    expect(told.at(-1)).toBe('paused: disk full again');
  });

  it('is told once when the record is broken, and not as a pause', () => {
    health.observe(new StoreBroken('unknown'));
    health.observe(new StoreUnavailable('closed'));
    expect(told).toEqual(['broken: unknown']);
  });
});
