import type { AlertCondition, AlertRule, AlertRuleDraft, Severity, VerdictKind } from '../api/types.ts';

type DriftCondition = Extract<AlertCondition, { kind: 'drift' }>;

/** The fields of the form, as a person types them. */
export interface RuleFields {
  readonly name: string;
  readonly enabled: boolean;
  readonly kind: AlertCondition['kind'];
  readonly verdicts: readonly VerdictKind[];
  readonly notices: boolean;
  readonly unbelieved: boolean;
  readonly metric: string;
  readonly statistic: 'value' | 'p50' | 'p95' | 'p99';
  readonly side: 'above' | 'below';
  readonly bound: string;
  readonly forSeconds: string;
  readonly groups: string;
  readonly devices: string;
  readonly severity: Severity;
  readonly renotifyMinutes: string;
  readonly url: string;
  readonly secret: string;
}

export const emptyFields: RuleFields = {
  name: '',
  enabled: true,
  kind: 'drift',
  verdicts: ['sensor-fault'],
  notices: false,
  unbelieved: false,
  metric: 'goshawk_frames_per_second',
  statistic: 'value',
  side: 'below',
  bound: '',
  forSeconds: '60',
  groups: '',
  devices: '',
  severity: 'error',
  renotifyMinutes: '240',
  url: '',
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
    url: rule.webhook?.url ?? '',
  };
  if (when.kind === 'drift')
    return {
      ...base,
      verdicts: when.verdicts ?? [],
      notices: when.grades?.includes('notice') ?? false,
      unbelieved: when.unbelieved ?? false,
    };
  if (when.kind === 'metric')
    return {
      ...base,
      metric: when.name,
      statistic: when.statistic ?? 'value',
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
    return { missing: 'Say for how many seconds it must hold.' };
  if (renotifyMinutes === undefined || renotifyMinutes < 0)
    return { missing: 'Say after how many minutes the webhook is told again; 0 for once.' };
  if (fields.url !== '' && !/^https?:\/\/[^/]/.test(fields.url.trim()))
    return { missing: 'Write the address of the webhook as https://host/path.' };
  if (fields.secret !== '' && fields.secret.length < 16)
    return { missing: "A key of one's own needs at least 16 characters." };
  const when = conditionOf(fields, before?.when);
  if (when === undefined) return { missing: 'Say which metric, and the number that it must pass.' };
  return {
    draft: {
      name: fields.name.trim(),
      enabled: fields.enabled,
      when,
      forSeconds,
      scope: { groups: list(fields.groups), devices: list(fields.devices) },
      severity: fields.severity,
      renotifyMinutes,
      ...(fields.url.trim() === ''
        ? {}
        : {
            webhook: {
              url: fields.url.trim(),
              ...(fields.secret === '' ? {} : { secret: fields.secret }),
            },
          }),
    },
  };
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
  const bound = numberOf(fields.bound);
  if (bound === undefined || fields.metric.trim() === '') return undefined;
  const kept = before?.kind === 'metric' ? before : undefined;
  return {
    kind: 'metric',
    name: fields.metric.trim(),
    ...(kept?.labels === undefined ? {} : { labels: kept.labels }),
    ...(fields.statistic === 'value' ? {} : { statistic: fields.statistic }),
    ...(fields.side === 'above' ? { above: bound } : { below: bound }),
  };
}

const verdictWords: Readonly<Record<VerdictKind, string>> = {
  'sensor-fault': 'sensor fault',
  'scene-change': 'scene change',
  'label-shift': 'label shift',
  'model-regression': 'model regression',
};
export const verdictKinds = Object.entries(verdictWords) as readonly (readonly [VerdictKind, string])[];

/** `sensor fault or label shift`, `goshawk_frames_per_second below 10`. */
export function conditionWords(when: AlertCondition): string {
  if (when.kind === 'offline') return 'device offline';
  if (when.kind === 'wrong-answer') return 'known answer wrong';
  if (when.kind === 'drift') {
    const kinds = (when.verdicts ?? []).map((kind) => verdictWords[kind]);
    const details = when.details ?? [];
    const words = kinds.length === 0 ? 'any drift' : kinds.join(' or ');
    const notices = when.grades?.includes('notice') ?? false;
    const grades = !notices ? '' : when.grades?.includes('alarm') ? ', notices too' : ', notices only';
    return `${words}${details.length === 0 ? '' : ` (${details.join(', ')})`}${grades}${when.unbelieved ? ', believed or not' : ''}`;
  }
  const statistic = when.statistic === undefined || when.statistic === 'value' ? '' : ` ${when.statistic}`;
  return `${when.name}${statistic} ${when.above === undefined ? `below ${when.below}` : `above ${when.above}`}`;
}
