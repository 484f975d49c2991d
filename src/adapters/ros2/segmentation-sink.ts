import { type DetectionSink, labelMapOf, type PerceptionResult } from '../../perception/index.ts';
import {
  CdrWriter,
  type Qos,
  qosProfiles,
  type RosNode,
  type RosPublisher,
  writeImage,
} from '../../ros2/index.ts';
import { cameraPrefix } from './camera-topics.ts';

export interface RosSegmentationSinkOptions {
  readonly node: RosNode;
  readonly cameras: readonly string[];
  /** Default: the sensor-data profile, as for any picture. */
  readonly qos?: Qos;
}

/**
 * `~/segmentation` of a model that gives masks, from its first result on: the number of the class of every pixel (mono8), 255 where
 * there is none; `~/label_info` names them. Made only while somebody subscribes.
 */
export class RosSegmentationSink implements DetectionSink {
  readonly #node: RosNode;
  readonly #qos: Qos;
  readonly #writer = new CdrWriter();
  readonly #cameras: ReadonlySet<string>;
  readonly #topics = new Map<string, RosPublisher>();

  constructor({ node, cameras, qos }: RosSegmentationSinkOptions) {
    this.#node = node;
    this.#qos = qos ?? qosProfiles.sensorData;
    this.#cameras = new Set(cameras);
  }

  publish({
    camera,
    identity,
    further,
    detections,
    width,
    height,
    stampNs,
    frameId,
  }: PerceptionResult): void {
    const givesMasks = identity.task === 'instance-segmentation' || identity.task === 'semantic-segmentation';
    if (further === true || !givesMasks || !this.#cameras.has(camera)) return;
    const topic = this.#topicOf(camera);
    if (topic.subscribers() === 0) return;
    topic.publish(
      writeImage(this.#writer, {
        header: { stampNs, frameId },
        ...{ width, height, step: width, encoding: 'mono8', isBigendian: false },
        data: labelMapOf(detections, width, height),
      }),
    );
  }

  #topicOf(camera: string): RosPublisher {
    const known = this.#topics.get(camera);
    if (known !== undefined) return known;
    const topic = this.#node.advertise(
      `${cameraPrefix(camera)}/segmentation`,
      'sensor_msgs/msg/Image',
      this.#qos,
    );
    this.#topics.set(camera, topic);
    return topic;
  }
}
