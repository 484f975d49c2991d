import {
  asGoshawkError,
  type Clock,
  describeError,
  type GoshawkError,
  InputError,
  type Log,
  silentLog,
} from '../../base/index.ts';
import type { DetectionSettings, DetectorIdentity } from '../detection.ts';
import type { Frame, FrameReceiver, FrameSource } from '../frame.ts';
import { type DetectionSink, type Detector, DetectorLostError } from '../ports.ts';
import { type CameraSettings, defaultCameraSettings } from '../settings.ts';
import type { TrackerOptions } from '../tracker/index.ts';
import { type CameraStats, CameraStream, type Inference } from './camera-stream.ts';
import type { FrameCounts } from './frame-counts.ts';
import type { Worker } from './lane.ts';
import type { Punctuality, SchedulingPolicy } from './node-queue.ts';
import type { PipelineEvent } from './pipeline-event.ts';
import { type ProbeFrame, ProbeRequests, probeLane } from './probe-requests.ts';
import { Scheduler } from './scheduler.ts';
import { mainSlot, type SlotName, SlotTable } from './slots.ts';

export type { CameraStats } from './camera-stream.ts';
export type { PipelineEvent } from './pipeline-event.ts';

export interface PipelineOptions {
  /** The models of the device by name. */
  readonly slots?: ReadonlyMap<SlotName, Detector>;
  /** Of the main slot, where it is the only one. */
  readonly detector?: Detector;
  readonly sinks: readonly DetectionSink[];
  readonly clock: Clock;
  readonly log?: Log;
  /** `false`: no tracking. `highThreshold` follows the score threshold of the camera. */
  readonly tracker?: Partial<Omit<TrackerOptions, 'highThreshold'>> | false;
  /** A frame that is not answered by then is dropped. Default 5000 ms. */
  readonly timeoutMs?: number;
  /** A detector that gives no answer for so long is stuck. Default 30,000 ms. */
  readonly answerTimeoutMs?: number;
  /** A detector that fails every frame for so long is told as `failing`. Default 10,000 ms. */
  readonly failingMs?: number;
  /** Frames and crops under way on all detectors together; default: as many as the one with the most room takes. */
  readonly parallel?: number;
  readonly onEvent?: (event: PipelineEvent) => void;
}

export interface AddCameraOptions {
  /** Default `newest`. */
  readonly policy?: SchedulingPolicy;
  readonly settings?: Partial<CameraSettings>;
}

/** A snapshot of one node of one camera's graph. */
export interface NodeStats extends Punctuality {
  readonly camera: string;
  readonly node: string;
  readonly slot: SlotName;
  readonly role: 'serve' | 'shadow';
  readonly frames: FrameCounts;
}

export interface PipelineStats {
  /** Of the main slot. */
  readonly detector: DetectorIdentity;
  readonly cameras: readonly CameraStats[];
  /** Frames that timed out and that the detector still holds. */
  readonly held: number;
  readonly nodes: readonly NodeStats[];
}

/**
 * Sources -> scheduler -> detector -> tracker -> sinks. `start` opens the sources, `close` undoes it; the detector is
 * the caller's and is closed by the caller.
 *
 * What could go wrong, and what happens
 * - the detector rejects a frame: the frame is counted as failed, one fault event, the next frame goes on
 * - the detector rejects every frame: `failing` after `failingMs`, at once where it says that it is lost
 * - the detector answers late: the frame is dropped after `timeoutMs`, `slow`, and the next ones are waited for
 * - the detector never answers: the frame is dropped after `timeoutMs`, `stuck` after `answerTimeoutMs`
 * - a sink throws: a fault, the other sinks still get the result
 * - one of several sources does not open: a fault, the others run; if none opens `start` rejects with the first error
 * - a supervised source loses its camera: `lost` with the reason, `back` with the next frame, the others run
 * - the camera's clock is ahead: latency 0, counted in `futureStamps`
 * - the camera loses frames before us: seen as gaps of the sequence, counted in `lostBySource`
 * - a model without a class that the settings name: a fault, the other classes are reported
 */
export class Pipeline {
  readonly #options: PipelineOptions;
  readonly #log: Log;
  readonly #scheduler: Scheduler<Inference>;
  readonly #streams = new Map<string, CameraStream>();
  readonly #finished: (() => void)[] = [];
  readonly #probes = new ProbeRequests();
  readonly #timeoutMs: number;
  readonly #answerTimeoutMs: number;
  readonly #slots: SlotTable;
  #started = false;
  #closed: Promise<void> | undefined;

  constructor(options: PipelineOptions) {
    this.#options = options;
    this.#log = options.log ?? silentLog;
    this.#slots = new SlotTable(slotsOf(options));
    this.#timeoutMs = options.timeoutMs ?? 5000;
    this.#answerTimeoutMs = options.answerTimeoutMs ?? 30_000;
    this.#scheduler = new Scheduler({
      clock: options.clock,
      timeoutMs: this.#timeoutMs,
      failingMs: options.failingMs ?? 10_000,
      ...(options.parallel === undefined ? {} : { parallel: options.parallel }),
      deliver: ({ frame }, inference) => this.#deliver(frame, inference),
      fail: ({ frame }, error) => {
        if (frame.camera !== probeLane) return this.#fail(frame.camera, error);
        this.#probes.fail(frame.sequence, error);
      },
      stuck: (slot, { frame }, error) => {
        const camera = this.#cameraOf(frame);
        this.#log.error('detector stuck', { camera, slot, error: error.explain() });
        this.#emit({ kind: 'stuck', camera, slot, error });
      },
      failing: (slot, { frame }, error, run) => {
        const camera = this.#cameraOf(frame);
        this.#log.error('detector failing', { camera, slot, ...run, error: error.explain() });
        const lost = error instanceof DetectorLostError ? { lost: error.lost } : {};
        this.#emit({ kind: 'failing', camera, slot, error, ...run, ...lost });
      },
      slow: (slot, { frame }, tookMs) => {
        const camera = this.#cameraOf(frame);
        this.#log.warn('detector slow', { camera, slot, tookMs });
        this.#emit({ kind: 'slow', camera, slot, tookMs });
      },
    });
    this.#scheduler.add(probeLane, { slot: mainSlot, policy: 'every' });
    for (const slot of this.#slots.names) void this.#scheduler.use(slot, this.#worker(this.#slots.get(slot)));
  }

  /** Before `start`: the camera is opened then. After it: opened at once, and the promise rejects if that fails. */
  async add(source: FrameSource, options: AddCameraOptions = {}): Promise<void> {
    const { camera } = source;
    if (this.#streams.has(camera)) {
      throw new InputError(
        'camera-twice',
        `There are two cameras named "${camera}".`,
        'Give each its own name.',
      );
    }
    const stream = new CameraStream(source, this.#options, options.settings ?? {});
    this.#scheduler.add(camera, { slot: mainSlot, policy: options.policy ?? 'newest' });
    this.#streams.set(camera, stream);
    if (!stream.settings.enabled) this.#scheduler.pause(camera);
    this.#checkClasses(stream);
    if (this.#started) await this.#open(stream);
  }

  /** Opens every camera that is not open; called again, it tries those again that did not open. */
  async start(): Promise<void> {
    this.#started = true;
    const streams = [...this.#streams.values()];
    const opened = await Promise.allSettled(streams.map((stream) => this.#open(stream)));
    const first = opened.find((result) => result.status === 'rejected');
    if (first && opened.every((result) => result.status === 'rejected')) throw first.reason;
  }

  /** Resolves when every source ended and all of its frames are accounted for. */
  finished(): Promise<void> {
    return new Promise((resolve) => {
      this.#finished.push(resolve);
      this.#settleFinished();
    });
  }

  /** Takes effect with the next frame that is taken in work. Throws an InputError for a value out of range. */
  configure(camera: string, settings: Partial<CameraSettings>): void {
    const stream = this.#stream(camera);
    stream.configure(settings);
    if (stream.settings.enabled) this.#scheduler.resume(camera);
    else this.#scheduler.pause(camera);
    this.#checkClasses(stream);
  }

  /**
   * Sends one frame the way that all frames go, through the live detector, and gives its answer to the caller alone: no
   * sink sees it and no camera counts it. Rejects as a frame fails: unread, timed out, or the pipeline closed.
   */
  probe(frame: ProbeFrame, settings: DetectionSettings): Promise<Inference> {
    return this.#probes.request(frame, settings, (asked) => void this.#scheduler.offer(probeLane, asked));
  }

  settings(camera: string): CameraSettings {
    return this.#stream(camera).settings;
  }

  get cameras(): string[] {
    return [...this.#streams.keys()];
  }

  /** Of the main slot. */
  get identity(): DetectorIdentity {
    return this.#slots.main.identity;
  }

  identities(): ReadonlyMap<SlotName, DetectorIdentity> {
    return this.#slots.identities();
  }

  /**
   * Frames of the slot go to `detector` from now on; those under way finish on the old one. Resolves when the old one owes no
   * result any more and may be closed. No frame is lost, of this slot or another.
   */
  swap(detector: Detector, slot: SlotName = mainSlot): Promise<void> {
    const from = this.#slots.swap(slot, detector).identity;
    const drained = this.#scheduler.use(slot, this.#worker(detector));
    this.#emit({ kind: 'swapped', slot, from, to: detector.identity });
    if (slot === mainSlot) {
      for (const stream of this.#streams.values()) {
        stream.resetTimes();
        this.#checkClasses(stream);
      }
    }
    return drained;
  }

  /** One more model: nodes of that slot that were skipped are served from now on. */
  addSlot(name: SlotName, detector: Detector): void {
    this.#slots.add(name, detector);
    void this.#scheduler.use(name, this.#worker(detector));
    this.#log.info('slot added', { slot: name, model: detector.identity.model });
    this.#emit({ kind: 'slot-added', slot: name, to: detector.identity });
  }

  /**
   * Its nodes are skipped from now on. Resolves when its detector owes no result any more and may be closed. Throws an
   * InputError for the main slot and one that is not there.
   */
  removeSlot(name: SlotName): Promise<void> {
    const { identity } = this.#slots.get(name);
    this.#slots.remove(name);
    const drained = this.#scheduler.retire(name);
    this.#log.info('slot removed', { slot: name, model: identity.model });
    this.#emit({ kind: 'slot-removed', slot: name, from: identity });
    return drained;
  }

  stats(): PipelineStats {
    return {
      detector: this.identity,
      held: this.#scheduler.held,
      cameras: [...this.#streams.entries()].map(([camera, stream]) =>
        stream.stats(this.#scheduler.counts(camera)),
      ),
      nodes: this.cameras.map((camera) => ({
        ...{ camera, node: 'detect', slot: mainSlot, role: 'serve' },
        frames: this.#scheduler.counts(camera),
        ...this.#scheduler.punctuality(camera),
      })),
    };
  }

  /** Closes the sources, drops what waits, and resolves when the frames under way settled or timed out. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    const scheduled = this.#scheduler.close();
    for (const [camera, stream] of this.#streams) {
      try {
        await stream.source.close();
      } catch (error) {
        this.#fail(camera, asGoshawkError(error, 'camera-close'));
      }
      stream.ended = true;
    }
    await scheduled;
    this.#settleFinished();
  }

  #worker(detector: Detector): Worker<Inference, undefined> {
    const { capacity, warmUpMs = 0 } = detector;
    return {
      capacity,
      // Loading and the first frame take longer than any frame after them.
      timeoutMs: Math.max(this.#timeoutMs, 2 * warmUpMs),
      answerTimeoutMs: Math.max(this.#answerTimeoutMs, 10 * warmUpMs),
      run: async ({ frame }) => {
        if (frame.camera === probeLane) {
          const settings = { ...defaultCameraSettings, ...this.#probes.settings(frame.sequence) };
          return { result: await detector.detect(frame, settings), settings, identity: detector.identity };
        }
        const stream = this.#stream(frame.camera);
        const settings = stream.settings;
        const result = await detector.detect(frame, stream.requested());
        return { result, settings, identity: detector.identity };
      },
    };
  }

  async #open(stream: CameraStream): Promise<void> {
    if (stream.opened) return;
    stream.opened = true;
    const { camera } = stream.source;
    const receiver: FrameReceiver = {
      frame: (frame) => this.#receive(stream, frame),
      fault: (error) => this.#fail(camera, error),
      lost: (error) => this.#lose(stream, error),
      end: () => {
        if (stream.ended) return;
        stream.ended = true;
        this.#emit({ kind: 'ended', camera });
        this.#settleFinished();
      },
    };
    try {
      stream.ended = false;
      await stream.source.open(receiver);
    } catch (error) {
      stream.opened = false;
      stream.ended = true;
      const known = asGoshawkError(error, 'camera-open', 'Check that the camera is there and not in use.');
      this.#fail(camera, known);
      this.#settleFinished();
      throw known;
    }
  }

  #receive(stream: CameraStream, frame: Frame): Promise<void> {
    stream.received(frame);
    // A frame is known by the camera that delivered it; whatever its source wrote on it.
    const { camera } = stream.source;
    if (stream.noteBack()) {
      this.#log.info('camera back', { camera });
      this.#emit({ kind: 'back', camera });
    }
    return this.#scheduler.offer(camera, frame.camera === camera ? frame : { ...frame, camera });
  }

  #deliver(frame: Frame, inference: Inference): void {
    if (frame.camera === probeLane) {
      this.#probes.answer(frame.sequence, inference);
      return;
    }
    const stream = this.#stream(frame.camera);
    // A frame of the old detector may come out after a swap.
    const serves = inference.identity === this.identity;
    const result = stream.complete(frame, inference, serves);
    let broken: GoshawkError | undefined;
    for (const sink of this.#options.sinks) {
      try {
        sink.publish(result, frame);
      } catch (error) {
        broken = asGoshawkError(error, 'sink-failed');
      }
    }
    if (broken) this.#fail(frame.camera, broken);
    else if (stream.clearFault()) {
      this.#log.info('camera recovered', { camera: frame.camera });
      this.#emit({ kind: 'recovered', camera: frame.camera });
    }
    this.#settleFinished();
  }

  #fail(camera: string, error: GoshawkError): void {
    const stream = this.#stream(camera);
    if (stream.noteFault(error)) {
      this.#log.warn('camera fault', { camera, code: error.code, error: error.explain() });
      this.#emit({ kind: 'fault', camera, error });
    }
    this.#settleFinished();
  }

  #lose(stream: CameraStream, error: GoshawkError): void {
    const { camera } = stream.source;
    stream.noteLost(error);
    this.#log.warn('camera lost', { camera, code: error.code, error: error.explain() });
    this.#emit({ kind: 'lost', camera, error });
  }

  /** A frame that was asked by nobody's camera stands for the first one. */
  #cameraOf(frame: Frame): string {
    return frame.camera === probeLane ? (this.cameras[0] ?? frame.camera) : frame.camera;
  }

  #checkClasses({ source, settings }: CameraStream): void {
    const { labels, model } = this.identity;
    // It has no classes to miss one of: nothing serves yet.
    if (labels.length === 0) return;
    const unknown = settings.classes.filter((label) => !labels.includes(label));
    if (unknown.length === 0) return;
    // Not noted as the stream's fault: the next frame that comes through does not mend it.
    const error = new InputError(
      'class-unknown',
      `The model ${model} has no class ${unknown.map((label) => `"${label}"`).join(', ')}.`,
      `Its classes are ${labels.slice(0, 20).join(', ')}${labels.length > 20 ? ', ...' : ''}.`,
    );
    this.#log.warn('class unknown', { camera: source.camera, error: error.explain() });
    this.#emit({ kind: 'fault', camera: source.camera, error });
  }

  /** Looked at after the present call: counts of the frame in hand are settled by then. */
  #settleFinished(): void {
    if (this.#finished.length === 0) return;
    for (const stream of this.#streams.values()) if (!stream.ended) return;
    void this.#scheduler.idle().then(() => {
      for (const resolve of this.#finished.splice(0)) resolve();
    });
  }

  #emit(event: PipelineEvent): void {
    try {
      this.#options.onEvent?.(event);
    } catch (error) {
      // Whoever listens must not stop the frames.
      this.#log.error('event listener failed', { event: event.kind, error: describeError(error) });
    }
  }

  #stream(camera: string): CameraStream {
    const stream = this.#streams.get(camera);
    if (!stream) {
      throw new InputError(
        'camera-unknown',
        `There is no camera "${camera}".`,
        `The cameras are ${this.cameras.join(', ') || 'none'}.`,
      );
    }
    return stream;
  }
}

function slotsOf({ slots, detector }: PipelineOptions): ReadonlyMap<SlotName, Detector> {
  return slots ?? new Map(detector === undefined ? [] : [[mainSlot, detector]]);
}
