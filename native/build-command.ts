import { nativeBuildOf } from '../src/base/index.ts';
import { placeOf } from '../src/platform/index.ts';

/** Whether the addons are compiled at this place, and not brought by what was installed. */
export function compilesAddons(): boolean {
  return ['checkout', 'npm'].includes(placeOf());
}

/** What a person types to compile native parts for this machine. */
export function buildCommand(): string {
  return nativeBuildOf(placeOf());
}
