import type { EngineCacheManager, EngineLayer, EngineState } from '../../../device/native/index.ts';
import { CancelledError, describeError, type Log } from '../../base/index.ts';
import type { Bundle, EngineName, VariantKind } from '../../model/index.ts';
import type { Detector } from '../../perception/index.ts';

export const engineChoices = ['auto', 'tensorrt', 'onnxruntime', 'onnxruntime-node'] as const;
export type EngineChoice = (typeof engineChoices)[number];

export interface DetectorRequest {
  readonly engine: EngineChoice;
  readonly log: Log;
  readonly variant?: VariantKind;
  /** Threads of one network; default 1. */
  readonly threads?: number;
  /** Frames under way at once; default 1. */
  readonly capacity?: number;
  /** Frames, of any camera, in one run of the network, where engine and model allow it; default 1. */
  readonly maxBatch?: number;
  /** Milliseconds that a frame waits for others to run with; default 5. */
  readonly maxWaitMs?: number;
  /** COCO's way of evaluating: a box may have several classes. */
  readonly multiLabel?: boolean;
  readonly maxCandidates?: number;
  /** Engines that took the process down the last time; `auto` passes them over. */
  readonly crashed?: readonly EngineName[];
  /** tensorrt: where its plans are kept and built; default: the user's cache folder. */
  readonly plans?: EngineCacheManager;
  /** `later`: where another engine can run the model, it does so until the plan is there and proven. Default `now`. */
  readonly buildPlan?: 'now' | 'later';
  /** Of a build, 0..1. */
  readonly onProgress?: (done: number | undefined) => void;
  /** Ends a build. */
  readonly signal?: AbortSignal;
  /** What there is on this machine; default: looked up. */
  readonly engines?: readonly EngineState[];
}

export interface ChosenDetector {
  readonly detector: Detector;
  readonly engine: EngineName;
  /** Why this engine, in words: for the log, for `reported` and for the summary. */
  readonly reason: string;
  /** Better engines that did not take the model, each with its words. */
  readonly refused: ReadonlyMap<EngineName, string>;
  /** TensorRT could run it, but its plan must be built, or watched at work, first (`buildPlan: 'later'`). */
  readonly planPending: boolean;
}

/**
 * The first engine that is there and takes the model: TensorRT, ONNX Runtime in the native plane, onnxruntime-node in a
 * worker thread. An engine that is asked for by name is used or the promise rejects with the reason why not.
 */
export async function createDetector(bundle: Bundle, request: DetectorRequest): Promise<ChosenDetector> {
  const { engine: wanted, log } = request;
  const refused = new Map<EngineName, string>();
  const none = { refused, planPending: false };
  if (wanted === 'onnxruntime-node')
    return chosen(await createInWorker(bundle, request), 'asked for', none, log);
  const native = await import('../../../device/native/index.ts');
  const states = request.engines ?? native.nativeEngines();
  const plans = request.plans ?? new native.EngineCacheManager(await cacheFolder());
  const open = (engine: 'tensorrt' | 'onnxruntime') =>
    engine === 'tensorrt'
      ? plans.open(bundle, { ...request, engine }, request)
      : native.NativeDetector.create(bundle, { ...request, engine });
  if (wanted !== 'auto') {
    const { reason } = native.chooseEngine(states, wanted);
    return chosen(await open(wanted), reason, none, log);
  }
  let planPending = false;
  for (;;) {
    const untried = states.filter(({ engine }) => !refused.has(engine));
    const { engine, reason } = native.chooseEngine(untried, undefined, request.crashed);
    const why = [reason, ...refused.values()].join('; ');
    try {
      if (engine === 'onnxruntime-node')
        return chosen(await createInWorker(bundle, request), why, { refused, planPending }, log);
      if (engine === 'tensorrt' && request.buildPlan === 'later') {
        const state = await plans.state(bundle, request.variant);
        const built = state === 'ready';
        planPending = built ? !(await plans.isProven(bundle, request.variant)) : state === 'absent';
        if (planPending) {
          refused.set(engine, `tensorrt: its plan is ${built ? 'checked' : 'built'} while this one serves`);
          continue;
        }
      }
      return chosen(await open(engine), why, { refused, planPending }, log);
    } catch (error) {
      if (error instanceof CancelledError) throw error;
      if (engine === 'onnxruntime-node') {
        // Nothing else runs it: then it is worth waiting for.
        if (planPending) return createDetector(bundle, { ...request, buildPlan: 'now' });
        throw error;
      }
      // What only this engine refuses must not stop a device that has another one.
      refused.set(engine, `${engine} refused the model: ${describeError(error)}`);
    }
  }
}

/** The layers of a compiled engine, in one shape for every version of TensorRT; empty for engines that tell none. */
export async function layersOf(detector: Detector): Promise<readonly EngineLayer[]> {
  const { NativeDetector } = await import('../../../device/native/index.ts');
  return detector instanceof NativeDetector ? detector.layers : [];
}

async function createInWorker(bundle: Bundle, request: DetectorRequest): Promise<Detector> {
  const { OnnxruntimeDetector } = await import('../../adapters/onnxruntime/index.ts');
  const { jpegDecoderUrl } = await import('../../adapters/sharp/index.ts');
  return OnnxruntimeDetector.create(bundle, { ...request, jpegDecoderModule: jpegDecoderUrl });
}

/** Where commands that have no folder of their own keep plans. */
async function cacheFolder(): Promise<string> {
  const { homedir } = await import('node:os');
  const { join } = await import('node:path');
  return join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'goshawk', 'engines');
}

function chosen(
  detector: Detector,
  reason: string,
  more: Pick<ChosenDetector, 'refused' | 'planPending'>,
  log: Log,
): ChosenDetector {
  const { model, engine, precision } = detector.identity;
  log.info('engine chosen', { engine, reason, model, precision });
  return { detector, engine: engine as EngineName, reason, ...more };
}
