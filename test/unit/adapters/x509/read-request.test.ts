import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FileKeyStore } from '../../../../src/adapters/x509/index.ts';
import { readRequest } from '../../../../src/adapters/x509/read-request.ts';
import { InputError } from '../../../../src/base/index.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';

/** What becomes of these bytes; anything but a request or an InputError fails the test. */
async function outcome(bytes: Uint8Array): Promise<'read' | string> {
  try {
    await readRequest(bytes);
    return 'read';
  } catch (error) {
    if (error instanceof InputError) return error.code;
    throw error;
  }
}

describe('A request for a certificate', () => {
  const newKey = () => new FileKeyStore(join(temporaryFolder(), 'key'));

  it('says its device, its board and its key', async () => {
    const keys = newKey();
    const read = await readRequest(await keys.request({ device: 'truck-7', serial: 'SN 1' }));
    expect(read).toMatchObject({
      device: 'truck-7',
      board: 'SN 1',
      key: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    const other = await readRequest(await keys.request({ device: 'truck-8' }));
    expect(other.key).toBe(read.key);
    expect(other.board).toBeUndefined();
  });

  it('of any bytes is refused in our own words', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (bytes) => {
        expect(await outcome(bytes)).toBe('request-unreadable');
      }),
      { numRuns: 300 },
    );
  });

  it('with a changed byte is refused or reads as it was signed; a truncated one is refused', async () => {
    const request = await newKey().request({ device: 'truck-7', serial: 'SN 1' });
    const { der: _, ...signed } = await readRequest(request);
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(fc.nat(request.length - 1), fc.integer({ min: 1, max: 255 }), async (at, by) => {
        const changed = Uint8Array.from(request);
        changed[at] = (changed[at] ?? 0) ^ by;
        const what = await outcome(changed);
        // The length of the whole is outside of what is signed, and the library does not insist on it.
        if (what === 'read') expect(await readRequest(changed)).toMatchObject(signed);
        else refused += 1;
        expect(await outcome(request.subarray(0, at))).toBe('request-unreadable');
      }),
      { numRuns: 400 },
    );
    expect(refused).toBeGreaterThan(380);
  });
});
