import type { CameraPromise, CameraWindow, Conditions } from './promise.ts';

/**
 * Why a promise is not kept.
 * `fault`: no frames come through, for the reason that the camera's fault says. `camera`: it gives less than was promised.
 * `ladder`: frames were left out on purpose. `heat`, `power`: the machine slows itself down. `load`: other programs have the
 * cores. `engine`: the model is too slow for what was promised.
 */
const missReasons = ['fault', 'camera', 'ladder', 'heat', 'power', 'load', 'engine'] as const;
export type MissReason = (typeof missReasons)[number];

export interface Verdict {
  readonly camera: string;
  readonly reachedFps: number;
  readonly p95LatencyMs: number | undefined;
  /** Undefined: kept. */
  readonly missed: MissReason | undefined;
  /** What is missed by how much and why, in words; empty where it is kept. */
  readonly what: string;
}

/** A window of some seconds is never exact. */
const reachedShare = 0.95;
/** Other programs are to blame when they have more than this share of the cores. */
const othersTooMuch = 0.4;

/** Undefined where nothing was promised, the camera is off, or the zone of the promise is empty. */
export function judge(
  window: CameraWindow,
  promise: CameraPromise,
  conditions: Conditions,
): Verdict | undefined {
  const { targetFps, maxLatencyMs } = promise;
  const { camera, enabled, seconds, published, p95LatencyMs } = window;
  if (!enabled || (targetFps === undefined && maxLatencyMs === undefined)) return undefined;
  // A camera without results, or without that zone, can't tell that it is empty.
  if (promise.zone !== undefined && window.zones.get(promise.zone) === false) return undefined;
  const reachedFps = published / seconds;
  const verdict = { camera, reachedFps, p95LatencyMs };
  const slow = targetFps !== undefined && !enough(published, targetFps, seconds);
  const late = maxLatencyMs !== undefined && p95LatencyMs !== undefined && p95LatencyMs > maxLatencyMs;
  if (!slow && !late) return { ...verdict, missed: undefined, what: '' };
  const missed = blame(window, promise, conditions, slow, late);
  const parts = [
    ...(slow ? [`${oneDigit(reachedFps)} of ${oneDigit(targetFps)} frames/s`] : []),
    ...(late ? [`latency ${Math.round(p95LatencyMs)} of ${Math.round(maxLatencyMs)} ms (p95)`] : []),
  ];
  return { ...verdict, missed, what: `${parts.join(', ')}: ${words(missed, window, conditions)}` };
}

/** Counted in whole frames: one more or less in the window is nobody's fault. */
function enough(frames: number, targetFps: number, seconds: number): boolean {
  return frames + 1 >= targetFps * reachedShare * seconds;
}

function blame(
  { given, thinned, seconds, published, fault }: CameraWindow,
  { targetFps }: CameraPromise,
  { throttled, othersShare = 0 }: Conditions,
  slow: boolean,
  late: boolean,
): MissReason {
  // Also where frames come and each of them is refused, as without a model.
  if (slow && published === 0 && fault !== undefined) return 'fault';
  // Frames that are too few explain no frame that is late.
  if (slow && !late && targetFps !== undefined) {
    if (!enough(given, targetFps, seconds)) return 'camera';
    if (!enough(given - thinned, targetFps, seconds)) return 'ladder';
  }
  if (throttled !== undefined) return throttled;
  return othersShare > othersTooMuch ? 'load' : 'engine';
}

function words(
  missed: MissReason,
  { given, published, seconds, detectorMs, fault = '' }: CameraWindow,
  { celsius, othersShare = 0, powerMode }: Conditions,
): string {
  const mode = powerMode === undefined ? '' : `, power mode ${powerMode}`;
  switch (missed) {
    case 'fault':
      return fault;
    case 'camera':
      return `the camera gives ${oneDigit(given / seconds)} frames/s`;
    case 'ladder':
      return 'frames are left out on purpose, see the step of the ladder';
    case 'heat':
      return `the machine slows down for heat${celsius === undefined ? '' : ` (${Math.round(celsius)} °C)`}${mode}`;
    case 'power':
      return `the machine slows down to save power${mode}`;
    case 'load':
      return `other programs have ${Math.round(othersShare * 100)} % of the cores${mode}`;
    case 'engine':
      return published === 0
        ? `the engine gives no results${mode}`
        : `the engine is too slow, ${oneDigit(detectorMs / published)} ms a frame${mode}`;
  }
}

function oneDigit(value: number): string {
  return String(Number(value.toFixed(1)));
}
