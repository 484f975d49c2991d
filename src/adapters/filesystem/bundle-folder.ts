import { copyFile, lstat, mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { InputError, LimitError, MissingError, RefusedError } from '../../base/index.ts';
import {
  type AnyManifest,
  type Bundle,
  type BundleFile,
  bundleFiles,
  fileIn,
  formatManifest,
  type Manifest,
  parseAnyManifest,
  parseManifest,
} from '../../model/index.ts';
import {
  digestFile,
  digestOf,
  explainFileError,
  partialName,
  renameSynced,
  syncFile,
  syncFolder,
  systemCode,
  writeSynced,
} from '../../platform/index.ts';
import { expectEnvelopeOf, parseSealedEnvelope, type SealedEnvelope } from '../../trust/index.ts';

const manifestName = 'manifest.json';
/** Beside it where files are encrypted. */
export const envelopeName = 'sealed.json';
const maxManifestBytes = 4_000_000;

/** `digests` reads every byte; `sizes` only looks that every file is there and as long as it must be. */
export type Verification = 'digests' | 'sizes';

/** Reads a bundle's folder. Throws an error that names the file which is missing, too long or changed. */
export function readBundle(folder: string, verify?: Verification): Promise<Bundle> {
  return readWith(parseManifest, folder, verify);
}

/** The same of a model or of a release of the agent. */
export function readAnyBundle(folder: string, verify?: Verification): Promise<Bundle<AnyManifest>> {
  return readWith(parseAnyManifest, folder, verify);
}

export type ReadBundle<M extends AnyManifest> = (folder: string, verify?: Verification) => Promise<Bundle<M>>;

async function readWith<M extends AnyManifest>(
  parse: (text: string, where: string) => M,
  folder: string,
  verify: Verification = 'sizes',
): Promise<Bundle<M>> {
  const path = join(folder, manifestName);
  const bytes = await readManifestBytes(folder, path);
  const manifest = parse(bytes.toString('utf8'), path);
  const envelope = await readEnvelope(folder);
  const plain: Bundle<M> = { digest: digestOf(bytes), manifest, location: resolve(folder) };
  if (envelope !== undefined) expectEnvelopeOf(envelope, plain.digest);
  const bundle = envelope === undefined ? plain : { ...plain, sealed: sealedPaths(plain, envelope) };
  for (const file of filesOnDisk(bundle, envelope)) await verifyFile(bundle, file, verify);
  return bundle;
}

/** Of a bundle whose files are encrypted; undefined where they are not. */
export async function readEnvelope(folder: string): Promise<SealedEnvelope | undefined> {
  const path = join(folder, envelopeName);
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw explainFileError(error, 'read the bundle', path);
  });
  if (text === undefined) return undefined;
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  return parseSealedEnvelope(json, path);
}

/** Where a file lies encrypted, in the place of the plain one. */
export function sealedPath(path: string): string {
  return `${path}.sealed`;
}

function sealedPaths(bundle: Bundle<AnyManifest>, { files }: SealedEnvelope): ReadonlyMap<string, string> {
  const named = new Map(bundleFiles(bundle.manifest).map((file) => [file.digest, file]));
  return new Map(
    files.flatMap(({ blob }) => {
      const file = named.get(blob);
      return file === undefined ? [] : [[blob, sealedPath(fileIn(bundle, file))] as const];
    }),
  );
}

/** The files of a bundle as they lie there: what is encrypted in the place of what is plain. */
export function filesOnDisk(
  { manifest }: Pick<Bundle<AnyManifest>, 'manifest'>,
  envelope: SealedEnvelope | undefined,
): BundleFile[] {
  const sealed = new Map(envelope?.files.map((file) => [file.blob, file]));
  return bundleFiles(manifest).map((file) => {
    const other = sealed.get(file.digest);
    return other === undefined
      ? file
      : { path: sealedPath(file.path), digest: other.sealed, size: other.size };
  });
}

async function readManifestBytes(folder: string, path: string): Promise<Buffer> {
  try {
    if ((await lstat(path)).size > maxManifestBytes) {
      throw new LimitError(
        'manifest-size',
        `${path} is larger than 4 MB.`,
        'This is not a bundle of Goshawk.',
      );
    }
    return await readFile(path);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT' && systemCode(error) !== 'ENOTDIR') {
      throw explainFileError(error, 'read the bundle', path);
    }
    const onnx = /\.onnx$/i.test(folder);
    const missing = await stat(folder).then(
      () => false,
      () => true,
    );
    throw new MissingError(
      'bundle-missing',
      missing
        ? `There is no folder ${folder}.`
        : onnx
          ? `${folder} is an ONNX file, not a bundle.`
          : `${folder} is not a model bundle: it has no ${manifestName}.`,
      onnx && !missing
        ? `Make a bundle first: goshawk model import ${basename(folder)} --out bundle/`
        : 'Name the folder that `goshawk model import` made.',
      { cause: error },
    );
  }
}

async function verifyFile(
  bundle: Bundle<AnyManifest>,
  file: BundleFile,
  verify: Verification,
): Promise<void> {
  const path = fileIn(bundle, file);
  const remedy = 'Fetch the bundle again; do not use this copy.';
  try {
    const stat = await lstat(path);
    // A link could lead anywhere, and its target can change after the check.
    if (!stat.isFile()) throw new InputError('bundle-file', `${path} is not a plain file.`, remedy);
    if (stat.size !== file.size) {
      throw new InputError(
        'bundle-file',
        `${path} has ${stat.size} bytes, but the manifest says ${file.size}.`,
        remedy,
      );
    }
    if (verify === 'digests' && (await digestFile(path)).digest !== file.digest) {
      throw new InputError(
        'bundle-digest',
        `${path} is not the file that the manifest names (sha256 differs).`,
        remedy,
      );
    }
  } catch (error) {
    throw explainFileError(error, 'read the bundle', path);
  }
}

/** Content of one file of a new bundle: bytes, or a file to copy. */
export type BundleContent = Uint8Array | string | { readonly copyOf: string };

/**
 * Writes a bundle as a whole: into a folder beside the target, synced, then renamed. After a crash there is the old
 * bundle, the new one or none, never a half. Refuses to replace what is not a bundle.
 */
export async function writeBundle<M extends AnyManifest = Manifest>(
  folder: string,
  manifest: M,
  contents: ReadonlyMap<string, BundleContent>,
  options: { readonly replace?: boolean } = {},
): Promise<Bundle<M>> {
  const target = resolve(folder);
  const partial = partialName(target);
  const text = formatManifest(manifest);
  parseAnyManifest(text, manifestName);
  try {
    await mkdir(partial, { recursive: true });
    for (const { path } of bundleFiles(manifest)) {
      const content = contents.get(path);
      if (content === undefined) {
        throw new InputError(
          'bundle-content',
          `The bundle's file ${path} has no content.`,
          'Give the bytes of every file that the manifest names.',
        );
      }
      await writeContent(join(partial, path), content);
    }
    await writeSynced(join(partial, manifestName), text);
    const written = await readAnyBundle(partial, 'digests');
    await syncBundle(partial, manifest);
    await putInPlace(partial, target, options.replace === true);
    return { ...written, manifest, location: target };
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw explainFileError(error, 'write the bundle', target);
  }
}

async function writeContent(path: string, content: BundleContent): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  if (typeof content === 'string' || content instanceof Uint8Array) {
    await writeSynced(path, content);
    return;
  }
  await copySynced(content.copyOf, path);
}

export async function copySynced(from: string, to: string): Promise<void> {
  await copyFile(from, to);
  await syncFile(to);
}

/**
 * A bundle's files and their names are on the disk; before its folder gets its own name. Files too: who wrote them may
 * have ended before he synced them.
 */
export async function syncBundle(folder: string, manifest: AnyManifest): Promise<void> {
  const folders = new Set([folder]);
  const envelope = await readEnvelope(folder);
  await syncFile(join(folder, manifestName));
  if (envelope !== undefined) await syncFile(join(folder, envelopeName));
  for (const { path } of filesOnDisk({ manifest }, envelope)) {
    await syncFile(join(folder, path));
    for (let inner = dirname(path); inner !== '.'; inner = dirname(inner)) folders.add(join(folder, inner));
  }
  for (const inner of folders) await syncFolder(inner);
}

async function putInPlace(partial: string, target: string, replace: boolean): Promise<void> {
  const old = await lstat(target).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (old === undefined) {
    await renameSynced(partial, target);
  } else if (replace && (await isBundle(target))) {
    const aside = partialName(target);
    await rename(target, aside);
    await renameSynced(partial, target);
    await rm(aside, { recursive: true, force: true });
  } else if (old.isDirectory() && !replace && !(await isBundle(target))) {
    // Node renames over an empty folder, and refuses one with content.
    await renameSynced(partial, target).catch((error: unknown) => {
      if (systemCode(error) !== 'ENOTEMPTY' && systemCode(error) !== 'EEXIST') throw error;
      throw inTheWay(target, 'is a folder with other files');
    });
  } else {
    throw inTheWay(target, replace ? 'is not a bundle' : 'exists already');
  }
}

async function isBundle(folder: string): Promise<boolean> {
  return (await lstat(join(folder, manifestName)).catch(() => undefined))?.isFile() === true;
}

function inTheWay(target: string, what: string): RefusedError {
  return new RefusedError(
    'bundle-in-the-way',
    `${target} ${what}; no file was written.`,
    what === 'exists already' ? 'Add --replace, or name another folder.' : 'Name another folder.',
  );
}
