import { counted } from '../../base/index.ts';

/** A camera of a version on trial, since it started. */
export interface ProvenCamera {
  readonly camera: string;
  readonly processed: number;
  readonly failed: number;
  /** What it misses of its target, in words. */
  readonly missed?: string;
}

/** A camera that gave pictures before, and whether it met its target then. */
export interface WorkedCamera {
  readonly camera: string;
  readonly met: boolean;
}

export interface ProofFacts {
  /** The fleet can be reached. */
  readonly online: boolean;
  readonly cameras: readonly ProvenCamera[];
  readonly elapsedMs: number;
  /** It is watched for so long at least. */
  readonly leastMs: number;
  /** It has to show that it works by then. */
  readonly mostMs: number;
}

export type Proof = { readonly kind: 'goes-on' | 'works' } | { readonly kind: 'wrong'; readonly why: string };

/** Fewer frames show nothing. */
const fewestFrames = 20;
/** More than this share of the frames may not fail. */
const mostFailures = 0.05;

/** Whether a new version of the agent works: it reaches its fleet, and each camera that worked before works as well again. */
export function proofOf(worked: readonly WorkedCamera[], facts: ProofFacts): Proof {
  const { elapsedMs, leastMs, mostMs } = facts;
  const missing = whatIsMissing(worked, facts);
  if (missing === undefined) return { kind: elapsedMs < leastMs ? 'goes-on' : 'works' };
  if (elapsedMs < mostMs) return { kind: 'goes-on' };
  return { kind: 'wrong', why: `${missing} It had ${Math.round(elapsedMs / 1000)} s to show that it works.` };
}

function whatIsMissing(worked: readonly WorkedCamera[], { online, cameras }: ProofFacts): string | undefined {
  if (!online) return 'It does not reach its fleet.';
  for (const { camera, met } of worked) {
    const one = cameras.find((other) => other.camera === camera);
    if (one === undefined) return `It has no camera ${camera} any more.`;
    const { processed, failed, missed } = one;
    if (processed + failed < fewestFrames)
      return `It processed ${counted(processed, 'frame')} of camera ${camera}; ${fewestFrames} are needed.`;
    if (failed > mostFailures * (processed + failed))
      return `${failed} of ${processed + failed} frames of camera ${camera} failed.`;
    if (met && missed !== undefined) return `Camera ${camera} misses its target: ${missed}.`;
  }
  return undefined;
}

/** Cameras that give pictures now: what a new version has to show as well. */
export function workingCameras(
  before: readonly ProvenCamera[],
  now: readonly ProvenCamera[],
): WorkedCamera[] {
  return now
    .filter(
      ({ camera, processed }) =>
        processed > (before.find((other) => other.camera === camera)?.processed ?? 0),
    )
    .map(({ camera, missed }) => ({ camera, met: missed === undefined }));
}
