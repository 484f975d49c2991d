import type { Desired } from '../../protocol/index.ts';
import type { NamedBundle } from './named-bundle.ts';

/** What a device is to run, over all of its slots. */
export function modelsOf(desired: Desired | undefined): readonly NamedBundle[] {
  return Object.values(desired?.slots ?? {}).map(({ model }) => model);
}
