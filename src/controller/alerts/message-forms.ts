import type { Alert, AlertChannelRow, DriftIncident } from '../../api/index.ts';
import { defined } from '../../base/index.ts';
import { chatBody, dashboardOf, messageBody, stateOf, textBody } from './message.ts';

/** What a message is made from. */
export interface MessageContent {
  readonly id: string;
  readonly event: string;
  readonly alert: Alert;
  readonly incident: DriftIncident | undefined;
  readonly sentMs: number;
  readonly publicUrl: string | undefined;
  /** Secret of the rule. */
  readonly secret: string | undefined;
}

type Form = (content: MessageContent, row: AlertChannelRow) => string;

/** How a message looks to each kind of receiver. */
const forms: Readonly<Record<AlertChannelRow['body'], Form>> = {
  json: ({ id, event, alert, incident, sentMs, publicUrl }) =>
    messageBody(id, event, alert, incident, sentMs, publicUrl),
  text: ({ event, alert, sentMs, publicUrl }) => textBody(event, alert, sentMs, publicUrl),
  slack: ({ event, alert, publicUrl }) => chatBody(event, alert, publicUrl),
  alertmanager: alertmanagerBody,
  pagerduty: pagerdutyBody,
};

export function bodyOf(row: AlertChannelRow, content: MessageContent): string {
  return forms[row.body](content, row);
}

/** Prometheus waits for so many times its interval until it lets an alert go; so do we. */
const resendsMissed = 4;
/** A test is over soon. */
const testMs = 60_000;

/**
 * `postableAlerts` of Alertmanager's API v2. Its labels are who an alert is: the same when it fires, is sent again and ends.
 * It ends at `endsAt`, so an alert of a controller that is gone does not stay.
 */
function alertmanagerBody(
  { event, alert, sentMs, publicUrl }: MessageContent,
  { resendSeconds = 0 }: AlertChannelRow,
): string {
  const state = stateOf(event);
  const lastsMs = state === 'test' ? testMs : resendsMissed * resendSeconds * 1_000;
  const endsMs = state === 'resolved' ? (alert.resolvedMs ?? sentMs) : sentMs + lastsMs;
  return JSON.stringify([
    {
      labels: defined({
        ...{ alertname: alert.ruleName, severity: alert.severity, job: 'goshawk', subject: alert.subject },
        ...{ device: alert.device, camera: alert.camera },
        test: state === 'test' ? 'true' : undefined,
      }),
      annotations: { summary: alert.summary, goshawk_alert: alert.id },
      startsAt: new Date(alert.sinceMs).toISOString(),
      endsAt: new Date(endsMs).toISOString(),
      ...defined({ generatorURL: dashboardOf(alert, publicUrl) }),
    },
  ]);
}

const mostSummary = 1_024;

/** An event of PagerDuty's Events API v2. The key by which it is the same incident is the id of the alert. */
function pagerdutyBody({ event, alert, publicUrl, secret = '' }: MessageContent): string {
  const state = stateOf(event);
  const dashboard = dashboardOf(alert, publicUrl);
  const { id, rule, ruleName, subject, value } = alert;
  return JSON.stringify({
    ...{ routing_key: secret, event_action: state === 'resolved' ? 'resolve' : 'trigger', dedup_key: id },
    client: 'Goshawk',
    ...(dashboard === undefined
      ? {}
      : { client_url: dashboard, links: [{ href: dashboard, text: 'Dashboard' }] }),
    payload: {
      summary: `${state === 'test' ? 'Test: ' : ''}${ruleName}: ${alert.summary}`.slice(0, mostSummary),
      source: alert.device ?? 'goshawk',
      severity: state === 'test' ? 'info' : alert.severity,
      timestamp: new Date(alert.sinceMs).toISOString(),
      ...defined({ component: alert.camera, class: ruleName }),
      custom_details: defined({ rule, subject, value }),
    },
  });
}
