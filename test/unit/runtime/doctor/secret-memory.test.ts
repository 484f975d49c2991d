import { describe, expect, it } from 'vitest';
import { checkSecretMemory, swapOnDisk } from '../../../../src/runtime/doctor/secret-memory.ts';

const head = 'Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority';

describe('What the doctor says of memory for encrypted models', () => {
  it.each([
    ['none', `${head}\n`, []],
    ['compressed memory alone', `${head}\n/dev/zram0 partition\t249020\t0\t5\n`, []],
    [
      'a partition and a file',
      `${head}\n/dev/sda2 partition 1 0 -2\n/swapfile file 1 0 -3\n`,
      ['/dev/sda2', '/swapfile'],
    ],
    ['nothing that can be read', '', []],
  ])('finds swap on a disk: %s', (_title, text, found) => {
    expect(swapOnDisk(text)).toEqual(found);
  });

  it('always has an answer', async () => {
    const { name, detail } = await checkSecretMemory();
    expect(name).toBe('encrypted models');
    expect(detail).toMatch(/memory/);
  });
});
