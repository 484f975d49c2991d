import type { DetectionSink, PerceptionResult } from '../../perception/index.ts';
import {
  ApproximateTime,
  CdrWriter,
  type Qos,
  qosProfiles,
  type RosNode,
  type RosPublisher,
  writeSynchronized,
} from '../../ros2/index.ts';
import { detectedObjects } from './detected-objects.ts';

export interface RosSynchronizedSinkOptions {
  readonly node: RosNode;
  /** In the order of the message. */
  readonly cameras: readonly string[];
  readonly slopMs: number;
  /** Results of one camera that wait for the others. */
  readonly queue: number;
  readonly qos?: Qos;
}

/** `~/synchronized`: the detections of several cameras whose pictures were taken at about the same time, as one message. */
export class RosSynchronizedSink implements DetectionSink {
  readonly #cameras: readonly string[];
  readonly #sync: ApproximateTime<PerceptionResult>;
  readonly #publisher: RosPublisher;
  readonly #writer = new CdrWriter();

  constructor({ node, cameras, slopMs, queue, qos = qosProfiles.standard }: RosSynchronizedSinkOptions) {
    this.#cameras = cameras;
    const slopNs = BigInt(Math.round(slopMs * 1e6));
    this.#sync = new ApproximateTime({ sources: cameras, slopNs, queue });
    this.#publisher = node.advertise('~/synchronized', 'goshawk_msgs/msg/SynchronizedDetections', qos);
  }

  publish(result: PerceptionResult): void {
    for (const set of this.#sync.add(result.camera, result)) {
      const cameras = this.#cameras.map((camera) => {
        const { stampNs, frameId, detections } = set.get(camera)!;
        return { camera, header: { stampNs, frameId }, objects: detectedObjects(detections) };
      });
      const stampNs = cameras.reduce((newest, { header }) => later(newest, header.stampNs), 0n);
      this.#publisher.publish(writeSynchronized(this.#writer, { stampNs, frameId: '' }, cameras));
    }
  }

  close(): void {
    this.#publisher.close();
  }
}

function later(a: bigint, b: bigint): bigint {
  return a < b ? b : a;
}
