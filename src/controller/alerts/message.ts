import { type Alert, apiPrefix, type DriftIncident, pathOf, queryText } from '../../api/index.ts';
import type { AlertTransition } from './alert-registry.ts';

export const eventNames: Readonly<Record<AlertTransition, string>> = {
  firing: 'alert.firing',
  again: 'alert.firing',
  resolved: 'alert.resolved',
};

/** What a webhook gets; docs/alerts.md shows it. `publicUrl` is where people and programs reach the controller. */
export function messageBody(
  id: string,
  event: string,
  alert: Alert,
  incident: DriftIncident | undefined,
  sentMs: number,
  publicUrl: string | undefined,
): string {
  const { delivery: _, ...about } = alert;
  return JSON.stringify({
    version: 1,
    id,
    event,
    sentMs,
    alert: about,
    ...(incident === undefined ? {} : { incident }),
    ...(publicUrl === undefined ? {} : { links: linksOf(publicUrl.replace(/\/+$/, ''), alert, incident) }),
  });
}

/** `frames`: the pictures around it as a data set, for whoever labels and trains. */
function linksOf(base: string, alert: Alert, incident: DriftIncident | undefined) {
  const dashboard =
    alert.device === undefined ? `${base}/#/drift` : `${base}/#/devices/${encodeURIComponent(alert.device)}`;
  if (incident === undefined) return { dashboard };
  const path = pathOf('GET /devices/:id/frames.tar', { id: incident.device });
  const query = queryText({ camera: incident.camera, from: incident.startedMs });
  return { dashboard, frames: `${base}${apiPrefix}${path}${query}` };
}
