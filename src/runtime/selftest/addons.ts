import type { AddonVerdict } from '../trials/addons.ts';
import { absent, fails, type Trial, works } from './trial.ts';

/** The compiled parts; the pretended device of the tests is in no package, and nobody misses it there. */
export function addonTrials(verdicts: readonly AddonVerdict[]): readonly Trial[] {
  return verdicts
    .filter(({ addon, state }) => addon !== 'reference' || state !== 'absent')
    .map(({ addon, state, detail, remedy = '' }) => {
      if (state === 'loads') return works('addons', addon, detail);
      return (state === 'absent' ? absent : fails)('addons', addon, detail, remedy);
    });
}
