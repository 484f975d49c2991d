import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readAnyBundle } from '../../adapters/filesystem/index.ts';
import { packer } from '../../adapters/zstd/index.ts';
import { CancelledError } from '../../base/index.ts';
import {
  type AnyManifest,
  type Bundle,
  type BundleFile,
  bundleFiles,
  fileIn,
  isRelease,
  largestUnpacked,
  type TransferForm,
} from '../../model/index.ts';

export interface MakeFormsOptions {
  /** Folder of the bundle. */
  readonly bundle: string;
  /** Folders of bundles that devices may have already; the last few versions. */
  readonly bases: readonly string[];
  /** Where the packed files are written, each under the hex of its digest. */
  readonly out: string;
  readonly signal: AbortSignal;
}

export interface MadeForm extends TransferForm {
  /** Of the packed file. */
  readonly path: string;
}

/** Packing a smaller file spares less than asking for it costs. */
const leastBytes = 16_384;
/** What is worth listing: packed below this part of the file, a delta below this part of what packed takes. */
const worthPacked = 0.97;
const worthDelta = 0.9;

/**
 * Smaller forms of a bundle's files: packed, and as what differs from a file that a device has by then, in an earlier version
 * or in the same bundle. What is not smaller is left out. Undefined where this machine has no zstd.
 */
export async function makeForms(options: MakeFormsOptions): Promise<readonly MadeForm[] | undefined> {
  const zstd = await packer();
  if (zstd === undefined) return undefined;
  const { out, signal } = options;
  await mkdir(out, { recursive: true });
  const bundle = await readAnyBundle(options.bundle, 'digests');
  // A package and a system are packed already; looking for less takes minutes.
  if (bundle.sealed !== undefined || isRelease(bundle.manifest)) return [];
  const known = (await Promise.all(options.bases.map((folder) => readAnyBundle(folder)))).flatMap(basesOf);
  const made: MadeForm[] = [];
  const worthwhile = bundleFiles(bundle.manifest).filter(fits);
  for (const [index, file] of worthwhile.entries()) {
    if (signal.aborted) throw new CancelledError('Packing the bundle');
    const path = fileIn(bundle, file);
    const bases = [
      ...known,
      ...worthwhile.slice(0, index).map((one) => ({ ...one, path: fileIn(bundle, one) })),
    ];
    if (bases.some(({ digest }) => digest === file.digest)) continue;
    const target = (name: string) => join(out, `${file.digest.slice('sha256:'.length)}.${name}`);
    const packed = { path: target('zst'), ...(await zstd.pack(path, target('zst'))) };
    const worth = packed.size < file.size * worthPacked;
    if (worth) made.push({ blob: file.digest, form: 'zstd', ...packed });
    const least = Math.min(packed.size, file.size) * worthDelta;
    for (const [at, base] of bases.filter((one) => isRelated(one, file)).entries()) {
      const delta = {
        path: target(`${at}.delta`),
        ...(await zstd.pack(path, target(`${at}.delta`), base.path)),
      };
      if (delta.size < least)
        made.push({ blob: file.digest, form: 'zstd-delta', base: base.digest, ...delta });
    }
  }
  return made;
}

function fits({ size }: BundleFile): boolean {
  return size >= leastBytes && size <= largestUnpacked;
}

function basesOf(
  bundle: Bundle<AnyManifest>,
): { readonly path: string; readonly digest: string; readonly size: number }[] {
  // A package and a system are packed already; looking for less takes minutes.
  if (bundle.sealed !== undefined || isRelease(bundle.manifest)) return [];
  return bundleFiles(bundle.manifest)
    .filter(fits)
    .map((file) => ({ path: fileIn(bundle, file), digest: file.digest, size: file.size }));
}

/** A network is like another network: a picture has nothing in common with it. */
function isRelated(one: { readonly path: string }, other: { readonly path: string }): boolean {
  const ending = (path: string) => path.slice(path.lastIndexOf('.'));
  return ending(one.path) === ending(other.path) && ending(one.path) === '.onnx';
}
