import {
  type GstEvent,
  type GstPicture,
  type GstPipelineHandle,
  type GstPipelineOptions,
  type GstreamerAddon,
  loadGstreamer,
} from '../../native/index.ts';
import { CancelledError, type Clock, GoshawkError } from '../../src/base/index.ts';
import {
  cameraLost,
  type DeviceMemory,
  type Frame,
  type FrameReceiver,
  type FrameSource,
  memoryBits,
  mostCameraPixels,
  type PacketReceiver,
  type SourceCounts,
  StreamClock,
} from '../../src/perception/index.ts';
import { explainEvent } from './explain-event.ts';
import type { PipelineText } from './pipelines.ts';
import { StreamPackets } from './stream-packets.ts';

export interface GstreamerOptions {
  readonly camera: string;
  /** Default `<camera>_optical`. */
  readonly frameId?: string;
  readonly clock: Clock;
  readonly pipeline: PipelineText;
  /** How messages call it: without credentials. */
  readonly where: string;
  /** Takes what is secret out of a text of GStreamer's. */
  readonly redact: (text: string) => string;
  readonly hadCredentials?: boolean;
  readonly keyFramesOnly?: boolean;
  /** Time to the first picture; default 10,000 ms. */
  readonly connectMs?: number;
  /** Memory that pictures may stay in; default: none, all are copied. */
  readonly memories?: readonly DeviceMemory[];
  /** Takes the stream as it came, beside its pictures. */
  readonly packets?: PacketReceiver;
  /** Default: the one that was built. */
  readonly addon?: GstreamerAddon;
}

/** Why GStreamer can't be used here; undefined where it can. */
export function gstreamerReady(): GoshawkError | undefined {
  try {
    loadGstreamer();
    return undefined;
  } catch (error) {
    return error as GoshawkError;
  }
}

/** The element that is missing for the compressed stream; undefined: none is. */
export function streamProblem(): string | undefined {
  return loadGstreamer().streamProblem() || undefined;
}

function notMapped(where: string): GoshawkError {
  return new GoshawkError(
    'camera-memory',
    `A picture of ${where} can't be read by the processor: its memory can't be mapped, or all room for copies is in use.`,
    "The agent tries the next pictures. If this happens again, set the camera's `memory` to `host`.",
  );
}

/** An element that hangs in a dead network keeps its thread; nobody waits for it longer than this. */
const closeMs = 3000;

/**
 * `FrameSource` of one GStreamer pipeline in this process, as nv12. `open` resolves with the first picture and rejects
 * with what GStreamer said; when it is over it is told as `lost`. Only the newest picture waits for JavaScript.
 */
export class GstreamerFrameSource implements FrameSource {
  readonly camera: string;
  readonly #options: GstreamerOptions;
  readonly #streamClock = new StreamClock();
  #receiver: FrameReceiver | undefined;
  #pipeline: GstPipelineHandle | undefined;
  #first: { readonly resolve: () => void; readonly reject: (error: GoshawkError) => void } | undefined;
  #whenClosed: (() => void) | undefined;
  #isClosed = false;
  #over = false;
  #why: GoshawkError | undefined;
  #counts: SourceCounts = { decodeErrors: 0 };
  #firstSequence: number | undefined;
  #mapped = 0;
  #packets: StreamPackets | undefined;

  constructor(options: GstreamerOptions) {
    this.camera = options.camera;
    this.#options = options;
  }

  inputCounts(): SourceCounts {
    if (this.#pipeline === undefined) return this.#counts;
    const { bytes, decodeErrors, inDeviceMemory, copied, held } = this.#pipeline.counts();
    const { memories = [] } = this.#options;
    if (memories.length === 0) return { bytes, decodeErrors };
    return { bytes, decodeErrors, memory: { inPlace: inDeviceMemory, copied, mapped: this.#mapped, held } };
  }

  async open(receiver: FrameReceiver): Promise<void> {
    if (this.#over) return;
    const {
      addon = loadGstreamer(),
      pipeline,
      keyFramesOnly = false,
      clock,
      connectMs = 10_000,
      memories = [],
      packets,
    } = this.#options;
    this.#packets = packets && new StreamPackets(packets());
    this.#receiver = receiver;
    const options: GstPipelineOptions = {
      ...{ ...pipeline, keyFramesOnly, maxPixels: mostCameraPixels },
      deviceMemories: memoryBits(memories),
      stream: packets !== undefined,
    };
    const opened = new Promise<void>((resolve, reject) => {
      this.#first = { resolve, reject };
    });
    this.#pipeline = new addon.GstPipeline(options, () => this.#take());
    const cancel = clock.after(connectMs, () =>
      this.#end(
        cameraLost(this.#options.where, `it answers and gave no picture within ${connectMs / 1000} s`),
      ),
    );
    try {
      await opened;
    } finally {
      cancel();
    }
  }

  async close(): Promise<void> {
    if (!this.#over) this.#packets?.end();
    this.#over = true;
    this.#receiver = undefined;
    // Somebody closed it while it opened: that is no failure of the camera.
    this.#first?.reject(new CancelledError(`Opening ${this.#options.where}`));
    this.#first = undefined;
    const pipeline = this.#pipeline;
    if (pipeline === undefined) return;
    pipeline.stop();
    await this.#closed();
    this.#counts = this.inputCounts();
    this.#pipeline = undefined;
    pipeline.close();
  }

  /** Resolves when nothing of the pipeline runs any more, or it hangs. */
  #closed(): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = this.#options.clock.after(closeMs, resolve);
      this.#whenClosed = () => {
        cancel();
        resolve();
      };
    });
  }

  #take(): void {
    const taken = this.#pipeline?.take();
    if (taken === null || taken === undefined) return;
    // Packets come before the picture that is made of them.
    if (!this.#over) this.#packets?.add(taken.stream ?? []);
    if (taken.picture !== undefined) this.#hand(taken.picture);
    for (const event of taken.events) this.#event(event);
  }

  #hand(picture: GstPicture): void {
    const { width, height, step, timeNs, sequence } = picture;
    const pixels = this.#pixels(picture);
    const receiver = this.#receiver;
    if (receiver === undefined || this.#over) {
      pixels.release();
      return;
    }
    this.#first?.resolve();
    this.#first = undefined;
    this.#firstSequence ??= sequence;
    const { clock, frameId = `${this.camera}_optical` } = this.#options;
    const stampNs = this.#streamClock.stampOf(timeNs, clock.wallNs());
    if (timeNs !== undefined) this.#packets?.frame(timeNs, stampNs);
    void receiver.frame({
      ...{ camera: this.camera, sequence: sequence - this.#firstSequence, frameId, width, height, step },
      encoding: 'nv12',
      stampNs,
      pixels,
    });
  }

  /** A picture that stays in the decoder's memory is copied only when it is read. */
  #pixels({ id, bytes, device, memory }: GstPicture): Frame['pixels'] {
    const pipeline = this.#pipeline;
    const release = () => pipeline?.release(id);
    if (bytes !== undefined) return { data: bytes, release };
    const copy = () => {
      const copied = pipeline?.copy(id) ?? null;
      if (copied === null) throw notMapped(this.#options.where);
      this.#mapped += 1;
      return copied;
    };
    let data: Uint8Array | undefined;
    return {
      get data() {
        data ??= copy();
        return data;
      },
      device: { memory: memory as DeviceMemory, picture: device! },
      release,
    };
  }

  #event(event: GstEvent): void {
    const { where, redact, hadCredentials = false } = this.#options;
    if (event.kind === 'closed') {
      this.#isClosed = true;
      this.#end(this.#why ?? cameraLost(where, 'the pipeline has ended'));
      this.#whenClosed?.();
      return;
    }
    const why = explainEvent({ ...event, text: redact(event.text) }, where, hadCredentials);
    // What came first is the cause; what follows from it says less.
    this.#why ??= why;
    if (event.kind !== 'missing' && this.#why !== undefined) this.#end(this.#why);
  }

  #end(why: GoshawkError): void {
    if (this.#over) return;
    this.#over = true;
    this.#packets?.end();
    this.#pipeline?.stop();
    if (this.#first === undefined) this.#receiver?.lost?.(why);
    else this.#first.reject(why);
    this.#first = undefined;
  }
}
