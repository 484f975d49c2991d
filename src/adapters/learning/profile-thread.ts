import { Worker } from 'node:worker_threads';
import type { Task } from './messages.ts';

const entry = new URL(
  import.meta.url.endsWith('.ts') ? './thread-from-source.mjs' : './thread.js',
  import.meta.url,
);

/** A thread that works on one profile. */
export function startThread(task: Task): Worker {
  const transferList = task.kind === 'unpack' ? [task.bytes.buffer as ArrayBuffer] : [];
  const worker = new Worker(entry, {
    workerData: task,
    transferList,
    execArgv: [],
    name: `goshawk-${task.kind}`,
  });
  // A device that is told to end does not wait for it.
  worker.unref();
  return worker;
}
