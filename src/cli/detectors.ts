import { existsSync } from 'node:fs';
import { describeError, type Log, MissingError } from '../base/index.ts';
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
}

export interface ChosenDetector {
  readonly detector: Detector;
  readonly engine: EngineName;
  /** Why this engine, in words: for the log, `reported` and `doctor`. */
  readonly reason: string;
}

/** What the native plane offers; its door is device/native/index.ts. */
export interface NativeDoor {
  /** For each native engine whether it can run here, and why not. */
  nativeEngines(): Promise<readonly NativeEngine[]>;
  createNativeDetector(
    bundle: Bundle,
    options: Omit<DetectorRequest, 'engine'> & { readonly engine: NativeEngine['engine'] },
  ): Promise<Detector>;
}

export interface NativeEngine {
  readonly engine: 'tensorrt' | 'onnxruntime';
  readonly available: boolean;
  /** In words. */
  readonly reason: string;
}

/** The first engine that is there: TensorRT, ONNX Runtime in the native plane, onnxruntime-node in a worker thread. */
export async function createDetector(bundle: Bundle, request: DetectorRequest): Promise<ChosenDetector> {
  const { engine, log } = request;
  const why: string[] = [];
  if (engine !== 'onnxruntime-node') {
    const native = await loadNative();
    for (const candidate of await native.engines()) {
      if (engine !== 'auto' && candidate.engine !== engine) continue;
      if (!candidate.available || native.door === undefined) {
        why.push(candidate.reason);
        continue;
      }
      try {
        const detector = await native.door.createNativeDetector(bundle, {
          ...request,
          engine: candidate.engine,
        });
        return chosen(detector, candidate.engine, [...why, candidate.reason], log);
      } catch (error) {
        // A model that only this engine refuses must not stop a device that has another engine.
        if (engine !== 'auto') throw error;
        why.push(`${candidate.engine}: ${describeError(error)}`);
      }
    }
    if (engine !== 'auto') {
      throw new MissingError(
        'engine-missing',
        `The engine ${engine} is not there (${why.join('; ') || 'unknown'}).`,
        'Run `goshawk doctor` to see what is missing, or use --engine auto.',
      );
    }
  }
  const { OnnxruntimeDetector } = await import('../adapters/onnxruntime/index.ts');
  const { jpegDecoderUrl } = await import('../adapters/sharp/index.ts');
  const detector = await OnnxruntimeDetector.create(bundle, {
    ...request,
    jpegDecoderModule: jpegDecoderUrl,
  });
  const reason = engine === 'auto' ? [...why, 'onnxruntime-node runs everywhere'] : ['asked for'];
  return chosen(detector, 'onnxruntime-node', reason, log);
}

function chosen(detector: Detector, engine: EngineName, why: readonly string[], log: Log): ChosenDetector {
  // The same reason for two engines is said once.
  const reason = [...new Set(why)].join('; ');
  log.info('engine chosen', { engine, reason, model: detector.identity.model });
  return { detector, engine, reason };
}

interface LoadedNative {
  readonly door?: NativeDoor;
  engines(): Promise<readonly NativeEngine[]>;
}

/** The native plane is optional: without a compiler it was not built, and everything runs without it. */
export async function loadNative(): Promise<LoadedNative> {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const url = new URL(`../../device/native/index.${extension}`, import.meta.url);
  const none = (reason: string): LoadedNative => ({
    engines: () =>
      Promise.resolve(
        (['tensorrt', 'onnxruntime'] as const).map((engine) => ({ engine, available: false, reason })),
      ),
  });
  if (!existsSync(url)) return none('the native data plane is not part of this installation');
  try {
    const door = (await import(url.href)) as Partial<NativeDoor>;
    if (door.nativeEngines === undefined || door.createNativeDetector === undefined) {
      return none('the native data plane has another version');
    }
    return { door: door as NativeDoor, engines: () => (door as NativeDoor).nativeEngines() };
  } catch (error) {
    return none(describeError(error));
  }
}
