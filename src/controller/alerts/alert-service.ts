import type {
  Alert,
  AlertList,
  AlertQuery,
  AlertRuleDraft,
  AlertRuleList,
  AlertTest,
  AssignOrder,
  Role,
  SavedAlertRule,
  SilenceOrder,
} from '../../api/index.ts';
import {
  type Clock,
  canonicalJson,
  defined,
  type Log,
  MissingError,
  RefusedError,
  toHex,
} from '../../base/index.ts';
import type { Secrets } from '../access/token-registry.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import { actorOf, type Caller, systemCaller } from '../audit/caller.ts';
import type { Command, CommandExecutor } from '../audit/command-executor.ts';
import type { DriftService } from '../drift/drift-service.ts';
import type { EventBus } from '../event-bus.ts';
import type { BrokerSession } from '../fleet/broker-session.ts';
import type { DeviceRegistry } from '../fleet/device-registry.ts';
import { type FleetView, wholeFleet } from '../fleet/fleet-view.ts';
import type { Guard } from '../guard.ts';
import type { SeriesTable } from '../history/series.ts';
import type { PeriodicTask } from '../module.ts';
import type { AlertRuleRow } from '../store/rows.ts';
import type { Change, Store, StoredFleet } from '../store/store.ts';
import type { AlertChannels } from './alert-channel.ts';
import { AlertClips, type AlertClipsPorts } from './alert-clips.ts';
import type { DeliveryCounts } from './alert-dispatcher.ts';
import { AlertEvaluator, deviceOf } from './alert-evaluator.ts';
import { AlertNotifier } from './alert-notifier.ts';
import { AlertRegistry } from './alert-registry.ts';
import { AlertRules, type PlannedRule } from './alert-rules.ts';
import { alertsAbout, hasAlert } from './alert-view.ts';
import { auditedDraft } from './rule.ts';
import type { SecretBox } from './sealed-rule.ts';

export interface AlertServicePorts {
  readonly registry: DeviceRegistry;
  readonly commands: CommandExecutor;
  readonly audit: AuditLog;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly channels: AlertChannels;
  readonly clips: AlertClipsPorts['clips'];
  /** Absent: the keys of signatures are stored in clear. */
  readonly secretBox: SecretBox | undefined;
  readonly secrets: Pick<Secrets, 'randomBytes'>;
  /** Written with the next commit. */
  readonly change: (key: string, change: Change) => void;
  readonly drift: Pick<DriftService, 'openIncidents'>;
  readonly session: Pick<BrokerSession, 'everyDeviceHeard'>;
  readonly publicUrl: string | undefined;
  /** Begin with the usual rules. */
  readonly usualRules: boolean;
  readonly bus: EventBus;
  readonly guard: Guard;
  /** Metrics that devices sent. */
  readonly series: SeriesTable;
}

/** Rules, and the alerts that fire by them. */
export class AlertService {
  readonly #ports: AlertServicePorts;
  readonly #rules: AlertRules;
  readonly #alerts: AlertRegistry;
  readonly #notifier: AlertNotifier;
  readonly #evaluator: AlertEvaluator;
  /** Devices that alerts concerned at the last look. */
  #concerned: readonly string[] = [];

  constructor(ports: AlertServicePorts) {
    this.#ports = ports;
    const { clock, series, bus } = ports;
    const kindOf = (name: string) => series.kindOf(name);
    this.#rules = new AlertRules({ ...ports, kindOf, newId: (bytes) => this.#newId(bytes) });
    this.#notifier = new AlertNotifier({
      ...ports,
      random: () => (ports.secrets.randomBytes(4).reduce((sum, byte) => sum * 256 + byte, 0) >>> 0) / 2 ** 32,
      onDelivery: (alert, delivery) => this.#alerts.delivered(alert, delivery),
      onResolvedDelivery: (alert) => this.#save(alert),
    });
    const clips = new AlertClips(ports);
    this.#alerts = new AlertRegistry(clock, {
      changed: (alert) => this.#save(alert),
      fired: (alert, rule) => clips.fired(alert, rule),
      notify: (transition, alert, rule) => this.#notifier.notify(transition, alert, rule),
      newId: () => this.#newId(8),
    });
    this.#evaluator = new AlertEvaluator(this.#alerts, ports);
    bus.on('committed', ({ events }) => this.#evaluator.takeEvents(this.#enabled, events));
  }

  /** One row that can't be used must not keep the fleet from starting. */
  load(stored: StoredFleet): void {
    this.#ports.guard.run('load alerts', () => this.#load(stored));
  }

  start(): Promise<void> | undefined {
    return this.#ports.usualRules ? this.#addUsualRules() : undefined;
  }

  tasks(): readonly PeriodicTask[] {
    return [{ everyMs: 1_000, run: () => this.#evaluate() }];
  }

  #load({ alertRules, alerts }: StoredFleet): void {
    this.#rules.load(alertRules);
    this.#alerts.load(alerts.filter((alert) => this.#rules.get(alert.rule) !== undefined));
    for (const alert of alerts) {
      const rule = this.#rules.get(alert.rule);
      if (rule === undefined) this.#abandon(alert);
      else if (alert.delivery?.state === 'waiting')
        this.#notifier.notify(alert.state === 'firing' ? 'firing' : 'resolved', alert, rule);
    }
  }

  /** Makes the rules that every controller begins with, but for those that this one has or had. */
  async #addUsualRules(): Promise<void> {
    const planned = this.#rules.planUsual();
    if (planned.length === 0) return;
    const names = planned.map(({ rule: { name, enabled } }) => ({ name, enabled }));
    await this.#ports.commands.execute(systemCaller, 'alert-rule.created', 'usual rules', names, () => ({
      changes: planned.map(({ change }) => change),
      apply: () => {
        for (const { rule } of planned) this.#rules.put(rule);
      },
    }));
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

  /** Messages about alerts: those that wait or are under way, and totals of what became of the others. */
  get deliveries(): { readonly waiting: number; readonly counts: Readonly<DeliveryCounts> } {
    return { waiting: this.#notifier.waiting, counts: this.#notifier.counts };
  }

  /** Newest first. */
  async list(query: AlertQuery, view: FleetView = wholeFleet): Promise<AlertList> {
    const page = await this.#ports.store.alerts({ ...query, ...defined({ about: alertsAbout(view) }) });
    return { ...page, alerts: [...page.alerts] };
  }

  /** Oldest first. The whole address is for admins. */
  listRules(role: Role): AlertRuleList {
    return { rules: this.#rules.list(role) };
  }

  createRule(caller: Caller, draft: AlertRuleDraft): Promise<SavedAlertRule> {
    return this.#ports.commands.execute(caller, 'alert-rule.created', draft.name, auditedDraft(draft), () =>
      this.#saving(this.#rules.planNew(draft), undefined),
    );
  }

  replaceRule(caller: Caller, id: string, draft: AlertRuleDraft): Promise<SavedAlertRule> {
    return this.#ports.commands.execute(caller, 'alert-rule.changed', id, auditedDraft(draft), () => {
      const before = this.#rules.expect(id);
      return this.#saving(this.#rules.planChanged(draft, before), before);
    });
  }

  deleteRule(caller: Caller, id: string): Promise<void> {
    return this.#ports.commands.execute(caller, 'alert-rule.deleted', id, {}, () => {
      const rule = this.#rules.expect(id);
      return {
        changes: [this.#rules.deletion(rule)],
        apply: () => {
          this.#endAlertsOf(rule, 'rule-deleted');
          this.#rules.delete(id);
          this.#alerts.dropRule(id);
        },
      };
    });
  }

  /** It fires on, and nobody is notified again. MissingError `alert-unknown`, as of the two below. */
  acknowledge(caller: Caller, id: string, view: FleetView = wholeFleet): Promise<Alert> {
    const acknowledgedBy = actorOf(caller);
    return this.#annotate(caller, view, 'alert.acknowledged', id, {}, (alert, acknowledgedMs) => ({
      ...alert,
      acknowledgedMs,
      acknowledgedBy,
    }));
  }

  /** No message is sent about it for a time; with 0 minutes again. */
  silence(caller: Caller, id: string, order: SilenceOrder, view: FleetView = wholeFleet): Promise<Alert> {
    const { minutes, reason } = order;
    return this.#annotate(caller, view, 'alert.silenced', id, order, ({ silence: _, ...alert }, nowMs) => {
      const silence = { untilMs: nowMs + minutes * 60_000, by: actorOf(caller), ...defined({ reason }) };
      return minutes === 0 ? alert : { ...alert, silence };
    });
  }

  assign(caller: Caller, id: string, order: AssignOrder, view: FleetView = wholeFleet): Promise<Alert> {
    const { to } = order;
    return this.#annotate(caller, view, 'alert.assigned', id, order, ({ assigned: _, ...alert }, timeMs) =>
      to === undefined ? alert : { ...alert, assigned: { to, by: actorOf(caller), timeMs } },
    );
  }

  /** What a person says of an alert that fires, stored and audited. */
  #annotate(
    caller: Caller,
    view: FleetView,
    action: string,
    id: string,
    detail: object,
    edit: (alert: Alert, nowMs: number) => Alert,
  ): Promise<Alert> {
    return this.#ports.commands.execute(caller, action, id, detail, () => {
      const alert = this.#alerts.get(id);
      if (alert === undefined || !hasAlert(view, alert))
        throw new MissingError(
          'alert-unknown',
          `No alert ${id} is firing.`,
          'List those that are: goshawk alert list.',
        );
      const nowMs = this.#ports.clock.wallMs();
      const next = edit(alert, nowMs);
      return {
        changes: [{ kind: 'alert', alert: next }],
        apply: () => {
          const annotated = this.#alerts.annotate(id, (one) => edit(one, nowMs));
          if (annotated !== undefined) {
            this.#ports.bus.emit('alertChanged', annotated);
            return annotated;
          }
          // It ended while this was written, and must not stand in the database as firing.
          const ended: Alert = { ...next, state: 'resolved', resolvedMs: nowMs, endReason: 'over' };
          this.#save(ended);
          return ended;
        },
      };
    });
  }

  /** One message now, to see whether it arrives. */
  async testRule(caller: Caller, id: string): Promise<AlertTest> {
    const rule = this.#rules.expect(id);
    const { notify } = rule;
    if (notify === undefined)
      throw new RefusedError(
        'rule-notifies-nobody',
        'The rule has no address to notify.',
        'Give it an address first.',
      );
    const nowMs = this.#ports.clock.wallMs();
    const alert: Alert = {
      ...{ id: this.#newId(8), rule: rule.id, ruleName: rule.name, severity: rule.severity },
      ...{
        state: 'resolved',
        subject: 'test',
        summary: `Test of the rule ${rule.name}. No action needed.`,
      },
      ...{ sinceMs: nowMs, firedMs: nowMs, resolvedMs: nowMs, endReason: 'test', notified: 0 },
    };
    return this.#ports.audit.record(caller, 'alert-rule.tested', id, () =>
      this.#notifier.sendTest(notify.to, alert, rule),
    );
  }

  forgetDevice(device: string): void {
    this.#evaluator.forgetDevice(device);
    for (const rule of this.#rules.all())
      for (const subject of this.#alerts.subjectsOf(rule.id))
        if (deviceOf(subject) === device) this.#alerts.end(rule, subject, 'device-deleted');
  }

  #evaluate(): void {
    this.#evaluator.evaluate(this.#enabled);
    this.#countByDevice();
  }

  get #enabled(): AlertRuleRow[] {
    return this.#rules.all().filter((rule) => rule.enabled);
  }

  /** So that a device and the list of alerts say the same. */
  #countByDevice(): void {
    const { registry, bus } = this.#ports;
    const counts = this.#alerts.countByDevice();
    for (const id of new Set([...this.#concerned, ...counts.keys()])) {
      const device = registry.get(id);
      const count = counts.get(id) ?? 0;
      if (device === undefined || device.alerts === count) continue;
      device.alerts = count;
      bus.emit('deviceChanged', id);
    }
    this.#concerned = [...counts.keys()];
  }

  #saving({ rule, change, made }: PlannedRule, before: AlertRuleRow | undefined): Command<SavedAlertRule> {
    const subjectOf = (one: AlertRuleRow) => canonicalJson([one.when, one.scope, one.enabled]);
    return {
      changes: [change],
      apply: () => {
        if (before !== undefined && subjectOf(before) !== subjectOf(rule))
          this.#endAlertsOf(before, 'rule-changed');
        this.#rules.put(rule);
        const shown = this.#rules.shown(rule, 'admin');
        return made === undefined ? shown : { ...shown, notifySecret: made };
      },
    };
  }

  #endAlertsOf(rule: AlertRuleRow, reason: string): void {
    for (const subject of this.#alerts.subjectsOf(rule.id)) this.#alerts.end(rule, subject, reason);
  }

  #save(alert: Alert): void {
    this.#ports.change(`alert ${alert.id}`, { kind: 'alert', alert });
    this.#ports.bus.emit('alertChanged', alert);
  }

  #newId(bytes: number): string {
    return toHex(this.#ports.secrets.randomBytes(bytes));
  }
}
