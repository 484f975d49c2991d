import type { DriftIncident } from '../../api/index.ts';
import type { FleetView } from '../fleet/fleet-view.ts';
import { aloneCohort } from './incident.ts';

/** Without what it shares with cameras of other parts of the fleet: how many they are is not for this view. */
export function incidentIn<T extends DriftIncident>(view: FleetView, incident: T): T {
  const { device, camera, cohort } = incident;
  const isOwn =
    view.scope === undefined ||
    cohort.scope === 'camera' ||
    cohort.scope === 'device' ||
    (cohort.scope === 'group' && view.hasGroup(cohort.name));
  return isOwn ? incident : { ...incident, cohort: aloneCohort(device, camera) };
}
