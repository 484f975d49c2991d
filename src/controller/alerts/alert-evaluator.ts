import type { DriftIncident } from '../../api/index.ts';
import type { Clock } from '../../base/index.ts';
import type { Device } from '../fleet/device.ts';
import type { DeviceRegistry } from '../fleet/device-registry.ts';
import type { AlertRuleRow } from '../store/rows.ts';
import { type Absence, sortAbsences } from './absence.ts';
import type { AlertRegistry } from './alert-registry.ts';
import {
  fits,
  inScope,
  type Observation,
  observeDrift,
  observeMetric,
  observeOffline,
  observeWrongAnswer,
} from './condition.ts';

export interface AlertEvaluatorPorts {
  readonly registry: DeviceRegistry;
  readonly clock: Clock;
  readonly openIncidents: () => readonly DriftIncident[];
  /** The controller is connected to the broker for long enough that every device could have reported. */
  readonly everyDeviceHeard: () => boolean;
}

/** The devices that are offline for one rule, collected over a round. */
interface Presence {
  readonly absences: Absence[];
  readonly totals: Map<string, number>;
  /** Of some device nothing is known. */
  unknown: boolean;
}

/** Devices per call, so that a large fleet does not hold the event loop. */
const devicesAtOnce = 250;

/** Evaluates the rules: at every call over all open incidents and some devices, until a round over the fleet is done. */
export class AlertEvaluator {
  readonly #alerts: AlertRegistry;
  readonly #ports: AlertEvaluatorPorts;
  /** Devices that are still to be looked at in this round. */
  #round: string[] = [];
  /** By rule: subjects that were seen in this round, and devices that are evaluated together at its end. */
  #seen = new Map<string, Set<string>>();
  #presence = new Map<string, Presence>();

  constructor(alerts: AlertRegistry, ports: AlertEvaluatorPorts) {
    this.#alerts = alerts;
    this.#ports = ports;
  }

  /** Called every second. */
  evaluate(rules: readonly AlertRuleRow[]): void {
    for (const rule of rules) if (rule.when.kind === 'drift') this.#watchDrift(rule);
    const ofDevices = rules.filter((rule) => rule.when.kind !== 'drift');
    for (const device of this.#nextDevices()) {
      const groups = this.#ports.registry.groupNames(device);
      for (const rule of ofDevices)
        if (inScope(rule.scope, device.id, groups)) this.#watchDevice(rule, device, groups);
    }
    if (this.#round.length > 0) return;
    for (const rule of ofDevices) {
      this.#observeAbsences(rule);
      this.#missed(rule);
    }
    this.#seen = new Map();
    this.#presence = new Map();
  }

  #watchDrift(rule: AlertRuleRow): void {
    const { when } = rule;
    if (when.kind !== 'drift') return;
    const { registry } = this.#ports;
    const open = this.#ports.openIncidents().filter(({ device }) => {
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

  #watchDevice(rule: AlertRuleRow, device: Device, groups: readonly string[]): void {
    const { when } = rule;
    if (when.kind === 'wrong-answer') this.#observe(rule, observeWrongAnswer(device));
    else if (when.kind === 'metric')
      for (const one of observeMetric(when, device, this.#ports.clock.monotonicMs()))
        this.#observe(rule, one);
    else if (when.kind === 'offline') this.#watchPresence(rule, device, groups);
  }

  #watchPresence(rule: AlertRuleRow, device: Device, groups: readonly string[]): void {
    let presence = this.#presence.get(rule.id);
    if (presence === undefined) {
      presence = { absences: [], totals: new Map(), unknown: false };
      this.#presence.set(rule.id, presence);
    }
    const { absences, totals } = presence;
    for (const group of groups) totals.set(group, (totals.get(group) ?? 0) + 1);
    const alone = observeOffline(device, this.#ports.everyDeviceHeard());
    if (alone.holds === true) absences.push({ device: device.id, groups, alone });
    else if (alone.holds === false) this.#observe(rule, alone);
    else presence.unknown = true;
  }

  #observeAbsences(rule: AlertRuleRow): void {
    const presence = this.#presence.get(rule.id);
    if (presence === undefined) return;
    if (presence.unknown) {
      // Nothing is taken for over in a round in which not everything was known.
      this.#seen.set(rule.id, new Set(this.#alerts.subjectsOf(rule.id)));
      return;
    }
    const { seen, covered } = sortAbsences(presence.absences, presence.totals);
    for (const device of covered) this.#alerts.end(rule, device, 'merged');
    for (const observation of seen) this.#observe(rule, observation);
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

/** No id of a device has a colon. */
function isGroup(subject: string): boolean {
  return subject.startsWith('group:');
}

/** The device that a subject names first; a cohort names none. */
export function deviceOf(subject: string): string {
  return /^[^/ ]*/.exec(subject)?.[0] ?? '';
}
