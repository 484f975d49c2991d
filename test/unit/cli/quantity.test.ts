import { readdirSync, readFileSync } from 'node:fs';
import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { Output, type OutputFormat } from '../../../src/cli/output.ts';
import { type Quantity, quantityWords } from '../../../src/cli/quantity.ts';

const nowMs = Date.UTC(2026, 11, 2, 12);
const threeMinutesAgo = nowMs - 180_000;

const cells: readonly (readonly [Quantity, string, string])[] = [
  [{ timeMs: threeMinutesAgo }, '3 min ago', '2026-12-02T11:57:00Z'],
  [{ dueMs: nowMs + 7_200_000 }, 'in 2 h', '2026-12-02T14:00:00Z'],
  [{ timeMs: undefined, absent: 'never' }, 'never', 'never'],
  [{ timeMs: undefined }, '-', '-'],
  [{ durationMs: 90_000 }, '1 min', '1 min'],
  [{ durationMs: 8.126 }, '8.13 ms', '8.13 ms'],
  [{ bytes: 25_163_776 }, '25.2 MB', '25.2 MB'],
  [{ bytes: undefined }, '-', '-'],
  [{ number: 29.94 }, '29.9', '29.9'],
  [{ number: Number.NaN }, '-', '-'],
  [{ share: 0.125 }, '12.5 %', '12.5 %'],
  [{ share: 0.125, decimals: 0 }, '13 %', '13 %'],
];

describe('A value with a unit', () => {
  it.each(cells)('%o is %s in a table and %s in a wide one', (quantity, words, wide) => {
    expect(quantityWords(quantity, { nowMs })).toBe(words);
    expect(quantityWords(quantity, { nowMs, absolute: true })).toBe(wide);
  });

  it.each([
    ['table', /^device +last seen +size\ntruck-7 +\d+ d ago +8\.25 kB\n\d+ d ago\n$/],
    ['wide', /^device +last seen +size\ntruck-7 +2001-09-09T01:46:40Z +8\.25 kB\n2001-09-09T01:46:40Z\n$/],
    ['json', /^\{"lastSeenMs":1000000000000,"bytes":8251\}\n$/],
  ] satisfies (readonly [OutputFormat, RegExp])[])('in the format %s: %s', (format, expected) => {
    let text = '';
    const stdout = new Writable({
      write: (chunk, _encoding, done) => {
        text += String(chunk);
        done();
      },
    });
    const output = new Output({ format, debug: false, stdout });
    const time = { timeMs: 1e12 };
    output.value({ lastSeenMs: 1e12, bytes: 8251 });
    output.table(['device', 'last seen', 'size'], [['truck-7', time, { bytes: 8251 }]], 'None.');
    output.line(output.words(time));
    expect(text).toMatch(expected);
  });

  it('gets its words in one place of the command line', () => {
    // Exact on purpose: a position in a recording, the lines of a log, and a program that loads no units while it starts.
    const exact = new Set(['print/run.ts', 'fleet/remote.ts', 'quantity.ts', 'stop-signals.ts']);
    const own = readdirSync('src/cli', { recursive: true, encoding: 'utf8' }).filter(
      (file) =>
        file.endsWith('.ts') &&
        !exact.has(file) &&
        /\/ (1e[369]|1000)\)?(\.toFixed|\} )|toISOString\(\)(?!\.slice\(0, 10\))|\} (MB|kB)\b/.test(
          readFileSync(`src/cli/${file}`, 'utf8'),
        ),
    );
    expect(own).toEqual([]);
  });
});
