import { createHash } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import { GoshawkError } from '../../base/index.ts';
import { explainSqlite } from './faults.ts';
import { loadFleet } from './loader.ts';
import type { Answer, Request, WorkerSetup } from './messages.ts';
import { openForReading, openForWriting } from './open.ts';
import { Reader } from './reader.ts';
import { retainStep } from './retention.ts';
import { Statements } from './statements.ts';
import { Writer } from './writer.ts';

/* One thread writes, another answers questions: neither waits for the other, and the event loop for none of them. */

const { file, role, maxPages } = workerData as WorkerSetup;
const port = parentPort;
if (port === null) throw new Error('worker.ts is started by SqliteStore alone.');

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

function serve() {
  const db = role === 'writer' ? openForWriting(file) : openForReading(file);
  if (maxPages !== undefined) db.exec(`PRAGMA max_page_count = ${maxPages}`);
  const sql = new Statements(db);
  const writer = new Writer(sql, sha256);
  const reader = new Reader(sql, sha256);
  return (request: Request): unknown => {
    switch (request.op) {
      case 'load':
        return loadFleet(sql, request.warningsSinceMs);
      case 'commit':
        return writer.commit(request.commit);
      case 'retain-step':
        return retainStep(sql, request.retention, request.nowMs);
      case 'metrics':
        return reader.metrics(request.request);
      case 'events':
        return reader.events(request.query);
      case 'audit':
        return reader.audit(request.before, request.limit);
      case 'check-audit':
        return reader.checkAudit();
      case 'size': {
        const row = sql.get(
          'SELECT page_count * page_size AS bytes FROM pragma_page_count, pragma_page_size',
        );
        return Number(row?.bytes ?? 0);
      }
      case 'close':
        db.close();
        return undefined;
    }
  };
}

function failure(id: number, error: unknown): Answer {
  const known = error instanceof GoshawkError ? error : explainSqlite(error, file);
  return { id, ok: false, kind: known.name, code: known.code, message: known.message, remedy: known.remedy };
}

let handle: ReturnType<typeof serve> | undefined;
try {
  handle = serve();
  port.postMessage({ id: 0, ok: true, result: undefined } satisfies Answer);
} catch (error) {
  port.postMessage(failure(0, error));
  port.close();
}

port.on('message', ({ id, request }: { id: number; request: Request }) => {
  try {
    port.postMessage({ id, ok: true, result: handle?.(request) } satisfies Answer);
    if (request.op === 'close') port.close();
  } catch (error) {
    port.postMessage(failure(id, error));
  }
});
