import type { DetectorResult } from '../detection.ts';
import type { Frame } from '../frame.ts';
import type { GraphNode } from '../graph/node-settings.ts';
import { sampleThumbnail } from '../preprocess/sampled-thumbnail.ts';
import type { CameraStream } from './camera-stream.ts';
import type { CropNode } from './crop-node.ts';
import { type Finding, finding, publishedDetection } from './findings.ts';
import type { FrameHold } from './frame-hold.ts';
import { type GraphPorts, NodeOfCamera } from './graph-node.ts';
import { NodeStream } from './node-stream.ts';
import { type Chain, PublishLine } from './publish-line.ts';
import type { ShadowNode } from './shadow-node.ts';
import type { Inference, Task } from './task.ts';

/** A node on frames: tracks what it sees, has others look at it, and publishes it. */
export class RootNode extends NodeOfCamera {
  readonly stream: NodeStream;
  readonly line: PublishLine;
  /** Its frames are held until others have looked at them, or those before them are published. */
  readonly holds: boolean;
  readonly #children: readonly CropNode[];
  readonly #shadows: readonly ShadowNode[];
  /** Pieces were cut out of its last frame: of a compressed one they will be of the next one too. */
  #cropping = false;

  constructor(
    ports: GraphPorts,
    camera: CameraStream,
    spec: GraphNode,
    more: {
      readonly main: boolean;
      readonly children: readonly CropNode[];
      readonly shadows: readonly ShadowNode[];
      /** The node of this name that there was before: its tracks go on, its frames come out first. */
      readonly before: RootNode | undefined;
    },
  ) {
    super(ports, camera, spec, more.main);
    this.#children = more.children;
    this.#shadows = more.shadows;
    this.line = more.before?.line ?? new PublishLine();
    this.holds = this.feeds || more.before !== undefined;
    this.stream = more.before?.stream ?? new NodeStream(ports, this.settings().scoreThreshold);
  }

  get faults() {
    return this.stream.faults;
  }

  /** Others look at its frames when it has. */
  get feeds(): boolean {
    return this.#children.length > 0 || this.#shadows.length > 0;
  }

  /** `change`: the share of the picture that changed. Takes the frame over; `hold` is what it is a share of. */
  offer(frame: Frame, hold: FrameHold | undefined, change: () => number): Promise<void> {
    const { scheduler, clock } = this.ports;
    const { motionThreshold } = this.spec;
    const still = () => motionThreshold !== undefined && change() < motionThreshold;
    // Of a camera that is off nothing is looked at.
    const skip = this.camera.on ? (this.turn() ?? (still() ? 'motion' : undefined)) : undefined;
    if (skip !== undefined) {
      scheduler.skip(this.key, frame, skip);
      return Promise.resolve();
    }
    const sinceMs = clock.monotonicMs();
    const taken = scheduler.offer(this.key, frame, this.#task(hold, sinceMs), sinceMs);
    return this.holds ? taken.then(() => this.line.room()) : taken;
  }

  #task(hold: FrameHold | undefined, sinceMs: number): Task {
    return {
      run: async (detector, frame) => {
        const settings = this.settings();
        if (frame.pixels.prepare !== undefined) await frame.pixels.prepare();
        const whole = frame.encoding === 'jpeg' ? await this.#whole(frame, hold) : frame;
        const found = await detector.detect(whole, this.stream.requested(settings, detector.identity.labels));
        const result = whole === frame ? found : withThumbnail(found, whole);
        const inference = { result, settings, identity: detector.identity };
        return (answered) => this.#deliver(answered, inference, hold, sinceMs);
      },
      fail: (_, error) => this.fail(error),
    };
  }

  /** Decoded once for all who need its pixels; else the detector does it, which may decode less of it. */
  async #whole(frame: Frame, hold: FrameHold | undefined): Promise<Frame> {
    const { decode } = this.ports;
    if (decode === undefined || hold === undefined || !(this.#cropping || hold.isDecoded)) return frame;
    return hold.decoded(decode);
  }

  #deliver(frame: Frame, inference: Inference, hold: FrameHold | undefined, sinceMs: number): void {
    const findings = this.stream.track(inference, frame.stampNs).map((detection) => finding(detection));
    if (hold === undefined) {
      this.#publish(frame, inference, findings);
      return;
    }
    const kept = hold.share();
    const publish = () => this.#publish(kept, inference, findings);
    const chain: Chain = { hold, frame: kept, sinceMs, inference, findings, open: 1, publish };
    this.line.add(chain);
    const looks = this.#children.map((child) => child.look(chain, findings, () => this.line.flush()));
    this.#cropping = looks.includes(true);
    for (const shadow of this.#shadows) shadow.look(chain);
    chain.open -= 1;
    this.line.flush();
  }

  #publish(frame: Frame, inference: Inference, findings: readonly Finding[]): void {
    const { name: node, slot } = this.spec;
    // A frame of the old detector may come out after a swap.
    const serves = inference.identity === this.ports.slots.find(slot)?.identity;
    const detections = findings.map(publishedDetection);
    const where = { node, slot, ...(this.main ? {} : { further: true as const }) };
    const result = this.stream.complete(frame, where, inference, detections, serves);
    const broken = this.ports.publish(result, frame, this.main);
    if (broken === undefined) this.answered();
    else this.fail(broken);
  }
}

/** Of a frame that came compressed, as the detector gives it where it decodes the frame itself. */
function withThumbnail(result: DetectorResult, { pixels, ...frame }: Frame): DetectorResult {
  const thumbnail = sampleThumbnail({ ...frame, data: pixels.data });
  return thumbnail === undefined ? result : { ...result, thumbnail };
}
