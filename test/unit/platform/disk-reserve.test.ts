import { statfsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { DiskReserve } from '../../../src/platform/index.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

it('A reserve of a disk keeps a tenth of it, 1 GiB at most, whatever is asked for, also below a folder that is made later', async () => {
  const base = temporaryFolder();
  const reserve = new DiskReserve(join(base, 'models'), {
    ...{ code: 'models-disk-full', keptFor: 'what the device tells', remedy: 'Make room.' },
  });
  const { bavail, blocks, bsize } = statfsSync(base);
  const kept = Math.min(1024 ** 3, (blocks * bsize) / 10);
  // Others write here too.
  const slack = 256 * 1024 ** 2;
  if (bavail * bsize > kept + slack) await reserve.expectRoom(bavail * bsize - kept - slack);
  const tooMuch = reserve.expectRoom(bavail * bsize - kept + slack);
  await expect(tooMuch).rejects.toMatchObject({
    code: 'models-disk-full',
    message: expect.stringMatching(
      /MB free, \d+ MB are wanted, and \d+ MB are kept for what the device tells\.$/,
    ),
  });
});
