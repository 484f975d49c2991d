import { RefusedError } from '../base/index.ts';
import type { BundleFile, Manifest } from './manifest.ts';
import type { AnyManifest } from './release.ts';

/** A bundle that was read and whose files can be found. */
export interface Bundle<M extends AnyManifest = Manifest> {
  /** sha256 of manifest.json: pins every file of the bundle. */
  readonly digest: string;
  readonly manifest: M;
  /** Folder; `fileIn` joins. */
  readonly location: string;
  /** Files that lie encrypted: where, by the digest of the plain one. Absent where all lie as they are. */
  readonly sealed?: ReadonlyMap<string, string>;
}

/** Path of one of the bundle's files. RefusedError `sealed-bundle` for one that lies encrypted. */
export function fileIn(bundle: Bundle<AnyManifest>, file: BundleFile): string {
  if (bundle.sealed?.has(file.digest) === true) {
    throw new RefusedError(
      'sealed-bundle',
      `${file.path} of ${bundle.manifest.name} ${bundle.manifest.version} is encrypted.`,
      'Name the plain bundle; a device opens an encrypted one with the key that it was enrolled with.',
    );
  }
  return `${bundle.location}/${file.path}`;
}
