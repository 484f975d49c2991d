import { alertAddressExamples, isAlertAddress } from '../../api/index.ts';
import { defined } from '../../base/index.ts';
import type {
  AlertCondition,
  AlertRule,
  AlertRuleDraft,
  ProblemKind,
  Severity,
  VerdictKind,
} from '../api/types.ts';

type DriftCondition = Extract<AlertCondition, { kind: 'drift' }>;
type MetricCondition = Extract<AlertCondition, { kind: 'metric' }>;

/** The fields of the form, as a person types them. */
export interface RuleFields {
  readonly name: string;
  readonly enabled: boolean;
  readonly kind: AlertCondition['kind'];
  readonly verdicts: readonly VerdictKind[];
  readonly notices: boolean;
  readonly unbelieved: boolean;
  /** Of the health of a device; none: any. */
  readonly problems: readonly ProblemKind[];
  /** Kind of an event, or its beginning. */
  readonly event: string;
  readonly eventSeverity: Severity;
  readonly metric: string;
  readonly statistic: 'value' | 'p50' | 'p95' | 'p99' | 'second' | 'minute' | 'hour';
  readonly side: 'above' | 'below';
  readonly bound: string;
  readonly forSeconds: string;
  readonly groups: string;
  readonly devices: string;
  readonly severity: Severity;
  readonly renotifyMinutes: string;
  /** The camera records a clip. */
  readonly clip: boolean;
  /** Seconds; empty: as the device's own settings say. */
  readonly clipBefore: string;
  readonly clipAfter: string;
  readonly to: string;
  readonly secret: string;
}

export const emptyFields: RuleFields = {
  name: '',
  enabled: true,
  kind: 'drift',
  verdicts: ['sensor-fault'],
  notices: false,
  unbelieved: false,
  problems: ['blind'],
  event: 'device.offline',
  eventSeverity: 'warning',
  metric: 'goshawk_frames_per_second',
  statistic: 'value',
  side: 'below',
  bound: '',
  forSeconds: '60',
  groups: '',
  devices: '',
  severity: 'error',
  renotifyMinutes: '240',
  ...{ clip: false, clipBefore: '', clipAfter: '' },
  to: '',
  secret: '',
};

export function fieldsOf(rule: AlertRule): RuleFields {
  const { when } = rule;
  const base: RuleFields = {
    ...emptyFields,
    name: rule.name,
    enabled: rule.enabled,
    kind: when.kind,
    forSeconds: String(rule.forSeconds),
    groups: rule.scope.groups.join(', '),
    devices: rule.scope.devices.join(', '),
    severity: rule.severity,
    renotifyMinutes: String(rule.renotifyMinutes),
    clip: rule.clip !== undefined,
    clipBefore: String(rule.clip?.before ?? ''),
    clipAfter: String(rule.clip?.after ?? ''),
    to: rule.notify?.to ?? '',
  };
  if (when.kind === 'drift')
    return {
      ...base,
      verdicts: when.verdicts ?? [],
      notices: when.grades?.includes('notice') ?? false,
      unbelieved: when.unbelieved ?? false,
    };
  if (when.kind === 'health') return { ...base, problems: when.problems ?? [] };
  if (when.kind === 'event') return { ...base, event: when.event, eventSeverity: when.severity ?? 'info' };
  if (when.kind === 'metric')
    return {
      ...base,
      metric: when.name,
      statistic: when.rate?.per ?? when.statistic ?? 'value',
      side: when.above === undefined ? 'below' : 'above',
      bound: String(when.above ?? when.below ?? ''),
    };
  return base;
}

const list = (text: string) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

/** A number, or undefined for what is none. */
function numberOf(text: string): number | undefined {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : undefined;
}

/** What the form says, or what is missing in it. What it can't show of `before` (labels, details) is kept. */
export function draftOf(
  fields: RuleFields,
  before?: AlertRule,
): { readonly draft: AlertRuleDraft } | { readonly missing: string } {
  const forSeconds = numberOf(fields.forSeconds);
  const renotifyMinutes = numberOf(fields.renotifyMinutes);
  if (fields.name.trim() === '') return { missing: 'Give the rule a name.' };
  if (forSeconds === undefined || forSeconds < 0)
    return { missing: 'Enter for how many seconds the condition must be active.' };
  if (renotifyMinutes === undefined || renotifyMinutes < 0)
    return { missing: 'Enter after how many minutes to send a reminder; 0 for none.' };
  const clip = clipOf(fields);
  if (clip === undefined) return { missing: 'Enter the seconds of the clip as numbers from 0 to 300.' };
  const to = fields.to.trim();
  if (to !== '' && !isAlertAddress(to)) return { missing: `Enter the address as  ${alertAddressExamples}.` };
  if (fields.secret !== '' && fields.secret.length < 16)
    return { missing: 'Enter a key of at least 16 characters.' };
  const when = conditionOf(fields, before?.when);
  if (when === undefined)
    return {
      missing:
        fields.kind === 'event'
          ? 'Enter a kind of event, for example device.offline.'
          : 'Enter a metric and its limit.',
    };
  return {
    draft: {
      name: fields.name.trim(),
      enabled: fields.enabled,
      when,
      forSeconds,
      scope: { groups: list(fields.groups), devices: list(fields.devices) },
      severity: fields.severity,
      renotifyMinutes,
      ...clip,
      ...(to === ''
        ? {}
        : {
            notify: {
              to,
              ...(fields.secret === '' ? {} : { secret: fields.secret }),
            },
          }),
    },
  };
}

/** Undefined where it is no clip. A device that is offline records none. */
function clipOf({ kind, clip, clipBefore, clipAfter }: RuleFields): Pick<AlertRuleDraft, 'clip'> | undefined {
  if (!clip || kind === 'offline') return {};
  const [before, after] = [clipBefore, clipAfter].map((text) =>
    text.trim() === '' ? undefined : Number(text),
  );
  const isWrong = (seconds: number | undefined) => seconds !== undefined && !(seconds >= 0 && seconds <= 300);
  return isWrong(before) || isWrong(after) ? undefined : { clip: defined({ before, after }) };
}

/** A rule about notices alone can't be made in the form; it stays as it is until its switch is touched. */
function gradesOf(notices: boolean, kept: DriftCondition['grades']): Pick<DriftCondition, 'grades'> {
  if (kept !== undefined && kept.includes('notice') === notices) return { grades: kept };
  return notices ? { grades: ['notice', 'alarm'] } : {};
}

function conditionOf(fields: RuleFields, before: AlertCondition | undefined): AlertCondition | undefined {
  if (fields.kind === 'offline' || fields.kind === 'wrong-answer') return { kind: fields.kind };
  if (fields.kind === 'drift') {
    const kept = before?.kind === 'drift' ? before : undefined;
    return {
      kind: 'drift',
      ...(fields.verdicts.length === 0 ? {} : { verdicts: [...fields.verdicts] }),
      ...(kept?.details === undefined ? {} : { details: kept.details }),
      ...gradesOf(fields.notices, kept?.grades),
      ...(kept?.cohorts === undefined ? {} : { cohorts: kept.cohorts }),
      ...(fields.unbelieved ? { unbelieved: true } : {}),
    };
  }
  if (fields.kind === 'health')
    return { kind: 'health', ...(fields.problems.length === 0 ? {} : { problems: [...fields.problems] }) };
  if (fields.kind === 'event') return eventCondition(fields, before);
  const bound = numberOf(fields.bound);
  if (bound === undefined || fields.metric.trim() === '') return undefined;
  const kept = before?.kind === 'metric' ? before : undefined;
  return {
    kind: 'metric',
    name: fields.metric.trim(),
    ...(kept?.labels === undefined ? {} : { labels: kept.labels }),
    ...statisticOf(fields.statistic, kept),
    ...(fields.side === 'above' ? { above: bound } : { below: bound }),
  };
}

function eventCondition(
  { event, eventSeverity }: RuleFields,
  before: AlertCondition | undefined,
): AlertCondition | undefined {
  if (event.trim() === '') return undefined;
  const kept = before?.kind === 'event' ? before.lastsSeconds : undefined;
  return {
    kind: 'event',
    event: event.trim(),
    ...(eventSeverity === 'info' ? {} : { severity: eventSeverity }),
    ...defined({ lastsSeconds: kept }),
  };
}

/** A running total has no value of now: it is compared by how fast it grows. */
function statisticOf(
  statistic: RuleFields['statistic'],
  kept: MetricCondition | undefined,
): Pick<MetricCondition, 'statistic' | 'rate'> {
  switch (statistic) {
    case 'value':
      return {};
    case 'second':
    case 'minute':
    case 'hour':
      return { rate: { ...kept?.rate, per: statistic } };
    default:
      return { statistic };
  }
}

export const verdictKinds: readonly (readonly [VerdictKind, string])[] = [
  ['sensor-fault', 'sensor fault'],
  ['scene-change', 'scene change'],
  ['label-shift', 'label shift'],
  ['model-regression', 'model regression'],
];
