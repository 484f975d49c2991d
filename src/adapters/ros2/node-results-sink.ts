import { type Log, silentLog } from '../../base/index.ts';
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
  readonly log?: Log;
}

/** Of one camera: more names of nodes than its graph has had in its life are no graph. */
const mostTopics = 64;

/** What further nodes of a camera's graph find on frames: `~/<node>/detections`, from the first result of the node on. */
export class RosNodeResultsSink implements DetectionSink {
  readonly nodes = 'all';
  readonly #options: RosNodeResultsSinkOptions;
  readonly #writer = new CdrWriter({ capacity: 64 << 10 });
  /** By node, of each camera. */
  readonly #cameras = new Map<string, Map<string, RosPublisher>>();
  /** Cameras with more, told once. */
  readonly #told = new Set<string>();

  constructor(options: RosNodeResultsSinkOptions) {
    this.#options = options;
  }

  publish({ camera, node, further, stampNs, frameId, detections }: PerceptionResult): void {
    if (further !== true || node === undefined || !this.#options.cameras.includes(camera)) return;
    const topic = this.#topic(camera, node);
    topic?.publish(writeDetections(this.#writer, { stampNs, frameId }, detectedObjects(detections)));
  }

  #topic(camera: string, node: string): RosPublisher | undefined {
    const { qos = qosProfiles.standard, log = silentLog } = this.#options;
    const topics = this.#cameras.get(camera) ?? new Map<string, RosPublisher>();
    this.#cameras.set(camera, topics);
    const known = topics.get(node);
    if (known !== undefined) return known;
    if (topics.size >= mostTopics) {
      if (!this.#told.has(camera))
        log.warn('A camera has had too many nodes: further ones get no topic', { camera, node, mostTopics });
      this.#told.add(camera);
      return undefined;
    }
    const name = `${cameraPrefix(camera)}/${rosToken(node)}/detections`;
    const made = this.#options.node.advertise(name, 'vision_msgs/msg/Detection2DArray', qos);
    topics.set(node, made);
    return made;
  }
}
