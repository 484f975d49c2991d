import type { DesiredSettings } from '../../api/index.ts';
import { InputError } from '../../base/index.ts';
import { type KnownRules, namesOfRules } from './known-rules.ts';

const everyCamera = '*';

/**
 * Drift that names a zone which no camera has would watch nothing. InputError `drift-zone-unknown`; nothing is refused
 * where one of the devices has not said yet which zones it has. `devices`: with these settings in force.
 */
export function checkDriftZones(
  pipelines: DesiredSettings['pipelines'],
  devices: readonly { readonly rules: KnownRules | undefined }[],
): void {
  const known = devices.flatMap(({ rules }) => rules ?? []);
  if (known.length === 0 || known.length < devices.length) return;
  for (const [camera, { drift }] of Object.entries(pipelines ?? {})) {
    const named = [...(drift?.within ?? []), ...(drift?.outside ?? [])];
    const zones = namesOfRules(
      known.map((rules) => ofCamera(rules, camera)),
      'zones',
    );
    const unknown = named.find((name) => !zones.includes(name));
    if (unknown === undefined) continue;
    throw new InputError(
      'drift-zone-unknown',
      `Drift of ${camera === everyCamera ? 'all cameras' : camera} names the zone ${unknown}, which ${camera === everyCamera ? 'none of them has' : 'the camera does not have'}.`,
      zones.length === 0
        ? 'Draw it first, or leave the zone out of `within` and `outside`.'
        : `There ${zones.length === 1 ? 'is' : 'are'} ${zones.slice(0, 12).join(', ')}.`,
    );
  }
}

function ofCamera(rules: KnownRules, camera: string): KnownRules {
  return camera === everyCamera ? rules : new Map([[camera, rules.get(camera) ?? {}]]);
}
