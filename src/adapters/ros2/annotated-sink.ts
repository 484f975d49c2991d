import { describeError, type Log, silentLog } from '../../base/index.ts';
import type {
  DetectionSink,
  Frame,
  Image,
  PerceptionResult,
  RulesResult,
  TrackedDetection,
} from '../../perception/index.ts';
import {
  CdrWriter,
  type Qos,
  qosProfiles,
  type RosNode,
  type RosPublisher,
  writeCompressedImage,
  writeImage,
} from '../../ros2/index.ts';
import { cameraPrefix } from './camera-topics.ts';
import { ShownDetections } from './shown-detections.ts';

/** Port: the picture with its detections drawn on it. */
export interface DrawDetections {
  jpeg(image: Image, detections: readonly TrackedDetection[], rules?: RulesResult): Promise<Uint8Array>;
  /** rgb8 without padding. */
  pixels(image: Image, detections: readonly TrackedDetection[], rules?: RulesResult): Promise<Image>;
}

/** Port: of a picture, what may be seen. Its rule is that of the moment of the call. */
export type RedactPicture = (image: Image, result: PerceptionResult) => Promise<Image>;

export interface RosAnnotatedSinkOptions {
  readonly node: RosNode;
  /** Cameras that are published; names of topics as those of the detections. */
  readonly cameras: readonly string[];
  readonly draw: DrawDetections;
  /** `plain`: everything may be seen. */
  readonly redact: RedactPicture | 'plain';
  /** Default: the sensor-data profile, as for any picture. */
  readonly qos?: Qos;
  readonly log?: Log;
}

interface Annotated {
  readonly raw: RosPublisher;
  readonly compressed: RosPublisher;
  drawing: boolean;
  failed: boolean;
}

/**
 * `~/annotated` and, a tenth of the size or less, `~/annotated/compressed`, which image tools list as the same topic by the
 * transport `compressed`. Of each, nothing is copied or drawn while nobody subscribes, and a picture that comes while another
 * is being drawn is left out.
 */
export class RosAnnotatedSink implements DetectionSink {
  readonly nodes = 'all';
  readonly #shown = new ShownDetections();
  readonly #draw: DrawDetections;
  readonly #redact: RedactPicture | 'plain';
  readonly #log: Log;
  readonly #writer = new CdrWriter();
  readonly #cameras: ReadonlyMap<string, Annotated>;

  constructor({ node, cameras, draw, redact, qos, log }: RosAnnotatedSinkOptions) {
    this.#draw = draw;
    this.#redact = redact;
    this.#log = log ?? silentLog;
    this.#cameras = new Map(
      cameras.map((camera) => {
        const topic = `${cameraPrefix(camera)}/annotated`;
        const profile = qos ?? qosProfiles.sensorData;
        const raw = node.advertise(topic, 'sensor_msgs/msg/Image', profile);
        const compressed = node.advertise(`${topic}/compressed`, 'sensor_msgs/msg/CompressedImage', profile);
        return [camera, { raw, compressed, drawing: false, failed: false }];
      }),
    );
  }

  publish(result: PerceptionResult, frame: Frame): void {
    const annotated = this.#cameras.get(result.camera);
    if (annotated === undefined) return;
    if (result.further === true) {
      this.#shown.note(result);
      return;
    }
    if (annotated.drawing) return;
    if (annotated.raw.subscribers() === 0 && annotated.compressed.subscribers() === 0) return;
    const { width, height, step, encoding } = frame;
    // The frame's pixels are valid during this call only.
    const image = { width, height, step, encoding, data: Uint8Array.from(frame.pixels.data) };
    annotated.drawing = true;
    // Now: what others found belongs to this picture.
    const seen = this.#redact === 'plain' ? image : this.#redact(image, result);
    void this.#send(annotated, result, seen, this.#shown.of(result));
  }

  async #send(
    annotated: Annotated,
    result: PerceptionResult,
    seen: Image | Promise<Image>,
    detections: readonly TrackedDetection[],
  ): Promise<void> {
    const header = { stampNs: result.stampNs, frameId: result.frameId };
    try {
      const image = 'then' in seen ? await seen : seen;
      if (annotated.compressed.subscribers() > 0) {
        const data = await this.#draw.jpeg(image, detections, result.rules);
        annotated.compressed.publish(writeCompressedImage(this.#writer, { header, format: 'jpeg', data }));
      }
      if (annotated.raw.subscribers() > 0) {
        const drawn = await this.#draw.pixels(image, detections, result.rules);
        annotated.raw.publish(writeImage(this.#writer, { header, isBigendian: false, ...drawn }));
      }
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
