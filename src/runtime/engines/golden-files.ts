import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { GoldenFiles } from '../../agent/index.ts';
import { goldenPath, parseGoldenSet, requireGoldenSet } from '../../model/index.ts';

/** The golden set in a bundle's folder; its pictures are decoded by sharp. */
export const goldenFiles: GoldenFiles = {
  async read({ manifest, location }) {
    requireGoldenSet(manifest);
    return parseGoldenSet(await readFile(join(location, goldenPath), 'utf8'));
  },
  async picture({ location }, file) {
    const { decodePicture } = await import('../../adapters/sharp/index.ts');
    return decodePicture(await readFile(join(location, file)), file);
  },
};
