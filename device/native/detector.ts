import {
  type DetectorHandle,
  type EngineHandle,
  loadNative,
  type NativeAddon,
  type NativeImage,
  type NativeInput,
  type NativeResult,
  type NativeTensor,
} from '../../native/index.ts';
import { CancelledError, defined, InputError, type Log, silentLog } from '../../src/base/index.ts';
import {
  type Bundle,
  chooseVariant,
  type Head,
  type Manifest,
  precisionOf,
  tensorsOf,
  type VariantKind,
} from '../../src/model/index.ts';

import {
  checkHead,
  checkImage,
  type DetectionRequest,
  type Detector,
  type DetectorIdentity,
  type DetectorResult,
  type DeviceMemory,
  type Frame,
  maxCandidates,
  memoriesOf,
  packedThumbnailBytes,
  type RawTensor,
  unpackThumbnail,
} from '../../src/perception/index.ts';
import { detectionsOf } from './detections.ts';
import { type EngineLayer, engineLayers } from './engine-layers.ts';
import { type EngineSpecOptions, engineSpec, useKernels } from './engine-spec.ts';
import { explainFrame, explainNative } from './errors.ts';
import { lockProblemOf } from './isolated.ts';

export interface NativeDetectorOptions extends EngineSpecOptions {
  /** Frames under way at once; default 1. */
  readonly capacity?: number;
  /** Default: the best that the bundle has for the engine. */
  readonly variant?: VariantKind;
  /** A box may have several classes, as COCO is evaluated; default false. */
  readonly multiLabel?: boolean;
  /** Boxes that go into NMS at most. */
  readonly maxCandidates?: number;
  /** Frames, of any camera, in one run of the network; default 1. Off, with a line in the log, where the model's batch is fixed. */
  readonly maxBatch?: number;
  /** Milliseconds that a frame waits for others to run with; default 5. */
  readonly maxWaitMs?: number;
  /** From detect to result, milliseconds; default 10,000. 0: no limit. */
  readonly timeoutMs?: number;
  /** After a frame that timed out: what does not end by then is given up. Default 5000. */
  readonly giveUpMs?: number;
  /** A part of it hung and was given up: its memory stays in use. */
  readonly onLeftBehind?: (detector: DetectorIdentity) => void;
  /** A model that came as bytes could be swapped on its way to the engine's process: why. */
  readonly onExposed?: (lockProblem: string) => void;
  readonly log?: Log;
}

/** Frames that may wait for a slot: the scheduler keeps to the capacity, an evaluation pushes a little ahead. */
const queueLength = 64;
const closeTimeoutMs = 10_000;
const giveUpMs = 5000;
/** Read where they are by the letterbox of the processor. */
const onProcessor: readonly DeviceMemory[] = ['dmabuf', 'memfd'];
const noBytes = new Uint8Array(0);

/**
 * `Detector` over the native data plane: preprocess, network, decode and NMS as one task off the JavaScript thread. The
 * pixels stay where they are; only detections come back.
 */
export class NativeDetector implements Detector {
  readonly identity: DetectorIdentity;
  readonly capacity: number;
  readonly warmUpMs: number;
  readonly memories: readonly DeviceMemory[];
  /** What the engine says of itself, e.g. its version; JSON text. */
  readonly engineDescription: string;
  readonly #addon: NativeAddon;
  readonly #handle: DetectorHandle;
  readonly #options: NativeDetectorOptions;
  readonly #log: Log;
  readonly #giveUpMs: number;
  readonly #head: Head;
  readonly #rawNames: readonly string[];
  readonly #running = new Set<Promise<unknown>>();
  #mask: { readonly classes: readonly string[]; readonly wanted: Uint8Array | undefined } | undefined;
  #closed: Promise<void> | undefined;
  #warnedInvalid = false;
  #watching = false;
  #givenUp = 0;

  private constructor(
    identity: DetectorIdentity,
    addon: NativeAddon,
    handle: DetectorHandle,
    engineDescription: string,
    options: NativeDetectorOptions,
    batch: number,
    warmUpMs: number,
    memories: readonly DeviceMemory[],
    head: Head,
  ) {
    this.#head = head;
    this.#rawNames = tensorsOf(head);
    this.warmUpMs = warmUpMs;
    this.memories = memories;
    this.identity = identity;
    // Enough frames under way to fill every batch.
    this.capacity = (options.capacity ?? 1) * batch;
    this.engineDescription = engineDescription;
    this.#addon = addon;
    this.#handle = handle;
    this.#options = options;
    this.#log = options.log ?? silentLog;
    this.#giveUpMs = options.giveUpMs ?? giveUpMs;
  }

  /**
   * Loads the model, checks it against its bundle and warms it up. Rejects with a MissingError where the addon, the
   * plugin or a library is not there, with an InputError where the model does not load or does not fit.
   */
  static async create(bundle: Bundle, options: NativeDetectorOptions = {}): Promise<NativeDetector> {
    const { manifest } = bundle;
    const engineName = options.engine ?? 'onnxruntime';
    const { variant } = chooseVariant(manifest, engineName, options.variant);
    const what = `${manifest.name} ${manifest.version} (${variant.kind}) on ${engineName}`;
    const addon = loadNative();
    // The letterbox of the GPU writes three channels of floats or bytes.
    const { colorOrder, dtype } = manifest.input;
    const isUsual = colorOrder !== 'grey' && dtype !== 'int32';
    const devicePreprocess = engineName === 'tensorrt' && isUsual && useKernels(options);
    let engine: EngineHandle | undefined;
    try {
      engine = await addon.openEngine(engineSpec(bundle, variant, engineName, options));
      const described = addon.describeEngine(engine);
      const exposed = lockProblemOf(described.engine);
      if (exposed !== '') options.onExposed?.(exposed);
      const outputs = described.tensors.filter(({ input }) => !input);
      checkHead(manifest.output, manifest.labels, manifest.input, outputs);
      refuseOpenRows(manifest.output, outputs);
      const { batch, reason } = batchOf(manifest, described.tensors, options);
      if (reason !== undefined) options.log?.warn('no batches', { model: manifest.name, reason });
      const startMs = performance.now();
      const handle = await addon.createDetector(engine, {
        input: manifest.input satisfies NativeInput,
        head: manifest.output,
        classCount: manifest.labels.length,
        ...defined({ embeddingTensor: manifest.output.embedding }),
        slots: options.capacity ?? 1,
        maxBatch: batch,
        maxWaitMs: batch > 1 ? (options.maxWaitMs ?? 5) : 0,
        queue: queueLength,
        timeoutMs: options.timeoutMs ?? 10_000,
        giveUpMs: options.giveUpMs ?? giveUpMs,
        closeTimeoutMs,
        devicePreprocess,
        warmUp: true,
      });
      const warmUpMs = performance.now() - startMs;
      const identity: DetectorIdentity = {
        model: manifest.name,
        version: manifest.version,
        digest: bundle.digest,
        engine: engineName,
        // What really runs where the engine tells it; else what the file asks for.
        precision: engineLayers(described.engine).precision || precisionOf(variant.kind),
        labels: manifest.labels,
        task: manifest.task,
        inputWidth: manifest.input.width,
        inputHeight: manifest.input.height,
      };
      const memories = devicePreprocess ? memoriesOf(described.pictureMemories) : onProcessor;
      return new NativeDetector(
        ...([identity, addon, handle, described.engine, options, batch, warmUpMs, memories] as const),
        manifest.output,
      );
    } catch (error) {
      throw explainNative(error, what);
    } finally {
      // The detector holds the engine from here on.
      if (engine !== undefined) addon.closeEngine(engine);
    }
  }

  detect(frame: Frame, settings: DetectionRequest): Promise<DetectorResult> {
    if (this.#closed !== undefined) return Promise.reject(new CancelledError('The detector'));
    const work = this.#detect(frame, settings);
    this.#running.add(work);
    const forget = () => this.#running.delete(work);
    work.then(forget, forget);
    return work;
  }

  /** With the precision that each computes in; empty where the engine tells none. */
  get layers(): readonly EngineLayer[] {
    return engineLayers(this.engineDescription).layers;
  }

  close(): Promise<void> {
    this.#closed ??= (async () => {
      const ended = await this.#addon.closeDetector(this.#handle);
      await Promise.allSettled(this.#running);
      if (!ended) {
        this.#leftBehind('an engine did not answer in time while its detector was closed');
      }
    })();
    return this.#closed;
  }

  async #detect(frame: Frame, settings: DetectionRequest): Promise<DetectorResult> {
    const { width, height, step, encoding } = frame;
    const image = { ...this.#pixels(frame), width, height, step, encoding };
    // The addon checks too, for memory's sake; here the words are those of every other detector.
    if (encoding !== 'jpeg' && image.device === undefined) checkImage(image);
    try {
      const wanted = this.#wanted(settings.classes);
      const asked = {
        scoreThreshold: settings.scoreThreshold,
        iouThreshold: settings.iouThreshold,
        maxDetections: settings.maxDetections,
        maxCandidates: this.#options.maxCandidates ?? maxCandidates,
        multiLabel: this.#options.multiLabel ?? false,
        ...defined({ wanted }),
      };
      const packed = settings.thumbnail === true ? new Uint8Array(packedThumbnailBytes) : undefined;
      const result = this.#result(await this.#addon.detect(this.#handle, image, asked, packed).result);
      return packed === undefined
        ? result
        : { ...result, ...defined({ thumbnail: unpackThumbnail(packed) }) };
    } catch (error) {
      const explained = explainFrame(error, `A frame of ${frame.camera}`);
      if (explained.code === 'native-timeout') this.#watchSlots();
      throw explained;
    }
  }

  /** Where the pixels are: in device memory, in pieces, or in one. */
  #pixels({ pixels }: Frame): Pick<NativeImage, 'data' | 'pieces' | 'device'> {
    const { device, scattered } = pixels;
    if (device !== undefined && this.memories.includes(device.memory))
      return { data: noBytes, device: device.picture };
    if (scattered !== undefined) return { data: scattered.bytes, pieces: scattered.pieces };
    return { data: pixels.data };
  }

  /** A slot is given up only after its frame timed out; looked at once when that is decided. */
  #watchSlots(): void {
    if (this.#watching) return;
    this.#watching = true;
    const looked = setTimeout(() => {
      this.#watching = false;
      if (this.#closed !== undefined) return;
      const givenUp = this.#addon.givenUpSlots(this.#handle);
      if (givenUp === this.#givenUp) return;
      this.#givenUp = givenUp;
      this.#leftBehind('an engine hangs; its slot was given up and another one took its place');
    }, this.#giveUpMs + 500);
    looked.unref();
  }

  #leftBehind(what: string): void {
    const { engine, model } = this.identity;
    this.#log.error(`${what}; its memory stays in use`, { engine, model });
    this.#options.onLeftBehind?.(this.identity);
  }

  #result(native: NativeResult): DetectorResult {
    if (native.invalid > 0 && !this.#warnedInvalid) {
      this.#warnedInvalid = true;
      this.#log.warn('the network gives values that are no numbers; is its precision too low for it?', {
        model: this.identity.model,
        engine: this.identity.engine,
        invalid: native.invalid,
      });
    }
    return {
      detections: detectionsOf(native, this.identity.labels, this.#head),
      candidates: native.candidates,
      ...defined({ embedding: native.embedding, tensors: this.#tensors(native.raw) }),
      timings: {
        preprocessMs: native.preprocessMs,
        inferMs: native.inferMs,
        postprocessMs: native.postprocessMs,
      },
    };
  }

  #tensors(raw: NativeResult['raw']): readonly RawTensor[] | undefined {
    return raw?.map((tensor, index) => ({ name: this.#rawNames[index]!, ...tensor }));
  }

  /** One byte per class, made again only when the list is another. */
  #wanted(classes: readonly string[]): Uint8Array | undefined {
    if (this.#mask?.classes !== classes) {
      const names = new Set(classes);
      const wanted =
        classes.length === 0
          ? undefined
          : Uint8Array.from(this.identity.labels, (label) => (names.has(label) ? 1 : 0));
      this.#mask = { classes, wanted };
    }
    return this.#mask.wanted;
  }
}

/** Buffers of outputs are bound once, so a network that gives as many rows as it found has none that fit. */
function refuseOpenRows({ outputs }: Head, tensors: readonly NativeTensor[]): void {
  const rows = outputs.filter(({ unbatched }) => unbatched === true).flatMap((output) => output.tensors);
  const open = tensors.find(({ name, dims }) => rows.includes(name) && dims[0] === -1);
  if (open === undefined) return;
  throw new InputError(
    'native-open-rows',
    `Output "${open.name}" has a number of rows that changes from picture to picture; native engines need a fixed number.`,
    'Run it with the engine onnxruntime-node.',
  );
}

/** How many frames one run takes, and why not more where more were asked for. */
function batchOf(
  { input, output }: Pick<Manifest, 'input' | 'output'>,
  tensors: readonly NativeTensor[],
  options: NativeDetectorOptions,
): { readonly batch: number; readonly reason?: string } {
  const wanted = options.maxBatch ?? 1;
  if (wanted <= 1) return { batch: 1 };
  if ((input.constants ?? []).length > 0)
    return { batch: 1, reason: 'its constant inputs are those of one picture' };
  if (output.outputs.some(({ unbatched }) => unbatched === true))
    return { batch: 1, reason: 'its outputs have no axis for pictures' };
  const fixed = tensors.find(({ dims }) => dims[0] !== -1);
  if (fixed !== undefined)
    return { batch: 1, reason: `the first dimension of ${fixed.name} is fixed (${fixed.dims.join('x')})` };
  if (useKernels(options)) return { batch: 1, reason: 'the letterbox of the GPU fills one frame' };
  return { batch: wanted };
}
