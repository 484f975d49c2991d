import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { type Bundle, type GoldenSet, goldenPath, goldenRules } from '../../../../src/model/index.ts';
import { goldenFiles } from '../../../../src/runtime/index.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';
import { tinyManifest } from '../../../fixtures/tiny-bundle.ts';

const digest = `sha256:${'0'.repeat(64)}`;
const set: GoldenSet = {
  ...{ schema: 1, ...goldenRules, minAgreement: {} },
  frames: [{ file: 'golden/000.jpg', detections: [] }],
};

async function bundleOnDisk(): Promise<Bundle> {
  const location = temporaryFolder();
  mkdirSync(join(location, 'golden'));
  writeFileSync(join(location, goldenPath), JSON.stringify(set));
  const picture = sharp({ create: { width: 6, height: 4, channels: 3, background: '#888' } }).jpeg();
  writeFileSync(join(location, 'golden/000.jpg'), await picture.toBuffer());
  return {
    digest,
    manifest: tinyManifest({ attachments: [{ path: goldenPath, digest, size: 1 }] }),
    location,
  };
}

describe('The golden set on the disk', () => {
  it('is read with its pictures, in pixels', async () => {
    const bundle = await bundleOnDisk();
    expect(await goldenFiles.read(bundle)).toEqual(set);
    const picture = await goldenFiles.picture(bundle, 'golden/000.jpg');
    expect(picture).toMatchObject({ width: 6, height: 4 });
    expect(picture.data[0]).toBe(0x88);
  });

  it('is not there where the manifest does not name it, whatever lies in the folder', async () => {
    const bundle = { ...(await bundleOnDisk()), manifest: tinyManifest() };
    await expect(goldenFiles.read(bundle)).rejects.toMatchObject({ code: 'golden-missing' });
  });

  it('names a picture that is gone', async () => {
    await expect(goldenFiles.picture(await bundleOnDisk(), 'golden/001.jpg')).rejects.toThrow(/001\.jpg/);
  });
});
