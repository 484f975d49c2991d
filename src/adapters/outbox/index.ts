export { type SqliteOutboxOptions, SqliteOutboxStore } from './store.ts';
