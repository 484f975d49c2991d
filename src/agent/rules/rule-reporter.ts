import type { Clock } from '../../base/index.ts';
import {
  type CameraRules,
  type DetectionSink,
  type PerceptionResult,
  type RuleEvent,
  ruleDefaults,
  ruleEventWords,
} from '../../perception/index.ts';
import type { Severity } from '../../protocol/index.ts';
import type { AgentEvent } from '../event-reporter.ts';

export interface RuleReporterPorts {
  readonly clock: Pick<Clock, 'monotonicMs'>;
  /** As they are in force. */
  readonly rules: (camera: string) => CameraRules;
  readonly reportEvent: (event: AgentEvent) => void;
}

const minuteMs = 60_000;

/** What passes by is information; what a rule was asked to watch for is a warning. */
const severities: Readonly<Record<RuleEvent['kind'], Severity>> = {
  entered: 'info',
  left: 'info',
  crossed: 'info',
  dwell: 'warning',
  speeding: 'warning',
  crowded: 'warning',
  absent: 'warning',
};

interface Pace {
  /** When as many events as a minute may have would be over, had each of them its share of it. */
  busyUntilMs: number;
  leftOut: number;
}

/** Tells the fleet what happens in zones and at lines: of each rule and kind as many events a minute as its settings say. */
export class RuleReporter implements DetectionSink {
  readonly #ports: RuleReporterPorts;
  readonly #paces = new Map<string, Pace>();

  constructor(ports: RuleReporterPorts) {
    this.#ports = ports;
  }

  publish({ camera, rules }: Pick<PerceptionResult, 'camera' | 'rules'>): void {
    for (const event of rules?.events ?? []) this.#tell(camera, event);
  }

  #tell(camera: string, event: RuleEvent): void {
    const name = 'zone' in event ? event.zone : event.line;
    const of = 'zone' in event ? 'zone' : 'line';
    const key = `${camera}/${of}/${name}/${event.kind}`;
    const pace = this.#paces.get(key) ?? { busyUntilMs: Number.NEGATIVE_INFINITY, leftOut: 0 };
    this.#paces.set(key, pace);
    if (!this.#hasRoom(pace, this.#eventsPerMinute(camera, of, name))) {
      pace.leftOut += 1;
      return;
    }
    const { leftOut } = pace;
    pace.leftOut = 0;
    const { kind, stampNs, ...data } = event;
    this.#ports.reportEvent({
      ...{ kind: `${of}.${kind}`, severity: severities[kind], camera, message: ruleEventWords(event) },
      data: { ...data, stampNs: String(stampNs), ...(leftOut === 0 ? {} : { leftOut }) },
    });
  }

  #eventsPerMinute(camera: string, of: 'zone' | 'line', name: string): number {
    const { zones = {}, lines = {} } = this.#ports.rules(camera);
    return (of === 'zone' ? zones : lines)[name]?.eventsPerMinute ?? ruleDefaults.eventsPerMinute;
  }

  #hasRoom(pace: Pace, perMinute: number): boolean {
    if (perMinute === 0) return false;
    const nowMs = this.#ports.clock.monotonicMs();
    const shareMs = minuteMs / perMinute;
    const busyUntilMs = Math.max(pace.busyUntilMs, nowMs) + shareMs;
    // A minute's worth may come at once, and one event however few there may be.
    if (busyUntilMs - nowMs > Math.max(minuteMs, shareMs) + 0.001) return false;
    pace.busyUntilMs = busyUntilMs;
    return true;
  }
}
