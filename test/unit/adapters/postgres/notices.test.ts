import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NoticeReader, noticesOf } from '../../../../src/adapters/postgres/notices.ts';

const values = fc.array(fc.string({ unit: 'grapheme', maxLength: 3_000 }), { maxLength: 12 });

describe('notices', () => {
  it('carry any JSON in parts that PostgreSQL takes, and are put together again', () => {
    fc.assert(
      fc.property(values, fc.nat(), (value, id) => {
        const parts = noticesOf(id, JSON.stringify(value));
        for (const part of parts) expect(Buffer.byteLength(part)).toBeLessThan(8_000);
        const reader = new NoticeReader();
        const read = parts.map((part) => reader.read(part));
        expect(read.slice(0, -1).every((one) => one === undefined)).toBe(true);
        expect(JSON.parse(read.at(-1) ?? '')).toEqual(value);
      }),
      { numRuns: 50 },
    );
  });

  it('with a missing part give no value, and do not disturb others', () => {
    const long = JSON.stringify('x'.repeat(20_000));
    const [first = '', , third = ''] = noticesOf(1, long);
    const reader = new NoticeReader();
    expect([first, third].map((part) => reader.read(part))).toEqual([undefined, undefined]);
    expect(reader.read(noticesOf(2, '"whole"')[0] ?? '')).toBe('"whole"');
  });

  it('of another form are ignored, whatever they are', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const read = new NoticeReader().read(text);
        expect(read === undefined || /^\d+ 0 1 /.test(text)).toBe(true);
      }),
    );
  });
});
