import { chownSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { labels, layoutOf } from '../../../../src/image/index.ts';
import { assembleDisk, makeEfiFile, makeRootFile } from '../../../../src/workbench/image/disk.ts';
import { findProgram } from '../../../../src/workbench/image/tools.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';

const missing = ['mke2fs', 'mkfs.vfat', 'mcopy', 'sfdisk'].filter((name) => findProgram(name) === undefined);
const mebibyte = 2 ** 20;
const epochSeconds = 1_790_000_000;

describe.skipIf(missing.length > 0)(
  `The disk of an image (missing: ${missing.join(', ') || 'nothing'})`,
  () => {
    /** The same system, laid out in another folder and at another time, as Debian's packages have their own times. */
    async function disk(seed: string): Promise<Buffer> {
      const folder = temporaryFolder();
      const root = join(folder, 'root');
      for (const path of ['usr/bin', 'etc', 'var/lib/dpkg']) mkdirSync(join(root, path), { recursive: true });
      for (let at = 0; at < 200; at++) {
        const file = join(root, at % 2 === 0 ? 'usr/bin' : 'etc', `file-${at}`);
        writeFileSync(file, `this is ${at} `.repeat(at));
        if (process.getuid?.() === 0) chownSync(file, at % 3, at % 5);
        utimesSync(file, epochSeconds - at, epochSeconds - at);
      }
      for (const path of ['', 'usr', 'usr/bin', 'etc', 'var', 'var/lib', 'var/lib/dpkg'])
        utimesSync(join(root, path), epochSeconds, epochSeconds);
      const [rootFile, efi, image] = ['root.img', 'efi.img', 'card.img'].map((name) => join(folder, name));
      await makeRootFile(root, rootFile!, 16 * mebibyte, seed, epochSeconds, {});
      const files = new Map<string, string | Buffer>([
        ['EFI/BOOT/BOOTX64.EFI', Buffer.alloc(100_000, 7)],
        ['goshawk/settings.json', '{}'],
      ]);
      await makeEfiFile(join(folder, 'efi.files'), efi!, 64 * mebibyte, seed, files, epochSeconds, {});
      const parts = { [labels.efi]: efi!, [labels.rootA]: rootFile! };
      await assembleDisk(image!, layoutOf(256 * mebibyte), seed, parts, {});
      return readFileSync(image!);
    }

    it('has the same bytes whenever and wherever it is built, and others from another package', async () => {
      const seed = `sha256:${'a'.repeat(64)}`;
      const first = await disk(seed);
      // Times on FAT are even seconds.
      await new Promise((resolve) => setTimeout(resolve, 2_100));
      const again = await disk(seed);
      expect(again.equals(first)).toBe(true);
      expect((await disk(`sha256:${'b'.repeat(64)}`)).equals(first)).toBe(false);
    });
  },
);
