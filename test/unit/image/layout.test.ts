import { describe, expect, it } from 'vitest';
import {
  boardOf,
  boards,
  compatibleOf,
  efiBytes,
  environmentBlock,
  firstSlots,
  labels,
  layoutOf,
  raucManifest,
  raucSystem,
  sfdiskScript,
  uuidFrom,
} from '../../../src/image/index.ts';

const mebibyte = 2 ** 20;
const digest = `sha256:${'0123456789abcdef'.repeat(4)}`;

describe('The layout of a disk', () => {
  const layout = layoutOf(1000 * mebibyte + 1);

  it('has loader, two slots of the same size, each at a whole MiB, and room for the copy of the table', () => {
    expect(
      layout.partitions.map(({ label, startByte, bytes }) => [label, startByte / mebibyte, bytes / mebibyte]),
    ).toEqual([
      [labels.efi, 1, efiBytes / mebibyte],
      [labels.rootA, 65, 1001],
      [labels.rootB, 1066, 1001],
    ]);
    expect(layout.bytes).toBe(2068 * mebibyte);
  });

  it('is given to sfdisk in sectors, with ids derived from the contents of the image', () => {
    const script = sfdiskScript(layout, digest);
    expect(script).toContain('label: gpt\n');
    expect(script).toContain(
      `start=133120, size=2050048, type=0FC63DAF-8483-4772-8E79-3D69D8477DE4, name=goshawk-root-a, uuid=${uuidFrom(digest, 2)}`,
    );
    expect(sfdiskScript(layout, digest)).toBe(script);
  });

  it('has ids that are UUIDs and differ', () => {
    const ids = [0, 1, 2, 100].map((index) => uuidFrom(digest, index));
    for (const id of ids)
      expect(id).toMatch(/^[0-9A-F]{8}-[0-9A-F]{4}-8[0-9A-F]{3}-A[0-9A-F]{3}-[0-9A-F]{12}$/);
    expect(new Set(ids).size).toBe(4);
  });
});

describe('What the boot loader knows at first', () => {
  const block = environmentBlock(firstSlots);

  it('is GRUB’s block of 1024 bytes', () => {
    expect(block.length).toBe(1024);
    expect(block.startsWith('# GRUB Environment Block\nORDER=A B\nA_OK=1\nA_LEFT=3\nB_OK=0\n')).toBe(true);
    expect(block.endsWith('###')).toBe(true);
  });

  it('is in its first sector, so that a power cut changes all of it or nothing', () => {
    expect(block.replace(/#+$/, '').length).toBeLessThan(512);
  });
});

describe('Boards', () => {
  it('are told apart by RAUC', () => {
    expect(new Set(boards.map(compatibleOf)).size).toBe(boards.length);
    for (const board of boards) {
      expect(raucSystem(board)).toContain(`compatible=${compatibleOf(board)}\n`);
      expect(raucManifest(board, '1.2.3', 'root.img')).toContain(
        `compatible=${compatibleOf(board)}\nversion=1.2.3\n`,
      );
    }
  });

  it('are found by name alone', () => {
    expect(boardOf('generic-arm64')?.loaderFiles).toHaveProperty('EFI/BOOT/BOOTAA64.EFI');
    expect(boardOf('generic')).toBeUndefined();
  });
});
