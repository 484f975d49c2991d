import {
  type AlertChannelRow,
  type AlertRule,
  type AlertRuleDraft,
  alertAddressExamples,
  alertChannels,
  channelOf,
  isAlertAddress,
  type Role,
  shownAddress,
} from '../../api/index.ts';
import { defined, InputError } from '../../base/index.ts';
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
  if (when.kind === 'offline' && draft.clip !== undefined)
    throw new InputError(
      'rule-invalid',
      'A device that is offline cannot be told to record a clip.',
      'Name `camera.lost` in `clips.on` of its cameras, or leave out `clip`.',
    );
  if (notify !== undefined && !isAlertAddress(notify.to))
    throw new InputError(
      'rule-invalid',
      'The address is none that alerts are sent to, or holds a user name and password.',
      `Write it as ${alertAddressExamples}.`,
    );
  const use = notify && secretUse(notify.to);
  if (use === 'routing-key' && secret === undefined)
    throw new InputError(
      'rule-invalid',
      'The address needs the integration key of your service, and the rule has none.',
      'Give it as `secret` of `notify`: in PagerDuty it is the Integration Key of Events API v2.',
    );
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
    ...defined({ clip: draft.clip }),
    ...(notify === undefined ? {} : { notify: { to: notify.to, signed: use === 'signature' } }),
    ...(use !== undefined && use !== 'none' && secret !== undefined ? { notifySecret: secret } : {}),
  };
}

/** What messages to this address need a secret for. */
export function secretUse(to: string): AlertChannelRow['secret'] {
  const name = channelOf(to);
  return name === undefined ? 'none' : alertChannels[name].secret;
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
      secret: draft.notify.secret === undefined ? 'kept or made' : 'given',
    },
  };
}
