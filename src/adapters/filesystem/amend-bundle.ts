import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { counted, defined, RefusedError } from '../../base/index.ts';
import { type Bundle, type BundleFile, bundleFiles, fileIn, type Manifest } from '../../model/index.ts';
import { digestOf, explainFileError } from '../../platform/index.ts';
import { type BundleContent, writeBundle } from './bundle-folder.ts';

export interface BundleChange {
  /** Attachments by path: new ones, or in the place of those with the same path. */
  readonly attachments?: ReadonlyMap<string, Uint8Array>;
  /** Attachments that go, unless they are among the new ones. */
  readonly without?: (path: string) => boolean;
  readonly budgets?: Manifest['budgets'];
}

/**
 * A bundle with other attachments or budgets than one that is there; the networks stay. It is another bundle, with a
 * digest of its own. In the place of the old one only where that folder holds nothing else, which would be lost.
 */
export async function amendBundle(
  bundle: Bundle,
  folder: string,
  change: BundleChange,
  options: { readonly replace?: boolean } = {},
): Promise<Bundle> {
  const manifest = amended(bundle.manifest, change);
  const contents = new Map<string, BundleContent>(
    bundleFiles(manifest).map((file) => [file.path, { copyOf: fileIn(bundle, file) }]),
  );
  for (const [path, bytes] of change.attachments ?? []) contents.set(path, bytes);
  if (resolve(folder) === resolve(bundle.location)) await refuseOtherFiles(bundle, contents);
  return writeBundle(folder, manifest, contents, options);
}

/** As a manifest names them. */
export function attachmentsOf(files: ReadonlyMap<string, Uint8Array>): BundleFile[] {
  return [...files].map(([path, bytes]) => ({ path, digest: digestOf(bytes), size: bytes.length }));
}

function amended(manifest: Manifest, { attachments = new Map(), without, budgets }: BundleChange): Manifest {
  const kept = (manifest.attachments ?? []).filter(
    ({ path }) => !attachments.has(path) && without?.(path) !== true,
  );
  const all = [...kept, ...attachmentsOf(attachments)];
  const { attachments: _, ...rest } = manifest;
  return {
    ...rest,
    ...defined({ budgets }),
    ...(all.length === 0 ? {} : { attachments: all }),
  };
}

/** A folder is replaced as a whole. What the new bundle brings itself may go. */
async function refuseOtherFiles(bundle: Bundle, contents: ReadonlyMap<string, unknown>): Promise<void> {
  const own = new Set(['manifest.json', ...bundleFiles(bundle.manifest).map(({ path }) => path)]);
  const entries = await readdir(bundle.location, { recursive: true, withFileTypes: true }).catch(
    (error: unknown) => {
      throw explainFileError(error, 'read the bundle', bundle.location);
    },
  );
  const others = entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(bundle.location.length + 1))
    .filter((path) => !own.has(path) && !contents.has(path))
    .sort();
  if (others.length === 0) return;
  throw new RefusedError(
    'bundle-other-files',
    `${bundle.location} holds ${counted(others.length, 'file')} that the bundle does not name (${others.slice(0, 3).join(', ')}), which would be lost.`,
    'Name another folder for the new bundle.',
  );
}
