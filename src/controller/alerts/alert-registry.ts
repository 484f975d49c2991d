import {
  type Alert,
  type AlertChannelRow,
  type AlertDelivery,
  type AlertSilence,
  alertChannels,
  channelOf,
} from '../../api/index.ts';
import { type Clock, defined } from '../../base/index.ts';
import type { AlertRuleRow } from '../store/rows.ts';
import type { Observation } from './condition.ts';

export type AlertTransition = 'firing' | 'again' | 'resolved';

export interface AlertHandlers {
  /** A row that is to be written down. */
  readonly changed: (alert: Alert) => void;
  /** It began to fire, and is not silenced. */
  readonly fired: (alert: Alert, rule: AlertRuleRow) => void;
  /** A message is to be sent to whom the rule names. */
  readonly notify: (transition: AlertTransition, alert: Alert, rule: AlertRuleRow) => void;
  readonly newId: () => string;
}

/** A condition that stops holding for less than this is not over: a value at its bound must not fire for ever. */
export const settleMs = 60_000;
/** A rule that is wrong must not fill memory and disk. */
const maxPerRule = 2_000;

interface Pending {
  readonly sinceMs: number;
  readonly since: number;
}

interface Firing {
  alert: Alert;
  /** Whom it concerns. */
  devices: readonly string[];
  /** Monotonic: since when it no longer holds, and when its last message was sent. */
  endedSince: number | undefined;
  notifiedAt: number;
}

interface RuleAlerts {
  readonly pending: Map<string, Pending>;
  readonly firing: Map<string, Firing>;
  /** By subject: one that ends and fires again is still silent. */
  readonly silences: Map<string, AlertSilence>;
}

/**
 * Alerts by rule and subject: a condition that holds waits for the rule's time, fires once, is sent again while nobody
 * acknowledged it, and is resolved when it no longer holds.
 *
 * INVARIANTS. One alert fires per rule and subject. What nobody knows (a device that is away, a broker that is gone)
 * neither fires nor resolves. Durations are monotonic, so a clock that is set fires nothing.
 */
export class AlertRegistry {
  readonly #clock: Clock;
  readonly #handlers: AlertHandlers;
  readonly #rules = new Map<string, RuleAlerts>();

  constructor(clock: Clock, handlers: AlertHandlers) {
    this.#clock = clock;
    this.#handlers = handlers;
  }

  /** Alerts that fired when the controller stopped. What waited for its time begins again. */
  load(stored: readonly Alert[]): void {
    for (const alert of stored) this.#rememberSilence(alert.rule, alert);
    for (const alert of stored)
      if (alert.state === 'firing')
        this.#alertsOf(alert.rule).firing.set(alert.subject, {
          alert,
          // Of a cohort the next look says who they are.
          devices: alert.device === undefined ? [] : [alert.device],
          endedSince: undefined,
          notifiedAt: this.#clock.monotonicMs(),
        });
  }

  get firing(): Alert[] {
    return [...this.#rules.values()].flatMap(({ firing }) => [...firing.values()].map(({ alert }) => alert));
  }

  /** How many alerts that fire concern each device; devices without one are left out. */
  countByDevice(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const { firing } of this.#rules.values())
      for (const { devices } of firing.values())
        for (const device of new Set(devices)) counts.set(device, (counts.get(device) ?? 0) + 1);
    return counts;
  }

  get(id: string): Alert | undefined {
    return this.firing.find((alert) => alert.id === id);
  }

  /** Subjects of a rule that wait or fire. */
  subjectsOf(rule: string): string[] {
    const alerts = this.#rules.get(rule);
    return alerts === undefined ? [] : [...new Set([...alerts.pending.keys(), ...alerts.firing.keys()])];
  }

  observe(rule: AlertRuleRow, seen: Observation): void {
    if (seen.holds === undefined) return;
    const alerts = this.#alertsOf(rule.id);
    const firing = alerts.firing.get(seen.subject);
    if (seen.holds) this.#holds(rule, alerts, firing, seen);
    else {
      alerts.pending.delete(seen.subject);
      if (firing !== undefined) this.#noLongerHolds(rule, firing);
    }
  }

  /** It ends without waiting, for a reason that is no recovery. */
  end(rule: AlertRuleRow, subject: string, endReason: string): void {
    const alerts = this.#alertsOf(rule.id);
    alerts.pending.delete(subject);
    const firing = alerts.firing.get(subject);
    if (firing !== undefined) this.#resolve(rule, firing, endReason);
  }

  /** What a person said of an alert that fires; undefined where it ended. */
  annotate(id: string, edit: (alert: Alert) => Alert): Alert | undefined {
    for (const [rule, alerts] of this.#rules)
      for (const entry of alerts.firing.values())
        if (entry.alert.id === id) {
          entry.alert = edit(entry.alert);
          this.#rememberSilence(rule, entry.alert);
          return entry.alert;
        }
    return undefined;
  }

  delivered(id: string, delivery: AlertDelivery): void {
    for (const { firing } of this.#rules.values())
      for (const entry of firing.values())
        if (entry.alert.id === id) {
          entry.alert = { ...entry.alert, delivery };
          this.#handlers.changed(entry.alert);
        }
  }

  dropRule(id: string): void {
    this.#rules.delete(id);
  }

  #holds(rule: AlertRuleRow, alerts: RuleAlerts, firing: Firing | undefined, seen: Observation): void {
    const now = this.#clock.monotonicMs();
    if (firing !== undefined) {
      firing.endedSince = undefined;
      this.#stillHolds(rule, firing, seen, now);
      return;
    }
    const pending = alerts.pending.get(seen.subject) ?? { sinceMs: this.#clock.wallMs(), since: now };
    if (now - pending.since < rule.forSeconds * 1000) {
      if (alerts.pending.size < maxPerRule) alerts.pending.set(seen.subject, pending);
      return;
    }
    alerts.pending.delete(seen.subject);
    if (alerts.firing.size >= maxPerRule) return;
    const { holds: _, devices: __, ...about } = seen;
    const alert: Alert = {
      id: this.#handlers.newId(),
      rule: rule.id,
      ruleName: rule.name,
      severity: rule.severity,
      state: 'firing',
      ...about,
      sinceMs: pending.sinceMs,
      firedMs: this.#clock.wallMs(),
      ...defined({ silence: this.#silenceOf(alerts, seen.subject) }),
      notified: 0,
    };
    const notifies = rule.notify !== undefined && alert.silence === undefined;
    if (notifies) alert.notified = 1;
    alerts.firing.set(seen.subject, {
      ...{ alert, devices: devicesOf(seen), endedSince: undefined },
      notifiedAt: now,
    });
    this.#handlers.changed(alert);
    if (alert.silence !== undefined) return;
    this.#handlers.fired(alert, rule);
    this.#handlers.notify('firing', alert, rule);
  }

  /** Takes the newest summary, and sends a reminder when one is due. */
  #stillHolds(rule: AlertRuleRow, firing: Firing, seen: Observation, now: number): void {
    const { alert } = firing;
    const everyMs = againMs(rule, alert.acknowledgedMs !== undefined);
    // Its first message was held back by a silence that is over.
    const isFirst = alert.silence !== undefined && alert.notified === 0;
    const due =
      rule.notify !== undefined &&
      !isSilent(alert, this.#clock.wallMs()) &&
      (isFirst
        ? alert.acknowledgedMs === undefined
        : everyMs !== undefined && now - firing.notifiedAt >= everyMs);
    const { summary, value } = seen;
    firing.devices = devicesOf(seen);
    firing.alert = { ...firing.alert, summary, ...defined({ value }) };
    if (!due) return;
    firing.notifiedAt = now;
    firing.alert = { ...firing.alert, notified: firing.alert.notified + 1 };
    this.#handlers.changed(firing.alert);
    this.#handlers.notify(isFirst ? 'firing' : 'again', firing.alert, rule);
  }

  #noLongerHolds(rule: AlertRuleRow, firing: Firing): void {
    const now = this.#clock.monotonicMs();
    firing.endedSince ??= now;
    if (now - firing.endedSince >= settleMs) this.#resolve(rule, firing, 'over');
  }

  #resolve(rule: AlertRuleRow, { alert }: Firing, endReason: string): void {
    const resolved: Alert = { ...alert, state: 'resolved', resolvedMs: this.#clock.wallMs(), endReason };
    this.#alertsOf(rule.id).firing.delete(alert.subject);
    this.#handlers.changed(resolved);
    const silent = isSilent(alert, this.#clock.wallMs());
    if (!silent || (alert.notified > 0 && holdsIncident(rule)))
      this.#handlers.notify('resolved', resolved, rule);
  }

  #silenceOf({ silences }: RuleAlerts, subject: string): AlertSilence | undefined {
    const silence = silences.get(subject);
    if (silence === undefined || silence.untilMs > this.#clock.wallMs()) return silence;
    silences.delete(subject);
    return undefined;
  }

  #rememberSilence(rule: string, { subject, silence }: Alert): void {
    const { silences } = this.#alertsOf(rule);
    if (silence === undefined) silences.delete(subject);
    else if (silences.has(subject) || silences.size < maxPerRule) silences.set(subject, silence);
  }

  #alertsOf(rule: string): RuleAlerts {
    let alerts = this.#rules.get(rule);
    if (alerts === undefined) {
      alerts = { pending: new Map(), firing: new Map(), silences: new Map() };
      this.#rules.set(rule, alerts);
    }
    return alerts;
  }
}

/** The receiver has an incident open until it hears that it is over. */
function holdsIncident({ notify }: AlertRuleRow): boolean {
  const name = notify && channelOf(notify.to);
  const { incident = false }: AlertChannelRow = name === undefined ? alertChannels.mail : alertChannels[name];
  return incident;
}

/** No message is sent about it now. */
function isSilent({ silence }: Alert, nowMs: number): boolean {
  return silence !== undefined && silence.untilMs > nowMs;
}

function devicesOf({ device, devices }: Observation): readonly string[] {
  return devices ?? (device === undefined ? [] : [device]);
}

/** After how long it is sent again; undefined: never. */
function againMs({ notify, renotifyMinutes }: AlertRuleRow, acknowledged: boolean): number | undefined {
  const name = notify && channelOf(notify.to);
  if (name === undefined) return undefined;
  const { resendSeconds }: AlertChannelRow = alertChannels[name];
  if (resendSeconds !== undefined) return resendSeconds * 1_000;
  return acknowledged || renotifyMinutes <= 0 ? undefined : renotifyMinutes * 60_000;
}
