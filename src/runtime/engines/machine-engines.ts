import { homedir } from 'node:os';
import { join } from 'node:path';
import type { EngineCacheManager, PlanSeal } from '../../../device/native/index.ts';
import type { EngineAvailability, EnginePlatform, EngineWork, PlanStatus } from '../../agent/index.ts';
import { defined, type Log, RefusedError } from '../../base/index.ts';
import {
  type Bundle,
  type BundleFile,
  chooseVariant,
  type EngineName,
  type VariantKind,
} from '../../model/index.ts';
import type { Detector, DetectorIdentity } from '../../perception/index.ts';
import { checkModule, type DecoderModuleOptions, withModule } from './decoder-modules.ts';

export interface MachineEngineOptions {
  readonly log: Log;
  /** Why the module that a bundle brings may not run; default: none may. */
  readonly refuseModule?: DecoderModuleOptions['refuseModule'];
  readonly variant?: VariantKind;
  /** As `variant`, for bundles that have it; others run their best. */
  readonly preferredVariant?: VariantKind;
  /** Threads of one network; default 1. */
  readonly threads?: number;
  /** Frames under way at once; default 1. */
  readonly capacity?: number;
  /** Frames, of any camera, in one run of the network, where engine and model allow it; default 1. */
  readonly maxBatch?: number;
  /** Milliseconds that a frame waits for others to run with; default 5. */
  readonly maxWaitMs?: number;
  /** A native engine in a process of its own; default: tensorrt, and all with `lockMemory`. */
  readonly isolate?: boolean;
  /** Nothing of a native engine is swapped, in a process of its own; no engine opens where that can't be. Default false. */
  readonly lockMemory?: boolean;
  /** tensorrt: the letterbox on the GPU, where its kernel was compiled; default false. */
  readonly gpuPreprocess?: boolean;
  /** COCO's way of evaluating: a box may have several classes. */
  readonly multiLabel?: boolean;
  /** Of a native engine, from frame to answer; 0: no limit, where whoever asks has one. Default 10,000. */
  readonly timeoutMs?: number;
  readonly maxCandidates?: number;
  /** It hung when it was closed, or while it ran: a part of it was given up, and its memory stays in use. */
  readonly onLeftBehind?: (detector: DetectorIdentity) => void;
  /** The plain bytes of a model could be swapped on their way to an engine's process: why. */
  readonly onExposed?: (lockProblem: string) => void;
  /** tensorrt: where its plans are kept and built; default: the user's cache folder. */
  readonly plans?: EngineCacheManager;
  /** Plain bytes of a file that lies encrypted; undefined for one that lies as it is. */
  readonly plain?: (bundle: Bundle, file: BundleFile) => Promise<Uint8Array | undefined>;
  /** tensorrt: for a network that lies encrypted. */
  readonly planSeal?: (bundle: Bundle, file: BundleFile) => PlanSeal | undefined;
  /** What there is on this machine; default: looked up. */
  readonly engines?: readonly EngineAvailability[];
}

/** The engines of this machine: TensorRT and ONNX Runtime behind the addon, onnxruntime-node in a worker thread. */
export class MachineEngines implements EnginePlatform {
  readonly #options: MachineEngineOptions;

  constructor(options: MachineEngineOptions) {
    this.#options = options;
  }

  async nativeEngines(): Promise<readonly EngineAvailability[]> {
    return this.#options.engines ?? (await native()).nativeEngines();
  }

  async open(engine: EngineName, bundle: Bundle, work: EngineWork): Promise<Detector> {
    checkModule(bundle, this.#options);
    return withModule(bundle, await this.#open(engine, bundle, work), this.#options);
  }

  async #open(engine: EngineName, bundle: Bundle, work: EngineWork): Promise<Detector> {
    const { onProgress, signal, variant = this.#variantOf(bundle) } = work;
    if (engine === 'onnxruntime-node' && this.#options.lockMemory === true) throw unlockedEngine();
    const { file } = chooseVariant(bundle.manifest, engine, variant).variant;
    if (engine === 'tensorrt') {
      const seal = this.#options.planSeal?.(bundle, file);
      if (seal === undefined && bundle.sealed?.has(file.digest) === true) throw sealedPlan(bundle);
      const options = { ...this.#options, ...defined({ variant }), engine };
      return (await this.#plans()).open(bundle, options, { onProgress, signal, seal });
    }
    const modelBytes = await this.#options.plain?.(bundle, file);
    const plain = defined({ modelBytes });
    const wanted = { ...this.#options, ...plain, ...defined({ variant }) };
    if (engine === 'onnxruntime-node') return openInWorker(bundle, wanted);
    try {
      return await (await native()).NativeDetector.create(bundle, { ...wanted, engine });
    } finally {
      // The engine has a copy of its own.
      modelBytes?.fill(0);
    }
  }

  async planStatus(bundle: Bundle, variant = this.#variantOf(bundle)): Promise<PlanStatus> {
    return (await this.#plans()).status(bundle, variant);
  }

  async provePlan(bundle: Bundle): Promise<void> {
    await (await this.#plans()).prove(bundle, this.#variantOf(bundle));
  }

  async rejectPlan(bundle: Bundle, reason: string): Promise<void> {
    await (await this.#plans()).reject(bundle, reason, this.#variantOf(bundle));
  }

  async setPlanAside(bundle: Bundle, reason: string): Promise<boolean> {
    return (await this.#plans()).setAside(bundle, reason, this.#variantOf(bundle));
  }

  async allowPlan(bundle: Bundle): Promise<void> {
    await (await this.#plans()).order(bundle, this.#variantOf(bundle));
  }

  #variantOf({ manifest }: Bundle): VariantKind | undefined {
    const { variant, preferredVariant } = this.#options;
    return variant ?? manifest.variants.find(({ kind }) => kind === preferredVariant)?.kind;
  }

  async #plans(): Promise<EngineCacheManager> {
    return this.#options.plans ?? new (await native()).EngineCacheManager(cacheFolder());
  }
}

/** Only who has the device's key can build a plan, and keep it encrypted. */
function sealedPlan({ manifest }: Bundle): RefusedError {
  return new RefusedError(
    'sealed-plan',
    `${manifest.name} ${manifest.version} is encrypted, and this program can neither open it nor store its plan.`,
    'Run it on a device that it is encrypted for; name the plain bundle elsewhere.',
  );
}

/** It runs in the agent's process, whose memory is not locked. */
function unlockedEngine(): RefusedError {
  return new RefusedError(
    'engine-lock-memory',
    'lockMemory needs an isolated engine, but onnxruntime-node runs in the process of the agent.',
    'Build the native engines on this machine, or set lockMemory to false.',
  );
}

async function openInWorker(
  bundle: Bundle,
  options: MachineEngineOptions & { readonly modelBytes?: Uint8Array },
): Promise<Detector> {
  const { OnnxruntimeDetector } = await import('../../adapters/onnxruntime/index.ts');
  const { jpegDecoderUrl } = await import('../../adapters/sharp/index.ts');
  return OnnxruntimeDetector.create(bundle, { ...options, jpegDecoderModule: jpegDecoderUrl });
}

/** Loaded when an engine behind the addon is asked for. */
const native = () => import('../../../device/native/index.ts');

/** Where commands that have no folder of their own keep plans. */
function cacheFolder(): string {
  return join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'goshawk', 'engines');
}
