import type { Alert, AlertDelivery } from '../../api/index.ts';
import type { Clock } from '../../base/index.ts';
import type { Observation } from './condition.ts';
import type { AlertRuleRow } from './rule.ts';

export type AlertNotice = 'firing' | 'again' | 'resolved';

export interface AlertHandlers {
  /** A row that is to be written down. */
  readonly changed: (alert: Alert) => void;
  /** Somebody is to be told. */
  readonly tell: (news: AlertNotice, alert: Alert, rule: AlertRuleRow) => void;
  readonly newId: () => string;
}

/** A condition that stops holding for less than this is not over: a value at its bound must not ring for ever. */
export const settleMs = 60_000;
/** A rule that is wrong must not fill memory and disk. */
const mostPerRule = 2_000;

interface Pending {
  readonly sinceMs: number;
  readonly since: number;
}

interface Firing {
  alert: Alert;
  /** Monotonic: since when it no longer holds, and when somebody was told last. */
  quietSince: number | undefined;
  toldAt: number;
}

interface RuleAlerts {
  readonly pending: Map<string, Pending>;
  readonly firing: Map<string, Firing>;
}

/**
 * Alerts by rule and subject: a condition that holds waits for the rule's time, fires once, is told again while nobody
 * acknowledged it, and is resolved when it no longer holds.
 *
 * INVARIANTS. One alert fires per rule and subject. What nobody knows (a device that is away, a broker that is gone)
 * neither fires nor resolves. Durations are monotonic, so a clock that is set fires nothing.
 */
export class AlertRegistry {
  readonly #clock: Clock;
  readonly #steps: AlertHandlers;
  readonly #rules = new Map<string, RuleAlerts>();

  constructor(clock: Clock, steps: AlertHandlers) {
    this.#clock = clock;
    this.#steps = steps;
  }

  /** Alerts that fired when the controller stopped. What waited for its time begins again. */
  load(alerts: readonly Alert[]): void {
    for (const alert of alerts)
      if (alert.state === 'firing')
        this.#of(alert.rule).firing.set(alert.subject, {
          alert,
          quietSince: undefined,
          toldAt: this.#clock.monotonicMs(),
        });
  }

  get firing(): Alert[] {
    return [...this.#rules.values()].flatMap(({ firing }) => [...firing.values()].map(({ alert }) => alert));
  }

  get waiting(): number {
    let count = 0;
    for (const { pending } of this.#rules.values()) count += pending.size;
    return count;
  }

  get(id: string): Alert | undefined {
    return this.firing.find((alert) => alert.id === id);
  }

  /** Subjects of a rule that wait or fire. */
  subjectsOf(rule: string): string[] {
    const book = this.#rules.get(rule);
    return book === undefined ? [] : [...new Set([...book.pending.keys(), ...book.firing.keys()])];
  }

  observe(rule: AlertRuleRow, seen: Observation): void {
    if (seen.holds === undefined) return;
    const book = this.#of(rule.id);
    const firing = book.firing.get(seen.subject);
    if (seen.holds) this.#holds(rule, book, firing, seen);
    else {
      book.pending.delete(seen.subject);
      if (firing !== undefined) this.#quiet(rule, firing);
    }
  }

  /** It ends without waiting, for a reason that is no recovery. */
  end(rule: AlertRuleRow, subject: string, endReason: string): void {
    const book = this.#of(rule.id);
    book.pending.delete(subject);
    const firing = book.firing.get(subject);
    if (firing !== undefined) this.#resolve(rule, firing, endReason);
  }

  acknowledge(id: string, by: string, timeMs: number): Alert | undefined {
    for (const { firing } of this.#rules.values())
      for (const entry of firing.values())
        if (entry.alert.id === id) {
          entry.alert = { ...entry.alert, acknowledgedMs: timeMs, acknowledgedBy: by };
          return entry.alert;
        }
    return undefined;
  }

  delivered(id: string, delivery: AlertDelivery): void {
    for (const { firing } of this.#rules.values())
      for (const entry of firing.values())
        if (entry.alert.id === id) {
          entry.alert = { ...entry.alert, delivery };
          this.#steps.changed(entry.alert);
        }
  }

  dropRule(id: string): void {
    this.#rules.delete(id);
  }

  #holds(rule: AlertRuleRow, book: RuleAlerts, firing: Firing | undefined, seen: Observation): void {
    const now = this.#clock.monotonicMs();
    if (firing !== undefined) {
      firing.quietSince = undefined;
      this.#again(rule, firing, seen, now);
      return;
    }
    const pending = book.pending.get(seen.subject) ?? { sinceMs: this.#clock.wallMs(), since: now };
    if (now - pending.since < rule.forSeconds * 1000) {
      if (book.pending.size < mostPerRule) book.pending.set(seen.subject, pending);
      return;
    }
    book.pending.delete(seen.subject);
    if (book.firing.size >= mostPerRule) return;
    const { holds: _, ...about } = seen;
    const alert: Alert = {
      id: this.#steps.newId(),
      rule: rule.id,
      ruleName: rule.name,
      severity: rule.severity,
      state: 'firing',
      ...about,
      sinceMs: pending.sinceMs,
      firedMs: this.#clock.wallMs(),
      notified: rule.webhook === undefined ? 0 : 1,
    };
    book.firing.set(seen.subject, { alert, quietSince: undefined, toldAt: now });
    this.#steps.changed(alert);
    this.#steps.tell('firing', alert, rule);
  }

  /** The newest words for it, and a reminder when one is due. */
  #again(rule: AlertRuleRow, firing: Firing, seen: Observation, now: number): void {
    const everyMs = rule.renotifyMinutes * 60_000;
    const due =
      rule.webhook !== undefined &&
      everyMs > 0 &&
      firing.alert.acknowledgedMs === undefined &&
      now - firing.toldAt >= everyMs;
    const { summary, value } = seen;
    firing.alert = { ...firing.alert, summary, ...(value === undefined ? {} : { value }) };
    if (!due) return;
    firing.toldAt = now;
    firing.alert = { ...firing.alert, notified: firing.alert.notified + 1 };
    this.#steps.changed(firing.alert);
    this.#steps.tell('again', firing.alert, rule);
  }

  #quiet(rule: AlertRuleRow, firing: Firing): void {
    const now = this.#clock.monotonicMs();
    firing.quietSince ??= now;
    if (now - firing.quietSince >= settleMs) this.#resolve(rule, firing, 'over');
  }

  #resolve(rule: AlertRuleRow, { alert }: Firing, endReason: string): void {
    const resolved: Alert = { ...alert, state: 'resolved', resolvedMs: this.#clock.wallMs(), endReason };
    this.#of(rule.id).firing.delete(alert.subject);
    this.#steps.changed(resolved);
    this.#steps.tell('resolved', resolved, rule);
  }

  #of(rule: string): RuleAlerts {
    let book = this.#rules.get(rule);
    if (book === undefined) {
      book = { pending: new Map(), firing: new Map() };
      this.#rules.set(rule, book);
    }
    return book;
  }
}
