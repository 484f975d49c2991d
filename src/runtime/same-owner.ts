import { lchown, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Gives a folder and the files in it to whom `like` belongs. For commands that root types for a service of another user;
 * anybody else owns what it makes already.
 */
export async function giveToOwnerOf(like: string, folder: string): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = await stat(like);
  const names = await readdir(folder);
  // A link is never followed: the folder's owner may have put it there.
  for (const path of [folder, ...names.map((name) => join(folder, name))]) await lchown(path, uid, gid);
}
