import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqliteOutboxStore } from '../../src/adapters/outbox/index.ts';
import { FakeOutboxStore } from '../fakes/fake-outbox-store.ts';
import { describeOutboxStore } from './outbox-store.ts';

describeOutboxStore('the fake', () => {
  const store = new FakeOutboxStore({ maxBytes: 60_000 });
  return { store: () => store, close: async () => {} };
});

describeOutboxStore('SQLite', () => {
  const folder = mkdtempSync(join(tmpdir(), 'goshawk-outbox-'));
  return {
    store: () => new SqliteOutboxStore({ folder, maxFileBytes: 80_000, nowMs: () => 1_790_000_000_000 }),
    close: async () => rmSync(folder, { recursive: true, force: true }),
  };
});
