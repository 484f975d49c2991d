import { metricNames } from '../../api/index.ts';
import type { DeviceDetail } from '../api/types.ts';
import { cameraHealth } from '../ui/camera-health.ts';

/** How one camera fares; what is not known is absent. */
export interface CameraRow {
  readonly camera: string;
  readonly state: 'ok' | 'missed' | 'fault' | 'blind' | 'off';
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
export function cameraRows({
  reported,
  metrics,
  summary,
}: Pick<DeviceDetail, 'reported' | 'metrics' | 'summary'>): CameraRow[] {
  return Object.entries(reported?.cameras ?? {}).map(([camera, report]) => {
    const newest = (name: string) =>
      metrics.find((metric) => metric.name === name && metric.labels.camera === camera)?.value;
    const { fault, missed, refused, graph = [], connects, connectedSinceMs, targetFps, leftOut } = report;
    const health = cameraHealth(summary, camera);
    const isBlind = health.state === 'blind';
    const notes = [
      ...(fault === undefined ? [] : [fault]),
      // What it sends is no picture of now, or none at all.
      ...(isBlind ? health.what.map((what) => `It sees nothing: ${what}.`) : []),
      ...(missed === undefined ? [] : [`The target is missed, ${missed.what}.`]),
      ...graph.map(({ node, problem }) => `Node ${node}: ${problem}`),
      ...(refused === undefined ? [] : [`Settings refused: ${refused}`]),
    ];
    return {
      camera,
      state: stateOf(fault !== undefined, leftOut === true, isBlind, notes.length > 0),
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

function stateOf(fault: boolean, off: boolean, blind: boolean, noted: boolean): CameraRow['state'] {
  if (fault) return 'fault';
  if (off) return 'off';
  if (blind) return 'blind';
  return noted ? 'missed' : 'ok';
}
