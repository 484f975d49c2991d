import { metricNames } from '../../api/index.ts';
import type { DeviceDetail } from '../api/types.ts';

/** How one camera fares; what is not known is absent. */
export interface CameraRow {
  readonly camera: string;
  readonly state: 'ok' | 'missed' | 'fault' | 'off';
  /** Of a live source that is connected to over a network or a driver. */
  readonly connected: { readonly sinceMs: number | undefined; readonly connects: number } | undefined;
  readonly frames: number | undefined;
  readonly bytes: number | undefined;
  readonly decodeErrors: number | undefined;
  readonly lastFrameAgeS: number | undefined;
  readonly reachedFps: number | undefined;
  readonly targetFps: number | undefined;
  /** Faults and their remedies, most urgent first. */
  readonly notes: readonly string[];
}

/** One row for every camera that the device reports. */
export function cameraRows({ reported, metrics }: Pick<DeviceDetail, 'reported' | 'metrics'>): CameraRow[] {
  return Object.entries(reported?.cameras ?? {}).map(([camera, report]) => {
    const newest = (name: string) =>
      metrics.find((metric) => metric.name === name && metric.labels.camera === camera)?.value;
    const { fault, missed, refused, graph = [], connects, connectedSinceMs, targetFps, leftOut } = report;
    const notes = [
      ...(fault === undefined ? [] : [fault]),
      ...(missed === undefined ? [] : [`The target is missed, ${missed.what}.`]),
      ...graph.map(({ node, problem }) => `Node ${node}: ${problem}`),
      ...(refused === undefined ? [] : [`Settings refused: ${refused}`]),
    ];
    return {
      camera,
      state: fault !== undefined ? 'fault' : leftOut === true ? 'off' : notes.length > 0 ? 'missed' : 'ok',
      connected: connects === undefined ? undefined : { sinceMs: connectedSinceMs, connects },
      frames: newest(metricNames.received),
      bytes: newest(metricNames.cameraBytes),
      decodeErrors: newest(metricNames.cameraDecodeErrors),
      lastFrameAgeS: newest(metricNames.cameraFrameAge),
      reachedFps: newest(metricNames.fps),
      targetFps,
      notes: [...new Set(notes)],
    };
  });
}
