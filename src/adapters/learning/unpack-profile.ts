import { GoshawkError } from '../../base/index.ts';
import type { ReferenceProfile } from '../../drift/index.ts';
import { takeOver } from './hand-over.ts';
import type { FromThread } from './messages.ts';
import { startThread } from './profile-thread.ts';

/**
 * Reads and checks the bytes of a profile's file away from the event loop, where it would take 5 to 20 ms. Takes the bytes:
 * they are gone afterwards. Rejects with what `parseProfile` throws. `where` names the file.
 */
export function unpackProfile(
  bytes: Uint8Array,
  where: string,
): Promise<{ readonly profile: ReferenceProfile; readonly digest: string }> {
  return new Promise((resolve, reject) => {
    // A view of a shared buffer can't be given away.
    const whole = bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice();
    const worker = startThread({ kind: 'unpack', bytes: whole, where });
    worker.on('message', (message: FromThread) => {
      if (message.kind === 'failed') reject(new GoshawkError(message.code, message.message, message.remedy));
      else if (message.kind === 'profile')
        takeOver(message.pieces)
          .then((profile) => resolve({ profile, digest: message.digest }), reject)
          .finally(() => void worker.terminate());
    });
    worker.on('error', (cause) =>
      reject(
        new GoshawkError(
          'profile-failed',
          `The thread that read ${where} died: ${cause.message}.`,
          'Look at the memory of the device; the profile is read again at the next start.',
          { cause },
        ),
      ),
    );
    worker.on('exit', () =>
      reject(
        new GoshawkError(
          'profile-failed',
          `The thread that read ${where} ended without an answer.`,
          'Look at the memory of the device; the profile is read again at the next start.',
        ),
      ),
    );
  });
}
