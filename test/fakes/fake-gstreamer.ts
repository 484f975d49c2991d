import type {
  GstEvent,
  GstPicture,
  GstPipelineOptions,
  GstreamerAddon,
  GstStreamPiece,
} from '../../native/index.ts';

/** GStreamer's addon without GStreamer: pictures and events come when a test says so. */
export class FakeGstreamer implements GstreamerAddon {
  readonly pipelines: FakePipeline[] = [];
  readonly GstPipeline: GstreamerAddon['GstPipeline'];
  /** A pipeline that is stopped hangs, as an element in a dead network may. */
  hangs = false;
  /** Called in the next turn after one was made. */
  onPipeline: (pipeline: FakePipeline) => void = () => {};

  constructor() {
    const made = this.pipelines;
    const hangs = () => this.hangs;
    const onPipeline = (pipeline: FakePipeline) => this.onPipeline(pipeline);
    this.GstPipeline = class extends FakePipeline {
      constructor(options: GstPipelineOptions, onNotice: () => void) {
        super(options, onNotice, hangs);
        made.push(this);
        queueMicrotask(() => onPipeline(this));
      }
    };
  }

  get newest(): FakePipeline | undefined {
    return this.pipelines.at(-1);
  }

  installed = '1.26.2';
  surfaces = 'libnvbufsurface.so: no such file';

  streamProblem(): string {
    return '';
  }

  version(): string {
    return this.installed;
  }

  surfaceProblem(): string {
    return this.surfaces;
  }
}

export class FakePipeline {
  readonly options: GstPipelineOptions;
  readonly held = new Set<number>();
  stopped = false;
  closed = false;
  bytes = 0;
  decodeErrors = 0;
  inDeviceMemory = 0;
  copied = 0;
  copies = 0;
  readonly #device = new Map<number, Uint8Array | null>();
  readonly #onNotice: () => void;
  readonly #hangs: () => boolean;
  #picture: GstPicture | undefined;
  #events: GstEvent[] = [];
  #stream: GstStreamPiece[] = [];
  #next = 0;

  constructor(options: GstPipelineOptions, onNotice: () => void, hangs: () => boolean) {
    this.options = options;
    this.#onNotice = onNotice;
    this.#hangs = hangs;
  }

  /** The newest picture only waits. */
  picture(over: Partial<GstPicture> = {}): void {
    if (this.stopped) return;
    const id = this.#next;
    this.#next += 1;
    if (this.#picture !== undefined) this.held.delete(this.#picture.id);
    this.held.add(id);
    const [width, height] = [4, 2];
    const bytes = new Uint8Array(12).fill(id);
    const timeNs = BigInt(id) * 40_000_000n;
    this.#picture = { id, bytes, width, height, step: width, timeNs, sequence: id, ...over };
    this.#onNotice();
  }

  /** What goes into the decoder. */
  stream(bytes: Uint8Array, over: Partial<GstStreamPiece> = {}): void {
    if (this.options.stream === true) this.#stream.push({ jpeg: false, bytes, ...over });
  }

  event(kind: GstEvent['kind'], over: Partial<GstEvent> = {}): void {
    this.#events.push({ kind, domain: '', code: 0, text: '', ...over });
    this.#onNotice();
  }

  take() {
    if (this.closed) return null;
    const picture = this.#picture;
    const events = this.#events;
    this.#picture = undefined;
    this.#events = [];
    const stream = this.#stream.splice(0);
    return { ...(picture === undefined ? {} : { picture }), stream, events };
  }

  /** A picture that stays where it is; `pixels`: what the processor gets when it asks, null: it can't be mapped. */
  devicePicture(pixels: Uint8Array | null = new Uint8Array(12).fill(7), memory = 'dmabuf'): void {
    this.#device.set(this.#next, pixels);
    this.inDeviceMemory += 1;
    this.picture({ bytes: undefined, device: {}, memory } as unknown as Partial<GstPicture>);
  }

  copy(id: number): Uint8Array | null {
    this.copies += 1;
    return this.held.has(id) ? (this.#device.get(id) ?? null) : null;
  }

  release(id: number): void {
    this.held.delete(id);
  }

  counts() {
    const { inDeviceMemory, copied } = this;
    const held = [...this.held].filter((id) => this.#device.has(id)).length;
    return { bytes: this.bytes, decodeErrors: this.decodeErrors, overrun: 0, inDeviceMemory, copied, held };
  }

  stop(): void {
    if (this.stopped) return;
    this.stopped = true;
    if (this.#picture !== undefined) this.held.delete(this.#picture.id);
    this.#picture = undefined;
    if (!this.#hangs()) queueMicrotask(() => this.event('closed'));
  }

  close(): void {
    this.closed = true;
  }
}
