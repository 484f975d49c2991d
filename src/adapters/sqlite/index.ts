// Around: @photostructure/sqlite

export { SqliteStore, type SqliteStoreOptions } from './sqlite-store.ts';
