import type { BundleFile, Manifest } from './manifest.ts';

/** A bundle that was read and whose files can be found. */
export interface Bundle {
  /** sha256 of manifest.json: pins every file of the bundle. */
  readonly digest: string;
  readonly manifest: Manifest;
  /** Folder; `fileIn` joins. */
  readonly location: string;
  /** Files that lie encrypted: where, by the digest of the plain one. Absent where all lie as they are. */
  readonly sealed?: ReadonlyMap<string, string>;
}

/** Path of one of the bundle's files, which must not be one that lies encrypted. */
export function fileIn(bundle: Bundle, file: BundleFile): string {
  return `${bundle.location}/${file.path}`;
}
