import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import type { InputContract } from '../../../../src/model/index.ts';
import { PictureSet } from '../../../../src/workbench/optimize/pictures.ts';
import { foldersOfLabels } from '../../../../src/workbench/pictures/class-folders.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';
import { tinyManifest } from '../../../fixtures/tiny-bundle.ts';

const contract: InputContract = tinyManifest().input;
let red: Buffer;
beforeAll(async () => {
  red = await sharp({ create: { width: 64, height: 32, channels: 3, background: { r: 255, g: 0, b: 0 } } })
    .png()
    .toBuffer();
});

function folderOf(files: Readonly<Record<string, string | undefined>>): string {
  const folder = temporaryFolder();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text ?? red);
  }
  return folder;
}
const names = (set: PictureSet) => set.files.map((path) => path.split('/').slice(-2).join('/'));

describe('A folder of pictures', () => {
  it('gives its pictures in their order, up to a limit, and no other file', async () => {
    const folder = folderOf({ 'b.png': undefined, 'a.JPG': undefined, 'c.webp': undefined, 'notes.md': 'x' });
    const all = await PictureSet.open(folder, contract);
    expect(all.files.map((path) => path.split('/').at(-1))).toEqual(['a.JPG', 'b.png', 'c.webp']);
    expect((await PictureSet.open(folder, contract, { limit: 2 })).count).toBe(2);
    expect(all.labelled).toBe(false);
  });

  it('may be a data set with images/ and labels/', async () => {
    const folder = folderOf({
      'images/a.png': undefined,
      'labels/a.txt': '0 0.5 0.5 0.5 0.5\n',
      'b.png': undefined,
    });
    const set = await PictureSet.open(folder, contract);
    expect([names(set), set.labelled]).toEqual([['images/a.png'], true]);
    expect(set.labels).toBe(join(folder, 'images', '..', 'labels'));
  });

  it('may have its labels between the pictures', async () => {
    const folder = folderOf({ 'a.png': undefined, 'a.txt': '0 0.5 0.5 1 1\n' });
    const between = await PictureSet.open(folder, contract);
    expect([between.labelled, between.labels]).toEqual([true, folder]);
  });

  it('may have a folder for each label, of which a limit takes some of each', async () => {
    const files = ['car/a.png', 'car/b.png', 'traffic_light/c.png', 'traffic_light/d.png'];
    const folder = folderOf(Object.fromEntries(files.map((name) => [name, undefined])));
    const folders = (images: string) => foldersOfLabels(images, ['traffic light', 'car']);
    const set = await PictureSet.open(folder, contract, { folders });
    expect(names(set)).toEqual(files);
    expect([set.labelled, [0, 1, 2, 3].map((i) => set.numberOf(i))]).toEqual([true, [1, 1, 0, 0]]);
    const few = await PictureSet.open(folder, contract, { folders, limit: 2 });
    expect(names(few)).toEqual(['car/a.png', 'traffic_light/c.png']);
    // Without folders nothing is known of the pictures.
    const plain = await PictureSet.open(join(folder, 'car'), contract, { folders });
    expect([plain.count, plain.labelled]).toEqual([2, false]);
    expect(() => plain.numberOf(0)).toThrow(RangeError);
  });

  it('gives what the network takes, prepared once', async () => {
    const set = await PictureSet.open(folderOf({ 'a.png': undefined }), contract);
    const first = (await set.input(0)).images;
    expect(first).toMatchObject({ dataType: 1, dims: [1, 3, 32, 32] });
    // Red is the last plane of a bgr network.
    expect(first?.data[0]).toBe(0);
    expect(first?.data[2 * 32 * 32]).toBe(255);
    expect((await set.input(0)).images?.data).toBe(first?.data);
    expect(await set.picture(0)).toMatchObject({ width: 64, height: 32 });
    const wide = await PictureSet.open(folderOf({ 'a.png': undefined }), { ...contract, layout: 'nhwc' });
    expect((await wide.input(0)).images?.dims).toEqual([1, 32, 32, 3]);
  });

  it('that is not there, or holds no picture, is refused in words', async () => {
    for (const folder of ['/nowhere', folderOf({ 'a.txt': 'x' })])
      await expect(PictureSet.open(folder, contract)).rejects.toMatchObject({
        code: 'pictures-missing',
        message: expect.stringContaining(folder),
      });
  });

  it('is not for a network that takes no float32', async () => {
    const set = await PictureSet.open(folderOf({ 'a.png': undefined }), { ...contract, dtype: 'uint8' });
    await expect(set.input(0)).rejects.toMatchObject({ code: 'model-input-type' });
  });
});
