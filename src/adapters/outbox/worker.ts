import { parentPort, workerData } from 'node:worker_threads';
import { OutboxDatabase, type OutboxFile } from './database.ts';
import { type Answer, type FromWorker, packError, type ToWorker } from './messages.ts';

/*
 * The thread that waits for the disk. Requests are answered in their order; what came while a commit waited for the
 * disk shares the next one, so a burst of events costs a few waits and not one each.
 */
const port = parentPort;
if (port === null) throw new Error('worker.ts runs in a worker thread only.');
const database = new OutboxDatabase(workerData as OutboxFile);
const waiting: ToWorker[] = [];

port.on('message', (request: ToWorker) => {
  waiting.push(request);
  if (waiting.length === 1) setImmediate(work);
});

function work(): void {
  const requests = waiting.splice(0);
  for (let at = 0; at < requests.length; ) {
    const group = requests.slice(at).findIndex(({ kind }) => kind !== 'apply');
    const size = group < 0 ? requests.length - at : group;
    const [first] = requests.slice(at);
    if (size > 0) applyTogether(requests.slice(at, at + size));
    else if (first !== undefined) answer(first, () => answerTo(first));
    at += Math.max(1, size);
  }
}

/** One transaction; when it fails each has its own, so that one bad entry does not take the others with it. */
function applyTogether(requests: readonly ToWorker[]): void {
  const operations = requests.flatMap((request) => (request.kind === 'apply' ? [request.operation] : []));
  try {
    database.apply(operations);
  } catch (error) {
    if (requests.length === 1) reply({ id: requests[0]?.id ?? 0, ok: false, error: packError(error) });
    else for (const request of requests) applyTogether([request]);
    return;
  }
  for (const { id } of requests) reply({ id, ok: true, answer: undefined });
}

function answerTo(request: ToWorker): Answer {
  switch (request.kind) {
    case 'open':
      return database.open(request.nowMs);
    case 'read':
      return database.read(request.entry);
    case 'close':
      database.close();
      return undefined;
    case 'apply':
      return database.apply([request.operation]) as undefined;
  }
}

function answer({ id, kind }: ToWorker, run: () => Answer): void {
  try {
    reply({ id, ok: true, answer: run() });
  } catch (error) {
    reply({ id, ok: false, error: packError(error) });
  }
  if (kind === 'close') port?.close();
}

function reply(message: FromWorker): void {
  port?.postMessage(message);
}
