import { type Static, Type } from '@sinclair/typebox';
import { Severity } from '../protocol/index.ts';
import type { RouteTable } from './route.ts';
import { closed, count, described, limit, name, timeMs } from './scalars.ts';

export const AlertState = Type.Union([Type.Literal('firing'), Type.Literal('resolved')]);
export type AlertState = Static<typeof AlertState>;

export const AlertDelivery = Type.Object(
  {
    state: Type.Union([Type.Literal('waiting'), Type.Literal('delivered'), Type.Literal('failed')]),
    timeMs: timeMs(),
    attempts: count(),
    said: Type.Optional(Type.String({ description: 'Answer of the receiver' })),
    error: Type.Optional(Type.String()),
  },
  { description: 'Result of the newest message' },
);
export type AlertDelivery = Static<typeof AlertDelivery>;

export const AlertSilence = Type.Object({
  untilMs: timeMs(),
  by: Type.String(),
  reason: Type.Optional(Type.String()),
});
export type AlertSilence = Static<typeof AlertSilence>;

export const AlertAssignment = Type.Object(
  { to: Type.String(), by: Type.String(), timeMs: timeMs() },
  { description: 'The person or team that handles it, and the user who assigned it' },
);
export type AlertAssignment = Static<typeof AlertAssignment>;

export const Alert = Type.Object(
  {
    id: Type.String(),
    rule: Type.String(),
    ruleName: Type.String(),
    severity: Severity,
    state: AlertState,
    subject: Type.String({
      description:
        'Subject: a camera as `device/camera`, a device, or a cohort as `group:west`. Each has one alert per rule',
    }),
    device: Type.Optional(Type.String()),
    camera: Type.Optional(Type.String()),
    summary: Type.String(),
    incident: Type.Optional(Type.String({ description: 'The incident behind it, where it is about drift' })),
    value: Type.Optional(Type.Number()),
    sinceMs: timeMs('Since when the condition holds'),
    firedMs: timeMs('Since when it is an alert'),
    resolvedMs: Type.Optional(timeMs()),
    endReason: Type.Optional(
      Type.String({
        description: 'Why it ended: `over`, `merged` into that of a cohort, `rule-changed`, `device-deleted`',
      }),
    ),
    acknowledgedMs: Type.Optional(timeMs()),
    acknowledgedBy: Type.Optional(Type.String()),
    silence: Type.Optional(described(AlertSilence, 'Until then no message is sent')),
    assigned: Type.Optional(AlertAssignment),
    notified: count('Messages that were sent while it fired'),
    delivery: Type.Optional(AlertDelivery),
  },
  { description: 'One condition of one rule that holds, or held, for one subject' },
);
export type Alert = Static<typeof Alert>;

export const AlertQuery = Type.Object({
  state: Type.Optional(described(AlertState, 'Only those that fire, or only those that are over')),
  severity: Type.Optional(described(Severity, 'This severity and above')),
  device: Type.Optional(name('Only about this device')),
  rule: Type.Optional(name('Only of the rule with this id')),
  before: Type.Optional(timeMs('Fired before this time: `next` of the page before')),
  limit: Type.Optional(limit()),
});
export type AlertQuery = Static<typeof AlertQuery>;

export const AlertList = Type.Object(
  {
    alerts: Type.Array(Alert),
    next: Type.Optional(timeMs('Start of the next page; absent on the last')),
  },
  { description: 'Newest first' },
);
export type AlertList = Static<typeof AlertList>;

export const SilenceOrder = Type.Object(
  {
    minutes: Type.Number({
      minimum: 0,
      maximum: 60 * 24 * 30,
      description: 'For so long no message is sent; 0: messages are sent again',
    }),
    reason: Type.Optional(Type.String({ maxLength: 500, description: 'Shown beside the alert' })),
  },
  closed,
);
export type SilenceOrder = Static<typeof SilenceOrder>;

export const AssignOrder = Type.Object(
  { to: Type.Optional(name('A person or a team, as you call them; absent: ends the assignment')) },
  closed,
);
export type AssignOrder = Static<typeof AssignOrder>;

const alertId = Type.Object({
  id: Type.String({ minLength: 1, maxLength: 64, description: 'Id of the alert' }),
});
export const alertRoutes = {
  'GET /alerts': {
    load: 'heavy',
    role: 'viewer',
    reach: 'part',
    tag: 'alerts',
    summary: 'Alerts, those that fire and those that are over, newest first',
    query: AlertQuery,
    reply: AlertList,
  },
  'POST /alerts/:id/acknowledge': {
    role: 'operator',
    reach: 'part',
    tag: 'alerts',
    summary: 'Acknowledge an alert: it keeps firing and sends no more messages',
    params: alertId,
    reply: Alert,
  },
  'POST /alerts/:id/silence': {
    role: 'operator',
    reach: 'part',
    tag: 'alerts',
    summary: 'Send no messages about it for a time, also where it ends and fires again',
    params: alertId,
    body: SilenceOrder,
    reply: Alert,
  },
  'POST /alerts/:id/assign': {
    role: 'operator',
    reach: 'part',
    tag: 'alerts',
    summary: 'Assign it to a person or a team',
    params: alertId,
    body: AssignOrder,
    reply: Alert,
  },
} as const satisfies RouteTable;
