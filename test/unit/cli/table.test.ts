import { describe, expect, it } from 'vitest';
import { formatAge } from '../../../src/cli/fleet/format.ts';
import { tableLines } from '../../../src/cli/table.ts';

const digest = `sha256:${'ab'.repeat(32)}`;

describe('A table', () => {
  it('is cut to its terminal, and digests are shortened there; elsewhere neither', () => {
    const rows = [['cam-1', digest, 'the last column is long']];
    expect(tableLines(['device', 'digest', 'note'], rows, { width: 40 })).toEqual([
      'device  digest               note',
      'cam-1   sha256:abababababab  the last c…',
    ]);
    expect(tableLines(['device', 'digest', 'note'], rows)[1]).toContain(digest);
  });

  it('leaves out columns for which there is no room at all', () => {
    expect(tableLines(['a', 'b', 'c'], [['123456', '1234', 'x']], { width: 8 })).toEqual([
      '     a',
      '123456',
    ]);
  });

  it('shows states in colours on a terminal that has them', () => {
    const [head = '', row = ''] = tableLines(['device', 'state'], [['cam-1', 'offline: silent']], {
      colour: true,
    });
    for (const line of [head, row]) expect(line).toContain('\u001b[');
    expect(row).toContain('\u001b[31moffline: silent');
  });
});

describe('How long ago', () => {
  it.each([
    [undefined, 'never'],
    [999_500, '0 s ago'],
    [990_000, '10 s ago'],
    [1_000_000 - 119_000, '119 s ago'],
    [1_000_000 - 180_000, '3 min ago'],
    [1_000_000 - 5 * 3_600_000, '5 h ago'],
    [1_000_000 - 50 * 3_600_000, '2 d ago'],
    [1_000_000 + 3_000, '0 s ago'],
  ])('%s', (ms, words) => {
    expect(formatAge(ms, 1_000_000)).toBe(words);
  });
});
