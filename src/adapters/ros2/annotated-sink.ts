import { describeError, type Log, silentLog } from '../../base/index.ts';
import type {
  DetectionSink,
  Frame,
  Image,
  PerceptionResult,
  TrackedDetection,
} from '../../perception/index.ts';
import {
  CdrWriter,
  type Qos,
  qosProfiles,
  type RosNode,
  type RosPublisher,
  writeCompressedImage,
} from '../../ros2/index.ts';
import { cameraPrefix } from './camera-topics.ts';

export interface RosAnnotatedSinkOptions {
  readonly node: RosNode;
  /** Cameras that are published; names of topics as those of the detections. */
  readonly cameras: readonly string[];
  /** A JPEG of the picture with its detections drawn on it. */
  readonly draw: (image: Image, detections: readonly TrackedDetection[]) => Promise<Uint8Array>;
  /** Default: the sensor-data profile, as for any picture. */
  readonly qos?: Qos;
  readonly log?: Log;
}

interface Annotated {
  readonly publisher: RosPublisher;
  drawing: boolean;
  failed: boolean;
}

/**
 * `~/annotated/compressed`, which image tools list as the topic `~/annotated` by the transport `compressed`. Nothing is
 * copied or drawn while nobody subscribes, and a picture that comes while another is being drawn is left out.
 */
export class RosAnnotatedSink implements DetectionSink {
  readonly #draw: RosAnnotatedSinkOptions['draw'];
  readonly #log: Log;
  readonly #writer = new CdrWriter();
  readonly #cameras: ReadonlyMap<string, Annotated>;

  constructor({ node, cameras, draw, qos, log }: RosAnnotatedSinkOptions) {
    this.#draw = draw;
    this.#log = log ?? silentLog;
    this.#cameras = new Map(
      cameras.map((camera) => {
        const topic = `${cameraPrefix(camera, cameras)}/annotated/compressed`;
        const publisher = node.advertise(
          topic,
          'sensor_msgs/msg/CompressedImage',
          qos ?? qosProfiles.sensorData,
        );
        return [camera, { publisher, drawing: false, failed: false }];
      }),
    );
  }

  publish(result: PerceptionResult, frame: Frame): void {
    const annotated = this.#cameras.get(result.camera);
    if (annotated === undefined || annotated.drawing || annotated.publisher.subscribers() === 0) return;
    annotated.drawing = true;
    const { width, height, step, encoding } = frame;
    // The frame's pixels are valid during this call only.
    const image = { width, height, step, encoding, data: Uint8Array.from(frame.pixels.data) };
    void this.#send(annotated, result, image);
  }

  async #send(annotated: Annotated, result: PerceptionResult, image: Image): Promise<void> {
    const header = { stampNs: result.stampNs, frameId: result.frameId };
    try {
      const data = await this.#draw(image, result.detections);
      annotated.publisher.publish(writeCompressedImage(this.#writer, { header, format: 'jpeg', data }));
      annotated.failed = false;
    } catch (error) {
      // Told once until one is drawn again.
      if (!annotated.failed) {
        this.#log.warn('No annotated picture', { camera: result.camera, reason: describeError(error) });
      }
      annotated.failed = true;
    } finally {
      annotated.drawing = false;
    }
  }
}
