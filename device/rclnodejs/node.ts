import { asGoshawkError } from '../../src/base/index.ts';
import type {
  DetectionSink,
  FrameReceiver,
  FrameSource,
  PerceptionResult,
} from '../../src/perception/index.ts';
import {
  CdrWriter,
  checkPicture,
  type Qos,
  qosProfiles,
  readImage,
  writeDetections,
} from '../../src/ros2/index.ts';
import type { RclNode, Rclnodejs } from './load.ts';

/** Numbers of rmw_qos_*_policy_e. */
function rmwQos(ros: Rclnodejs, { reliability, durability, depth }: Qos): object {
  const keepLast = 1;
  return new ros.QoS(
    keepLast,
    depth,
    reliability === 'reliable' ? 1 : 2,
    durability === 'transient_local' ? 1 : 2,
  );
}

/** Pictures of a topic through rcl, as serialized messages. Two copies more than device/dds, and no ROS-free device. */
export class RclnodejsFrameSource implements FrameSource {
  readonly camera: string;
  readonly #ros: Rclnodejs;
  readonly #node: RclNode;
  readonly #topic: string;
  readonly #qos: Qos;
  #subscription: object | undefined;
  #sequence = 0;

  constructor(
    ros: Rclnodejs,
    node: RclNode,
    camera: string,
    topic: string,
    qos: Qos = qosProfiles.sensorData,
  ) {
    this.#ros = ros;
    this.#node = node;
    this.camera = camera;
    this.#topic = topic;
    this.#qos = qos;
  }

  async open(receiver: FrameReceiver): Promise<void> {
    const options = { isRaw: true, qos: rmwQos(this.#ros, this.#qos) } as const;
    this.#subscription = this.#node.createSubscription(
      'sensor_msgs/msg/Image',
      this.#topic,
      options,
      (bytes) => this.#receive(bytes, receiver),
    );
  }

  async close(): Promise<void> {
    if (this.#subscription !== undefined) this.#node.destroySubscription(this.#subscription);
    this.#subscription = undefined;
  }

  #receive(bytes: Uint8Array, receiver: FrameReceiver): void {
    if (this.#subscription === undefined) return;
    try {
      const message = readImage(bytes);
      const picture = checkPicture(message);
      const sequence = this.#sequence;
      this.#sequence += 1;
      void receiver.frame({
        camera: this.camera,
        sequence,
        ...message.header,
        ...picture,
        // The buffer is ours alone: the garbage collector takes it back.
        pixels: { data: message.data, release: () => {} },
      });
    } catch (error) {
      receiver.fault(asGoshawkError(error, 'ros-message'));
    }
  }
}

/** Detections as CDR: an object of the same content costs rclnodejs thirty times as much. */
export class RclnodejsDetectionSink implements DetectionSink {
  readonly #publisher: { publish(bytes: Uint8Array): void };
  readonly #writer = new CdrWriter({ capacity: 64 << 10 });

  constructor(ros: Rclnodejs, node: RclNode, topic: string, qos: Qos = qosProfiles.standard) {
    this.#publisher = node.createPublisher('vision_msgs/msg/Detection2DArray', topic, {
      qos: rmwQos(ros, qos),
    });
  }

  publish(result: PerceptionResult): void {
    const header = { stampNs: result.stampNs, frameId: result.frameId };
    const bytes = writeDetections(this.#writer, header, result.detections);
    // rclnodejs takes a Buffer, and only a Buffer, for serialized bytes.
    this.#publisher.publish(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  }
}
