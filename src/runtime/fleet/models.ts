import type { ModelInfo } from '../../api/index.ts';
import { MissingError } from '../../base/index.ts';
import type { FleetClient } from './client.ts';
import { meant } from './nearest-known.ts';

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
  throw new MissingError(
    'model-unknown',
    `The controller holds no model "${wanted}".`,
    meant(
      name ?? wanted,
      models.map((model) => model.name),
      `It holds: ${known}. Bring one with \`goshawk model push bundle/\`.`,
    ),
  );
}
