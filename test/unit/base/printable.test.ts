import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printable, printableJson } from '../../../src/base/index.ts';

const steers = (text: string) =>
  [...text].some((char) => {
    const code = char.codePointAt(0)!;
    return code < 0x20 || (code >= 0x7f && code < 0xa0) || (code >= 0x202a && code <= 0x202e);
  });

describe('Text from outside', () => {
  it.each([
    ['cam-7', 'cam-7'],
    ['Straße, 東京, 😀', 'Straße, 東京, 😀'],
    ['\u001b]52;c;aGk=\u0007', '\\x1b]52;c;aGk=\\x07'],
    ['\u009b2J', '\\x9b2J'],
    ['a\nforged: line\r\tb', 'a\\nforged: line\\r\\tb'],
    ['abc\u202efdp.exe', 'abc\\u202efdp.exe'],
  ])('%j is shown as %j', (text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  it('of several lines keeps them', () => {
    expect(printable('a\n\tb\u001b[31m', { lines: true })).toBe('a\n\tb\\x1b[31m');
  });

  it('never steers a terminal, and as JSON means the same', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(steers(printable(text))).toBe(false);
        const json = printableJson(JSON.stringify({ text }));
        expect(steers(json)).toBe(false);
        expect(JSON.parse(json)).toEqual({ text });
      }),
    );
  });
});
