import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeStore } from '../fakes/fake-store.ts';
import { openSqliteStore } from '../fixtures/sqlite-store.ts';
import { describeStore } from './store.ts';

describeStore('the fake', () => {
  const store = new FakeStore();
  return {
    open: () => {
      store.reopen();
      return store;
    },
    close: () => {},
  };
});

describeStore('SQLite', () => {
  const folder = mkdtempSync(join(tmpdir(), 'goshawk-store-'));
  return {
    open: () => openSqliteStore(join(folder, 'fleet.db')),
    close: () => rmSync(folder, { recursive: true }),
  };
});
