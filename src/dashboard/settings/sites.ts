import type { DeviceLabelsList } from '../../api/index.ts';

/** A place with devices: the value of the label `site`. */
export interface Site {
  readonly name: string;
  readonly devices: readonly string[];
}

/** By name. */
export function sitesOf({ devices }: DeviceLabelsList): Site[] {
  const bySite = new Map<string, string[]>();
  for (const { device, labels } of devices)
    if (labels.site !== undefined) bySite.set(labels.site, [...(bySite.get(labels.site) ?? []), device]);
  return [...bySite]
    .map(([name, own]) => ({ name, devices: own }))
    .sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
}
