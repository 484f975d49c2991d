import { healthStates, type Labels } from '../../api/index.ts';
import type { DeviceSummary } from '../api/types.ts';
import { geoPlaceOf, type PlanPlace, planPlaceOf } from './places.ts';

export interface DevicePin {
  readonly id: string;
  readonly tone: string;
  readonly words: string;
}

/** `cam-7: Blind`, in the colour of its health. */
function pinOf(device: DeviceSummary): DevicePin {
  const { tone, words } = healthStates[device.online ? device.health.state : 'offline'];
  return { id: device.id, tone, words: `${device.id}: ${words}` };
}

export interface Placed<Place> {
  readonly placed: readonly (DevicePin & { readonly place: Place })[];
  /** Ids of devices without a place. */
  readonly others: readonly string[];
}

function placedOn<Place>(
  devices: readonly DeviceSummary[],
  labels: ReadonlyMap<string, Labels>,
  placeOf: (labels: Labels | undefined) => Place | undefined,
): Placed<Place> {
  const all = devices.map((device) => ({ ...pinOf(device), place: placeOf(labels.get(device.id)) }));
  return {
    placed: all.flatMap(({ place, ...pin }) => (place === undefined ? [] : [{ ...pin, place }])),
    others: all.filter(({ place }) => place === undefined).map(({ id }) => id),
  };
}

export const onMap = (devices: readonly DeviceSummary[], labels: ReadonlyMap<string, Labels>) =>
  placedOn(devices, labels, geoPlaceOf);

/** Of the devices of one site. */
export function onPlan(
  devices: readonly DeviceSummary[],
  labels: ReadonlyMap<string, Labels>,
  site: string,
): Placed<PlanPlace> {
  return placedOn(
    devices.filter(({ id }) => labels.get(id)?.site === site),
    labels,
    planPlaceOf,
  );
}
