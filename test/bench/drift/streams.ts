import { type DriftAlarm, DriftMonitor, type ReferenceProfile } from '../../../src/drift/index.ts';
import { LoadedProfile } from '../../../src/drift/profile/loaded.ts';
import { seededRandom } from '../../../src/drift/random.ts';
import { type Tick, TickAssembler } from '../../../src/drift/signals/assembler.ts';
import { streetLabels } from '../../../src/simulation/index.ts';
import { framesPerSecond } from './plan.ts';
import { Player, type TimeOfDay } from './replay.ts';
import type { TraceDetection, TraceFrame } from './trace.ts';

export interface Part {
  readonly timeOfDay: TimeOfDay;
  readonly frames: readonly TraceFrame[];
}

/** Seconds of ordinary street before a fault, so that every memory is full. */
export const leadSeconds = 150;

/** What the monitor says about these recordings, one after the other. */
export function watch(profile: ReferenceProfile, parts: readonly Part[], arl0Ms?: number): DriftAlarm[] {
  const monitor = new DriftMonitor(profile, arl0Ms === undefined ? {} : { arl0Ms });
  const player = new Player();
  const alarms: DriftAlarm[] = [];
  for (const { frames, timeOfDay } of parts) {
    player.play(frames, timeOfDay, (frame, result, atMs) => {
      alarms.push(...monitor.observe(frame.thumbnail, result, atMs));
    });
  }
  return alarms;
}

/** The same recordings as seconds, for detectors that see signals only. */
export function ticksOf(profile: ReferenceProfile, parts: readonly Part[]): Tick[] {
  const loaded = new LoadedProfile(profile);
  const assembler = new TickAssembler();
  const player = new Player();
  const ticks: Tick[] = [];
  for (const { frames, timeOfDay } of parts) {
    player.play(frames, timeOfDay, (frame, result, atMs) => {
      const tick = assembler.add(frame.thumbnail, result, atMs, loaded.at(result.stampNs).reference);
      if (tick !== undefined) ticks.push(tick);
    });
  }
  return ticks;
}

type Change = (detections: readonly TraceDetection[], severity: number) => TraceDetection[];

/**
 * Changes of the street's mix and of the model are made on the output of recorded video: the simulated street has no
 * setting for them. Severity may grow from frame to frame.
 */
export const outputChanges: Record<'class-mix' | 'model', Change> = {
  /** Cars are trucks now, 18 % of them per step. */
  'class-mix': (detections, severity) =>
    detections.map((detection) => {
      const car = streetLabels.indexOf('car');
      const truck = streetLabels.indexOf('truck');
      // By the track, so that one car does not change from frame to frame.
      const chance = seededRandom(detection.trackId ?? 0).next();
      return detection.classId === car && chance < 0.18 * severity
        ? { ...detection, classId: truck }
        : detection;
    }),
  /** A worse model: scores lose 7 % per step, and boxes whose score falls below the threshold are gone. */
  model: (detections, severity) =>
    detections
      .map((detection) => ({ ...detection, score: detection.score * (1 - 0.07 * severity) }))
      .filter(({ score }) => score >= 0.25),
};

export function changed(
  frames: readonly TraceFrame[],
  change: Change,
  severity: number,
  rampSeconds: number,
): TraceFrame[] {
  return frames.map((frame, index) => {
    const level =
      rampSeconds === 0 ? severity : severity * Math.min(1, index / framesPerSecond / rampSeconds);
    return { ...frame, detections: change(frame.detections, level) };
  });
}
