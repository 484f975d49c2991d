import type { PipelineHost } from '../../src/agent/index.ts';
import { CancelledError, InputError } from '../../src/base/index.ts';
import {
  type Agreement,
  type CameraSettings,
  checkImage,
  type Detection,
  type DetectionRequest,
  type Detector,
  type DetectorIdentity,
  type DetectorResult,
  defaultCameraSettings,
  type Frame,
  type Image,
  leastThumbnailWidth,
  type PipelineStats,
  thumbnail,
} from '../../src/perception/index.ts';
import { checkSettings } from '../../src/perception/settings.ts';

export function identityOf(digest: string, version = '1'): DetectorIdentity {
  return {
    model: 'street',
    version,
    digest,
    engine: 'fake',
    precision: 'fp32',
    labels: ['car', 'person'],
    inputWidth: 160,
    inputHeight: 160,
  };
}

export function statsOf(numbers: {
  received?: number;
  processed?: number;
  failed?: number;
  p95Ms?: number;
  framesPerSecond?: number;
  identity?: DetectorIdentity;
  settings?: CameraSettings;
}): PipelineStats {
  const { received = 0, processed = 0, failed = 0, p95Ms = 1, settings = defaultCameraSettings } = numbers;
  const { framesPerSecond = 30 } = numbers;
  const summary = { count: processed, mean: p95Ms, p50: p95Ms, p95: p95Ms, p99: p95Ms, max: p95Ms };
  return {
    detector: numbers.identity ?? identityOf(`sha256:${'0'.repeat(64)}`),
    held: 0,
    nodes: [],
    cameras: [
      {
        camera: 'front',
        settings,
        frames: {
          received,
          processed,
          superseded: 0,
          dropped: { paused: 0, closed: 0, overflow: 0, failed, timeout: 0 },
          skipped: { every: 0, motion: 0, empty: 0, budget: 0, slot: 0, thinned: 0 },
          waiting: 0,
          inFlight: 0,
        },
        detections: processed,
        framesPerSecond,
        captureToPublishMs: summary,
        preprocessMs: summary,
        inferMs: summary,
        postprocessMs: summary,
        futureStamps: 0,
        lostBySource: 0,
        staleStamps: 0,
        tracks: 0,
        ended: false,
      },
    ],
  };
}

/** Sees at once what a test lets it see; by default nothing. */
export class FakeDetector implements Detector {
  readonly identity: DetectorIdentity;
  readonly capacity = 1;
  readonly #sees: (frame: Frame) => readonly Detection[];
  closed = false;

  constructor(digest: string, version?: string, sees: (frame: Frame) => readonly Detection[] = () => []) {
    this.identity = identityOf(digest, version);
    this.#sees = sees;
  }

  async detect(frame: Frame, settings: DetectionRequest): Promise<DetectorResult> {
    if (this.closed) throw new CancelledError('The detector');
    const { encoding, pixels } = frame;
    const compressed = encoding === 'jpeg';
    if (!compressed) checkImage({ ...frame, data: pixels.data });
    else if (pixels.data.at(0) !== 0xff || pixels.data.at(-1) !== 0xd9)
      throw new InputError('picture-broken', 'The picture is cut off.', 'Look at the camera.');
    const seen = this.#sees(frame);
    const { classes, scoreThreshold, maxDetections } = settings;
    return {
      detections: seen
        .filter(({ score }) => score >= scoreThreshold)
        .filter(({ label }) => classes.length === 0 || classes.includes(label))
        .slice(0, maxDetections),
      candidates: seen.length,
      timings: { preprocessMs: 1, inferMs: 1, postprocessMs: 1 },
      ...(settings.thumbnail === true && frame.width >= leastThumbnailWidth
        ? { thumbnail: thumbnail(compressed ? blank : { ...frame, data: pixels.data }) }
        : {}),
    };
  }

  async close(): Promise<void> {
    this.closed = true;
  }
}

const blank: Image = { data: new Uint8Array(36), width: 4, height: 3, step: 12, encoding: 'rgb8' };

const nothing = { count: 0, mean: 0, p50: 0, p95: 0, p99: 0, max: 0 };

/** A pipeline without frames: tests set its numbers. */
export class FakePipeline implements PipelineHost {
  readonly cameras = ['front'];
  readonly #settings = new Map<string, CameraSettings>();
  detector: Detector;
  received = 0;
  processed = 0;
  failed = 0;
  p95Ms = 1;
  framesPerSecond = 30;
  /** Models that served, in order. */
  readonly served: string[];
  /** Detectors of the slots beside `main`. */
  readonly slots = new Map<string, Detector>();
  /** What nodes of slots did. */
  nodes: {
    readonly camera: string;
    readonly node: string;
    readonly slot: string;
    readonly processed: number;
    readonly failed: number;
    readonly agreement?: Agreement;
  }[] = [];
  /** What was done with slots, in order. */
  readonly log: string[] = [];
  failSwap: Error | undefined;
  /** Of its camera, in words. */
  fault: string | undefined;

  constructor(detector: Detector) {
    this.detector = detector;
    this.served = [detector.identity.digest];
  }

  get identity(): DetectorIdentity {
    return this.detector.identity;
  }

  identities(): ReadonlyMap<string, DetectorIdentity> {
    const others = [...this.slots].map(([slot, { identity }]) => [slot, identity] as const);
    return new Map([['main', this.identity], ...others]);
  }

  async swap(detector: Detector, slot = 'main'): Promise<void> {
    if (this.failSwap !== undefined) throw this.failSwap;
    if (slot === 'main') {
      this.detector = detector;
      this.served.push(detector.identity.digest);
    } else {
      if (!this.slots.has(slot)) throw new InputError('slot-unknown', `There is no slot ${slot}.`, 'Add it.');
      this.slots.set(slot, detector);
    }
    this.log.push(`swap ${slot} ${detector.identity.digest}`);
  }

  addSlot(slot: string, detector: Detector): void {
    if (slot === 'main' || this.slots.has(slot))
      throw new InputError('slot-twice', `There are two slots named ${slot}.`, 'Name another.');
    this.slots.set(slot, detector);
    this.log.push(`add ${slot} ${detector.identity.digest}`);
  }

  async removeSlot(slot: string): Promise<void> {
    if (!this.slots.delete(slot))
      throw new InputError('slot-unknown', `There is no slot ${slot}.`, 'Add it.');
    this.log.push(`remove ${slot}`);
  }

  configure(camera: string, settings: Partial<CameraSettings>): void {
    const next = { ...this.settings(camera), ...settings };
    checkSettings(next);
    this.#settings.set(camera, next);
  }

  settings(camera: string): CameraSettings {
    if (!this.cameras.includes(camera))
      throw new InputError('camera-unknown', `There is no camera "${camera}".`, 'Name another.');
    return this.#settings.get(camera) ?? defaultCameraSettings;
  }

  stats(): PipelineStats {
    const { received, processed, failed, p95Ms, identity, framesPerSecond } = this;
    const settings = this.settings('front');
    const { cameras, ...stats } = statsOf({
      ...{ received, processed, failed, p95Ms, identity, settings, framesPerSecond },
    });
    const { fault } = this;
    return {
      ...stats,
      nodes: this.nodes.map(({ processed: done, failed: wrong, ...node }) => ({
        ...node,
        role: 'serve' as const,
        frames: statsOf({ received: done + wrong, processed: done, failed: wrong }).cameras[0]!.frames,
        deadlines: { met: 0, missed: 0 },
        ...{ waitMs: nothing, totalMs: nothing },
      })),
      cameras: cameras.map((camera) => ({ ...camera, ...(fault === undefined ? {} : { fault }) })),
    };
  }
}
