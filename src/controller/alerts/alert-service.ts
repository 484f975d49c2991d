import type {
  Alert,
  AlertDelivery,
  AlertRule,
  AlertRuleDraft,
  DriftIncident,
  Role,
  SavedAlertRule,
  WebhookTest,
} from '../../api/index.ts';
import type { Clock, Log } from '../../base/index.ts';
import { MissingError, RefusedError } from '../../base/index.ts';
import { actorOf, type Caller, type Secrets } from '../access.ts';
import { canonical } from '../desired/desired-state.ts';
import type { DesiredStateService } from '../desired/desired-state-service.ts';
import type { Registry } from '../fleet/registry.ts';
import type { Change, StoredFleet } from '../store.ts';
import { AlertEvaluator, deviceOf } from './alert-evaluator.ts';
import { type AlertNotice, AlertRegistry } from './alert-registry.ts';
import { eventNames, messageBody } from './message.ts';
import { type AlertRuleRow, auditedDraft, publicRule, ruleFrom } from './rule.ts';
import { WebhookDispatcher, type Webhooks } from './webhook-dispatcher.ts';

export interface AlertServicePorts {
  readonly registry: Registry;
  readonly orders: DesiredStateService;
  readonly clock: Clock;
  readonly log: Log;
  readonly secrets: Secrets;
  readonly webhooks: Webhooks;
  /** Written with the next commit. */
  readonly change: (key: string, change: Change) => void;
  readonly openIncidents: () => readonly DriftIncident[];
  /** The controller hears the broker, for long enough that every device could have spoken. */
  readonly hears: () => boolean;
  readonly publicUrl: string | undefined;
  readonly news: (alert: Alert) => void;
}

const mostRules = 200;

/** Rules and the alerts that come of them: what people order, what is written down, whom to tell. */
export class AlertService {
  readonly #ports: AlertServicePorts;
  readonly #rules = new Map<string, AlertRuleRow>();
  readonly #registry: AlertRegistry;
  readonly dispatcher: WebhookDispatcher;
  /** Resolved alerts whose webhook is still to be told. */
  readonly #ended = new Map<string, Alert>();
  readonly #evaluator: AlertEvaluator;

  constructor(ports: AlertServicePorts) {
    this.#ports = ports;
    const { clock, log, secrets } = ports;
    const random = () => (secrets.randomBytes(4).reduce((sum, byte) => sum * 256 + byte, 0) >>> 0) / 2 ** 32;
    this.dispatcher = new WebhookDispatcher(ports.webhooks, clock, log, random);
    this.#registry = new AlertRegistry(clock, {
      changed: (alert) => this.#changed(alert),
      tell: (news, alert, rule) => this.#tell(news, alert, rule),
      newId: () => this.#id(8),
    });
    this.#evaluator = new AlertEvaluator(this.#registry, ports);
  }

  load({ alertRules, alerts }: StoredFleet): void {
    for (const rule of alertRules) this.#rules.set(rule.id, rule);
    this.#registry.load(alerts.filter((alert) => this.#rules.has(alert.rule)));
    for (const alert of alerts) {
      const rule = this.#rules.get(alert.rule);
      if (rule === undefined) this.#abandon(alert);
      else if (alert.delivery?.state === 'waiting')
        this.#tell(alert.state === 'firing' ? 'firing' : 'resolved', alert, rule);
    }
  }

  /** Its rule was deleted, and the controller ended before everything about it was done: it could never end. */
  #abandon(alert: Alert): void {
    const { delivery, resolvedMs, endReason } = alert;
    const error = 'Its rule was deleted.';
    this.#changed({
      ...alert,
      state: 'resolved',
      resolvedMs: resolvedMs ?? this.#ports.clock.wallMs(),
      endReason: endReason ?? 'rule-deleted',
      ...(delivery?.state === 'waiting' ? { delivery: { ...delivery, state: 'failed', error } } : {}),
    });
  }

  close(): void {
    this.dispatcher.close();
  }

  /** Alerts that fire now. */
  get firing(): readonly Alert[] {
    return this.#registry.firing;
  }

  get waiting(): number {
    return this.#registry.waiting;
  }

  rules(role: Role): AlertRule[] {
    return [...this.#rules.values()]
      .sort((a, b) => a.createdMs - b.createdMs)
      .map((rule) => publicRule(rule, role));
  }

  createRule(caller: Caller, draft: AlertRuleDraft): Promise<SavedAlertRule> {
    return this.#ports.orders.audited(caller, 'alert-rule.created', draft.name, auditedDraft(draft), () => {
      if (this.#rules.size >= mostRules)
        throw new RefusedError(
          'too-many-rules',
          `There are ${mostRules} alert rules already.`,
          'Delete some; one rule can be about many groups.',
        );
      const nowMs = this.#ports.clock.wallMs();
      return this.#save(draft, undefined, { id: this.#id(6), createdMs: nowMs, nowMs });
    });
  }

  replaceRule(caller: Caller, id: string, draft: AlertRuleDraft): Promise<SavedAlertRule> {
    return this.#ports.orders.audited(caller, 'alert-rule.changed', id, auditedDraft(draft), () => {
      const before = this.#known(id);
      const nowMs = this.#ports.clock.wallMs();
      return this.#save(draft, before, { id, createdMs: before.createdMs, nowMs });
    });
  }

  deleteRule(caller: Caller, id: string): Promise<void> {
    return this.#ports.orders.audited(caller, 'alert-rule.deleted', id, {}, () => {
      const rule = this.#known(id);
      return {
        changes: [{ kind: 'alert-rule-deleted', id }],
        apply: () => {
          this.#endAll(rule, 'rule-deleted');
          this.#rules.delete(id);
          this.#registry.dropRule(id);
        },
      };
    });
  }

  /** It stays firing, and nobody is told again. */
  acknowledge(caller: Caller, id: string): Promise<Alert> {
    return this.#ports.orders.audited(caller, 'alert.acknowledged', id, {}, () => {
      const alert = this.#registry.get(id);
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
          const acknowledged = this.#registry.acknowledge(id, next.acknowledgedBy, timeMs);
          if (acknowledged !== undefined) {
            this.#ports.news(acknowledged);
            return acknowledged;
          }
          // It ended while this was written, and must not stand in the database as firing.
          const ended: Alert = { ...next, state: 'resolved', resolvedMs: timeMs, endReason: 'over' };
          this.#changed(ended);
          return ended;
        },
      };
    });
  }

  /** One message now, to see whether it arrives. */
  async testRule(caller: Caller, id: string): Promise<WebhookTest> {
    const rule = this.#known(id);
    const { webhook } = rule;
    if (webhook === undefined)
      throw new RefusedError('no-webhook', 'The rule has no webhook.', 'Give it one first.');
    const nowMs = this.#ports.clock.wallMs();
    const alert: Alert = {
      ...{ id: this.#id(8), rule: rule.id, ruleName: rule.name, severity: rule.severity },
      ...{
        state: 'resolved',
        subject: 'test',
        summary: `A test of the rule ${rule.name}; nothing is wrong.`,
      },
      ...{ sinceMs: nowMs, firedMs: nowMs, resolvedMs: nowMs, endReason: 'test', notified: 0 },
    };
    return this.#ports.orders.recorded(caller, 'alert-rule.tested', id, async () => {
      try {
        const { status } = await this.dispatcher.try({
          url: webhook.url,
          secret: rule.webhookSecret,
          id: alert.id,
          event: 'test',
          body: messageBody(alert.id, 'test', alert, undefined, nowMs, this.#ports.publicUrl),
        });
        return { delivered: status >= 200 && status < 300, status };
      } catch (error) {
        const { message, remedy } = error as { message: string; remedy?: string };
        return { delivered: false, error: message, ...(remedy === undefined ? {} : { remedy }) };
      }
    });
  }

  forget(device: string): void {
    for (const rule of this.#rules.values())
      for (const subject of this.#registry.subjectsOf(rule.id))
        if (deviceOf(subject) === device) this.#registry.end(rule, subject, 'device-deleted');
  }

  /** A turn; called every second. */
  turn(): void {
    this.#evaluator.turn([...this.#rules.values()].filter((rule) => rule.enabled));
  }

  #save(
    draft: AlertRuleDraft,
    before: AlertRuleRow | undefined,
    identity: { readonly id: string; readonly createdMs: number; readonly nowMs: number },
  ): { readonly changes: readonly Change[]; readonly apply: () => SavedAlertRule } {
    const kept = draft.webhook?.secret ?? before?.webhookSecret;
    const made = draft.webhook !== undefined && kept === undefined ? this.#id(32) : undefined;
    const rule = ruleFrom(draft, identity, kept ?? made);
    const asks = (one: AlertRuleRow) => canonical([one.when, one.scope, one.enabled]);
    return {
      changes: [{ kind: 'alert-rule', rule }],
      apply: () => {
        if (before !== undefined && asks(before) !== asks(rule)) this.#endAll(before, 'rule-changed');
        this.#rules.set(rule.id, rule);
        const shown = publicRule(rule, 'admin');
        return made === undefined ? shown : { ...shown, webhookSecret: made };
      },
    };
  }

  #endAll(rule: AlertRuleRow, reason: string): void {
    for (const subject of this.#registry.subjectsOf(rule.id)) this.#registry.end(rule, subject, reason);
  }

  #changed(alert: Alert): void {
    this.#ports.change(`alert ${alert.id}`, { kind: 'alert', alert });
    this.#ports.news(alert);
  }

  #tell(news: AlertNotice, alert: Alert, rule: AlertRuleRow): void {
    const { webhook } = rule;
    if (webhook === undefined) return;
    if (news === 'resolved') this.#ended.set(alert.id, alert);
    const id = `${alert.id}-${news === 'resolved' ? 'end' : alert.notified}`;
    const event = eventNames[news];
    const incident = this.#ports.openIncidents().find((one) => one.id === alert.incident);
    const nowMs = this.#ports.clock.wallMs();
    const body = messageBody(id, event, alert, incident, nowMs, this.#ports.publicUrl);
    this.dispatcher.send({ url: webhook.url, secret: rule.webhookSecret, id, event, body }, (delivery) =>
      this.#delivered(alert.id, delivery),
    );
  }

  #delivered(id: string, delivery: AlertDelivery): void {
    const ended = this.#ended.get(id);
    if (ended === undefined) {
      this.#registry.delivered(id, delivery);
      return;
    }
    const alert = { ...ended, delivery };
    if (delivery.state === 'waiting') this.#ended.set(id, alert);
    else this.#ended.delete(id);
    this.#changed(alert);
  }

  #known(id: string): AlertRuleRow {
    const rule = this.#rules.get(id);
    if (rule === undefined)
      throw new MissingError(
        'rule-unknown',
        `There is no alert rule ${id}.`,
        'List them: GET /api/v1/alert-rules.',
      );
    return rule;
  }

  #id(bytes: number): string {
    return Array.from(this.#ports.secrets.randomBytes(bytes), (byte) =>
      byte.toString(16).padStart(2, '0'),
    ).join('');
  }
}
