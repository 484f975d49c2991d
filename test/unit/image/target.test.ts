import { describe, expect, it } from 'vitest';
import { type BlockDevice, refusalOf } from '../../../src/image/index.ts';

const card: BlockDevice = { path: '/dev/sdb', type: 'disk', size: 16e9, ro: false, mountpoints: [null] };
const part = (
  path: string,
  mountpoint: string | null,
  type = 'part',
  children: readonly BlockDevice[] = [],
): BlockDevice => ({
  path,
  type,
  size: 1e9,
  ro: false,
  mountpoints: [mountpoint],
  children,
});
const wanted = { imageBytes: 3.3e9, dataBytes: 0.5e9 };

describe('A disk that an image may be written to', () => {
  it('is a whole one that nobody uses, with partitions or without', () => {
    expect(refusalOf(card, wanted)).toBeUndefined();
    expect(refusalOf({ ...card, children: [part('/dev/sdb1', null)] }, wanted)).toBeUndefined();
    expect(refusalOf({ ...card, type: 'loop' }, wanted)).toBeUndefined();
  });

  it('is as large as the image and its data', () => {
    expect(refusalOf({ ...card, size: 3.8e9 }, wanted)).toBeUndefined();
    expect(refusalOf({ ...card, size: 3.8e9 - 1 }, wanted)?.code).toBe('image-target-too-small');
  });

  it.each<readonly [string, string, BlockDevice]>([
    ['a partition', 'image-target-no-disk', { ...card, path: '/dev/sdb1', type: 'part' }],
    ['a CD', 'image-target-no-disk', { ...card, type: 'rom' }],
    ['the disk of this system', 'image-target-system', { ...card, children: [part('/dev/sdb1', '/')] }],
    ['its boot partition', 'image-target-system', { ...card, children: [part('/dev/sdb1', '/boot/efi')] }],
    ['its swap', 'image-target-system', { ...card, children: [part('/dev/sdb1', '[SWAP]')] }],
    [
      'its root in LVM',
      'image-target-system',
      { ...card, children: [part('/dev/sdb1', null, 'part', [part('/dev/mapper/vg-root', '/', 'lvm')])] },
    ],
    ['a mounted partition', 'image-target-mounted', { ...card, children: [part('/dev/sdb1', '/media/usb')] }],
    ['a disk that is mounted as a whole', 'image-target-mounted', { ...card, mountpoints: ['/media/usb'] }],
    [
      'a part of a RAID',
      'image-target-held',
      { ...card, children: [part('/dev/sdb1', null, 'part', [part('/dev/md0', null, 'raid1')])] },
    ],
    [
      'an opened crypt',
      'image-target-held',
      { ...card, children: [part('/dev/mapper/secret', null, 'crypt')] },
    ],
    ['a write-protected card', 'image-target-read-only', { ...card, ro: true }],
    ['one that is too small', 'image-target-too-small', { ...card, size: 2e9 }],
  ])('is not %s', (_what, code, device) => {
    const refusal = refusalOf(device, wanted);
    expect(refusal?.code).toBe(code);
    expect(refusal?.remedy).not.toBe('');
  });
});
