import { setTimeout as wait } from 'node:timers/promises';
import { CancelledError, defined, GoshawkError, type Log, silentLog } from '../../base/index.ts';
import {
  type Bundle,
  chooseVariant,
  fileIn,
  mayRewritePairs,
  precisionOf,
  type VariantKind,
} from '../../model/index.ts';
import type {
  DetectionRequest,
  Detector,
  DetectorIdentity,
  DetectorResult,
  Frame,
} from '../../perception/index.ts';
import { BatchQueue } from './batch-queue.ts';
import type { NetworkOptions } from './network.ts';
import { NetworkHost } from './network-host.ts';
import type { SharedPicture } from './worker.ts';

export interface OnnxruntimeDetectorOptions {
  /** Threads of one network; default 1. */
  readonly threads?: number;
  /** Networks side by side, each in its own worker; default 1. */
  readonly capacity?: number;
  /** Frames, of any camera, in one run of a network; default 1. Off, with a line in the log, where the model's batch is fixed. */
  readonly maxBatch?: number;
  /** A frame waits so long for others to run with; default 5 ms. */
  readonly maxWaitMs?: number;
  /** Default: the best that the bundle has for this engine. */
  readonly variant?: VariantKind;
  /** A box may have several classes, as COCO is evaluated; default false. */
  readonly multiLabel?: boolean;
  /** Boxes that go into NMS at most; an evaluation with a low threshold needs more than live use. */
  readonly maxCandidates?: number;
  /** URL of a module with `decodeJpeg`, for frames that come compressed. */
  readonly jpegDecoderModule?: string;
  /** The model's bytes, where it must not be read from the bundle's folder (encrypted bundles). */
  readonly modelBytes?: Uint8Array;
  /** Restarts of crashed workers before the detector gives up; default 3. */
  readonly maxRestarts?: number;
  /** What is under way when it is closed is waited for so long; default 10,000. */
  readonly closeTimeoutMs?: number;
  /** It hung when it was closed: its thread was given up, and its memory stays in use. */
  readonly onLeftBehind?: (detector: DetectorIdentity) => void;
  readonly log?: Log;
}

/** After this many good frames earlier crashes no longer count: a device runs for months. */
const framesThatForgive = 1000;

/**
 * `Detector` with onnxruntime-node in worker threads. A failing frame rejects with its reason and leaves the detector
 * usable; a worker that dies rejects its frame and is started again with the next one. A crash inside ONNX Runtime's
 * native code takes the whole process with it: threads share it.
 */
export class OnnxruntimeDetector implements Detector {
  readonly identity: DetectorIdentity;
  readonly capacity: number;
  readonly warmUpMs: number;
  readonly #options: NetworkOptions;
  readonly #closeTimeoutMs: number;
  readonly #onLeftBehind: ((detector: DetectorIdentity) => void) | undefined;
  readonly #maxRestarts: number;
  readonly #log: Log;
  readonly #sick: (invalid: number) => void;
  readonly #threads: (NetworkHost | undefined)[];
  readonly #queue: BatchQueue<SharedPicture, DetectorResult>;
  readonly #running = new Set<Promise<unknown>>();
  #restarts = 0;
  #goodFrames = 0;
  #closed: Promise<void> | undefined;

  private constructor(
    identity: DetectorIdentity,
    options: NetworkOptions,
    threads: readonly NetworkHost[],
    maxRestarts: number,
    log: Log,
    sick: (invalid: number) => void,
    warmUpMs: number,
    { closeTimeoutMs = 10_000, onLeftBehind, maxWaitMs = 5 }: OnnxruntimeDetectorOptions,
  ) {
    const most = threads[0]?.batch ?? 1;
    this.#closeTimeoutMs = closeTimeoutMs;
    this.#onLeftBehind = onLeftBehind;
    this.warmUpMs = warmUpMs;
    this.#sick = sick;
    this.identity = identity;
    // Enough frames under way to fill every run.
    this.capacity = threads.length * most;
    this.#queue = new BatchQueue<SharedPicture, DetectorResult>(
      { parallel: threads.length, most, waitMs: maxWaitMs },
      (index, pictures) => this.#run(index, pictures),
    );
    this.#options = options;
    this.#threads = [...threads];
    this.#maxRestarts = maxRestarts;
    this.#log = log;
  }

  /** Loads and warms up; rejects with an InputError where the model does not load or does not fit its bundle. */
  static async create(
    bundle: Bundle,
    options: OnnxruntimeDetectorOptions = {},
  ): Promise<OnnxruntimeDetector> {
    const { manifest } = bundle;
    const { variant } = chooseVariant(manifest, 'onnxruntime-node', options.variant);
    const network: NetworkOptions = {
      model: options.modelBytes ?? fileIn(bundle, variant.file),
      modelName: `${manifest.name} ${manifest.version} (${variant.kind})`,
      input: manifest.input,
      output: manifest.output,
      labels: manifest.labels,
      threads: options.threads ?? 1,
      rewritePairs: mayRewritePairs(variant.kind),
      multiLabel: options.multiLabel ?? false,
      maxBatch: options.maxBatch ?? 1,
      ...defined({ maxCandidates: options.maxCandidates, jpegDecoderModule: options.jpegDecoderModule }),
    };
    const log = options.log ?? silentLog;
    const sick = warnOnce(log, network.modelName);
    const startMs = performance.now();
    const starting = Array.from({ length: options.capacity ?? 1 }, () => NetworkHost.start(network, sick));
    const started = await Promise.allSettled(starting);
    const threads = started.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    const failed = started.find((result) => result.status === 'rejected');
    if (failed !== undefined) {
      await Promise.all(threads.map((thread) => thread.close()));
      throw failed.reason;
    }
    if ((options.maxBatch ?? 1) > 1 && threads[0]?.batch === 1)
      log.warn('no batches', { model: manifest.name, reason: 'the first dimension of the model is fixed' });
    const identity: DetectorIdentity = {
      model: manifest.name,
      version: manifest.version,
      digest: bundle.digest,
      engine: 'onnxruntime-node',
      precision: precisionOf(variant.kind),
      labels: manifest.labels,
      task: manifest.task,
      inputWidth: manifest.input.width,
      inputHeight: manifest.input.height,
    };
    return new OnnxruntimeDetector(
      identity,
      network,
      threads,
      options.maxRestarts ?? 3,
      log,
      sick,
      performance.now() - startMs,
      options,
    );
  }

  detect(frame: Frame, settings: DetectionRequest): Promise<DetectorResult> {
    if (this.#closed !== undefined) return Promise.reject(new CancelledError('The detector'));
    const work = this.#detect(frame, settings);
    this.#running.add(work);
    const forget = () => this.#running.delete(work);
    work.then(forget, forget);
    return work;
  }

  close(): Promise<void> {
    this.#closed ??= (async () => {
      const settled = Promise.allSettled(this.#running).then(() => true);
      const inTime = await Promise.race([settled, wait(this.#closeTimeoutMs, false, { ref: false })]);
      if (inTime) await Promise.all(this.#threads.map((thread) => thread?.close()));
      else {
        // A thread that hangs in native code can't be ended; its frames are given up.
        this.#log.error('a network did not answer while its detector was closed', {
          model: this.identity.model,
        });
        this.#onLeftBehind?.(this.identity);
        for (const thread of this.#threads) thread?.terminate();
      }
    })();
    return this.#closed;
  }

  #detect(frame: Frame, settings: DetectionRequest): Promise<DetectorResult> {
    const { width, height, step, encoding } = frame;
    return this.#queue.add({ image: { data: frame.pixels.data, width, height, step, encoding }, settings });
  }

  async #run(
    index: number,
    pictures: readonly SharedPicture[],
  ): Promise<readonly (DetectorResult | GoshawkError)[]> {
    const thread = await this.#threadAt(index);
    const answers = await thread.detect(pictures);
    for (const answer of answers) {
      if (answer instanceof Error) continue;
      this.#goodFrames += 1;
      if (this.#goodFrames % framesThatForgive === 0) this.#restarts = 0;
    }
    return answers;
  }

  async #threadAt(index: number): Promise<NetworkHost> {
    const thread = this.#threads[index];
    if (thread?.alive === true) return thread;
    if (this.#restarts >= this.#maxRestarts) {
      throw new GoshawkError(
        'detector-gave-up',
        `The detector's worker thread died again after ${this.#restarts} restarts.`,
        'Use another variant or engine, and report the crash with the log.',
      );
    }
    this.#restarts += 1;
    this.#goodFrames = 0;
    this.#log.warn('detector worker is started again after a crash', { restart: this.#restarts });
    const fresh = await NetworkHost.start(this.#options, this.#sick);
    this.#threads[index] = fresh;
    return fresh;
  }
}

/** A network that overflows does so frame after frame: one line is enough. */
function warnOnce(log: Log, model: string): (invalid: number) => void {
  let told = false;
  return (invalid) => {
    if (told) return;
    told = true;
    log.warn('the network gives numbers that are not finite; those boxes are left out', {
      model,
      boxes: invalid,
    });
  };
}
