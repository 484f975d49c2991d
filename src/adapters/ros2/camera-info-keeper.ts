import { asGoshawkError, type Log } from '../../base/index.ts';
import {
  type CameraInfo,
  cameraInfoLimits,
  qosProfiles,
  type RosEndpoint,
  type RosMessage,
  type RosNode,
  readCameraInfo,
} from '../../ros2/index.ts';

/** `/camera/camera_info` of `/camera/image_raw`, `/camera/image_raw/compressed` and `.../compressedDepth`, as image_transport names it. */
function cameraInfoTopic(imageTopic: string): string {
  const image = imageTopic.replace(/\/compressed(?:Depth)?$/, '');
  return `${image.slice(0, image.lastIndexOf('/') + 1)}camera_info`;
}

/** The calibration that a camera told last; it stays when the camera falls silent. */
export class CameraInfoKeeper {
  readonly #node: RosNode;
  readonly #log: Log;
  readonly #camera: string;
  #subscription: RosEndpoint | undefined;
  #latest: CameraInfo | undefined;
  #told = false;

  constructor(node: RosNode, log: Log, camera: string) {
    this.#node = node;
    this.#log = log;
    this.#camera = camera;
  }

  get latest(): CameraInfo | undefined {
    return this.#latest;
  }

  /** `imageTopic` with the node's names resolved. */
  open(imageTopic: string): void {
    this.#subscription = this.#node.subscribe({
      topic: cameraInfoTopic(imageTopic),
      type: 'sensor_msgs/msg/CameraInfo',
      qos: qosProfiles.sensorData,
      maxBytes: cameraInfoLimits.maxBytes,
      queue: 2,
      onMessage: (message) => this.#take(message),
    });
  }

  close(): void {
    this.#subscription?.close();
    this.#subscription = undefined;
  }

  #take(message: RosMessage): void {
    try {
      this.#latest = readCameraInfo(message.bytes);
      this.#told = false;
    } catch (error) {
      // Told once until one can be read again.
      if (!this.#told) {
        const { message: reason } = asGoshawkError(error, 'ros-message');
        this.#log.warn('A camera_info can’t be read', { camera: this.#camera, reason });
      }
      this.#told = true;
    } finally {
      message.release();
    }
  }
}
