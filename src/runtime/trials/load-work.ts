import { loadAddon } from '../../../device/native/index.ts';
import { asGoshawkError } from '../../base/index.ts';
import { packError } from '../../platform/index.ts';
import type { LoadJob, LoadOutcome } from './job.ts';

export function loadAddons({ addons }: LoadJob): LoadOutcome {
  const problems = addons.flatMap((addon) => {
    try {
      loadAddon(addon);
      return [];
    } catch (error) {
      return [{ addon, error: packError(asGoshawkError(error, 'addon-load', 'Install Goshawk again.')) }];
    }
  });
  return { problems };
}
