import { metricNames } from '../../api/index.ts';
import type { DeviceDetail } from '../api/types.ts';

export interface TargetRow {
  readonly camera: string;
  readonly reachedFps: number | undefined;
  /** In words. */
  readonly target: string;
  readonly kept: boolean | undefined;
  /** Why it is missed. */
  readonly what: string | undefined;
}

/** One row for every camera of which something was promised. */
export function targetRows({ reported, metrics }: Pick<DeviceDetail, 'reported' | 'metrics'>): TargetRow[] {
  const newest = (name: string, camera: string) =>
    metrics.find((metric) => metric.name === name && metric.labels.camera === camera)?.value;
  return Object.entries(reported?.cameras ?? {}).flatMap(([camera, report]) => {
    const { targetFps, maxLatencyMs, missed, targetZone } = report;
    const parts = [
      ...(targetFps === undefined ? [] : [`${Number(targetFps.toFixed(1))} frames/s`]),
      ...(maxLatencyMs === undefined ? [] : [`${Math.round(maxLatencyMs)} ms`]),
    ];
    if (parts.length === 0) return [];
    const kept = newest(metricNames.targetKept, camera);
    return [
      {
        camera,
        reachedFps: newest(metricNames.fps, camera),
        target: `${parts.join(', ')}${targetZone === undefined ? '' : ` while an object is in ${targetZone}`}`,
        kept: kept === undefined ? undefined : kept === 1,
        what: missed?.what,
      },
    ];
  });
}
