// Around: @photostructure/sqlite

export {
  copyDatabase,
  type ExaminedDatabase,
  examineDatabase,
  holdDatabase,
} from './snapshot.ts';
export { SqliteStore, type SqliteStoreOptions } from './sqlite-store.ts';
export { SqliteTransferSource } from './transfer-source.ts';
