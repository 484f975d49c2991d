import { describe, expect, test, vi } from 'vitest';
import { SmallDisk, smallDiskMissing } from '../fixtures/small-disk.ts';
import { AttackedController, all } from './attacked-controller.ts';

vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

const why = smallDiskMissing === undefined ? '' : ` (skipped: ${smallDiskMissing})`;

describe('A controller whose disk is filled by uploads', () => {
  test.skipIf(smallDiskMissing !== undefined)(
    `keeps room for its database: only uploads are refused${why}`,
    async () => {
      let disk: SmallDisk | undefined;
      const attacked = await AttackedController.open(20, {}, (made) => {
        disk = new SmallDisk(made.controllerFolder, '64m');
      });
      const answers: number[] = [];
      try {
        await attacked.survives(async () => {
          await all(
            Array.from({ length: 40 }, (_, i) => i),
            4,
            async (i) => {
              const begun = await attacked.fetch('/v2/street/blobs/uploads/', 'operator', { method: 'POST' });
              await begun.arrayBuffer();
              const location = begun.headers.get('location');
              if (location === null) return void answers.push(begun.status);
              const response = await attacked.fetch(location, 'operator', {
                method: 'PATCH',
                // Bytes that are there already would take no room.
                body: new Uint8Array(8 * 1024 * 1024).fill(i),
                headers: { 'content-type': 'application/octet-stream' },
              });
              answers.push(response.status);
              await response.arrayBuffer();
            },
          );
        });
        expect([...new Set(answers)].sort()).toEqual([202, 507]);
      } finally {
        await attacked.fleet.stopPrograms();
        disk?.remove();
        await attacked.close();
      }
    },
  );
});
