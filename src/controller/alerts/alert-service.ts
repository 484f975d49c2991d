import type {
  Alert,
  AlertList,
  AlertQuery,
  AlertRule,
  AlertRuleDraft,
  AlertRuleList,
  DriftIncident,
  Role,
  SavedAlertRule,
  WebhookTest,
} from '../../api/index.ts';
import { type Clock, canonicalJson, type Log, MissingError, RefusedError } from '../../base/index.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import { actorOf, type Caller } from '../audit/caller.ts';
import type { Command, CommandExecutor } from '../audit/command-executor.ts';
import type { DeviceRegistry } from '../fleet/device-registry.ts';
import type { AlertRuleRow } from '../store/rows.ts';
import type { Change, Store, StoredFleet } from '../store/store.ts';
import { AlertEvaluator, deviceOf } from './alert-evaluator.ts';
import { AlertNotifier } from './alert-notifier.ts';
import { AlertRegistry } from './alert-registry.ts';
import { auditedDraft, publicRule, ruleFrom } from './rule.ts';
import { openRule, type SecretBox, sealRule } from './sealed-rule.ts';
import type { WebhookCounts, Webhooks } from './webhook-dispatcher.ts';

export interface AlertServicePorts {
  readonly registry: DeviceRegistry;
  readonly commands: CommandExecutor;
  readonly audit: AuditLog;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly webhooks: Webhooks;
  /** Absent: the secrets of webhooks stand in the database in clear. */
  readonly secretBox: SecretBox | undefined;
  readonly randomBytes: (count: number) => Uint8Array;
  /** Written with the next commit. */
  readonly change: (key: string, change: Change) => void;
  readonly openIncidents: () => readonly DriftIncident[];
  /** The controller is connected to the broker for long enough that every device could have reported. */
  readonly everyDeviceHeard: () => boolean;
  readonly publicUrl: string | undefined;
  readonly publish: (alert: Alert) => void;
}

const maxRules = 200;

/** Rules, and the alerts that fire by them. */
export class AlertService {
  readonly #ports: AlertServicePorts;
  readonly #rules = new Map<string, AlertRuleRow>();
  readonly #alerts: AlertRegistry;
  readonly #notifier: AlertNotifier;
  readonly #evaluator: AlertEvaluator;

  constructor(ports: AlertServicePorts) {
    this.#ports = ports;
    const { clock } = ports;
    this.#notifier = new AlertNotifier({
      ...ports,
      random: () => (ports.randomBytes(4).reduce((sum, byte) => sum * 256 + byte, 0) >>> 0) / 2 ** 32,
      onDelivery: (alert, delivery) => this.#alerts.delivered(alert, delivery),
      onResolvedDelivery: (alert) => this.#save(alert),
    });
    this.#alerts = new AlertRegistry(clock, {
      changed: (alert) => this.#save(alert),
      notify: (transition, alert, rule) => this.#notifier.notify(transition, alert, rule),
      newId: () => this.#newId(8),
    });
    this.#evaluator = new AlertEvaluator(this.#alerts, ports);
  }

  load({ alertRules, alerts }: StoredFleet): void {
    for (const rule of alertRules) this.#loadRule(rule);
    this.#alerts.load(alerts.filter((alert) => this.#rules.has(alert.rule)));
    for (const alert of alerts) {
      const rule = this.#rules.get(alert.rule);
      if (rule === undefined) this.#abandon(alert);
      else if (alert.delivery?.state === 'waiting')
        this.#notifier.notify(alert.state === 'firing' ? 'firing' : 'resolved', alert, rule);
    }
  }

  #loadRule(stored: AlertRuleRow): void {
    const { secretBox, change, log } = this.#ports;
    const { rule, inClear, fault } = openRule(stored, secretBox);
    this.#rules.set(rule.id, rule);
    if (inClear && secretBox !== undefined)
      change(`alert-rule ${rule.id}`, { kind: 'alert-rule', rule: sealRule(rule, secretBox) });
    if (fault !== undefined)
      log.error('The secret of a webhook can not be read: its receiver will refuse the messages', {
        ...{ rule: rule.id, name: rule.name, cause: fault },
        remedy: 'Restore secrets.key in the data folder, or set the secret of the rule again.',
      });
  }

  /** Its rule was deleted, and the controller ended before everything about it was done: it could never end. */
  #abandon(alert: Alert): void {
    const { delivery, resolvedMs, endReason } = alert;
    const error = 'Its rule was deleted.';
    this.#save({
      ...alert,
      state: 'resolved',
      resolvedMs: resolvedMs ?? this.#ports.clock.wallMs(),
      endReason: endReason ?? 'rule-deleted',
      ...(delivery?.state === 'waiting' ? { delivery: { ...delivery, state: 'failed', error } } : {}),
    });
  }

  close(): void {
    this.#notifier.close();
  }

  /** Alerts that fire now. */
  get firing(): readonly Alert[] {
    return this.#alerts.firing;
  }

  /** Messages to webhooks: those that wait or are under way, and totals of what became of the others. */
  get deliveries(): { readonly waiting: number; readonly counts: Readonly<WebhookCounts> } {
    return { waiting: this.#notifier.waiting, counts: this.#notifier.counts };
  }

  /** Newest first. */
  async list(query: AlertQuery): Promise<AlertList> {
    const page = await this.#ports.store.alerts(query);
    return { ...page, alerts: [...page.alerts] };
  }

  /** Oldest first. The whole address of a webhook is for admins. */
  listRules(role: Role): AlertRuleList {
    const rules: AlertRule[] = [...this.#rules.values()]
      .sort((a, b) => a.createdMs - b.createdMs)
      .map((rule) => publicRule(rule, role));
    return { rules };
  }

  createRule(caller: Caller, draft: AlertRuleDraft): Promise<SavedAlertRule> {
    return this.#ports.commands.execute(caller, 'alert-rule.created', draft.name, auditedDraft(draft), () => {
      if (this.#rules.size >= maxRules)
        throw new RefusedError(
          'too-many-rules',
          `There are ${maxRules} alert rules already.`,
          'Delete some; one rule can be about many groups.',
        );
      const nowMs = this.#ports.clock.wallMs();
      return this.#planRule(draft, undefined, { id: this.#newId(6), createdMs: nowMs, nowMs });
    });
  }

  replaceRule(caller: Caller, id: string, draft: AlertRuleDraft): Promise<SavedAlertRule> {
    return this.#ports.commands.execute(caller, 'alert-rule.changed', id, auditedDraft(draft), () => {
      const before = this.#expectRule(id);
      const nowMs = this.#ports.clock.wallMs();
      return this.#planRule(draft, before, { id, createdMs: before.createdMs, nowMs });
    });
  }

  deleteRule(caller: Caller, id: string): Promise<void> {
    return this.#ports.commands.execute(caller, 'alert-rule.deleted', id, {}, () => {
      const rule = this.#expectRule(id);
      return {
        changes: [{ kind: 'alert-rule-deleted', id }],
        apply: () => {
          this.#endAlertsOf(rule, 'rule-deleted');
          this.#rules.delete(id);
          this.#alerts.dropRule(id);
        },
      };
    });
  }

  /** It fires on, and its webhook is not called again. */
  acknowledge(caller: Caller, id: string): Promise<Alert> {
    return this.#ports.commands.execute(caller, 'alert.acknowledged', id, {}, () => {
      const alert = this.#alerts.get(id);
      if (alert === undefined)
        throw new MissingError(
          'alert-unknown',
          `No alert ${id} is firing.`,
          'List those that are: GET /api/v1/alerts?state=firing.',
        );
      const timeMs = this.#ports.clock.wallMs();
      const next = { ...alert, acknowledgedMs: timeMs, acknowledgedBy: actorOf(caller) };
      return {
        changes: [{ kind: 'alert', alert: next }],
        apply: () => {
          const acknowledged = this.#alerts.acknowledge(id, next.acknowledgedBy, timeMs);
          if (acknowledged !== undefined) {
            this.#ports.publish(acknowledged);
            return acknowledged;
          }
          // It ended while this was written, and must not stand in the database as firing.
          const ended: Alert = { ...next, state: 'resolved', resolvedMs: timeMs, endReason: 'over' };
          this.#save(ended);
          return ended;
        },
      };
    });
  }

  /** One message now, to see whether it arrives. */
  async testRule(caller: Caller, id: string): Promise<WebhookTest> {
    const rule = this.#expectRule(id);
    const { webhook } = rule;
    if (webhook === undefined)
      throw new RefusedError('no-webhook', 'The rule has no webhook.', 'Give it one first.');
    const nowMs = this.#ports.clock.wallMs();
    const alert: Alert = {
      ...{ id: this.#newId(8), rule: rule.id, ruleName: rule.name, severity: rule.severity },
      ...{
        state: 'resolved',
        subject: 'test',
        summary: `A test of the rule ${rule.name}; nothing is wrong.`,
      },
      ...{ sinceMs: nowMs, firedMs: nowMs, resolvedMs: nowMs, endReason: 'test', notified: 0 },
    };
    return this.#ports.audit.record(caller, 'alert-rule.tested', id, () =>
      this.#notifier.sendTest(webhook.url, alert, rule),
    );
  }

  forgetDevice(device: string): void {
    for (const rule of this.#rules.values())
      for (const subject of this.#alerts.subjectsOf(rule.id))
        if (deviceOf(subject) === device) this.#alerts.end(rule, subject, 'device-deleted');
  }

  /** Called every second. */
  evaluate(): void {
    this.#evaluator.evaluate([...this.#rules.values()].filter((rule) => rule.enabled));
  }

  #planRule(
    draft: AlertRuleDraft,
    before: AlertRuleRow | undefined,
    identity: { readonly id: string; readonly createdMs: number; readonly nowMs: number },
  ): Command<SavedAlertRule> {
    const kept = draft.webhook?.secret ?? before?.webhookSecret;
    const made = draft.webhook !== undefined && kept === undefined ? this.#newId(32) : undefined;
    const rule = ruleFrom(draft, identity, kept ?? made);
    const subjectOf = (one: AlertRuleRow) => canonicalJson([one.when, one.scope, one.enabled]);
    return {
      changes: [{ kind: 'alert-rule', rule: sealRule(rule, this.#ports.secretBox) }],
      apply: () => {
        if (before !== undefined && subjectOf(before) !== subjectOf(rule))
          this.#endAlertsOf(before, 'rule-changed');
        this.#rules.set(rule.id, rule);
        const shown = publicRule(rule, 'admin');
        return made === undefined ? shown : { ...shown, webhookSecret: made };
      },
    };
  }

  #endAlertsOf(rule: AlertRuleRow, reason: string): void {
    for (const subject of this.#alerts.subjectsOf(rule.id)) this.#alerts.end(rule, subject, reason);
  }

  #save(alert: Alert): void {
    this.#ports.change(`alert ${alert.id}`, { kind: 'alert', alert });
    this.#ports.publish(alert);
  }

  #expectRule(id: string): AlertRuleRow {
    const rule = this.#rules.get(id);
    if (rule === undefined)
      throw new MissingError(
        'rule-unknown',
        `There is no alert rule ${id}.`,
        'List them: GET /api/v1/alert-rules.',
      );
    return rule;
  }

  #newId(bytes: number): string {
    return Array.from(this.#ports.randomBytes(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('');
  }
}
