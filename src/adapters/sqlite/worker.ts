import { serve } from '../../platform/index.ts';
import { explainSqlite } from './faults.ts';
import { DatabaseService, type DatabaseThread } from './service.ts';

/* One thread writes, another answers questions: neither waits for the other, and the event loop for none of them. */
serve<DatabaseThread>(
  (connection) => new DatabaseService(connection),
  (error, { file }) => explainSqlite(error, file),
);
