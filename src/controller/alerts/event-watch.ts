import type { AlertCondition, FleetEvent, Severity } from '../../api/index.ts';
import { defined } from '../../base/index.ts';
import type { Observation } from './condition.ts';

type EventCondition = Extract<AlertCondition, { kind: 'event' }>;

const severities: readonly Severity[] = ['info', 'warning', 'error', 'critical'];
const defaultLastsSeconds = 600;
/** A rule about every event must not fill the memory: what is new beyond this is left out. */
const maxSubjects = 2_000;

/** What one rule about events remembers: the newest of each device. */
export class EventWatch {
  readonly condition: EventCondition;
  readonly #newest = new Map<string, { readonly event: FleetEvent; readonly atMs: number }>();

  constructor(condition: EventCondition) {
    this.condition = condition;
  }

  /** `atMs` is monotonic. */
  take(event: FleetEvent, atMs: number): void {
    const { event: kind, severity = 'info' } = this.condition;
    if (event.kind !== kind && !event.kind.startsWith(`${kind}.`)) return;
    if (severities.indexOf(event.severity) < severities.indexOf(severity)) return;
    const subject = event.camera === undefined ? event.device : `${event.device}/${event.camera}`;
    if (this.#newest.size >= maxSubjects && !this.#newest.has(subject)) return;
    this.#newest.set(subject, { event, atMs });
  }

  /** One subject for each device or camera that told such an event lately. */
  observe(nowMs: number): Observation[] {
    const lastsMs = (this.condition.lastsSeconds ?? defaultLastsSeconds) * 1000;
    for (const [subject, { atMs }] of this.#newest) if (nowMs - atMs > lastsMs) this.#newest.delete(subject);
    return [...this.#newest].map(([subject, { event }]) => ({
      subject,
      device: event.device,
      holds: true,
      summary: `${subject}: ${event.message}`,
      ...defined({ camera: event.camera }),
    }));
  }

  forgetDevice(device: string): void {
    for (const [subject, { event }] of this.#newest)
      if (event.device === device) this.#newest.delete(subject);
  }
}
