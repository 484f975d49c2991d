import { counted } from '../../base/index.ts';
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
/** Frames that come slowly are waited for: ten times the probation, up to ten minutes. */
const longestTimes = 10;
const longestMs = 600_000;

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

/** How a probation stands. `unproven`: it is over, and too few frames came to say that the model works. */
export type Standing =
  | { readonly kind: 'goes-on' | 'survived' }
  | { readonly kind: 'wrong'; readonly why: string }
  | { readonly kind: 'unproven'; readonly why: string };

export interface ProbationTime {
  readonly elapsedMs: number;
  readonly probationMs: number;
}

/** `before` was taken at the swap. A probation without evidence lasts longer, and what there is then decides. */
export function standing(
  before: WatchedStats,
  now: WatchedStats,
  budgets: Manifest['budgets'],
  { elapsedMs, probationMs }: ProbationTime,
): Standing {
  const over = elapsedMs >= probationMs;
  const proven = isProven(before, now);
  const most = Math.max(probationMs, Math.min(longestTimes * probationMs, longestMs));
  // A pipeline that never had a frame will hardly get one now.
  const mayCome = elapsedMs < most && totals(now).received > 0;
  const goesOn = !over || (!proven && mayCome);
  const why = judge(before, now, budgets, over, goesOn ? fewestFrames : 1);
  if (why !== undefined) return { kind: 'wrong', why };
  if (goesOn) return { kind: 'goes-on' };
  // Whoever asks for no probation asks for no evidence.
  if (proven || probationMs === 0) return { kind: 'survived' };
  const { answered } = since(before, now);
  return {
    kind: 'unproven',
    why: `Kept without evidence: ${counted(answered, 'frame')} in ${Math.round(elapsedMs / 1000)} s, ${fewestFrames} are needed.`,
  };
}

/** What frames say that came later, of a model that was kept without evidence. */
export function lateStanding(
  before: WatchedStats,
  now: WatchedStats,
  budgets: Manifest['budgets'],
): Exclude<Standing, { readonly kind: 'unproven' }> {
  if (!isProven(before, now)) return { kind: 'goes-on' };
  const why = judge(before, now, budgets, true);
  return why === undefined ? { kind: 'survived' } : { kind: 'wrong', why };
}

function isProven(before: WatchedStats, now: WatchedStats): boolean {
  const { received, processed, answered } = since(before, now);
  return answered >= fewestFrames || (received >= fewestFrames && processed === 0);
}

/** Of the new model alone. */
function since(before: WatchedStats, now: WatchedStats) {
  const [was, is] = [totals(before), totals(now)];
  const processed = is.processed - was.processed;
  const failed = is.failed - was.failed;
  return { processed, failed, received: is.received - was.received, answered: processed + failed };
}

/**
 * Why a model must go back, or undefined while it does well. With `over` it must also have shown that it works at all;
 * from `fewest` frames on a share of failures counts.
 */
export function judge(
  before: WatchedStats,
  now: WatchedStats,
  budgets: Manifest['budgets'],
  over: boolean,
  fewest = fewestFrames,
): string | undefined {
  const { processed, failed, received, answered } = since(before, now);
  if (answered >= fewest && failed > mostFailures * answered)
    return `${failed} of ${answered} frames failed with the new model.`;
  if (over && received >= fewestFrames && processed === 0)
    return `The new model processed none of ${received} frames.`;
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
