// Around: pg

export { type CheckedDatabase, checkDatabase } from './check.ts';
export {
  PostgresIngestStore,
  PostgresReadingStore,
  PostgresStore,
  type PostgresStoreOptions,
} from './postgres-store.ts';
export type { DatabaseAddress } from './session.ts';
export { PostgresTransferTarget } from './transfer-target.ts';
export { UpdatesListener, type UpdatesListenerOptions } from './updates-listener.ts';
