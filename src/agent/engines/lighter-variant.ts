import { type Clock, describeError, GoshawkError } from '../../base/index.ts';
import { type Bundle, chooseVariant, type EngineName, type VariantKind } from '../../model/index.ts';
import { type Detector, defaultDetectionSettings, type Frame } from '../../perception/index.ts';
import type { EnginePlatform, EngineWork } from './platform.ts';

/** What is asked for where a model has to get lighter. */
export interface LighterRequest {
  /** Default: the fastest of the others that the bundle has. */
  readonly variant?: VariantKind;
  /** What a frame takes now; one that takes nearly as long is no help. */
  readonly thanMs?: number;
  /** The one that it would take the place of. */
  readonly usual?: VariantKind;
}

export interface LighterDetector {
  readonly detector: Detector;
  readonly variant: VariantKind;
  readonly frameMs: number;
}

export interface LighterPorts {
  readonly platform: Pick<EnginePlatform, 'open' | 'planStatus'>;
  readonly clock: Clock;
}

/** A variant that takes more than this share of the time of the one that serves is not worth a swap. */
const worthShare = 0.9;
const timedFrames = 5;

/**
 * Another variant of the bundle on the same engine, timed on this machine as it is now. Rejects where none is faster: what is
 * light on one machine is not on another. A plan of TensorRT is not built for it, which would take what is short.
 */
export async function openLighter(
  bundle: Bundle,
  engine: EngineName,
  { variant, thanMs, usual }: LighterRequest,
  { platform, clock }: LighterPorts,
  work: EngineWork,
): Promise<LighterDetector> {
  const others = bundle.manifest.variants.map(({ kind }) => kind).filter((kind) => kind !== usual);
  const wanted = variant === undefined ? others : [variant];
  const refused: string[] = [];
  let best: LighterDetector | undefined;
  for (const kind of wanted) {
    try {
      chooseVariant(bundle.manifest, engine, kind);
      if (engine === 'tensorrt' && (await platform.planStatus(bundle, kind)).state !== 'ready') {
        refused.push(`${kind} has no plan yet`);
        continue;
      }
      const detector = await platform.open(engine, bundle, { ...work, variant: kind });
      const frameMs = await timed(detector, clock);
      const light = thanMs === undefined || frameMs < worthShare * thanMs;
      if (!light) refused.push(`${kind} takes ${frameMs.toFixed(1)} ms`);
      if (!light || (best !== undefined && best.frameMs <= frameMs)) await detector.close();
      else {
        await best?.detector.close();
        best = { detector, variant: kind, frameMs };
      }
    } catch (error) {
      refused.push(`${kind}: ${describeError(error)}`);
    }
  }
  if (best !== undefined) return best;
  const now = thanMs === undefined ? '' : `, and a frame takes ${thanMs.toFixed(1)} ms now`;
  throw new GoshawkError(
    'variant-not-lighter',
    `${bundle.manifest.name} ${bundle.manifest.version} has no lighter variant for ${engine} here: ${refused.join('; ') || 'it has no other'}${now}.`,
    'Make one with `goshawk model optimize`, or take another step in `ladder.steps`.',
  );
}

/** The fastest of some frames: the load of the moment is not the model's. */
async function timed(detector: Detector, clock: Clock): Promise<number> {
  const frame = greyFrame(detector);
  let least = Number.POSITIVE_INFINITY;
  try {
    for (let i = 0; i < timedFrames; i += 1) {
      const startMs = clock.monotonicMs();
      await detector.detect(frame, defaultDetectionSettings);
      least = Math.min(least, clock.monotonicMs() - startMs);
    }
  } catch (error) {
    await detector.close();
    throw error;
  }
  return least;
}

function greyFrame({ identity: { inputWidth: width, inputHeight: height } }: Detector): Frame {
  return {
    ...{ camera: 'trial', sequence: 0, stampNs: 0n, frameId: 'trial', width, height, encoding: 'rgb8' },
    ...{ step: width * 3, pixels: { data: new Uint8Array(width * height * 3).fill(114), release() {} } },
  };
}
