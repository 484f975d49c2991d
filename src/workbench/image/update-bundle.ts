import { link, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Board, raucManifest } from '../../image/index.ts';
import { type RunOptions, run } from './tools.ts';

export interface SigningKey {
  readonly key: string;
  readonly certificate: string;
  /** Made for this image alone and kept beside it. */
  readonly throwAway: boolean;
}

/** A key for who did not bring one. */
export async function throwAwayKey(folder: string, ports: RunOptions): Promise<SigningKey> {
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
      '-addext',
      'extendedKeyUsage=codeSigning',
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
      '--mksquashfs-args=-comp zstd -Xcompression-level 3',
      folder,
      out,
    ],
    ports,
  );
}
