import type { Manifest } from '../../model/index.ts';
import type { CameraStats } from '../../perception/index.ts';

/** What is watched: the cameras of a pipeline, or what they give to the nodes of one slot. */
export interface WatchedStats {
  readonly detector: { readonly engine: string };
  readonly cameras: readonly Pick<
    CameraStats,
    'camera' | 'frames' | 'framesPerSecond' | 'preprocessMs' | 'inferMs' | 'postprocessMs'
  >[];
}

/** More than this share of the frames that were taken in work may not fail. */
const mostFailures = 0.05;
/** On another engine than the one before it a model must keep so much of the frame rate. */
const leastRate = 0.8;
/** Fewer frames say nothing about a share. */
const fewestFrames = 20;

interface Totals {
  readonly processed: number;
  readonly failed: number;
  readonly received: number;
}

function totals({ cameras }: WatchedStats): Totals {
  let processed = 0;
  let failed = 0;
  let received = 0;
  for (const { frames } of cameras) {
    processed += frames.processed;
    failed += frames.dropped.failed + frames.dropped.timeout;
    // What a node was not meant to see was no work.
    received += frames.received - Object.values(frames.skipped).reduce((sum, count) => sum + count, 0);
  }
  return { processed, failed, received };
}

function rateOf({ cameras }: WatchedStats): number {
  return cameras.reduce((sum, { framesPerSecond }) => sum + framesPerSecond, 0);
}

/**
 * Why a model must go back, or undefined while it does well. `before` was taken at the swap; `over` is true at the end
 * of the probation, when it must also have shown that it works at all.
 */
export function judge(
  before: WatchedStats,
  now: WatchedStats,
  budgets: Manifest['budgets'],
  over: boolean,
): string | undefined {
  const [was, is] = [totals(before), totals(now)];
  const processed = is.processed - was.processed;
  const failed = is.failed - was.failed;
  const received = is.received - was.received;
  const answered = processed + failed;
  if (answered >= fewestFrames && failed > mostFailures * answered)
    return `${failed} of ${answered} frames failed with the new model.`;
  if (over && received >= fewestFrames && processed === 0)
    return `Of ${received} frames that came in none was processed with the new model.`;
  const [rateBefore, rateNow] = [rateOf(before), rateOf(now)];
  const { engine } = now.detector;
  if (
    over &&
    received >= fewestFrames &&
    engine !== before.detector.engine &&
    rateNow < leastRate * rateBefore
  )
    return `The new model runs on ${engine} instead of ${before.detector.engine}, with ${rateNow.toFixed(1)} instead of ${rateBefore.toFixed(1)} frames/s.`;
  const limitMs = budgets?.p95LatencyMs;
  if (over && limitMs !== undefined)
    for (const { camera, preprocessMs, inferMs, postprocessMs, frames } of now.cameras) {
      const p95Ms = preprocessMs.p95 + inferMs.p95 + postprocessMs.p95;
      if (frames.processed > 0 && processed >= fewestFrames && p95Ms > limitMs)
        return `Camera ${camera} takes ${p95Ms.toFixed(1)} ms per frame (p95); the model's budget is ${limitMs} ms.`;
    }
  return undefined;
}
