import { type AgentStateStorage, lastCommitted } from '../../agent/index.ts';
import { describeError, type Log, MissingError } from '../../base/index.ts';
import type { Bundle } from '../../model/index.ts';
import type { DeviceModels } from './device-models.ts';

/** What the fleet ordered last, else what the settings name (`model`). */
export async function firstBundle(
  settings: { readonly model?: string },
  models: DeviceModels,
  memory: AgentStateStorage,
  log: Log,
): Promise<Bundle> {
  const committed = await lastCommitted(memory);
  if (committed !== undefined) {
    try {
      const bundle = await models.find(committed.digest);
      if (bundle !== undefined) return bundle;
      log.warn('The last model is not on the disk any more', { digest: committed.digest });
    } catch (error) {
      log.error('The last model on the disk is damaged', { reason: describeError(error) });
    }
  }
  if (settings.model === undefined) {
    throw new MissingError(
      'model-missing',
      'This device has no model to begin with.',
      'Name a bundle in the settings (model), e.g. one made by `goshawk model import`.',
    );
  }
  return models.importFolder(settings.model);
}
