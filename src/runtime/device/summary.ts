import type { CameraStats, PipelineStats } from '../../perception/index.ts';

export interface CameraSummary {
  readonly camera: string;
  readonly received: number;
  readonly processed: number;
  readonly superseded: number;
  /** By reason. */
  readonly dropped: Readonly<Record<string, number>>;
  readonly detections: number;
  readonly framesPerSecond: number;
  /** Capture to publish, milliseconds. */
  readonly latencyP50Ms: number;
  readonly latencyP99Ms: number;
}

export interface AgentSummary {
  readonly device: string;
  readonly engine: string;
  readonly precision: string;
  readonly model: string;
  readonly version: string;
  readonly digest: string;
  readonly cameras: readonly CameraSummary[];
  /** What the fleet has not acknowledged; it stays on the disk. */
  readonly outboxEntries: number;
}

/** `seconds`: how long the cameras ran, for the mean rate over all of it. */
export function summarizeAgent(
  device: string,
  stats: PipelineStats,
  seconds: number,
  outboxEntries: number,
): AgentSummary {
  const { engine, precision, model, version, digest } = stats.detector;
  const cameras = stats.cameras.map((camera) => summarizeCamera(camera, seconds));
  return { device, engine, precision, model, version, digest, cameras, outboxEntries };
}

function summarizeCamera(stats: CameraStats, seconds: number): CameraSummary {
  const { received, processed, superseded, dropped } = stats.frames;
  return {
    camera: stats.camera,
    received,
    processed,
    superseded,
    dropped,
    detections: stats.detections,
    framesPerSecond: seconds > 0 ? round(processed / seconds, 2) : 0,
    latencyP50Ms: round(stats.captureToPublishMs.p50, 2),
    latencyP99Ms: round(stats.captureToPublishMs.p99, 2),
  };
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
