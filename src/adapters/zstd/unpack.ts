import { CancelledError, GoshawkError } from '../../base/index.ts';
import { moduleUrl, WorkerHost } from '../../platform/index.ts';
import type { UnpackJob } from './unpack-job.ts';
import type { UnpackThread } from './unpack-thread.ts';

/**
 * Unpacks a file in a thread of its own, with a delta against `base`. Resolves when exactly the promised file is on the
 * disk, synced; rejects, and writes nothing, when something else came out. Takes memory for twice the base and the file.
 */
export async function unpackFile(job: UnpackJob, signal: AbortSignal): Promise<void> {
  if (signal.aborted) throw new CancelledError('Unpacking a model');
  const host = new WorkerHost<UnpackThread>({
    ...{ module: moduleUrl('./unpack-thread', import.meta.url), name: 'goshawk-zstd', data: undefined },
    what: 'Unpacking a model',
    death: (why, cause) =>
      new GoshawkError(
        'unpack-failed',
        `The thread that unpacked ${job.packed} died: ${why}.`,
        'Check the memory of the device. Goshawk fetches the file unpacked.',
        { cause },
      ),
    holdsProcess: 'never',
  });
  const stop = () => void host.terminate();
  signal.addEventListener('abort', stop, { once: true });
  try {
    await host.call('unpack', job);
  } finally {
    signal.removeEventListener('abort', stop);
    void host.terminate();
  }
}
