import type { DetectionSink, PerceptionResult } from '../../perception/index.ts';
import {
  CdrWriter,
  type Qos,
  qosProfiles,
  type RosNode,
  type RosPublisher,
  writeDetections,
} from '../../ros2/index.ts';
import { cameraPrefix, rosToken } from './camera-topics.ts';
import { detectedObjects } from './detected-objects.ts';

export interface RosNodeResultsSinkOptions {
  readonly node: RosNode;
  /** Cameras that are published. */
  readonly cameras: readonly string[];
  /** Default reliable, depth 10. */
  readonly qos?: Qos;
}

/** More names of nodes than a camera's graph has had in its life are no graph. */
const mostTopics = 64;

/** What further nodes of a camera's graph find on frames: `~/<node>/detections`, from the first result of the node on. */
export class RosNodeResultsSink implements DetectionSink {
  readonly nodes = 'all';
  readonly #options: RosNodeResultsSinkOptions;
  readonly #writer = new CdrWriter({ capacity: 64 << 10 });
  readonly #topics = new Map<string, RosPublisher>();

  constructor(options: RosNodeResultsSinkOptions) {
    this.#options = options;
  }

  publish({ camera, node, further, stampNs, frameId, detections }: PerceptionResult): void {
    if (further !== true || node === undefined || !this.#options.cameras.includes(camera)) return;
    const topic = this.#topic(camera, node);
    topic?.publish(writeDetections(this.#writer, { stampNs, frameId }, detectedObjects(detections)));
  }

  #topic(camera: string, node: string): RosPublisher | undefined {
    const { cameras, qos = qosProfiles.standard } = this.#options;
    const name = `${cameraPrefix(camera, cameras)}/${rosToken(node)}/detections`;
    const known = this.#topics.get(name);
    if (known !== undefined || this.#topics.size >= mostTopics) return known;
    const made = this.#options.node.advertise(name, 'vision_msgs/msg/Detection2DArray', qos);
    this.#topics.set(name, made);
    return made;
  }
}
