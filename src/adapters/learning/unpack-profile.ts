import { GoshawkError } from '../../base/index.ts';
import type { ReferenceProfile } from '../../drift/index.ts';
import { moduleUrl, WorkerHost } from '../../platform/index.ts';
import { takeOver } from './hand-over.ts';
import type { UnpackThread } from './unpack-thread.ts';

/**
 * Reads and checks the bytes of a profile's file away from the event loop, where it would take 5 to 20 ms. Takes the bytes:
 * they are gone afterwards. Rejects with what `parseProfile` throws. `where` names the file.
 */
export async function unpackProfile(
  bytes: Uint8Array,
  where: string,
): Promise<{ readonly profile: ReferenceProfile; readonly digest: string }> {
  const host = new WorkerHost<UnpackThread>({
    ...{ module: moduleUrl('./unpack-thread', import.meta.url), name: 'goshawk-unpack', data: undefined },
    what: `Reading ${where}`,
    death: (why, cause) =>
      new GoshawkError(
        'profile-failed',
        `The thread that read ${where} died: ${why}.`,
        'Check the memory of the device; Goshawk reads the profile again at the next start.',
        { cause },
      ),
    // A device that is told to end does not wait for it.
    holdsProcess: 'never',
  });
  try {
    // A view of a shared buffer can't be given away.
    const whole = bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice();
    const { pieces, digest } = await host.call('unpack', { bytes: whole, where }, [
      whole.buffer as ArrayBuffer,
    ]);
    return { profile: await takeOver(pieces), digest };
  } finally {
    void host.terminate();
  }
}
