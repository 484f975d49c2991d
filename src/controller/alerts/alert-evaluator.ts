import type { DeviceHealth, FleetEvent } from '../../api/index.ts';
import type { Clock } from '../../base/index.ts';
import type { DriftService } from '../drift/drift-service.ts';
import type { BrokerSession } from '../fleet/broker-session.ts';
import type { Device } from '../fleet/device.ts';
import type { DeviceRegistry } from '../fleet/device-registry.ts';
import { healthOf } from '../fleet/device-summary.ts';
import type { AlertRuleRow } from '../store/rows.ts';
import type { AlertRegistry } from './alert-registry.ts';
import {
  fits,
  inScope,
  type Observation,
  observeDrift,
  observeHealth,
  observeMetric,
  observeOffline,
  observeWrongAnswer,
} from './condition.ts';
import { EventWatch } from './event-watch.ts';
import { type Affected, mergeByGroup } from './merge-by-group.ts';
import { asRate, RateWatch } from './rate-watch.ts';
import { RuleWatches } from './rule-watches.ts';

export interface AlertEvaluatorPorts {
  readonly registry: DeviceRegistry;
  readonly clock: Clock;
  readonly drift: Pick<DriftService, 'openIncidents'>;
  readonly session: Pick<BrokerSession, 'everyDeviceHeard'>;
}

/** Devices per call, so that a large fleet does not hold the event loop. */
const devicesAtOnce = 250;

/** Evaluates the rules: at every call over all open incidents and some devices, until a round over the fleet is done. */
export class AlertEvaluator {
  readonly #alerts: AlertRegistry;
  readonly #ports: AlertEvaluatorPorts;
  readonly #rates = new RuleWatches<RateWatch>();
  readonly #events = new RuleWatches<EventWatch>();
  /** Devices that are still to be looked at in this round. */
  #round: string[] = [];
  /** By rule: subjects that were seen in this round, and devices that are evaluated together at its end. */
  #seen = new Map<string, Set<string>>();
  #gathered = new Map<string, Affected[]>();
  /** In the whole of this round the controller heard its devices. */
  #allHeard = true;

  constructor(alerts: AlertRegistry, ports: AlertEvaluatorPorts) {
    this.#alerts = alerts;
    this.#ports = ports;
  }

  /** Called every second. */
  evaluate(rules: readonly AlertRuleRow[]): void {
    const ofDevices = rules.filter(({ when: { kind } }) => kind !== 'drift' && kind !== 'event');
    for (const rule of rules) {
      if (rule.when.kind === 'drift') this.#watchDrift(rule);
      if (rule.when.kind === 'event') this.#watchEvents(rule);
    }
    this.#allHeard &&= this.#ports.session.everyDeviceHeard;
    const { clock } = this.#ports;
    for (const device of this.#nextDevices()) {
      const groups = this.#ports.registry.groupNames(device);
      const health = lazily(() => healthOf(device, clock.monotonicMs(), clock.wallMs()));
      for (const rule of ofDevices)
        if (inScope(rule.scope, device.id, groups)) this.#watchDevice(rule, device, groups, health);
    }
    if (this.#round.length > 0) return;
    for (const rule of ofDevices) {
      this.#observeGathered(rule);
      this.#missed(rule);
    }
    this.#seen = new Map();
    this.#gathered = new Map();
    this.#allHeard = true;
    this.#rates.keepOnly(rules);
    this.#events.keepOnly(rules);
    for (const watch of this.#rates.values())
      watch.forget((device) => this.#ports.registry.get(device) !== undefined, deviceOf);
  }

  /** What happened, for the rules about events. */
  takeEvents(rules: readonly AlertRuleRow[], events: readonly FleetEvent[]): void {
    const { clock, registry } = this.#ports;
    for (const rule of rules) {
      const { when, scope } = rule;
      if (when.kind !== 'event') continue;
      const watch = this.#events.get(rule, () => new EventWatch(when));
      for (const event of events) {
        const device = registry.get(event.device);
        const groups = device === undefined ? [] : registry.groupNames(device);
        if (inScope(scope, event.device, groups)) watch.take(event, clock.monotonicMs());
      }
    }
  }

  forgetDevice(device: string): void {
    for (const watch of this.#events.values()) watch.forgetDevice(device);
  }

  #watchDrift(rule: AlertRuleRow): void {
    const { when } = rule;
    if (when.kind !== 'drift') return;
    const { registry } = this.#ports;
    const open = this.#ports.drift.openIncidents.filter(({ device }) => {
      const known = registry.get(device);
      return inScope(rule.scope, device, known === undefined ? [] : registry.groupNames(known));
    });
    const seen = new Set<string>();
    for (const observation of observeDrift(when, open)) {
      seen.add(observation.subject);
      this.#alerts.observe(rule, observation);
    }
    for (const subject of this.#alerts.subjectsOf(rule.id)) {
      if (seen.has(subject)) continue;
      // Its camera is still in trouble, as one of many.
      const merged = open.some(
        (incident) => `${incident.device}/${incident.camera}` === subject && fits(when, incident),
      );
      if (merged) this.#alerts.end(rule, subject, 'merged');
      else this.#alerts.observe(rule, { subject, holds: false, summary: '' });
    }
  }

  #watchEvents(rule: AlertRuleRow): void {
    const { when } = rule;
    if (when.kind !== 'event') return;
    const watch = this.#events.get(rule, () => new EventWatch(when));
    const seen = new Set<string>();
    for (const observation of watch.observe(this.#ports.clock.monotonicMs())) {
      seen.add(observation.subject);
      this.#alerts.observe(rule, observation);
    }
    for (const subject of this.#alerts.subjectsOf(rule.id))
      if (!seen.has(subject)) this.#alerts.observe(rule, { subject, holds: false, summary: '' });
  }

  #watchDevice(
    rule: AlertRuleRow,
    device: Device,
    groups: readonly string[],
    health: () => DeviceHealth,
  ): void {
    const { when } = rule;
    if (when.kind === 'wrong-answer') this.#observe(rule, observeWrongAnswer(device));
    else if (when.kind === 'metric') {
      const nowMs = this.#ports.clock.monotonicMs();
      const rate = asRate(when);
      const seen =
        rate === undefined
          ? observeMetric(when, device, nowMs)
          : this.#rates.get(rule, () => new RateWatch(rate)).observe(device, nowMs);
      for (const one of seen) this.#observe(rule, one);
    } else if (when.kind === 'offline') {
      const alone = observeOffline(device, this.#allHeard);
      if (alone.holds === true) this.#gather(rule, { device: device.id, groups, alone: [alone] });
      else if (alone.holds === false) this.#observe(rule, alone);
    } else if (when.kind === 'health') {
      const alone = device.online ? observeHealth(when, device.id, health()) : [];
      if (alone.length > 0) this.#gather(rule, { device: device.id, groups, alone });
    }
  }

  #gather(rule: AlertRuleRow, affected: Affected): void {
    const known = this.#gathered.get(rule.id);
    if (known === undefined) this.#gathered.set(rule.id, [affected]);
    else known.push(affected);
  }

  #observeGathered(rule: AlertRuleRow): void {
    if (!isGathered(rule)) return;
    if (!this.#allHeard) {
      // Nothing is taken for over in a round in which not everything was known.
      this.#seen.set(rule.id, new Set(this.#alerts.subjectsOf(rule.id)));
      return;
    }
    const affected = this.#gathered.get(rule.id) ?? [];
    const { seen, covered } = mergeByGroup(affected, (groups) => this.#totals(rule, groups), wordsOf(rule));
    for (const subject of covered) this.#alerts.end(rule, subject, 'merged');
    for (const observation of seen) this.#observe(rule, observation);
  }

  /** Devices of these groups that the rule is about. */
  #totals({ scope }: AlertRuleRow, wanted: ReadonlySet<string>): ReadonlyMap<string, number> {
    const { registry } = this.#ports;
    const totals = new Map<string, number>();
    for (const device of registry.devices()) {
      const groups = registry.groupNames(device);
      if (!groups.some((group) => wanted.has(group)) || !inScope(scope, device.id, groups)) continue;
      for (const group of groups) totals.set(group, (totals.get(group) ?? 0) + 1);
    }
    return totals;
  }

  #observe(rule: AlertRuleRow, observation: Observation): void {
    const seen = this.#seen.get(rule.id) ?? new Set();
    this.#seen.set(rule.id, seen);
    seen.add(observation.subject);
    this.#alerts.observe(rule, observation);
  }

  /** After a round: a subject that was not observed any more (a camera or a series is gone) while its device is there. */
  #missed(rule: AlertRuleRow): void {
    const seen = this.#seen.get(rule.id);
    for (const subject of this.#alerts.subjectsOf(rule.id)) {
      if (seen?.has(subject) === true) continue;
      const device = this.#ports.registry.get(deviceOf(subject));
      if (device === undefined && !isGroup(subject)) this.#alerts.end(rule, subject, 'device-deleted');
      else if (device === undefined || device.online || rule.when.kind === 'offline')
        this.#alerts.observe(rule, { subject, holds: false, summary: '' });
    }
  }

  #nextDevices(): Device[] {
    const { registry } = this.#ports;
    if (this.#round.length === 0) this.#round = [...registry.devices()].map(({ id }) => id);
    return this.#round.splice(0, devicesAtOnce).flatMap((id) => registry.get(id) ?? []);
  }
}

/** What is said of the devices of a group. */
function wordsOf({ name, when }: AlertRuleRow): string {
  return when.kind === 'offline' ? 'are offline' : `have the same trouble: ${name}`;
}

/** Its subjects may be merged into one about a group. */
function isGathered({ when: { kind } }: AlertRuleRow): boolean {
  return kind === 'offline' || kind === 'health';
}

/** No id of a device has a colon. */
function isGroup(subject: string): boolean {
  return subject.startsWith('group:');
}

/** The device that a subject names first; a cohort names none. */
export function deviceOf(subject: string): string {
  return /^[^/ ]*/.exec(subject)?.[0] ?? '';
}

function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
