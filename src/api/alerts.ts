import { type Static, Type } from '@sinclair/typebox';
import { DriftGrade, Severity, VerdictKind } from '../protocol/index.ts';
import { CohortScopeName } from './drift.ts';

const Name = Type.String({ minLength: 1, maxLength: 128 });
const TimeMs = Type.Number({ description: 'Milliseconds since 1970, UTC' });
const Count = Type.Integer({ minimum: 0 });

const closed = { additionalProperties: false } as const;

/** An open drift incident. Empty lists mean any; without `grades` only alarms count. */
const DriftCondition = Type.Object(
  {
    kind: Type.Literal('drift'),
    verdicts: Type.Optional(Type.Array(VerdictKind, { maxItems: 4 })),
    /** `frozen`, `black`, `blurred`, `hazier` ... */
    details: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 64 }), { maxItems: 32 })),
    /** Default `["alarm"]`: a notice says that something changed, not that it harms. */
    grades: Type.Optional(Type.Array(DriftGrade, { minItems: 1, maxItems: 2 })),
    /** Whose alarm it is. */
    cohorts: Type.Optional(Type.Array(CohortScopeName, { maxItems: 5 })),
    /** Also alarms that do not stand when false ones are held down over the fleet. Default false. */
    unbelieved: Type.Optional(Type.Boolean()),
  },
  closed,
);
/** A device is offline: its will came, it said goodbye, or it fell silent. */
const OfflineCondition = Type.Object({ kind: Type.Literal('offline') }, closed);
/** A golden frame came out of the live engine wrong, and none came out right since. */
const WrongAnswerCondition = Type.Object({ kind: Type.Literal('wrong-answer') }, closed);
/** A metric is above or below a number; give one of the two. A histogram needs a quantile. */
const MetricCondition = Type.Object(
  {
    kind: Type.Literal('metric'),
    name: Name,
    labels: Type.Optional(
      Type.Record(Type.String({ maxLength: 64 }), Type.String({ maxLength: 256 }), { maxProperties: 8 }),
    ),
    statistic: Type.Optional(
      Type.Union([Type.Literal('value'), Type.Literal('p50'), Type.Literal('p95'), Type.Literal('p99')]),
    ),
    above: Type.Optional(Type.Number()),
    below: Type.Optional(Type.Number()),
  },
  closed,
);
export const AlertCondition = Type.Union([
  DriftCondition,
  OfflineCondition,
  WrongAnswerCondition,
  MetricCondition,
]);
export type AlertCondition = Static<typeof AlertCondition>;

/** Whom a rule is about; both empty: the whole fleet. */
export const AlertScope = Type.Object(
  {
    groups: Type.Array(Name, { maxItems: 100 }),
    devices: Type.Array(Type.String({ maxLength: 64 }), { maxItems: 1000 }),
  },
  closed,
);
export type AlertScope = Static<typeof AlertScope>;

const ruleFields = {
  name: Name,
  enabled: Type.Boolean(),
  when: AlertCondition,
  /** The condition must hold for so long. */
  forSeconds: Type.Number({ minimum: 0, maximum: 604_800 }),
  scope: AlertScope,
  severity: Severity,
  /** While it lasts and nobody acknowledged it the webhook is told again after so long; 0: once. */
  renotifyMinutes: Type.Number({ minimum: 0, maximum: 43_200 }),
} as const;

export const AlertRule = Type.Object({
  id: Type.String(),
  ...ruleFields,
  webhook: Type.Optional(
    Type.Object({
      /** Whole for admins; others see the origin alone, since an address may hold a secret. */
      url: Type.String(),
      signed: Type.Boolean(),
    }),
  ),
  createdMs: TimeMs,
  changedMs: TimeMs,
});
export type AlertRule = Static<typeof AlertRule>;
export const AlertRuleList = Type.Object({ rules: Type.Array(AlertRule) });
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
    webhook: Type.Optional(
      Type.Object(
        {
          url: Type.String({ minLength: 8, maxLength: 2000, pattern: '^https?://' }),
          /** Key of the signature. Absent: the one that the rule has, or a new one, which is shown once. */
          secret: Type.Optional(Type.String({ minLength: 16, maxLength: 256 })),
        },
        closed,
      ),
    ),
  },
  closed,
);
export type AlertRuleDraft = Static<typeof AlertRuleDraft>;

/** `webhookSecret` is there when the controller made it; this is the only time that it is shown. */
export const SavedAlertRule = Type.Composite([
  AlertRule,
  Type.Object({ webhookSecret: Type.Optional(Type.String()) }),
]);
export type SavedAlertRule = Static<typeof SavedAlertRule>;

export const AlertState = Type.Union([Type.Literal('firing'), Type.Literal('resolved')]);
export type AlertState = Static<typeof AlertState>;

/** What became of the newest message to the webhook. */
export const AlertDelivery = Type.Object({
  state: Type.Union([Type.Literal('waiting'), Type.Literal('delivered'), Type.Literal('failed')]),
  timeMs: TimeMs,
  attempts: Count,
  error: Type.Optional(Type.String()),
});
export type AlertDelivery = Static<typeof AlertDelivery>;

export const Alert = Type.Object({
  id: Type.String(),
  rule: Type.String(),
  ruleName: Type.String(),
  severity: Severity,
  state: AlertState,
  /** What it is about: a camera as `device/camera`, a device, or a cohort as `group:west`. One alert each per rule. */
  subject: Type.String(),
  device: Type.Optional(Type.String()),
  camera: Type.Optional(Type.String()),
  summary: Type.String(),
  /** The incident behind it, where it is about drift. */
  incident: Type.Optional(Type.String()),
  value: Type.Optional(Type.Number()),
  /** Since when the condition holds, and since when it is an alert. */
  sinceMs: TimeMs,
  firedMs: TimeMs,
  resolvedMs: Type.Optional(TimeMs),
  /** Why it ended: `over`, `merged` into that of a cohort, `rule-changed`, `device-deleted`. */
  endReason: Type.Optional(Type.String()),
  acknowledgedMs: Type.Optional(TimeMs),
  acknowledgedBy: Type.Optional(Type.String()),
  /** Messages that were sent while it fired. */
  notified: Count,
  delivery: Type.Optional(AlertDelivery),
});
export type Alert = Static<typeof Alert>;

export const AlertQuery = Type.Object({
  state: Type.Optional(AlertState),
  severity: Type.Optional(Severity),
  device: Type.Optional(Name),
  rule: Type.Optional(Name),
  before: Type.Optional(TimeMs),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
});
export type AlertQuery = Static<typeof AlertQuery>;
/** Newest first. */
export const AlertList = Type.Object({ alerts: Type.Array(Alert), next: Type.Optional(TimeMs) });
export type AlertList = Static<typeof AlertList>;

export const WebhookTest = Type.Object({
  delivered: Type.Boolean(),
  status: Type.Optional(Type.Integer()),
  error: Type.Optional(Type.String()),
  remedy: Type.Optional(Type.String()),
});
export type WebhookTest = Static<typeof WebhookTest>;
