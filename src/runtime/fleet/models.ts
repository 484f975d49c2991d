import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readBundle } from '../../adapters/filesystem/index.ts';
import type { ModelInfo, UploadAnswer } from '../../api/index.ts';
import { InputError } from '../../base/index.ts';
import { bundleFiles, fileIn } from '../../model/index.ts';
import type { StartProgress } from '../progress.ts';
import type { FleetClient } from './client.ts';

/** `name`, `name@version` or the beginning of a digest; the newest upload where several fit a name. */
export async function findModel(client: Pick<FleetClient, 'call'>, wanted: string): Promise<ModelInfo> {
  const { models } = await client.call('GET /models');
  const [name, version] = wanted.split('@');
  const fits = models
    .filter(
      (model) =>
        model.digest === wanted ||
        (wanted.length >= 8 && model.digest.startsWith(`sha256:${wanted.replace(/^sha256:/, '')}`)) ||
        (model.name === name && (version === undefined || model.version === version)),
    )
    .sort((a, b) => b.uploadedMs - a.uploadedMs);
  const [first] = fits;
  if (first !== undefined) return first;
  const known = models.map((model) => `${model.name}@${model.version}`).join(', ') || 'none yet';
  throw new InputError(
    'model-unknown',
    `The controller holds no model "${wanted}".`,
    `It holds: ${known}. Bring one with \`goshawk fleet push bundle/\`.`,
  );
}

export interface PushedBundle extends UploadAnswer {
  readonly name: string;
  readonly version: string;
  readonly digest: string;
}

/**
 * Files first, the manifest last: a model is only complete when everything it names is there. InputError `push-incomplete`
 * where the manifest names other bytes than were sent.
 */
export async function pushBundle(
  client: Pick<FleetClient, 'upload'>,
  folder: string,
  startProgress: StartProgress,
): Promise<PushedBundle> {
  const bundle = await readBundle(folder);
  const { manifest, digest, location } = bundle;
  const files = bundleFiles(manifest);
  const total = files.reduce((sum, file) => sum + file.size, 0);
  const progress = await startProgress('uploading', total);
  try {
    for (const file of files) {
      const { path, size } = file;
      const params = { digest, '*': path };
      await client.upload('PUT /artifacts/:digest/files/*', params, fileIn(bundle, file), size);
      progress.advance(size, path);
    }
    const path = join(location, 'manifest.json');
    const { size } = await stat(path);
    const answer = await client.upload('PUT /artifacts/:digest/manifest', { digest }, path, size);
    const { name, version } = manifest;
    if (!answer.complete) throw incomplete(`${name} ${version}`, answer.missing);
    return { name, version, digest, ...answer };
  } finally {
    progress.stop();
  }
}

function incomplete(model: string, missing: readonly string[]): InputError {
  return new InputError(
    'push-incomplete',
    `${model} is not complete on the controller: ${missing.join(', ')} is not what its manifest names.`,
    'The file changed after the bundle was made: make the bundle again, or copy it anew, and push it again.',
  );
}
