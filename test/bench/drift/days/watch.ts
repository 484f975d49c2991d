import {
  type DriftAlarm,
  DriftMonitor,
  ProfileBuilder,
  type ReferenceProfile,
} from '../../../../src/drift/index.ts';
import type { PerceptionResult } from '../../../../src/perception/index.ts';
import { identity, resultOf, startOf } from '../replay.ts';
import { hasTrace, readTrace, type TraceFrame } from '../trace.ts';
import { hourName } from './plan.ts';

const midnightNs = startOf.day - 36_000n * 1_000_000_000n;

/** Every frame of some recorded hours, at the time of day that it was painted for; ends at the first hour that is missing. */
export function play(
  folder: string,
  fromHour: number,
  toHour: number,
  take: (frame: TraceFrame, result: PerceptionResult, atMs: number) => void,
): number {
  for (let hour = fromHour; hour < toHour; hour++) {
    if (!hasTrace(folder, hourName(hour))) return hour - fromHour;
    for (const frame of readTrace(folder, hourName(hour))) {
      const stampNs = midnightNs + BigInt(Math.round(frame.timeS * 1000)) * 1_000_000n;
      take(frame, resultOf(frame, stampNs, Math.round(frame.timeS)), frame.timeS * 1000);
    }
  }
  return toHour - fromHour;
}

/** What the first hours teach. */
export function learnDays(folder: string, learnHours: number, timesOfDay: number): ReferenceProfile {
  const builder = new ProfileBuilder({
    modelDigest: identity.digest,
    camera: 'street',
    buckets: timesOfDay,
  });
  const hours = play(folder, 0, learnHours, (frame, result, atMs) =>
    builder.observe(frame.thumbnail, result, atMs),
  );
  if (hours < learnHours) {
    throw new Error(
      `${hours} of the ${learnHours} hours that are learned are recorded; record the others first.`,
    );
  }
  return builder.finish();
}

export interface WatchedDays {
  readonly hours: number;
  readonly alarms: readonly DriftAlarm[];
}

/** The hours after those that were learned, as far as they were rendered. Every alarm is a false one. */
export function watchDays(
  folder: string,
  profile: ReferenceProfile,
  fromHour: number,
  toHour: number,
  arl0Ms: number,
): WatchedDays {
  const monitor = new DriftMonitor(profile, { arl0Ms });
  const alarms: DriftAlarm[] = [];
  const hours = play(folder, fromHour, toHour, (frame, result, atMs) => {
    alarms.push(...monitor.observe(frame.thumbnail, result, atMs));
  });
  return { hours, alarms };
}
