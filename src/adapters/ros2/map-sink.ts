import {
  type Detection,
  type DetectionSink,
  labelMapOf,
  type PerceptionResult,
} from '../../perception/index.ts';
import {
  CdrWriter,
  type ImageMessage,
  type Qos,
  qosProfiles,
  type RosNode,
  type RosPublisher,
  writeImage,
} from '../../ros2/index.ts';
import { cameraPrefix } from './camera-topics.ts';

export interface RosMapSinkOptions {
  readonly node: RosNode;
  readonly cameras: readonly string[];
  /** Default: the sensor-data profile, as for any picture. */
  readonly qos?: Qos;
}

/** A map of a result, as a picture without its header. */
interface MapPicture {
  readonly topic: string;
  readonly picture: () => Omit<ImageMessage, 'header'>;
}

/**
 * Maps as pictures, each from the first result on that has one, made only while somebody subscribes. `~/segmentation` of a model that
 * gives masks: the number of the class of every pixel (mono8), 255 where there is none; `~/label_info` names them. `~/depth` (metres,
 * REP 118) or `~/disparity` (no unit, larger is nearer) of a model of depth: 32FC1 in the network's resolution, over the whole frame.
 */
export class RosMapSink implements DetectionSink {
  readonly #node: RosNode;
  readonly #qos: Qos;
  readonly #writer = new CdrWriter();
  readonly #cameras: ReadonlySet<string>;
  readonly #topics = new Map<string, RosPublisher>();

  constructor({ node, cameras, qos }: RosMapSinkOptions) {
    this.#node = node;
    this.#qos = qos ?? qosProfiles.sensorData;
    this.#cameras = new Set(cameras);
  }

  publish(result: PerceptionResult): void {
    const { camera, further, stampNs, frameId } = result;
    const map = further === true || !this.#cameras.has(camera) ? undefined : mapOf(result);
    if (map === undefined) return;
    const topic = this.#topicOf(`${cameraPrefix(camera)}/${map.topic}`);
    if (topic.subscribers() === 0) return;
    topic.publish(writeImage(this.#writer, { header: { stampNs, frameId }, ...map.picture() }));
  }

  #topicOf(name: string): RosPublisher {
    const known = this.#topics.get(name);
    if (known !== undefined) return known;
    const topic = this.#node.advertise(name, 'sensor_msgs/msg/Image', this.#qos);
    this.#topics.set(name, topic);
    return topic;
  }
}

function mapOf({ identity: { task }, detections, width, height }: PerceptionResult): MapPicture | undefined {
  if (task === 'depth') return depthOf(detections);
  if (task !== 'instance-segmentation' && task !== 'semantic-segmentation') return undefined;
  return {
    topic: 'segmentation',
    picture: () => ({
      ...{ width, height, step: width, encoding: 'mono8', isBigendian: false },
      data: labelMapOf(detections, width, height),
    }),
  };
}

function depthOf(detections: readonly Detection[]): MapPicture | undefined {
  const depth = detections.find((found) => found.depth !== undefined)?.depth;
  if (depth === undefined) return undefined;
  const { gives, columns, rows, values } = depth;
  return {
    topic: gives === 'metres' ? 'depth' : 'disparity',
    picture: () => ({
      ...{ width: columns, height: rows, step: 4 * columns, encoding: '32FC1', isBigendian: false },
      data: new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
    }),
  };
}
