import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { digestOf } from '../../../../src/adapters/filesystem/index.ts';
import { packer, unpackFile } from '../../../../src/adapters/zstd/index.ts';
import { unpackNow } from '../../../../src/adapters/zstd/unpack-now.ts';
import { frameWithPrefix } from '../../../../src/model/index.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';

const zstd = await packer();
const without = zstd === undefined ? ' (skipped: no program zstd)' : '';
const never = new AbortController().signal;

const text = 'goshawk goshawk goshawk goshawk\n';

describe('Files that come packed', () => {
  const write = (folder: string, name: string, bytes: Uint8Array | string) => {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    return path;
  };

  /** A frame of raw blocks, as RFC 8878 writes it: needs no program. */
  const rawFrame = (bytes: Uint8Array) => {
    const block = Buffer.alloc(3);
    block.writeUIntLE((bytes.length << 3) | 1, 0, 3);
    return Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x20, bytes.length]), block, bytes]);
  };

  it('come out as they were promised', async () => {
    const folder = temporaryFolder();
    const packed = write(folder, 'packed', rawFrame(Buffer.from(text)));
    const target = join(folder, 'file');
    await unpackFile({ packed, target, expected: { digest: digestOf(text), size: text.length } }, never);
    expect(readFileSync(target, 'utf8')).toBe(text);
  });

  it.each([
    ['other bytes', rawFrame(Buffer.from(text.replace('g', 'G'))), 'unpack-mismatch'],
    ['more bytes than promised', rawFrame(Buffer.from(`${text}${text}`)), 'zstd-frame'],
    // Node's own, where it is there, sees that the frame is too short.
    [
      'fewer bytes than promised',
      rawFrame(Buffer.from('goshawk')),
      expect.stringMatching(/unpack-mismatch|zstd-frame/),
    ],
    ['no frame at all', Buffer.from('<html>goshawk</html>'), 'zstd-frame'],
    ['half a frame', rawFrame(Buffer.from(text)).subarray(0, 20), 'zstd-frame'],
    ['nothing', Buffer.alloc(0), 'zstd-frame'],
  ])('write nothing where they hold %s', async (_title, bytes, code) => {
    const folder = temporaryFolder();
    const packed = write(folder, 'packed', bytes);
    const target = join(folder, 'file');
    const expected = { digest: digestOf(text), size: text.length };
    await expect(unpackNow({ packed, target, expected })).rejects.toMatchObject({ code });
    expect(existsSync(target)).toBe(false);
  });

  it('are not unpacked for who has gone', async () => {
    const gone = new AbortController();
    gone.abort();
    const job = { packed: '/nowhere', target: '/nowhere', expected: { digest: digestOf(text), size: 1 } };
    await expect(unpackFile(job, gone.signal)).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('that would cost time and hold nothing are refused before they are unpacked', () => {
    // Empty raw blocks: 3 bytes each, and no end.
    const blocks = Buffer.alloc(3 * 2_000);
    blocks.writeUIntLE(1, blocks.length - 3, 3);
    const frame = Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x20, 0]), blocks]);
    expect(() => frameWithPrefix(frame, new Uint8Array(0), 1000)).toThrow(/too many blocks/);
  });

  it('may be any bytes: a frame or a refusal, nothing else', () => {
    const magic = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, asFrame) => {
        const packed = asFrame ? Buffer.concat([magic, bytes]) : bytes;
        try {
          frameWithPrefix(packed, new Uint8Array(3), 10);
        } catch (error) {
          expect(error).toMatchObject({ code: 'zstd-frame' });
        }
      }),
    );
  });

  it.skipIf(zstd === undefined)(`are deltas that zstd made of any two files${without}`, async () => {
    const folder = temporaryFolder();
    const noise = randomBytes(300_000);
    const base = write(folder, 'base', noise);
    // Moved, cut and changed: matches that reach over several blocks, and across the end of the base.
    const next = Buffer.concat([noise.subarray(200_000), Buffer.from(text), noise.subarray(0, 250_000)]);
    const file = write(folder, 'next', next);
    const packed = join(folder, 'packed');
    const { size } = await zstd!.pack(file, packed, base);
    expect(size).toBeLessThan(1_000);
    const target = join(folder, 'out');
    await unpackNow({ packed, base, target, expected: { digest: digestOf(next), size: next.length } });
    expect(readFileSync(target).equals(next)).toBe(true);
    // Against another base it is nothing.
    const other = write(folder, 'other', randomBytes(300_000));
    const expected = { digest: digestOf(next), size: next.length };
    await expect(unpackNow({ packed, base: other, target, expected })).rejects.toMatchObject({
      code: 'unpack-mismatch',
    });
  });
});
