/** What is drawn over a picture. */
export const layers = [
  ['boxes', 'Boxes'],
  ['names', 'Names'],
  ['outlines', 'Outlines'],
  ['zones', 'Zones and lines'],
] as const;

export type Layer = (typeof layers)[number][0];

export const allLayers: readonly Layer[] = layers.map(([layer]) => layer);

const key = 'goshawk.layers';

/** Those that this browser shows; all of them where nothing was chosen. */
export function storedLayers(): readonly Layer[] {
  const stored = localStorage.getItem(key)?.split(' ');
  return stored === undefined ? allLayers : allLayers.filter((layer) => stored.includes(layer));
}

export function storeLayers(chosen: readonly Layer[]): void {
  localStorage.setItem(key, chosen.join(' '));
}
