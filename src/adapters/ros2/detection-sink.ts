import { type Cancel, type Clock, describeError, type Log, silentLog } from '../../base/index.ts';
import type { DetectionSink, DetectorIdentity, PerceptionResult } from '../../perception/index.ts';
import {
  CdrWriter,
  type DiagnosticStatus,
  diagnosticLevels,
  type Qos,
  qosProfiles,
  type RosNode,
  type RosPublisher,
  writeDetections,
  writeDiagnostics,
  writeModelEvent,
  writePerceptionInfo,
} from '../../ros2/index.ts';
import { cameraPrefix } from './camera-topics.ts';
import { detectedObjects } from './detected-objects.ts';

/** Topics of a camera whose QoS can be set. */
const publishedTopics = ['detections', 'tracks', 'info', 'annotated'] as const;
export type PublishedTopic = (typeof publishedTopics)[number];

export interface RosDetectionSinkOptions {
  readonly node: RosNode;
  readonly clock: Clock;
  /** Cameras that are published, on topics as `cameraPrefix` names them. */
  readonly cameras: readonly string[];
  /** QoS of a topic; default reliable, depth 10. */
  readonly qos?: Partial<Record<PublishedTopic, Qos>>;
  /** Frames of a camera that came, that were lost, and whose stamps are stale, for info and diagnostics. */
  readonly counts?: (
    camera: string,
  ) => { readonly received: number; readonly lost: number; readonly stale: number } | undefined;
  /** Whether a camera is meant to give results; default: yes. */
  readonly isOn?: (camera: string) => boolean;
  /** A camera without a result for so long is an error in the diagnostics; default 5000 ms. */
  readonly staleAfterMs?: number;
  /** Problems of the models, in words: a separate status in the diagnostics. Absent: none. */
  readonly faults?: () => readonly string[] | undefined;
  readonly log?: Log;
}

interface CameraTopics {
  readonly detections: RosPublisher;
  readonly tracks: RosPublisher;
  readonly info: RosPublisher;
  published: number;
  refused: number;
  publishedBefore: number;
  refusedBefore: number;
  lastMs: number;
  latencyMs: number;
}

/** Results as vision_msgs and goshawk_msgs; diagnostics at 1 Hz; model events for those who come later too. */
export class RosDetectionSink implements DetectionSink {
  readonly #options: RosDetectionSinkOptions;
  readonly #log: Log;
  readonly #writer = new CdrWriter({ capacity: 64 << 10 });
  readonly #cameras = new Map<string, CameraTopics>();
  readonly #diagnostics: RosPublisher;
  readonly #modelEvents: RosPublisher;
  #identity: DetectorIdentity | undefined;
  #cancel: Cancel | undefined;

  constructor(options: RosDetectionSinkOptions) {
    this.#options = options;
    this.#log = options.log ?? silentLog;
    const { node, clock, cameras } = options;
    const qos = (topic: PublishedTopic) => options.qos?.[topic] ?? qosProfiles.standard;
    for (const camera of cameras) {
      const prefix = cameraPrefix(camera);
      this.#cameras.set(camera, {
        detections: node.advertise(
          `${prefix}/detections`,
          'vision_msgs/msg/Detection2DArray',
          qos('detections'),
        ),
        tracks: node.advertise(`${prefix}/tracks`, 'vision_msgs/msg/Detection2DArray', qos('tracks')),
        info: node.advertise(`${prefix}/info`, 'goshawk_msgs/msg/PerceptionInfo', qos('info')),
        published: 0,
        refused: 0,
        publishedBefore: 0,
        refusedBefore: 0,
        lastMs: clock.monotonicMs(),
        latencyMs: 0,
      });
    }
    this.#diagnostics = node.advertise(
      '/diagnostics',
      'diagnostic_msgs/msg/DiagnosticArray',
      qosProfiles.standard,
    );
    this.#modelEvents = node.advertise('~/model_events', 'goshawk_msgs/msg/ModelEvent', qosProfiles.latched);
    this.#cancel = clock.every(1000, () => this.#diagnose());
  }

  publish(result: PerceptionResult): void {
    const topics = this.#cameras.get(result.camera);
    if (topics === undefined) return;
    const writer = this.#writer;
    const header = { stampNs: result.stampNs, frameId: result.frameId };
    if (topics.detections.publish(writeDetections(writer, header, detectedObjects(result.detections))))
      topics.published += 1;
    else topics.refused += 1;
    topics.lastMs = this.#options.clock.monotonicMs();
    topics.latencyMs = result.captureToPublishMs;
    if (topics.tracks.subscribers() > 0) {
      const tracked = result.detections.filter(({ trackId }) => trackId !== undefined);
      topics.tracks.publish(writeDetections(writer, header, detectedObjects(tracked)));
    }
    if (topics.info.subscribers() > 0) this.#publishInfo(topics, result);
    if (result.identity !== this.#identity) this.#tellModel(result.identity);
  }

  /** Full names of the topics with the detections. */
  get topics(): readonly string[] {
    return [...this.#cameras.values()].map(({ detections }) => detections.topic);
  }

  /** Before the first picture: the model that is ready to look at them. */
  announce(identity: DetectorIdentity): void {
    if (identity !== this.#identity) this.#tellModel(identity);
  }

  /** Messages published, and those that slow subscribers kept from being sent. */
  counts(camera: string): { readonly published: number; readonly refused: number } {
    const { published = 0, refused = 0 } = this.#cameras.get(camera) ?? {};
    return { published, refused };
  }

  close(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #publishInfo(topics: CameraTopics, result: PerceptionResult): void {
    const { identity, timings, camera } = result;
    const { received = topics.published + topics.refused, lost = 0 } = this.#options.counts?.(camera) ?? {};
    topics.info.publish(
      writePerceptionInfo(this.#writer, {
        header: { stampNs: result.stampNs, frameId: result.frameId },
        camera,
        model: identity.model,
        version: identity.version,
        digest: identity.digest,
        engine: identity.engine,
        precision: identity.precision,
        captureToPublishMs: result.captureToPublishMs,
        ...timings,
        candidates: result.candidates,
        framesReceived: BigInt(received),
        framesPublished: BigInt(topics.published),
        framesLost: BigInt(lost),
      }),
    );
  }

  #tellModel(identity: DetectorIdentity): void {
    const old = this.#identity;
    this.#identity = identity;
    if (old?.digest === identity.digest && old.engine === identity.engine) return;
    this.#modelEvents.publish(
      writeModelEvent(this.#writer, {
        header: { stampNs: this.#options.clock.wallNs(), frameId: '' },
        oldModel: old?.model ?? '',
        oldVersion: old?.version ?? '',
        oldDigest: old?.digest ?? '',
        newModel: identity.model,
        newVersion: identity.version,
        newDigest: identity.digest,
        engine: identity.engine,
        precision: identity.precision,
      }),
    );
  }

  #diagnose(): void {
    const { clock } = this.#options;
    const cameras = [...this.#cameras].map(([camera, topics]) => this.#status(camera, topics));
    const statuses = [...cameras, ...this.#modelStatus()];
    try {
      this.#diagnostics.publish(
        writeDiagnostics(this.#writer, { stampNs: clock.wallNs(), frameId: '' }, statuses),
      );
    } catch (error) {
      this.#log.warn('diagnostics not published', { reason: describeError(error) });
    }
  }

  /** A camera gives results all the same: that its model must not run is not its fault. */
  #modelStatus(): DiagnosticStatus[] {
    const { faults, node } = this.#options;
    if (faults === undefined) return [];
    const wrong = faults() ?? [];
    const level = wrong.length === 0 ? diagnosticLevels.ok : diagnosticLevels.error;
    const message = wrong.length === 0 ? 'may run' : wrong.join(' ');
    return [{ level, name: `${node.name.name}: models`, message, hardwareId: '', values: {} }];
  }

  #status(camera: string, topics: CameraTopics): DiagnosticStatus {
    const { clock, staleAfterMs = 5000, node } = this.#options;
    const on = this.#options.isOn?.(camera) ?? true;
    // The time begins when it should give results again.
    if (!on) topics.lastMs = clock.monotonicMs();
    const silentMs = clock.monotonicMs() - topics.lastMs;
    const rate = topics.published - topics.publishedBefore;
    const refused = topics.refused - topics.refusedBefore;
    topics.publishedBefore = topics.published;
    topics.refusedBefore = topics.refused;
    const { level, message } = judge({ on, silentMs, staleAfterMs, refused, rate });
    const counts = this.#options.counts?.(camera);
    const { received = topics.published + topics.refused, lost = 0, stale = 0 } = counts ?? {};
    return {
      level,
      name: `${node.name.name}: ${camera}`,
      message,
      hardwareId: camera,
      values: {
        'results per second': String(rate),
        'capture to publish (ms)': topics.latencyMs.toFixed(2),
        'frames received': String(received),
        'frames lost': String(lost),
        'stale stamps': String(stale),
        'results published': String(topics.published),
        'results refused': String(topics.refused),
        model: this.#identity === undefined ? '' : `${this.#identity.model} ${this.#identity.version}`,
        digest: this.#identity?.digest ?? '',
        engine: this.#identity?.engine ?? '',
      },
    };
  }
}

/** `rate`, `refused`: in the last second. */
function judge(camera: {
  readonly on: boolean;
  readonly silentMs: number;
  readonly staleAfterMs: number;
  readonly refused: number;
  readonly rate: number;
}): Pick<DiagnosticStatus, 'level' | 'message'> {
  const { on, silentMs, staleAfterMs, refused, rate } = camera;
  const { ok, warn, error } = diagnosticLevels;
  if (!on) return { level: ok, message: 'off' };
  if (silentMs > staleAfterMs)
    return { level: error, message: `no result for ${(silentMs / 1000).toFixed(1)} s` };
  if (refused > 0)
    return {
      level: warn,
      message: `a subscriber is too slow: ${refused} results were not sent in the last second`,
    };
  return { level: ok, message: `${rate} results in the last second` };
}
