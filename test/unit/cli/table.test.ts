import { describe, expect, it } from 'vitest';
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

  it('aligns amounts to the right, and times to the left', () => {
    const rows = [
      [{ bytes: 8250 }, { timeMs: 0 }],
      [{ bytes: undefined }, { timeMs: 52_000 }],
    ];
    expect(tableLines(['size', 'seen'], rows, { nowMs: 60_000 })).toEqual([
      '   size  seen',
      '8.25 kB  1 min ago',
      '      -  8 s ago',
    ]);
  });
});
