import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import {
  environmentBlock,
  firstSlots,
  type Layout,
  type Partition,
  sfdiskScript,
  uuidFrom,
} from '../../image/index.ts';
import { type RunOptions, run } from './tools.ts';

/** Its blocks are 4 KiB, and there is no journal: nobody ever writes to it. */
const rootFeatures = '^has_journal,^metadata_csum_seed,^orphan_file,^resize_inode';

/** The root file system as one file, as large as the slot. */
export async function makeRootFile(
  root: string,
  file: string,
  bytes: number,
  seed: string,
  epochSeconds: number,
  ports: RunOptions,
): Promise<void> {
  await rm(file, { force: true });
  await run(
    'mke2fs',
    [
      '-q',
      '-t',
      'ext4',
      '-d',
      root,
      '-L',
      'goshawk-root',
      '-U',
      uuidFrom(seed, 100),
      '-b',
      '4096',
      '-m',
      '0',
      '-O',
      rootFeatures,
      '-E',
      `hash_seed=${uuidFrom(seed, 101)},root_owner=0:0`,
      file,
      `${Math.floor(bytes / 1024)}k`,
    ],
    { ...ports, env: { SOURCE_DATE_EPOCH: String(epochSeconds) } },
  );
}

/** The EFI system partition: boot loader, what it knows of the slots, and `files` for the first boot. */
export async function makeEfiFile(
  folder: string,
  file: string,
  bytes: number,
  seed: string,
  files: ReadonlyMap<string, string | Buffer>,
  epochSeconds: number,
  ports: RunOptions,
): Promise<void> {
  const env = { SOURCE_DATE_EPOCH: String(epochSeconds), TZ: 'UTC' };
  await rm(folder, { recursive: true, force: true });
  for (const [path, content] of [
    ...files,
    ['EFI/goshawk/slots.env', environmentBlock(firstSlots)] as const,
  ]) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  await rm(file, { force: true });
  const volumeId = uuidFrom(seed, 102).slice(0, 8);
  await run('mkfs.vfat', ['-F', '32', '-n', 'GOSHAWK', '-i', volumeId, '-C', file, String(bytes / 1024)], {
    ...ports,
    env,
  });
  const written = (await readdir(folder, { recursive: true, withFileTypes: true }))
    .map((entry) => ({ path: join(entry.parentPath, entry.name), isFolder: entry.isDirectory() }))
    // A folder of FAT has its files in the order in which they came.
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  for (const { path, isFolder } of written) {
    const to = `::${relative(folder, path)}`;
    if (!isFolder) await utimes(path, epochSeconds, epochSeconds);
    await (isFolder
      ? run('mmd', ['-i', file, to], { ...ports, env })
      : run('mcopy', ['-m', '-i', file, path, to], { ...ports, env }));
  }
}

/** The whole disk; what belongs to no file system stays a hole. */
export async function assembleDisk(
  image: string,
  layout: Layout,
  seed: string,
  contents: Readonly<Record<string, string>>,
  ports: RunOptions,
): Promise<void> {
  await rm(image, { force: true });
  const file = await open(image, 'wx');
  try {
    await file.truncate(layout.bytes);
    for (const partition of layout.partitions) {
      const from = contents[partition.label];
      if (from !== undefined) await copyInto(file, from, partition);
    }
  } finally {
    await file.close();
  }
  await run('sfdisk', ['--quiet', '--no-reread', '--no-tell-kernel', image], {
    ...ports,
    input: sfdiskScript(layout, seed),
  });
}

async function copyInto(
  file: Awaited<ReturnType<typeof open>>,
  from: string,
  { startByte }: Partition,
): Promise<void> {
  let at = startByte;
  for await (const chunk of createReadStream(from, { highWaterMark: 1 << 20 })) {
    const bytes = chunk as Buffer;
    // All of it, zeros too: a card holds what was on it before.
    await file.write(bytes, 0, bytes.length, at);
    at += bytes.length;
  }
}
