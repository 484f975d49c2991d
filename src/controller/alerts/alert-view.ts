import type { Alert } from '../../api/index.ts';
import type { FleetView } from '../fleet/fleet-view.ts';
import type { AlertsAbout } from '../store/store.ts';

/** About a device of the view, or about a group that is in it as a whole. */
export function hasAlert(view: FleetView, { device, subject }: Pick<Alert, 'device' | 'subject'>): boolean {
  if (view.scope === undefined) return true;
  if (device !== undefined) return view.has(device);
  const [, group] = /^group:(.+)$/.exec(subject) ?? [];
  return group !== undefined && view.hasGroup(group);
}

/** The same for the database; undefined: all. */
export function alertsAbout(view: FleetView): AlertsAbout | undefined {
  const devices = view.ids();
  if (devices === undefined) return undefined;
  const groups = (view.scope?.groups ?? []).filter(view.hasGroup);
  return { devices, subjects: groups.map((group) => `group:${group}`) };
}
