import type { DetectionSink, DetectorIdentity, PerceptionResult } from '../../perception/index.ts';
import {
  CdrWriter,
  type Header,
  qosProfiles,
  type RosNode,
  type RosPublisher,
  writeLabelInfo,
  writeVisionInfo,
} from '../../ros2/index.ts';
import { cameraPrefix } from './camera-topics.ts';

export interface RosVisionInfoSinkOptions {
  readonly node: RosNode;
  /** Cameras that are published. */
  readonly cameras: readonly string[];
  /** The least score that a camera reports; undefined while nobody knows. */
  readonly threshold: (camera: string) => number | undefined;
}

interface Topics {
  readonly labels: RosPublisher;
  readonly vision: RosPublisher;
  identity: DetectorIdentity | undefined;
  threshold: number | undefined;
  /** Of the classes: counts up when they change. */
  version: number;
}

/** What the results mean, for those who come later too: `~/label_info` and `~/vision_info`, again when one of them changes. */
export class RosVisionInfoSink implements DetectionSink {
  readonly #threshold: RosVisionInfoSinkOptions['threshold'];
  readonly #writer = new CdrWriter();
  readonly #cameras: ReadonlyMap<string, Topics>;

  constructor({ node, cameras, threshold }: RosVisionInfoSinkOptions) {
    this.#threshold = threshold;
    const topics = (prefix: string): Topics => ({
      labels: node.advertise(`${prefix}/label_info`, 'vision_msgs/msg/LabelInfo', qosProfiles.latched),
      vision: node.advertise(`${prefix}/vision_info`, 'vision_msgs/msg/VisionInfo', qosProfiles.latched),
      ...{ identity: undefined, threshold: undefined, version: 0 },
    });
    this.#cameras = new Map(cameras.map((camera) => [camera, topics(cameraPrefix(camera))]));
  }

  publish({ camera, identity, stampNs, frameId, further }: PerceptionResult): void {
    if (further !== true) this.#tell(camera, identity, { stampNs, frameId });
  }

  /** Before the first picture: the model that is ready to look at them. */
  announce(identity: DetectorIdentity, stampNs: bigint): void {
    for (const camera of this.#cameras.keys()) this.#tell(camera, identity, { stampNs, frameId: '' });
  }

  #tell(camera: string, identity: DetectorIdentity, header: Header): void {
    const topics = this.#cameras.get(camera);
    if (topics === undefined) return;
    const threshold = this.#threshold(camera) ?? topics.threshold ?? 0;
    const before = topics.identity;
    if (identity === before && threshold === topics.threshold) return;
    topics.identity = identity;
    topics.threshold = threshold;
    const classes = identity.labels.map((name, id) => ({ id, name }));
    topics.labels.publish(writeLabelInfo(this.#writer, { header, classes, threshold }));
    if (before?.digest === identity.digest) return;
    if (before?.labels.join('\n') !== identity.labels.join('\n')) topics.version += 1;
    topics.vision.publish(
      writeVisionInfo(this.#writer, {
        header,
        method: `${identity.model} ${identity.version}`,
        databaseLocation: topics.labels.topic,
        databaseVersion: topics.version,
      }),
    );
  }
}
