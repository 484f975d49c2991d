import type { CameraMonitor, DriftCount } from './camera-monitor.ts';
import { mainSignals } from './main-signals.ts';

/** What the metrics say of one camera. */
export interface DriftReading {
  readonly camera: string;
  readonly incident: boolean;
  /** Monotonic time of the last alarm or its end. */
  readonly changedMs: number;
  readonly score: number | undefined;
  /** Deviations of the main signals; those that have nothing to say are left out. */
  readonly signals: readonly { readonly name: string; readonly deviations: number }[];
  /** Since the start, by verdict and grade. */
  readonly alarms: readonly DriftCount[];
  readonly frames: { readonly count: number; readonly bytes: number } | undefined;
}

export function driftReading(
  camera: string,
  monitor: CameraMonitor,
  frames: DriftReading['frames'],
): DriftReading {
  const state = monitor.state;
  return {
    camera,
    incident: monitor.open,
    changedMs: monitor.changedMs,
    // A rule of the sensor needs no reference and has no distance: it is broken or not.
    score: rounded(state?.verdict === undefined ? state?.score : Math.max(1, state.score ?? 1)),
    signals: (state?.signals ?? [])
      .filter(({ signal, deviations }) => mainSignals.has(signal) && Number.isFinite(deviations))
      .map(({ name, deviations }) => ({ name, deviations: Math.round(deviations * 8) / 8 })),
    alarms: monitor.alarms,
    frames,
  };
}

/** In steps that a float of two bytes holds: the wire has room for 200 kB a day. */
function rounded(score: number | undefined): number | undefined {
  return score === undefined ? undefined : Math.round(Math.min(31, score) * 64) / 64;
}
