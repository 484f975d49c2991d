import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '../../base/index.ts';
import { explainFileError } from '../../platform/index.ts';
import type { BagFile, BagTopic } from './bag.ts';
import { openMcap } from './mcap-file.ts';
import { openSqlite } from './sqlite-file.ts';

/** A recording: one file, or the files of a rosbag2 folder one after the other. */
export interface Bag {
  readonly topics: readonly BagTopic[];
  /** Opened one after the other; whoever opens one closes it. */
  readonly files: readonly (() => Promise<BagFile>)[];
}

const openers: Readonly<Record<string, (path: string) => Promise<BagFile>>> = {
  '.mcap': openMcap,
  '.db3': openSqlite,
};
const ending = /\.(?:mcap|db3)$/i;
/** As `ros2 bag record --compression-mode file` calls them. */
const packed = /\.(?:mcap|db3)\.zstd$/i;

/** Whether this path is taken for a recording of ROS and not for a video or a folder of pictures. */
export async function isBag(path: string): Promise<boolean> {
  if (ending.test(path) || packed.test(path)) return true;
  const found = await readdir(path).catch((): string[] => []);
  return found.includes('metadata.yaml') && found.some((name) => ending.test(name) || packed.test(name));
}

/** Throws a MissingError for what is not there, an InputError for what is no bag or damaged. */
export async function openBag(path: string): Promise<Bag> {
  const about = await stat(path).catch((error: unknown) => {
    throw explainFileError(
      error,
      'read the bag',
      path,
      'Name an .mcap or .db3 file, or the folder of a bag.',
    );
  });
  const names = about.isDirectory() ? (await readdir(path)).map((name) => join(path, name)) : [path];
  if (names.some((name) => packed.test(name))) {
    throw new InputError(
      'bag-compression',
      `The bag ${path} is compressed as a whole file.`,
      'Unpack it first: zstd -d FILE.zstd.',
    );
  }
  // `street_2.mcap` comes before `street_10.mcap`.
  const files = names
    .filter((name) => ending.test(name))
    .sort(new Intl.Collator('en', { numeric: true }).compare)
    .map((name) => () => openers[name.slice(name.lastIndexOf('.')).toLowerCase()]!(name));
  if (files.length === 0) {
    throw new InputError(
      'bag-empty',
      `${path} holds no file of a bag.`,
      'Name an .mcap or .db3 file, or the folder that `ros2 bag record` made.',
    );
  }
  const topics = new Map<string, BagTopic>();
  for (const open of files) {
    const file = await open();
    for (const topic of file.topics) topics.set(topic.name, topic);
    await file.close();
  }
  return { topics: [...topics.values()], files };
}
