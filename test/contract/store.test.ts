import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { FakeStore } from '../fakes/fake-store.ts';
import { PostgresServer, postgresMissing } from '../fixtures/postgres-server.ts';
import { openPostgresStore } from '../fixtures/postgres-store.ts';
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

let server: PostgresServer;
beforeAll(async () => {
  if (postgresMissing === undefined) server = await PostgresServer.start();
});
afterAll(() => server?.close());

describeStore(
  'PostgreSQL',
  () => {
    let empty = false;
    return {
      async open() {
        if (!empty) await server.sql('DROP SCHEMA IF EXISTS goshawk CASCADE');
        empty = true;
        return openPostgresStore(server.address);
      },
      close: () => {},
    };
  },
  postgresMissing,
);
