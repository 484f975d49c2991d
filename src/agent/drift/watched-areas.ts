import { defined, InputError } from '../../base/index.ts';
import type { WatchedAreas } from '../../drift/index.ts';
import type { CameraRules } from '../../perception/index.ts';
import type { DriftSettings } from '../../protocol/index.ts';

/** Where objects are watched; undefined: everywhere. InputError `drift-zone-unknown` for a zone that the camera does not have. */
export function watchedAreas(
  camera: string,
  { within = [], outside = [] }: DriftSettings,
  { zones = {} }: CameraRules,
): WatchedAreas | undefined {
  if (within.length === 0 && outside.length === 0) return undefined;
  const areaOf = (name: string): WatchedAreas['within'][number] => {
    const zone = zones[name];
    if (zone === undefined) throw unknownZone(camera, name, Object.keys(zones));
    const { points, anchor } = zone;
    return { points: points.map(([x, y]) => [x, y]), ...defined({ anchor }) };
  };
  return { within: within.map(areaOf), outside: outside.map(areaOf) };
}

/** As device and controller say it. */
function unknownZone(camera: string, name: string, zones: readonly string[]): InputError {
  return new InputError(
    'drift-zone-unknown',
    `Drift of ${camera} names the zone ${name}, which the camera does not have.`,
    zones.length === 0
      ? 'Draw it, or leave the zone out of `within` and `outside`.'
      : `Its zones are ${zones.join(', ')}.`,
  );
}
