import type { Occurrence } from '../../agent/index.ts';
import { type Cancel, type Clock, describeError, type Log } from '../../base/index.ts';
import { type DriftAlarm, DriftMonitor, type Thumbnail, thumbnail } from '../../drift/index.ts';
import type { DetectionSink, Frame, PerceptionResult } from '../../perception/index.ts';

/**
 * Watches every camera for what needs no reference: frozen, black, overexposed or covered pictures and lost frames.
 * What a camera usually sees, and drift from it, needs a reference profile, which the agent does not learn yet.
 */
export class HealthSink implements DetectionSink {
  readonly #monitors = new Map<string, DriftMonitor>();
  readonly #unreadable = new Set<string>();
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #tell: (occurrence: Occurrence) => void;
  readonly #cancel: Cancel;

  constructor(clock: Clock, log: Log, tell: (occurrence: Occurrence) => void) {
    this.#clock = clock;
    this.#log = log;
    this.#tell = tell;
    // A camera that sends nothing calls nobody.
    this.#cancel = clock.every(1000, () => {
      for (const [camera, monitor] of this.#monitors)
        this.#news(camera, monitor.elapsed(clock.monotonicMs()));
    });
  }

  publish(result: PerceptionResult, frame: Frame): void {
    const { camera } = frame;
    let monitor = this.#monitors.get(camera);
    if (monitor === undefined) {
      monitor = new DriftMonitor(undefined);
      this.#monitors.set(camera, monitor);
    }
    this.#news(camera, monitor.observe(this.#thumbnail(frame), result, this.#clock.monotonicMs()));
  }

  close(): void {
    this.#cancel();
  }

  /** Compressed frames are decoded in the engine's own thread; here there is nothing to look at. */
  #thumbnail({ camera, encoding, width, height, step, pixels }: Frame): Thumbnail | undefined {
    if (encoding === 'jpeg' || this.#unreadable.has(camera)) return undefined;
    try {
      return thumbnail({ data: pixels.data, width, height, step, encoding });
    } catch (error) {
      this.#unreadable.add(camera);
      this.#log.warn('No look at the health of this camera', { camera, reason: describeError(error) });
      return undefined;
    }
  }

  #news(camera: string, alarms: readonly DriftAlarm[]): void {
    for (const alarm of alarms) this.#tell(occurrenceOfAlarm(camera, alarm));
  }
}

export function occurrenceOfAlarm(camera: string, alarm: DriftAlarm): Occurrence {
  const { incident, phase, verdict, message, signals, atMs, sinceMs } = alarm;
  const cleared = phase === 'cleared';
  return {
    kind: cleared ? 'drift.cleared' : 'drift.alarm',
    severity: cleared ? 'info' : verdict.kind === 'sensor-fault' ? 'error' : 'warning',
    message: cleared ? `Over: ${message}` : message,
    camera,
    data: { incident, phase, verdict, signals, secondsSinceFirstSign: Math.max(0, (atMs - sinceMs) / 1000) },
  };
}
