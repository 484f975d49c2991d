import { describe, expect, it } from 'vitest';
import { VersionCounter } from '../../../../src/controller/trust/version-counter.ts';
import { MemoryMetadata } from '../../../fakes/memory-metadata.ts';

const nowMs = Date.UTC(2026, 10, 30);
const opened = async (store: MemoryMetadata, atMs: number) => {
  const counter = new VersionCounter(store);
  await counter.open(atMs);
  return counter;
};

describe('Versions of metadata that is made on demand', () => {
  it('never come twice, also after a restart with a clock that went back a day', async () => {
    const store = new MemoryMetadata();
    const first = await opened(store, nowMs);
    const used = Array.from({ length: 5_000 }, () => first.next(nowMs));
    const second = await opened(store, nowMs - 86_400_000);
    expect(new Set(used).size).toBe(used.length);
    expect(second.next(nowMs - 86_400_000)).toBeGreaterThan(used.at(-1)!);
  });

  it('do not run ahead of the clock by restarts, nor far by ten thousand orders', async () => {
    const store = new MemoryMetadata();
    for (let hour = 0; hour < 30; hour++) {
      const counter = await opened(store, nowMs + hour * 60_000);
      for (let order = 0; order < 10_000; order++) counter.next(nowMs + hour * 60_000);
    }
    const later = nowMs + 30 * 60_000;
    // Of a controller that was restored from a copy of before all this.
    const restored = await opened(new MemoryMetadata(), later);
    const went = await opened(store, later);
    expect(restored.next(later + 5_000)).toBeGreaterThan(went.next(later));
  });
});
