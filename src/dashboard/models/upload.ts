import { upload } from '../api/client.ts';
import { RequestError } from '../api/failure.ts';
import { uploadBlob } from '../api/registry.ts';
import type { ModelUpload, TakenModel } from '../api/types.ts';

/** A folder that a person chose: the files by their path in the bundle. */
export interface ChosenBundle {
  readonly manifest: Blob;
  readonly files: ReadonlyMap<string, Blob>;
}

export interface UploadProgress {
  readonly sentBytes: number;
  readonly totalBytes: number;
  readonly file: string;
}

/** The bundle in a chosen folder, or in one folder below it. RequestError where there is none, or it is encrypted. */
export function bundleIn(chosen: readonly { readonly path: string; readonly file: Blob }[]): ChosenBundle {
  const depth = (path: string): number => path.split('/').length;
  const found = chosen
    .filter(({ path }) => path === 'manifest.json' || path.endsWith('/manifest.json'))
    .sort((a, b) => depth(a.path) - depth(b.path))[0];
  if (found === undefined)
    throw refused(
      'upload-no-manifest',
      'The folder has no manifest.json, so it is not a bundle.',
      'Choose the folder that goshawk model import or goshawk model optimize wrote.',
    );
  const root = found.path.slice(0, -'manifest.json'.length);
  const files = new Map(
    chosen
      .filter(({ path }) => path.startsWith(root))
      .map(({ path, file }) => [path.slice(root.length), file]),
  );
  if (files.has('sealed.json'))
    throw refused(
      'upload-sealed',
      'The bundle is encrypted.',
      'Push it with goshawk model push, which sends only the encrypted files.',
    );
  return { manifest: found.file, files };
}

/** Sends what the registry has not, and then adds the model. RequestError. */
export async function uploadModel(
  bundle: ChosenBundle,
  signal: AbortSignal,
  onProgress: (progress: UploadProgress) => void,
): Promise<TakenModel> {
  const json = await bundle.manifest.arrayBuffer();
  const ask = () => upload('POST /models/uploads', json, {}, signal);
  let plan = await ask();
  let renewAtMs = performance.now() + lifeOf(plan);
  const token = async (): Promise<string> => {
    if (performance.now() > renewAtMs) {
      plan = await ask();
      renewAtMs = performance.now() + lifeOf(plan);
    }
    return plan.token;
  };
  const { repository } = plan;
  const missing = plan.files.filter(({ present }) => !present);
  const sources = missing.map((file) => ({ ...file, from: fileOf(bundle, file) }));
  const totalBytes = missing.reduce((sum, { size }) => sum + size, 0);
  let before = 0;
  for (const { path, digest, size, from } of sources) {
    const show = (bytes: number) => onProgress({ sentBytes: before + bytes, totalBytes, file: path });
    show(0);
    await uploadBlob({ repository, digest, file: from, token, signal, onBytes: show });
    before += size;
  }
  return upload('POST /models', json, {}, signal);
}

/** A token is renewed well before it ends. */
function lifeOf({ expiresInSeconds }: ModelUpload): number {
  return expiresInSeconds * 500;
}

function fileOf({ files }: ChosenBundle, { path, size }: { path: string; size: number }): Blob {
  const file = files.get(path);
  if (file !== undefined && file.size === size) return file;
  throw refused(
    'upload-file-missing',
    file === undefined
      ? `The folder has no ${path}, which manifest.json lists.`
      : `${path} has ${file.size} bytes, and manifest.json lists ${size}.`,
    'Make the bundle again, and choose its whole folder.',
  );
}

function refused(code: string, message: string, remedy: string): RequestError {
  return new RequestError({ status: 0, code, message, remedy });
}
