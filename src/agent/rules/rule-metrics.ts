import type { PerceptionResult, RuleEvent } from '../../perception/index.ts';
import { deviceMetrics } from '../../protocol/index.ts';
import type { Gauge, InstrumentRegistry } from '../../telemetry/index.ts';
import { countsEveryMs, otherClasses } from '../detection-counts.ts';

/** Each costs a series of the fleet for every zone and line; the rest of a model's classes count together. */
const mostClasses = 8;

interface Inside {
  readonly gauge: Gauge;
  now: number;
  sent: number | undefined;
}

/** What zones and lines counted, as metrics. */
export class RuleMetrics {
  readonly #registry: InstrumentRegistry;
  /** By camera, then zone. */
  readonly #inside = new Map<string, Map<string, Inside>>();
  readonly #classes = new Map<string, Set<string>>();
  #sentMs = Number.NEGATIVE_INFINITY;

  constructor(registry: InstrumentRegistry) {
    this.#registry = registry;
  }

  /** A result of the main node of a camera. */
  add({ camera, rules }: Pick<PerceptionResult, 'camera' | 'rules'>): void {
    const zones = this.#inside.get(camera);
    if (rules === undefined && zones === undefined) return;
    for (const event of rules?.events ?? []) this.#count(camera, event);
    for (const { name, inside } of rules?.zones ?? []) this.#zone(camera, name).now = inside;
    const there = new Set(rules?.zones.map(({ name }) => name));
    for (const [name, { gauge }] of zones ?? []) {
      if (there.has(name)) continue;
      gauge.clear();
      zones?.delete(name);
    }
  }

  /** `nowMs`: monotonic. A zone without changes is reported from time to time. */
  sample(nowMs: number): void {
    const due = nowMs - this.#sentMs >= countsEveryMs;
    if (due) this.#sentMs = nowMs;
    for (const zones of this.#inside.values())
      for (const zone of zones.values()) {
        if (!due && zone.now === zone.sent) continue;
        zone.gauge.set(zone.now);
        zone.sent = zone.now;
      }
  }

  #count(camera: string, event: RuleEvent): void {
    if (event.kind === 'crossed') {
      const { line, direction, label } = event;
      const labels = { camera, line, direction, class: this.#class(`${camera} ${line}`, label) };
      this.#registry.counter(deviceMetrics.lineCrossed, labels).add(1);
    }
    if (event.kind === 'entered') {
      const { zone, label } = event;
      const labels = { camera, zone, class: this.#class(`${camera}/${zone}`, label) };
      this.#registry.counter(deviceMetrics.zoneEntered, labels).add(1);
    }
    if (event.kind === 'left')
      this.#registry
        .histogram(deviceMetrics.zoneDwell, { camera, zone: event.zone })
        .record(event.dwellSeconds);
  }

  #class(rule: string, label: string): string {
    const known = this.#classes.get(rule) ?? new Set();
    this.#classes.set(rule, known);
    if (!known.has(label) && known.size >= mostClasses) return otherClasses;
    known.add(label);
    return label;
  }

  #zone(camera: string, zone: string): Inside {
    const zones = this.#inside.get(camera) ?? new Map<string, Inside>();
    this.#inside.set(camera, zones);
    const gauge = this.#registry.gauge(deviceMetrics.zoneObjects, { camera, zone });
    const known = zones.get(zone) ?? { gauge, now: 0, sent: undefined };
    zones.set(zone, known);
    return known;
  }
}
