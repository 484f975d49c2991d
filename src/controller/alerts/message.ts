import { type Alert, apiPrefix, type DriftIncident, pathOf, queryText } from '../../api/index.ts';
import { defined } from '../../base/index.ts';
import { controllerId } from '../../protocol/index.ts';
import type { AlertTransition } from './alert-registry.ts';

export const eventNames: Readonly<Record<AlertTransition, string>> = {
  firing: 'alert.firing',
  again: 'alert.firing',
  resolved: 'alert.resolved',
};

/** What programs get; docs/notifications.md shows it. `publicUrl` is where people and programs reach the controller. */
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
    ...defined({ incident }),
    ...(publicUrl === undefined ? {} : { links: linksOf(publicUrl.replace(/\/+$/, ''), alert, incident) }),
  });
}

const marks = { firing: ':rotating_light:', resolved: ':white_check_mark:', test: ':wave:' } as const;

/**
 * The same as one text for a chat. What a device or a person wrote is plain text there: `&`, `<` and `>` are control
 * characters of Slack, by which a name could call a channel or make a link.
 */
export function chatBody(event: string, alert: Alert, publicUrl: string | undefined): string {
  const state = stateOf(event);
  const dashboard = dashboardOf(alert, publicUrl);
  const words = `${marks[state]} *${escaped(alert.ruleName)}* (${alert.severity}) is ${state}: ${escaped(alert.summary)}`;
  return JSON.stringify({ text: dashboard === undefined ? words : `${words}\n<${dashboard}|Dashboard>` });
}

export function subjectOf(event: string, alert: Alert): string {
  return `[Goshawk] ${stateOf(event)}: ${alert.ruleName}: ${alert.summary}`;
}

/** The same as plain text for people. */
export function textBody(event: string, alert: Alert, sentMs: number, publicUrl: string | undefined): string {
  const state = stateOf(event);
  const dashboard = dashboardOf(alert, publicUrl);
  const lines = [
    alert.summary,
    '',
    `${alert.ruleName} (${alert.severity}) is ${state}.`,
    `Since: ${new Date(alert.sinceMs).toISOString()}`,
    `Sent: ${new Date(sentMs).toISOString()}`,
    ...(dashboard === undefined ? [] : ['', dashboard]),
  ];
  return `${lines.join('\n')}\n`;
}

export function stateOf(event: string): keyof typeof marks {
  return event === eventNames.resolved ? 'resolved' : event === 'test' ? 'test' : 'firing';
}

export function dashboardOf(alert: Alert, publicUrl: string | undefined): string | undefined {
  return publicUrl && linksOf(publicUrl.replace(/\/+$/, ''), alert, undefined).dashboard;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** `frames`: the pictures around it as a data set, for whoever labels and trains. */
function linksOf(base: string, alert: Alert, incident: DriftIncident | undefined) {
  const dashboard = `${base}/#${pageOf(alert)}`;
  if (incident === undefined) return { dashboard };
  const path = pathOf('GET /devices/:id/frames.tar', { id: incident.device });
  const query = queryText({ camera: incident.camera, from: incident.startedMs });
  return { dashboard, frames: `${base}${apiPrefix}${path}${query}` };
}

function pageOf({ device }: Alert): string {
  if (device === undefined) return '/drift';
  // Of the controller itself, such as what its rollouts do.
  return device === controllerId ? '/events' : `/devices/${encodeURIComponent(device)}`;
}
