import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MultipartParser } from '../../../../src/adapters/mjpeg/multipart.ts';

interface Sent {
  readonly bytes: Uint8Array;
  readonly named: boolean;
}

function streamOf(parts: readonly Sent[]): Buffer {
  return Buffer.concat([
    Buffer.from('a preamble\r\n'),
    ...parts.flatMap(({ bytes, named }) => [
      Buffer.from(
        `--cut\r\nContent-Type: image/jpeg\r\n${named ? `Content-Length: ${bytes.length}\r\n` : ''}\r\n`,
      ),
      Buffer.from(bytes),
      Buffer.from('\r\n'),
    ]),
    Buffer.from('--cut'),
  ]);
}

function parse(stream: Buffer, cuts: readonly number[], maxBytes = 1 << 20): Uint8Array[] {
  const got: Uint8Array[] = [];
  const parser = new MultipartParser('cut', maxBytes, ({ bytes, release }) => {
    got.push(Uint8Array.from(bytes));
    release();
  });
  let at = 0;
  for (const cut of [...cuts, stream.length]) {
    const to = Math.min(stream.length, at + Math.max(1, cut));
    parser.push(stream.subarray(at, to));
    at = to;
  }
  parser.end();
  return got;
}

describe('A stream of parts', () => {
  it('comes out as it went in, however it was cut on its way, with lengths and without', () => {
    const part = fc.record({
      // A picture holds no boundary.
      bytes: fc
        .uint8Array({ minLength: 1, maxLength: 300 })
        .map((bytes) => bytes.map((octet) => octet | 0x80)),
      named: fc.boolean(),
    });
    fc.assert(
      fc.property(
        fc.array(part, { maxLength: 6 }),
        fc.array(fc.integer({ min: 1, max: 90 })),
        (parts, cuts) => {
          const expected = parts.map(({ bytes }) => bytes);
          expect(parse(streamOf(parts), cuts)).toEqual(expected);
        },
      ),
    );
  });

  it.each([
    ['is none', Buffer.alloc(40_000, 65), /no part begins/],
    ['says a part of gigabytes', Buffer.from('--cut\r\ncontent-length: 99999999999\r\n\r\n'), /at most/],
    ['says a part of -1', Buffer.from('--cut\r\ncontent-length: -1\r\n\r\n'), /at most/],
    [
      'has a part without end',
      Buffer.concat([Buffer.from('--cut\r\n\r\n'), Buffer.alloc(2 << 20, 65)]),
      /at most/,
    ],
  ])('that %s is refused in words', (_what, stream, words) => {
    expect(() => parse(stream, [1000, 30_000])).toThrow(words);
  });

  it('keeps nobody’s picture for the next one', () => {
    const held: { bytes: Uint8Array; release(): void }[] = [];
    const parser = new MultipartParser('cut', 1000, (part) => held.push(part));
    parser.push(streamOf([1, 2, 3].map((value) => ({ bytes: new Uint8Array(9).fill(value), named: true }))));
    expect(held.map(({ bytes }) => bytes[0])).toEqual([1, 2, 3]);
  });
});
