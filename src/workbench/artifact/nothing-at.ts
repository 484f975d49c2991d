import { lstat } from 'node:fs/promises';
import { RefusedError } from '../../base/index.ts';

/** What takes long must not end at something that was in the way from the start. */
export async function expectNothingAt(path: string): Promise<void> {
  const there = await lstat(path).then(
    () => true,
    () => false,
  );
  if (there)
    throw new RefusedError(
      'path-in-the-way',
      `${path} exists already; no file was written.`,
      'Name another path, or move it away.',
    );
}
