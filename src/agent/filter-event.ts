import type { CameraSettings } from '../perception/index.ts';
import type { AgentEvent } from './event-reporter.ts';

/** What of a camera's settings changes its results without anything changing in front of it. */
const filters = [
  ['enabled', 'Detection'],
  ['scoreThreshold', 'Score threshold'],
  ['iouThreshold', 'IoU threshold'],
  ['maxDetections', 'Detections per frame'],
  ['classes', 'Classes'],
] as const;

/** Marks the time in the camera's history; undefined where no filter is another one. */
export function filterEvent(
  camera: string,
  before: CameraSettings,
  after: CameraSettings,
): AgentEvent | undefined {
  const changed = filters.flatMap(([key, name]) => {
    const [from, to] = [wordsOf(before[key]), wordsOf(after[key])];
    return from === to ? [] : [`${name}: ${from} -> ${to}`];
  });
  if (changed.length === 0) return undefined;
  return { kind: 'camera.filter-changed', severity: 'info', camera, message: `${changed.join('; ')}.` };
}

function wordsOf(value: boolean | number | readonly string[]): string {
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  if (typeof value === 'number') return String(Number(value.toFixed(3)));
  return value.length === 0 ? 'all' : [...value].sort().join(', ');
}
