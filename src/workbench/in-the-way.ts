import { readBundle } from '../adapters/filesystem/index.ts';
import { RefusedError } from '../base/index.ts';

/** What takes minutes or hours must not end at a bundle that was in the way from the start. */
export async function refuseInTheWay(folder: string, replace = false): Promise<void> {
  if (replace) return;
  const there = await readBundle(folder).then(
    () => true,
    () => false,
  );
  if (!there) return;
  throw new RefusedError(
    'bundle-in-the-way',
    `${folder} exists already; no file was written.`,
    'Add --replace, or name another folder.',
  );
}
