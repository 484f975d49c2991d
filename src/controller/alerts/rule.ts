import {
  type AlertFormat,
  type AlertRule,
  type AlertRuleDraft,
  alertAddressExamples,
  alertChannels,
  channelOf,
  isAlertAddress,
  type Role,
  shownAddress,
} from '../../api/index.ts';
import { InputError } from '../../base/index.ts';
import type { AlertRuleRow } from '../store/rows.ts';
import { type KindOf, metricRuleFault } from './metric-rule.ts';

const defaults = {
  enabled: true,
  forSeconds: 60,
  severity: 'warning',
  renotifyMinutes: 240,
} as const;

/** InputError `rule-invalid` for what a schema can't say. */
export function ruleFrom(
  draft: AlertRuleDraft,
  identity: { readonly id: string; readonly createdMs: number; readonly nowMs: number },
  secret: string | undefined,
  kindOf: KindOf,
): AlertRuleRow {
  const { when, notify } = draft;
  const fault = metricRuleFault(when, kindOf);
  if (fault !== undefined) throw fault;
  if (when.kind === 'metric' && (when.above === undefined) === (when.below === undefined))
    throw new InputError(
      'rule-invalid',
      'A rule about a metric needs one bound.',
      'Give either `above` or `below`.',
    );
  if (notify !== undefined && !isAlertAddress(notify.to))
    throw new InputError(
      'rule-invalid',
      'The address is none that alerts are sent to, or holds a user name and password.',
      `Write it as ${alertAddressExamples}.`,
    );
  const signed = isSigned(notify);
  return {
    id: identity.id,
    name: draft.name,
    enabled: draft.enabled ?? defaults.enabled,
    when,
    forSeconds: draft.forSeconds ?? defaults.forSeconds,
    scope: draft.scope ?? { groups: [], devices: [] },
    severity: draft.severity ?? defaults.severity,
    renotifyMinutes: draft.renotifyMinutes ?? defaults.renotifyMinutes,
    createdMs: identity.createdMs,
    changedMs: identity.nowMs,
    ...(notify === undefined ? {} : { notify: { to: notify.to, signed, ...formatOf(notify.format) } }),
    ...(signed && secret !== undefined ? { notifySecret: secret } : {}),
  };
}

/** Messages to this address carry a signature. */
export function isSigned(notify: AlertRuleDraft['notify']): boolean {
  const name = notify && channelOf(notify.to);
  return name !== undefined && alertChannels[name].signed;
}

/** What is as ever is not written. */
function formatOf(format: AlertFormat | undefined): { readonly format?: AlertFormat } {
  return format === undefined || format === 'goshawk' ? {} : { format };
}

/** The rule as a role may see it; never with its secret. */
export function publicRule(row: AlertRuleRow, role: Role): AlertRule {
  const { notifySecret: _, deleted: __, ...rule } = row;
  if (rule.notify === undefined || role === 'admin') return rule;
  return { ...rule, notify: { ...rule.notify, to: shownAddress(rule.notify.to) } };
}

/** For the audit: what was asked, without key and without the path of the address. */
export function auditedDraft(draft: AlertRuleDraft): unknown {
  if (draft.notify === undefined) return draft;
  return {
    ...draft,
    notify: {
      to: shownAddress(draft.notify.to),
      ...formatOf(draft.notify.format),
      secret: draft.notify.secret === undefined ? 'kept or made' : 'given',
    },
  };
}
