import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  FolderFrameSource,
  listPictures,
  type PictureDecoder,
} from '../../../../src/adapters/replay/index.ts';
import { InputError } from '../../../../src/base/index.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';
import { NotingReceiver } from './receiver.ts';

/** The width of a picture is the number in its file. */
const decode: PictureDecoder = async (bytes, name) => {
  const width = Number(new TextDecoder().decode(bytes));
  if (!(width > 0)) throw new InputError('picture-broken', `${name} is broken.`, '');
  return { data: new Uint8Array(width * 3), width, height: 1, step: width * 3, encoding: 'rgb8' };
};

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

async function play(folder: string, options: object = {}): Promise<NotingReceiver> {
  const receiver = new NotingReceiver();
  const source = new FolderFrameSource(folder, decode, { clock: new FakeClock(), ...options });
  await source.open(receiver);
  await receiver.ended;
  await source.close();
  return receiver;
}

// What it promises as a FrameSource is in test/contract/frame-source.ts.
describe('A folder of pictures as a camera', () => {
  it('plays every picture once, numbers in their order, other files left out', async () => {
    const folder = folderWith({
      '10.jpg': '10',
      '2.JPG': '2',
      '1.png': '1',
      'notes.txt': 'x',
      '.hidden.jpg': '9',
    });
    const { frames, faults, ends } = await play(folder, { camera: 'front' });
    expect(frames.map(({ width }) => width)).toEqual([1, 2, 10]);
    expect(frames.map(({ sequence }) => sequence)).toEqual([0, 1, 2]);
    expect(frames[0]).toMatchObject({ camera: 'front', frameId: 'front_optical', encoding: 'rgb8' });
    expect(faults).toEqual([]);
    expect(ends).toBe(1);
  });

  it('begins again with loop, up to the limit', async () => {
    const { frames } = await play(folderWith({ 'a.jpg': '1', 'b.jpg': '2' }), { loop: true, limit: 5 });
    expect(frames.map(({ width }) => width)).toEqual([1, 2, 1, 2, 1]);
  });

  it('does not go round for ever where no picture can be read', async () => {
    const { frames, faults, ends } = await play(folderWith({ 'a.jpg': 'broken' }), { loop: true });
    expect([frames.length, faults.length, ends]).toEqual([0, 1, 1]);
  });

  it('plays in real time with the stamps of the clock', async () => {
    const clock = new FakeClock();
    const receiver = new NotingReceiver();
    const folder = folderWith({ 'a.jpg': '1', 'b.jpg': '2', 'c.jpg': '3' });
    const source = new FolderFrameSource(folder, decode, { clock, pace: { kind: 'realtime', fps: 10 } });
    await source.open(receiver);
    while (receiver.ends === 0) {
      await new Promise((resolve) => setTimeout(resolve, 2));
      // Only a camera that waits: time that passes while a picture comes from a slow disk makes the next one late.
      if (clock.pending > 0) clock.advance(50);
    }
    const [a = 0n, b = 0n, c = 0n] = receiver.frames.map(({ stampNs }) => stampNs);
    expect(b - a).toBe(100_000_000n);
    expect(c - a).toBe(200_000_000n);
  });
});

describe('A folder that cannot be played', () => {
  it.each([
    ['is empty', {}, /is empty/],
    ['holds no picture', { 'a.txt': 'x', 'b.mp4': 'y' }, /2 files, but no picture/],
  ])('because it %s is refused in words', async (_what, files, words) => {
    await expect(listPictures(folderWith(files))).rejects.toThrow(words);
  });

  it('because it is not there, or is another kind of file, is refused in words', async () => {
    await expect(listPictures('/nowhere')).rejects.toMatchObject({ code: 'file-missing' });
    await expect(listPictures(join(folderWith({ 'a.txt': 'x' }), 'a.txt'))).rejects.toMatchObject({
      code: 'folder-file',
    });
  });

  it('does not take a folder for a picture because of its name', async () => {
    const folder = folderWith({ 'a.jpg': '1' });
    mkdirSync(join(folder, 'b.jpg'));
    const { frames, faults } = await play(folder);
    expect([frames.length, faults.length]).toEqual([1, 1]);
  });
});
