import type { AlertRule, AlertRuleDraft, Role, WebhookFormat } from '../../api/index.ts';
import { InputError } from '../../base/index.ts';
import type { AlertRuleRow } from '../store/rows.ts';
import { isMailAddress, recipientsOf } from './mail-address.ts';
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
  const { when, webhook } = draft;
  const fault = metricRuleFault(when, kindOf);
  if (fault !== undefined) throw fault;
  if (when.kind === 'metric' && (when.above === undefined) === (when.below === undefined))
    throw new InputError(
      'rule-invalid',
      'A rule about a metric needs one bound.',
      'Give either `above` or `below`.',
    );
  if (webhook !== undefined && !isAddress(webhook.url))
    throw new InputError(
      'rule-invalid',
      'The address of the webhook is no address, or holds a user name and password.',
      'Write it as https://host/path, where the signature proves who sends, or as mailto:name@domain.',
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
    ...(webhook === undefined
      ? {}
      : {
          webhook: {
            ...{ url: webhook.url, signed: !isMailAddress(webhook.url) },
            ...formatOf(webhook.format),
          },
        }),
    ...(webhook === undefined || secret === undefined || isMailAddress(webhook.url)
      ? {}
      : { webhookSecret: secret }),
  };
}

/** What is as ever is not written. */
function formatOf(format: WebhookFormat | undefined): { readonly format?: WebhookFormat } {
  return format === undefined || format === 'goshawk' ? {} : { format };
}

/** scheme://host/..., without a user in it, or people to write to. The sender looks closer when it resolves the name. */
function isAddress(url: string): boolean {
  if (isMailAddress(url)) return recipientsOf(url).length > 0;
  return /^https?:\/\/[^/?#@\s]+(?:[/?#][^\s]*)?$/i.test(url);
}

/** `https://host/...`: an address may be a secret by itself. */
export function originOf(url: string): string {
  // Who is told is nobody's business either.
  if (isMailAddress(url)) return 'mailto:…';
  const origin = /^https?:\/\/[^/?#]+/i.exec(url)?.[0] ?? '';
  return origin === url ? url : `${origin}/…`;
}

/** The rule as a role may see it; never with its secret. */
export function publicRule(row: AlertRuleRow, role: Role): AlertRule {
  const { webhookSecret: _, deleted: __, ...rule } = row;
  if (rule.webhook === undefined || role === 'admin') return rule;
  return { ...rule, webhook: { ...rule.webhook, url: originOf(rule.webhook.url) } };
}

/** For the audit: what was asked, without key and without the path of the address. */
export function auditedDraft(draft: AlertRuleDraft): unknown {
  if (draft.webhook === undefined) return draft;
  return {
    ...draft,
    webhook: {
      url: originOf(draft.webhook.url),
      ...formatOf(draft.webhook.format),
      secret: draft.webhook.secret === undefined ? 'kept or made' : 'given',
    },
  };
}
