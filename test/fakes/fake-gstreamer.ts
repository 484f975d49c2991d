import type { GstEvent, GstPicture, GstPipelineOptions, GstreamerAddon } from '../../native/index.ts';

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

  version(): string {
    return '1.0.0';
  }
}

export class FakePipeline {
  readonly options: GstPipelineOptions;
  readonly held = new Set<number>();
  stopped = false;
  closed = false;
  bytes = 0;
  decodeErrors = 0;
  readonly #onNotice: () => void;
  readonly #hangs: () => boolean;
  #picture: GstPicture | undefined;
  #events: GstEvent[] = [];
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
    return { ...(picture === undefined ? {} : { picture }), events };
  }

  release(id: number): void {
    this.held.delete(id);
  }

  counts() {
    return { bytes: this.bytes, decodeErrors: this.decodeErrors, overrun: 0 };
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
