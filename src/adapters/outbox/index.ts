// Around: @photostructure/sqlite

export { type SqliteOutboxOptions, SqliteOutboxStore } from './store.ts';
