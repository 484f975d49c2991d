import type { BundleFile, Manifest } from './manifest.ts';

/** A bundle that was read and whose files can be found. */
export interface Bundle {
  /** sha256 of manifest.json: pins every file of the bundle. */
  readonly digest: string;
  readonly manifest: Manifest;
  /** Folder; `fileIn` joins. */
  readonly location: string;
}

/** Path of one of the bundle's files. */
export function fileIn(bundle: Bundle, file: BundleFile): string {
  return `${bundle.location}/${file.path}`;
}
