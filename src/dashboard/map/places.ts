import type { Labels } from '../../api/index.ts';

/** On the map: degrees north and east (WGS 84). */
export interface GeoPlace {
  readonly latitude: number;
  readonly longitude: number;
}

/** On a plan: shares of its width and height, from the top left. */
export interface PlanPlace {
  readonly x: number;
  readonly y: number;
}

/** From the labels `latitude` and `longitude`; undefined where one is missing or out of range. */
export function geoPlaceOf(labels: Labels | undefined): GeoPlace | undefined {
  const latitude = numberIn(labels?.latitude, -90, 90);
  const longitude = numberIn(labels?.longitude, -180, 180);
  return latitude === undefined || longitude === undefined ? undefined : { latitude, longitude };
}

/** From the labels `plan-x` and `plan-y`; undefined where one is missing or out of range. */
export function planPlaceOf(labels: Labels | undefined): PlanPlace | undefined {
  const x = numberIn(labels?.['plan-x'], 0, 1);
  const y = numberIn(labels?.['plan-y'], 0, 1);
  return x === undefined || y === undefined ? undefined : { x, y };
}

/** The labels that `planPlaceOf` reads; a place beside the plan becomes one at its edge. */
export function labelsOfPlace({ x, y }: PlanPlace): Labels {
  return { 'plan-x': share(x), 'plan-y': share(y) };
}

function share(value: number): string {
  return String(Number(Math.min(1, Math.max(0, value)).toFixed(4)));
}

function numberIn(text: string | undefined, least: number, most: number): number | undefined {
  if (text === undefined || !/^[+-]?\d{1,3}(\.\d{1,12})?$/.test(text)) return undefined;
  const value = Number(text);
  return value >= least && value <= most ? value : undefined;
}
