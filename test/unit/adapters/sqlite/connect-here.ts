import { explainSqlite } from '../../../../src/adapters/sqlite/faults.ts';
import { type ConnectionOptions, DatabaseService } from '../../../../src/adapters/sqlite/service.ts';
import type { Connection } from '../../../../src/adapters/sqlite/sqlite-store.ts';
import { answerHere } from '../../../fixtures/answer-here.ts';

/** A connection without its thread, which takes a second or two to start from the checkout. */
export function connectHere(options: ConnectionOptions): Connection {
  return answerHere(new DatabaseService(options), (error) => explainSqlite(error, options.file));
}
