import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelInfo, ModelList, UploadAnswer } from '../../api/index.ts';
import { InputError } from '../../base/index.ts';
import { type Bundle, bundleFiles } from '../../model/index.ts';
import type { Progress } from '../output.ts';
import type { FleetClient } from './client.ts';

/** `name`, `name@version` or the beginning of a digest; the newest upload where several fit a name. */
export async function findModel(client: FleetClient, wanted: string): Promise<ModelInfo> {
  const { models } = await client.get<ModelList>('/models');
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

/** Files first, the manifest last: a model is only complete when everything it names is there. */
export async function pushBundle(
  client: FleetClient,
  bundle: Bundle,
  progress: Progress,
): Promise<UploadAnswer> {
  const base = `/artifacts/${bundle.digest}`;
  for (const file of bundleFiles(bundle.manifest)) {
    await client.upload(`${base}/files/${file.path}`, join(bundle.location, file.path), file.size);
    progress.advance(file.size, file.path);
  }
  const manifest = join(bundle.location, 'manifest.json');
  return client.upload<UploadAnswer>(`${base}/manifest`, manifest, (await stat(manifest)).size);
}
