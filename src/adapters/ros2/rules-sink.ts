import { type DetectionSink, type PerceptionResult, rulesJson } from '../../perception/index.ts';
import {
  CdrWriter,
  type Qos,
  qosProfiles,
  type RosNode,
  type RosPublisher,
  writeString,
} from '../../ros2/index.ts';
import { cameraPrefix } from './camera-topics.ts';

export interface RosRulesSinkOptions {
  readonly node: RosNode;
  readonly cameras: readonly string[];
  /** Default: reliable, depth 10. */
  readonly qos?: Qos;
}

/**
 * `~/rules` of a camera that has zones or lines, from its first result on: counts and events as JSON, for each result while
 * somebody subscribes. No message of ROS says such a thing, and JSON is what every other way out of the device says too.
 */
export class RosRulesSink implements DetectionSink {
  readonly #options: RosRulesSinkOptions;
  readonly #writer = new CdrWriter();
  readonly #topics = new Map<string, RosPublisher>();

  constructor(options: RosRulesSinkOptions) {
    this.#options = options;
  }

  publish({ camera, rules, stampNs, frameId }: PerceptionResult): void {
    if (rules === undefined || !this.#options.cameras.includes(camera)) return;
    const topic = this.#topicOf(camera);
    if (topic.subscribers() === 0) return;
    const text = JSON.stringify({ stampNs: String(stampNs), frameId, ...rulesJson(rules) });
    topic.publish(writeString(this.#writer, text));
  }

  #topicOf(camera: string): RosPublisher {
    const { node, qos = qosProfiles.standard } = this.#options;
    const known = this.#topics.get(camera);
    if (known !== undefined) return known;
    const topic = node.advertise(`${cameraPrefix(camera)}/rules`, 'std_msgs/msg/String', qos);
    this.#topics.set(camera, topic);
    return topic;
  }
}
