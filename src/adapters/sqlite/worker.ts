import { parentPort, workerData } from 'node:worker_threads';
import { asGoshawkError } from '../../base/index.ts';
import type { Answer, Request, WorkerSetup } from './messages.ts';
import { DatabaseService } from './service.ts';

/* One thread writes, another answers questions: neither waits for the other, and the event loop for none of them. */

const port = parentPort;
if (port === null) throw new Error('worker.ts is started by DatabaseThread alone.');

function failure(id: number, error: unknown): Answer {
  const { name, code, message, remedy } = asGoshawkError(error, 'database-failed');
  return { id, ok: false, kind: name, code, message, remedy };
}

try {
  const service = new DatabaseService(workerData as WorkerSetup);
  port.on('message', ({ id, request }: { id: number; request: Request }) => {
    try {
      port.postMessage({ id, ok: true, result: service.answer(request) } satisfies Answer);
      if (request.op === 'close') port.close();
    } catch (error) {
      port.postMessage(failure(id, error));
    }
  });
  port.postMessage({ id: 0, ok: true, result: undefined } satisfies Answer);
} catch (error) {
  port.postMessage(failure(0, error));
}
