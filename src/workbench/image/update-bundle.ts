import { link, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { InputError, type Log } from '../../base/index.ts';
import { type Board, raucManifest } from '../../image/index.ts';
import type { BuildImageOptions } from './options.ts';
import { type RunOptions, run } from './tools.ts';

export interface SigningKey {
  readonly key: string;
  readonly certificate: string;
  /** Made for this image alone and kept beside it. */
  readonly throwAway: boolean;
}

/** A key for who did not bring one. */
async function throwAwayKey(folder: string, ports: RunOptions): Promise<SigningKey> {
  const key = join(folder, 'update-throwaway.key.pem');
  const certificate = join(folder, 'update-throwaway.cert.pem');
  await mkdir(folder, { recursive: true });
  await run(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-noenc',
      '-keyout',
      key,
      '-out',
      certificate,
      '-days',
      '3650',
      '-subj',
      '/CN=goshawk throw-away update key',
      '-addext',
      'keyUsage=digitalSignature',
    ],
    ports,
  );
  return { key, certificate, throwAway: true };
}

/** The signed update with the same root file system as the image. */
export async function makeUpdateBundle(
  out: string,
  folder: string,
  rootFile: string,
  board: Board,
  version: string,
  signing: SigningKey,
  ports: RunOptions,
): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await link(rootFile, join(folder, 'root.img'));
  await writeFile(join(folder, 'manifest.raucm'), raucManifest(board, version, 'root.img'));
  await rm(out, { force: true });
  await run(
    'rauc',
    [
      'bundle',
      `--cert=${signing.certificate}`,
      `--key=${signing.key}`,
      // As a board will look at it: a certificate for another purpose is refused here, and not in the field.
      `--keyring=${signing.certificate}`,
      '--mksquashfs-args=-comp zstd -Xcompression-level 3',
      folder,
      out,
    ],
    ports,
  );
}

/** The key that was given, or one that is made for this image, said loudly. */
export async function signingKey(
  options: Pick<BuildImageOptions, 'out' | 'updateKey' | 'updateCert'>,
  log: Log,
  quiet: RunOptions,
): Promise<SigningKey> {
  if (options.updateKey !== undefined && options.updateCert !== undefined)
    return { key: resolve(options.updateKey), certificate: resolve(options.updateCert), throwAway: false };
  if (options.updateKey !== undefined || options.updateCert !== undefined)
    throw new InputError(
      'image-half-a-key',
      'A key cannot sign without its certificate.',
      'Give both --update-key and --update-cert.',
    );
  const signing = await throwAwayKey(dirname(resolve(options.out)), quiet);
  log.warn(
    `UPDATES OF THIS IMAGE ARE SIGNED WITH A KEY MADE JUST NOW: ${signing.key}. This key can change every board with this image, and without it no board accepts an update. Not for a fleet: give --update-key and --update-cert.`,
  );
  return signing;
}
