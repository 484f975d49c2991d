import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SqliteOutboxStore } from '../../../../src/adapters/outbox/index.ts';
import { silentLog } from '../../../../src/base/index.ts';
import { Outbox, type StoredEntry } from '../../../../src/telemetry/index.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';

const began = 1_790_000_000_000;

function stored(entry: number, text = `payload ${entry}`): StoredEntry {
  const payload = new TextEncoder().encode(text);
  return { entry, kind: 'event', bytes: payload.byteLength, session: 3, thinned: 0, payload };
}

// What it promises as an OutboxStore is in test/contract/outbox-store.ts.
describe('The outbox in SQLite', () => {
  let folder: string;
  const opened: SqliteOutboxStore[] = [];
  const make = () => {
    const store = new SqliteOutboxStore({ folder, maxFileBytes: 1e7, nowMs: () => began });
    opened.push(store);
    return store;
  };

  beforeEach(() => {
    folder = join(mkdtempSync(join(tmpdir(), 'goshawk-outbox-')), 'outbox');
  });
  afterEach(async () => {
    for (const store of opened.splice(0)) await store.close();
    rmSync(join(folder, '..'), { recursive: true, force: true });
  });

  it.each([
    ['is no database', () => 'not a database at all, '.repeat(500)],
    [
      'has holes in it',
      (bytes: Buffer) => Buffer.concat([bytes.subarray(0, 4096), Buffer.alloc(bytes.length - 4096, 7)]),
    ],
    ['was cut off', (bytes: Buffer) => bytes.subarray(0, 4096 + 100)],
  ])(
    'moves a file that %s aside, says so and goes on above every number it had given',
    async (_what, damage) => {
      const before = make();
      await before.open();
      for (let i = 0; i < 50; i++) await before.append(stored(i, 'x'.repeat(500)));
      await before.close();
      const path = join(folder, 'outbox.db');
      writeFileSync(path, damage(readFileSync(path)));
      const after = make();
      const { entries, nextEntry, damage: told } = await after.open();
      expect(told).toMatch(/outbox\.db was damaged .* moved to .*outbox\.db\.damaged-/);
      expect(entries).toEqual([]);
      expect(nextEntry).toBe(began);
      await after.append(stored(nextEntry));
      expect(readdirSync(folder).some((name) => name.includes('damaged'))).toBe(true);
    },
  );

  it('refuses a second agent on the same folder', async () => {
    await make().open();
    await expect(make().open()).rejects.toMatchObject({ code: 'outbox-busy', name: 'RefusedError' });
  });

  it('names a folder that cannot be made', async () => {
    writeFileSync(join(folder, '..', 'file'), '');
    folder = join(folder, '..', 'file', 'outbox');
    await expect(make().open()).rejects.toMatchObject({ code: 'outbox-disk' });
  });
});

const mountable = (() => {
  const folder = mkdtempSync(join(tmpdir(), 'goshawk-mount-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', folder]).status === 0;
  if (mounted) spawnSync('umount', [folder]);
  rmSync(folder, { recursive: true, force: true });
  return mounted;
})();

describe.skipIf(!mountable)(
  `On a disk that is really full${mountable ? '' : ' (skipped: may not mount a tmpfs)'}`,
  () => {
    it('the outbox continues in memory, loses no entry, and writes again when there is room', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'goshawk-full-'));
      spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=512k', 'tmpfs', folder]);
      const clock = new FakeClock();
      const sent = new Set<number>();
      const told: (string | undefined)[] = [];
      const store = new SqliteOutboxStore({
        folder: join(folder, 'outbox'),
        maxFileBytes: 1e8,
        nowMs: () => 0,
      });
      const outbox = new Outbox(
        { maxBytes: 1e8 },
        {
          store,
          clock,
          log: silentLog,
          send: async ({ entry }) => void sent.add(entry),
        },
      );
      outbox.onDisk((error) => told.push(error?.code));
      try {
        await outbox.open();
        writeFileSync(join(folder, 'somebody-elses'), Buffer.alloc(300_000));
        const accepted: number[] = [];
        while (told.length === 0) accepted.push(await outbox.accept('event', 1, () => new Uint8Array(2000)));
        for (let i = 0; i < 5; i++)
          accepted.push(await outbox.accept('event', 1, () => new Uint8Array(2000)));
        expect(told).toEqual(['outbox-disk']);
        expect(outbox.stats.volatileEntries).toBeGreaterThanOrEqual(6);
        rmSync(join(folder, 'somebody-elses'));
        accepted.push(await outbox.accept('event', 1, () => new Uint8Array(2000)));
        expect(told).toEqual(['outbox-disk', undefined]);
        outbox.online();
        for (let i = 0; i < 200 && sent.size < accepted.length; i++) {
          await clock.pass(1000);
          outbox.acknowledge([...sent]);
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
        outbox.acknowledge([...sent]);
        expect([...sent].sort((a, b) => a - b)).toEqual(accepted);
        expect(outbox.stats).toMatchObject({ entries: 0, volatileEntries: 0 });
      } finally {
        await outbox.close();
        spawnSync('umount', [folder]);
        rmSync(folder, { recursive: true, force: true });
      }
    });
  },
);
