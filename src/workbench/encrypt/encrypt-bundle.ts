import { mkdir, readFile, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import {
  envelopeName,
  explainFileError,
  filesOnDisk,
  readBundle,
  readEnvelope,
  sealedPath,
} from '../../adapters/filesystem/index.ts';
import { newBundleKey, sealFile, wrapKey } from '../../adapters/sealing/index.ts';
import { CancelledError, InputError, MissingError, RefusedError } from '../../base/index.ts';
import { type Bundle, bundleFiles, fileIn } from '../../model/index.ts';
import {
  partialName,
  renameSynced,
  syncFile,
  syncFolder,
  systemCode,
  writeSynced,
} from '../../platform/index.ts';
import { type SealedEnvelope, type SealedFile, sealedChunkBytes } from '../../trust/index.ts';

export interface EncryptOptions {
  /** Folder of the bundle: plain, or encrypted before, whose files are then taken as they are. */
  readonly bundle: string;
  /** PEM files of certificates of devices. */
  readonly for: readonly string[];
  readonly out: string;
  /** Keeps the bundle's key, so that other devices can be added and left out later; made where it is not there. */
  readonly keyFile: string;
  readonly signal: AbortSignal;
}

export interface EncryptedBundle {
  readonly digest: string;
  readonly folder: string;
  readonly devices: readonly string[];
  readonly files: readonly string[];
  /** Whether the key was made now. */
  readonly newKey: boolean;
}

/**
 * A bundle whose networks only the named devices can read. Its manifest, and so its digest, stay as they are. Written as a
 * whole or not at all.
 */
export async function encryptBundle(options: EncryptOptions): Promise<EncryptedBundle> {
  if (options.for.length === 0)
    throw new InputError(
      'sealed-nobody',
      'You name no device to encrypt the bundle for.',
      'Name devices: --for <certificate>.',
    );
  const bundle = await readBundle(options.bundle, 'digests');
  const before = await readEnvelope(bundle.location);
  const { key, newKey } = await bundleKey(options.keyFile, before === undefined);
  const recipients = await Promise.all(
    options.for.map(async (path) => wrapKey(key, await pem(path), bundle.digest)),
  );
  const out = resolve(options.out);
  const partial = partialName(out);
  try {
    await mkdir(partial, { recursive: true });
    const files = before?.files ?? (await sealVariants(bundle, partial, key, options.signal));
    const envelope: SealedEnvelope = {
      ...{ schema: 1, bundle: bundle.digest, chunkBytes: sealedChunkBytes, files: [...files] },
      recipients: [...new Map(recipients.map((one) => [one.key, one])).values()],
    };
    await copyRest(bundle, envelope, partial, before !== undefined);
    await writeSynced(join(partial, envelopeName), `${JSON.stringify(envelope, undefined, 2)}\n`);
    await syncFolder(partial);
    await readBundle(partial, 'digests');
    await renameSynced(partial, out).catch((error: unknown) => {
      if (systemCode(error) !== 'ENOTEMPTY' && systemCode(error) !== 'EEXIST') throw error;
      throw new RefusedError(
        'bundle-in-the-way',
        `${out} exists already; no file was written.`,
        'Name another folder.',
      );
    });
    return {
      ...{ digest: bundle.digest, folder: out, newKey },
      devices: envelope.recipients.map(({ device }) => device),
      files: bundleFiles(bundle.manifest).flatMap(({ path, digest }) =>
        files.some(({ blob }) => blob === digest) ? path : [],
      ),
    };
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw explainFileError(error, 'write the bundle', out);
  } finally {
    key.fill(0);
  }
}

/** The networks. Labels, golden set and profiles stay as they are: they are not what was paid for, and every part reads them. */
async function sealVariants(
  bundle: Bundle,
  folder: string,
  key: Uint8Array,
  signal: AbortSignal,
): Promise<readonly SealedFile[]> {
  const files: SealedFile[] = [];
  for (const { file } of bundle.manifest.variants) {
    if (signal.aborted) throw new CancelledError('Encrypting the bundle');
    if (files.some(({ blob }) => blob === file.digest)) continue;
    const target = join(folder, sealedPath(file.path));
    await mkdir(dirname(target), { recursive: true });
    const { digest, size } = await sealFile(fileIn(bundle, file), target, file, key);
    files.push({ blob: file.digest, sealed: digest, size });
  }
  return files;
}

async function copyRest(
  bundle: Bundle,
  envelope: SealedEnvelope,
  folder: string,
  sealedToo: boolean,
): Promise<void> {
  const sealed = new Set(envelope.files.map((file) => file.sealed));
  for (const file of filesOnDisk(bundle, envelope)) {
    if (sealed.has(file.digest) && !sealedToo) continue;
    const target = join(folder, file.path);
    await mkdir(dirname(target), { recursive: true });
    await writeSynced(target, await readFile(join(bundle.location, file.path)));
  }
  await writeSynced(join(folder, 'manifest.json'), await readFile(join(bundle.location, 'manifest.json')));
}

/** 32 bytes in base64. One that is not there is made; not for a bundle that was encrypted with another. */
async function bundleKey(path: string, mayMake: boolean): Promise<{ key: Uint8Array; newKey: boolean }> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw explainFileError(error, 'read the key', path);
  });
  if (text !== undefined) {
    const key = Buffer.from(text.trim(), 'base64');
    if (key.length === 32) return { key, newKey: false };
    throw new InputError(
      'sealed-key-file',
      `${path} holds no key of a bundle.`,
      'Name the file that an earlier `goshawk model encrypt` wrote.',
    );
  }
  if (!mayMake) {
    throw new MissingError(
      'sealed-key-file',
      `The bundle is encrypted, and its key is not in ${path}.`,
      'Name the key file of that time, or encrypt the plain bundle again.',
    );
  }
  const key = newBundleKey();
  await writeSynced(path, `${Buffer.from(key).toString('base64')}\n`, 0o600).catch((error: unknown) => {
    throw explainFileError(error, 'write the key', path);
  });
  await syncFile(path);
  return { key, newKey: true };
}

function pem(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: unknown) => {
    throw explainFileError(error, 'read the certificate', path);
  });
}
