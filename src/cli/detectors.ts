import { describeError, type Log } from '../base/index.ts';
import type { Bundle, EngineName, VariantKind } from '../model/index.ts';
import type { Detector } from '../perception/index.ts';

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
  /** COCO's way of evaluating: a box may have several classes. */
  readonly multiLabel?: boolean;
  readonly maxCandidates?: number;
  /** Engines that took the process down the last time; `auto` passes them over. */
  readonly crashed?: readonly EngineName[];
  /** tensorrt: the plan that was built for this board. */
  readonly planPath?: string;
}

export interface ChosenDetector {
  readonly detector: Detector;
  readonly engine: EngineName;
  /** Why this engine, in words: for the log, for `reported` and for the summary. */
  readonly reason: string;
}

/**
 * The first engine that is there and takes the model: TensorRT, ONNX Runtime in the native plane, onnxruntime-node in a
 * worker thread. An engine that is asked for by name is used or the promise rejects with the reason why not.
 */
export async function createDetector(bundle: Bundle, request: DetectorRequest): Promise<ChosenDetector> {
  const { engine: wanted, log } = request;
  if (wanted === 'onnxruntime-node') return chosen(await createInWorker(bundle, request), 'asked for', log);
  const native = await import('../../device/native/index.ts');
  const states = native.nativeEngines();
  if (wanted !== 'auto') {
    const { engine, reason } = native.chooseEngine(states, wanted);
    const detector = await native.NativeDetector.create(bundle, { ...request, engine: nativeName(engine) });
    return chosen(detector, reason, log);
  }
  const refused = new Map<EngineName, string>();
  for (;;) {
    const untried = states.filter(({ engine }) => !refused.has(engine));
    const { engine, reason } = native.chooseEngine(untried, undefined, request.crashed);
    const why = [reason, ...refused.values()].join('; ');
    if (engine === 'onnxruntime-node') return chosen(await createInWorker(bundle, request), why, log);
    try {
      const detector = await native.NativeDetector.create(bundle, { ...request, engine: nativeName(engine) });
      return chosen(detector, why, log);
    } catch (error) {
      // What only this engine refuses must not stop a device that has another one.
      refused.set(engine, `${engine} refused the model: ${describeError(error)}`);
    }
  }
}

async function createInWorker(bundle: Bundle, request: DetectorRequest): Promise<Detector> {
  const { OnnxruntimeDetector } = await import('../adapters/onnxruntime/index.ts');
  const { jpegDecoderUrl } = await import('../adapters/sharp/index.ts');
  return OnnxruntimeDetector.create(bundle, { ...request, jpegDecoderModule: jpegDecoderUrl });
}

function nativeName(engine: EngineName): 'tensorrt' | 'onnxruntime' {
  return engine === 'tensorrt' ? 'tensorrt' : 'onnxruntime';
}

function chosen(detector: Detector, reason: string, log: Log): ChosenDetector {
  const { model, engine, precision } = detector.identity;
  log.info('engine chosen', { engine, reason, model, precision });
  return { detector, engine: engine as EngineName, reason };
}
