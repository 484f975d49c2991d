import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FilesystemFrameStore } from '../../../../src/adapters/filesystem/index.ts';
import type { HardFrame } from '../../../../src/protocol/index.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';

const jpeg = Uint8Array.from({ length: 5000 }, (_, i) => i & 255);

function frameOf(id: string): HardFrame {
  return {
    ...{ id, camera: 'front', timeMs: 1_790_000_000_000, reason: 'alarm', width: 640, height: 360 },
    ...{ bytes: jpeg.length, blurred: [], modelDigest: `sha256:${'a'.repeat(64)}` },
    detections: [{ label: 'car', score: 0.9, box: [1, 2, 3, 4] }],
  };
}

// What it promises as a FrameStore is in test/contract/frame-store.ts.
describe('The folder of hard frames', () => {
  it('removes what a power cut left half: a picture without words, words without a picture, a partial file', async () => {
    const path = temporaryFolder();
    const folder = new FilesystemFrameStore(path);
    await folder.write(frameOf('1-0'), jpeg);
    writeFileSync(join(path, '2-0.jpg'), jpeg);
    writeFileSync(join(path, '3-0.json'), JSON.stringify(frameOf('3-0')));
    writeFileSync(join(path, '4-0.json'), '{"id":');
    writeFileSync(join(path, '4-0.jpg'), jpeg);
    writeFileSync(join(path, '5-0.jpg.partial-0123'), jpeg);
    writeFileSync(join(path, 'notes.txt'), 'not ours');
    expect((await new FilesystemFrameStore(path).open()).map(({ id }) => id)).toEqual(['1-0']);
    expect(readdirSync(path).sort()).toEqual(['1-0.jpg', '1-0.json', 'notes.txt']);
  });

  it('does not believe a description that is another frame’s or no frame', async () => {
    const path = temporaryFolder();
    writeFileSync(join(path, '1-0.json'), JSON.stringify(frameOf('9-9')));
    writeFileSync(join(path, '1-0.jpg'), jpeg);
    expect(await new FilesystemFrameStore(path).open()).toEqual([]);
    writeFileSync(join(path, '2-0.json'), '{}');
    await expect(new FilesystemFrameStore(path).meta('2-0')).rejects.toMatchObject({
      code: 'frame-damaged',
      message: 'The description of the hard frame 2-0 is damaged.',
    });
  });

  it('leaves no picture where the description can’t be written', async () => {
    const path = temporaryFolder();
    const folder = new FilesystemFrameStore(path);
    await folder.open();
    mkdirSync(join(path, '1-0.json'));
    await expect(folder.write(frameOf('1-0'), jpeg)).rejects.toMatchObject({ code: 'file-folder' });
    expect(existsSync(join(path, '1-0.jpg'))).toBe(false);
  });

  it('says so where the folder is none', async () => {
    const path = join(temporaryFolder(), 'file');
    writeFileSync(path, '');
    await expect(new FilesystemFrameStore(path).open()).rejects.toMatchObject({ code: 'file-failed' });
    await expect(new FilesystemFrameStore(path).write(frameOf('1-0'), jpeg)).rejects.toMatchObject({
      remedy: expect.stringMatching(/./),
    });
  });
});
