import type {
  Detection,
  DetectionSettings,
  DetectionSink,
  Detector,
  DetectorIdentity,
  DetectorResult,
  Frame,
  FrameReceiver,
  FrameSource,
  PerceptionResult,
} from '../../../src/perception/index.ts';

/** Frames that remember how often they were given back. */
export class FramePool {
  readonly releases = new Map<Frame, number>();
  #sequence = 0;

  frame(camera: string, over: Partial<Frame> = {}): Frame {
    const frame: Frame = {
      camera,
      sequence: this.#sequence++,
      stampNs: 0n,
      frameId: `${camera}_optical`,
      width: 4,
      height: 2,
      encoding: 'mono8',
      step: 4,
      pixels: {
        data: new Uint8Array(8),
        release: () => this.releases.set(frame, (this.releases.get(frame) ?? 0) + 1),
      },
      ...over,
    };
    this.releases.set(frame, 0);
    return frame;
  }

  released(frame: Frame): number {
    return this.releases.get(frame) ?? 0;
  }

  get everyOnce(): boolean {
    return [...this.releases.values()].every((count) => count === 1);
  }
}

export function identity(model = 'fake', labels: readonly string[] = ['car', 'person']): DetectorIdentity {
  return {
    model,
    version: '1',
    digest: `sha256:${'0'.repeat(64)}`,
    engine: 'fake',
    precision: 'fp32',
    labels,
    inputWidth: 4,
    inputHeight: 2,
  };
}

export function car(x: number, over: Partial<Detection> = {}): Detection {
  return { classId: 0, label: 'car', score: 0.9, box: { x1: x, y1: 10, x2: x + 20, y2: 30 }, ...over };
}

/** Answers when the test says so. */
export class FakeDetector implements Detector {
  readonly identity: DetectorIdentity;
  readonly capacity: number;
  readonly open: {
    frame: Frame;
    settings: DetectionSettings;
    answer(detections?: Detection[], more?: Partial<DetectorResult>): void;
    fail(error: unknown): void;
  }[] = [];

  constructor(model = 'fake', capacity = 1, over: Partial<DetectorIdentity> = {}) {
    this.identity = { ...identity(model), ...over };
    this.capacity = capacity;
  }

  detect(frame: Frame, settings: DetectionSettings): Promise<DetectorResult> {
    return new Promise((resolve, reject) => {
      const done = () => {
        this.open.splice(this.open.indexOf(task), 1);
      };
      const task = {
        frame,
        settings,
        answer(detections: Detection[] = [], more: Partial<DetectorResult> = {}) {
          done();
          const timings = { preprocessMs: 1, inferMs: 2, postprocessMs: 3 };
          resolve({ detections, candidates: 0, timings, ...more });
        },
        fail(error: unknown) {
          done();
          reject(error);
        },
      };
      this.open.push(task);
    });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

export class FakeSource implements FrameSource {
  readonly camera: string;
  receiver: FrameReceiver | undefined;
  closed = false;
  openError: unknown;
  opens = 0;

  constructor(camera: string) {
    this.camera = camera;
  }

  open(receiver: FrameReceiver): Promise<void> {
    if (this.openError !== undefined) return Promise.reject(this.openError);
    this.opens += 1;
    this.receiver = receiver;
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.closed = true;
    this.receiver = undefined;
    return Promise.resolve();
  }
}

export class FakeSink implements DetectionSink {
  readonly results: PerceptionResult[] = [];

  publish(result: PerceptionResult): void {
    this.results.push(result);
  }
}
