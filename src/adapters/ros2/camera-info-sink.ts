import type { DetectionSink, PerceptionResult } from '../../perception/index.ts';
import {
  type CameraInfo,
  CdrWriter,
  type Qos,
  qosProfiles,
  type RosNode,
  type RosPublisher,
  writeCameraInfo,
} from '../../ros2/index.ts';
import { cameraPrefix } from './camera-topics.ts';

export interface RosCameraInfoSinkOptions {
  readonly node: RosNode;
  /** Cameras that are published. */
  readonly cameras: readonly string[];
  /** What a camera told last; undefined for one that has no calibration. */
  readonly cameraInfo: (camera: string) => CameraInfo | undefined;
  /** Default: the sensor-data profile, as that of the annotated picture beside it. */
  readonly qos?: Qos;
}

/**
 * `~/camera_info` beside detections and annotated picture: the camera's calibration under the stamp and frame_id of each
 * result, so that whoever synchronises by stamps finds the pair.
 */
export class RosCameraInfoSink implements DetectionSink {
  readonly #cameraInfo: RosCameraInfoSinkOptions['cameraInfo'];
  readonly #writer = new CdrWriter();
  readonly #topics: ReadonlyMap<string, RosPublisher>;

  constructor({ node, cameras, cameraInfo, qos = qosProfiles.sensorData }: RosCameraInfoSinkOptions) {
    this.#cameraInfo = cameraInfo;
    this.#topics = new Map(
      cameras.map((camera) => [
        camera,
        node.advertise(`${cameraPrefix(camera)}/camera_info`, 'sensor_msgs/msg/CameraInfo', qos),
      ]),
    );
  }

  publish({ camera, stampNs, frameId }: PerceptionResult): void {
    const topic = this.#topics.get(camera);
    if (topic === undefined || topic.subscribers() === 0) return;
    const info = this.#cameraInfo(camera);
    if (info === undefined) return;
    topic.publish(writeCameraInfo(this.#writer, { ...info, header: { stampNs, frameId } }));
  }
}
