import { type Static, Type } from '@sinclair/typebox';
import { DriftGrade, Severity, VerdictKind } from '../protocol/index.ts';
import { alertAddressPattern } from './alert-address.ts';
import { CohortScopeName } from './drift.ts';
import { ProblemKind } from './health-schemas.ts';
import type { RouteTable } from './route.ts';
import { closed, described, name, timeMs } from './scalars.ts';

const DriftCondition = Type.Object(
  {
    kind: Type.Literal('drift'),
    verdicts: Type.Optional(Type.Array(VerdictKind, { maxItems: 4, description: 'Empty: any' })),
    details: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 64 }), {
        maxItems: 32,
        description: '`frozen`, `black`, `blurred`, `hazier` ...; empty: any',
      }),
    ),
    grades: Type.Optional(
      Type.Array(DriftGrade, {
        minItems: 1,
        maxItems: 2,
        description: 'Default `["alarm"]`: a notice says that something changed, not that it harms',
      }),
    ),
    cohorts: Type.Optional(
      Type.Array(CohortScopeName, { maxItems: 5, description: 'Cohorts whose alarms count; empty: all' }),
    ),
    unbelieved: Type.Optional(
      Type.Boolean({
        description: 'Also alarms that the limit of false alarms over the fleet discards. Default false',
      }),
    ),
  },
  { ...closed, description: 'An open drift incident' },
);
const OfflineCondition = Type.Object(
  { kind: Type.Literal('offline') },
  { ...closed, description: 'A device is offline: its will came, it said goodbye, or it fell silent' },
);
const WrongAnswerCondition = Type.Object(
  { kind: Type.Literal('wrong-answer') },
  {
    ...closed,
    description: 'A golden frame came out of the live engine wrong, and none came out right since',
  },
);
const HealthCondition = Type.Object(
  {
    kind: Type.Literal('health'),
    problems: Type.Optional(Type.Array(ProblemKind, { uniqueItems: true, description: 'Empty: any' })),
  },
  {
    ...closed,
    description:
      'Something is wrong with a device that is online, or with one of its cameras: its health says what',
  },
);
const EventCondition = Type.Object(
  {
    kind: Type.Literal('event'),
    event: Type.String({
      minLength: 1,
      maxLength: 64,
      description: 'A kind or its beginning: `device` is about `device.offline` too',
    }),
    severity: Type.Optional(described(Severity, 'This severity and above')),
    lastsSeconds: Type.Optional(
      Type.Number({
        minimum: 60,
        maximum: 86_400,
        description: 'It holds for so long after the newest such event. Default 600',
      }),
    ),
  },
  { ...closed, description: 'A device, or the controller, told an event of this kind' },
);
const Rate = Type.Object(
  {
    per: Type.Union([Type.Literal('second'), Type.Literal('minute'), Type.Literal('hour')]),
    overSeconds: Type.Optional(
      Type.Number({ minimum: 60, maximum: 86_400, description: 'The window. Default 300' }),
    ),
  },
  {
    ...closed,
    description:
      'How fast a running total grows, restarts of the agent taken into account, as `rate` of Prometheus; a total itself cannot be compared',
  },
);
const MetricCondition = Type.Object(
  {
    kind: Type.Literal('metric'),
    name: name(),
    labels: Type.Optional(
      Type.Record(Type.String({ maxLength: 64 }), Type.String({ maxLength: 256 }), { maxProperties: 8 }),
    ),
    statistic: Type.Optional(
      Type.Union([Type.Literal('value'), Type.Literal('p50'), Type.Literal('p95'), Type.Literal('p99')], {
        description: 'A histogram needs a quantile',
      }),
    ),
    rate: Type.Optional(Rate),
    above: Type.Optional(Type.Number()),
    below: Type.Optional(Type.Number()),
  },
  { ...closed, description: 'A metric is above or below a number; give one of the two' },
);
export const AlertCondition = Type.Union([
  DriftCondition,
  OfflineCondition,
  WrongAnswerCondition,
  HealthCondition,
  EventCondition,
  MetricCondition,
]);
export type AlertCondition = Static<typeof AlertCondition>;

export const AlertScope = Type.Object(
  {
    groups: Type.Array(name(), { maxItems: 100 }),
    devices: Type.Array(Type.String({ maxLength: 64 }), { maxItems: 1000 }),
  },
  { ...closed, description: 'Devices that the rule watches; both empty: the whole fleet' },
);
export type AlertScope = Static<typeof AlertScope>;

const seconds = (description: string) =>
  Type.Optional(Type.Number({ minimum: 0, maximum: 300, description }));

/** See docs/clips.md. */
const AlertClip = Type.Object(
  { before: seconds('Seconds before it fires'), after: seconds('Seconds after it') },
  {
    ...closed,
    description:
      'The camera records a clip when the alert fires, or the first four cameras with `clips` of the device. Absent: none',
  },
);

const ruleFields = {
  name: name('For people; alerts carry it'),
  enabled: Type.Boolean({ description: 'Default true' }),
  when: described(AlertCondition, 'The condition'),
  forSeconds: Type.Number({
    minimum: 0,
    maximum: 604_800,
    description: 'The condition must hold for so long. Default 60',
  }),
  scope: AlertScope,
  severity: described(Severity, 'Default warning'),
  renotifyMinutes: Type.Number({
    minimum: 0,
    maximum: 43_200,
    description:
      'Minutes after which the message is sent again, until the alert ends or a person acknowledges it; 0: once. Default 240',
  }),
} as const;

export const AlertRule = Type.Object({
  id: Type.String(),
  ...ruleFields,
  notify: Type.Optional(
    Type.Object({
      to: Type.String({
        description: 'Whole for admins; others see how it begins, since an address may hold a secret',
      }),
      signed: Type.Boolean(),
    }),
  ),
  clip: Type.Optional(AlertClip),
  usual: Type.Optional(
    Type.Boolean({ description: 'One of those that every controller begins with; as ordinary as any other' }),
  ),
  problem: Type.Optional(Type.String({ description: 'Reason why the rule cannot fire, with the remedy' })),
  createdMs: timeMs(),
  changedMs: timeMs(),
});
export type AlertRule = Static<typeof AlertRule>;

export const AlertRuleList = Type.Object({ rules: Type.Array(AlertRule) }, { description: 'Oldest first' });
export type AlertRuleList = Static<typeof AlertRuleList>;

export const AlertRuleDraft = Type.Object(
  {
    name: ruleFields.name,
    enabled: Type.Optional(ruleFields.enabled),
    when: ruleFields.when,
    forSeconds: Type.Optional(ruleFields.forSeconds),
    scope: Type.Optional(ruleFields.scope),
    severity: Type.Optional(ruleFields.severity),
    renotifyMinutes: Type.Optional(ruleFields.renotifyMinutes),
    clip: Type.Optional(AlertClip),
    notify: Type.Optional(
      Type.Object(
        {
          to: Type.String({ minLength: 6, maxLength: 2000, pattern: alertAddressPattern }),
          secret: Type.Optional(
            Type.String({
              minLength: 16,
              maxLength: 256,
              description:
                'Key of the signature; of PagerDuty the integration key of your service. Absent: the one that the rule has, or for a webhook a new one, which is shown once',
            }),
          ),
        },
        {
          ...closed,
          description:
            'Destination of messages: `https://...`, `slack+https://...`, `alertmanager+https://...`, `pagerduty+https://...`, `mailto:ann@site.example`, `mqtt:site/alerts`; absent: the alert is only shown',
        },
      ),
    ),
  },
  closed,
);
export type AlertRuleDraft = Static<typeof AlertRuleDraft>;

export const SavedAlertRule = Type.Composite(
  [
    AlertRule,
    Type.Object({
      notifySecret: Type.Optional(
        Type.String({
          description: 'There when the controller made it; this is the only time that it is shown',
        }),
      ),
    }),
  ],
  { description: 'The rule as it is now' },
);
export type SavedAlertRule = Static<typeof SavedAlertRule>;

export const AlertTest = Type.Object(
  {
    delivered: Type.Boolean(),
    said: Type.Optional(Type.String({ description: 'Answer of the receiver' })),
    error: Type.Optional(Type.String()),
    remedy: Type.Optional(Type.String()),
  },
  { description: 'Answer of the receiver' },
);
export type AlertTest = Static<typeof AlertTest>;

const ruleId = Type.Object({
  id: Type.String({ minLength: 1, maxLength: 64, description: 'Id of the rule' }),
});

export const alertRuleRoutes = {
  'GET /alert-rules': {
    role: 'viewer',
    reach: 'fleet',
    tag: 'alerts',
    summary: 'All alert rules; whole addresses are for admins',
    reply: AlertRuleList,
  },
  'POST /alert-rules': {
    role: 'admin',
    reach: 'fleet',
    tag: 'alerts',
    summary: 'Make a rule; a key that the controller made for its signature is shown this once',
    body: AlertRuleDraft,
    reply: SavedAlertRule,
    status: 201,
  },
  'PUT /alert-rules/:id': {
    role: 'admin',
    reach: 'fleet',
    tag: 'alerts',
    summary: 'Replace a rule; alerts of what it no longer asks for are resolved',
    params: ruleId,
    body: AlertRuleDraft,
    reply: SavedAlertRule,
  },
  'DELETE /alert-rules/:id': {
    role: 'admin',
    reach: 'fleet',
    tag: 'alerts',
    summary: 'Delete a rule; its alerts are resolved',
    params: ruleId,
  },
  'POST /alert-rules/:id/test': {
    role: 'admin',
    reach: 'fleet',
    tag: 'alerts',
    summary: 'Send one message now and say what came back',
    params: ruleId,
    reply: AlertTest,
  },
} as const satisfies RouteTable;
