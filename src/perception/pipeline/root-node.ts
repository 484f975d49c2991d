import { asGoshawkError, defined, type GoshawkError } from '../../base/index.ts';
import type { Detection, PerceptionResult, TrackedDetection } from '../detection.ts';
import type { Frame } from '../frame.ts';
import type { GraphNode } from '../graph/node-settings.ts';
import type { Detector } from '../ports.ts';
import type { CameraStream } from './camera-stream.ts';
import type { CropNode } from './crop-node.ts';
import { type Finding, finding, publishedDetection } from './findings.ts';
import { type GraphPorts, NodeOfCamera } from './graph-node.ts';
import { NodeStream } from './node-stream.ts';
import { type Chain, PublishLine } from './publish-line.ts';
import type { ShadowNode } from './shadow-node.ts';
import type { SharedFrame } from './shared-frame.ts';
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
  cropping = false;

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
    this.stream =
      more.before?.stream ??
      new NodeStream(
        { ...ports, watched: more.main && ports.watched === true },
        camera.source.camera,
        this.settings().scoreThreshold,
      );
  }

  /** The node that says who is who among its boxes, where there is one. */
  get reid(): GraphNode | undefined {
    return this.#children.find(({ spec }) => spec.reid !== undefined)?.spec;
  }

  get faults() {
    return this.stream.faults;
  }

  /** Others look at its frames when it has. */
  get feeds(): boolean {
    return this.#children.length > 0 || this.#shadows.length > 0;
  }

  /** `change`: the share of the picture that changed. Takes the frame over; `hold` is what it is a share of. */
  offer(frame: Frame, hold: SharedFrame | undefined, change: () => number): Promise<void> {
    const { scheduler, clock } = this.ports;
    const { motionThreshold } = this.spec;
    const still = () => motionThreshold !== undefined && change() < motionThreshold;
    // Skip frames of disabled cameras.
    const skip = this.camera.on ? (this.turn() ?? (still() ? 'motion' : undefined)) : undefined;
    if (skip !== undefined) {
      scheduler.skip(this.key, frame, skip);
      return Promise.resolve();
    }
    const sinceMs = clock.monotonicMs();
    const taken = scheduler.offer(this.key, frame, new FramePass(this, hold, sinceMs), sinceMs);
    return this.holds ? taken.then(() => this.line.room()) : taken;
  }

  /** With what the rules of the camera say of it. */
  counted(result: PerceptionResult): PerceptionResult {
    return this.camera.counted(result);
  }

  /** Has others look at a frame that waits for them in the line. */
  showTo(chain: Chain): void {
    const looks = this.#children.map((child) => child.look(chain, chain.findings, () => this.line.flush()));
    this.cropping = looks.includes(true);
    for (const shadow of this.#shadows) shadow.look(chain);
  }
}

/** The way of one frame through its node, in the order of its methods: detected, tracked, shown to others, published. */
class FramePass implements Task {
  readonly #node: RootNode;
  readonly #hold: SharedFrame | undefined;
  readonly #sinceMs: number;
  #inference: Inference | undefined;
  #unfiltered: PerceptionResult['unfiltered'];

  constructor(node: RootNode, hold: SharedFrame | undefined, sinceMs: number) {
    this.#node = node;
    this.#hold = hold;
    this.#sinceMs = sinceMs;
  }

  async run(detector: Detector, frame: Frame): Promise<void> {
    const { identity } = detector;
    const settings = this.#node.settings();
    if (frame.pixels.prepare !== undefined) await frame.pixels.prepare();
    const whole = frame.encoding === 'jpeg' ? await this.#whole(frame) : frame;
    const result = await detector.detect(whole, this.#node.stream.requested(settings, identity.labels));
    this.#inference = { result, settings, identity };
  }

  answered(frame: Frame): void {
    const { stream } = this.#node;
    const hold = this.#hold;
    const inference = this.#inference!;
    const { reid } = this.#node;
    this.#unfiltered = stream.unfiltered(inference, frame.stampNs);
    if (hold === undefined || reid === undefined) {
      const findings = stream.track(inference, frame.stampNs).map((detection) => finding(detection));
      const publish = (of: Frame) => this.#publish(of, inference, findings.map(publishedDetection));
      if (hold === undefined) publish(frame);
      else this.#show(hold, inference, findings, publish);
      return;
    }
    // Tracked when it is known how they look.
    const { strong, weak } = stream.candidates(inference);
    const findings = strong.map((detection) => finding(detection));
    this.#show(hold, inference, findings, (of) =>
      this.#publish(of, inference, this.#recognised(findings, weak, reid, inference, of)),
    );
  }

  /** Has others look at it; published when they have, after the frames before it. */
  #show(
    hold: SharedFrame,
    inference: Inference,
    findings: readonly Finding<TrackedDetection>[],
    then: (frame: Frame) => void,
  ): void {
    const { line } = this.#node;
    const kept = hold.share();
    const publish = () => then(kept);
    const chain: Chain = {
      ...{ hold, frame: kept, sinceMs: this.#sinceMs, inference, findings, open: 1, publish },
    };
    line.add(chain);
    this.#node.showTo(chain);
    chain.open -= 1;
    line.flush();
  }

  #recognised(
    findings: readonly Finding<TrackedDetection>[],
    weak: readonly Detection[],
    { name, reid }: GraphNode,
    { settings }: Inference,
    { stampNs }: Frame,
  ): readonly TrackedDetection[] {
    const found = findings.map(publishedDetection);
    const looks = found.flatMap((detection) => {
      const look = detection.embeddings?.find(({ node }) => node === name);
      return look === undefined ? [] : [[detection, look] as const];
    });
    const of = new Map<Detection, (typeof looks)[number][1]>(looks);
    return this.#node.stream.follow([...found, ...weak], settings, stampNs, { settings: reid!, of });
  }

  fail(error: GoshawkError): void {
    this.#node.fail(error);
  }

  /** Decoded once for all who need its pixels; else the detector does it, which may decode less of it. */
  async #whole(frame: Frame): Promise<Frame> {
    const { decode } = this.#node.ports;
    const hold = this.#hold;
    if (decode === undefined || hold === undefined || !(this.#node.cropping || hold.isDecoded)) return frame;
    return hold.decoded(decode);
  }

  #publish(frame: Frame, inference: Inference, detections: readonly TrackedDetection[]): void {
    const { spec, main, ports, stream } = this.#node;
    const { name: node, slot } = spec;
    // A frame of the old detector may come out after a swap.
    const serves = inference.identity === ports.slots.find(slot)?.identity;
    const where = { node, slot, ...(main ? {} : { further: true as const }) };
    const seen = { detections, ...defined({ unfiltered: this.#unfiltered }) };
    const found = stream.complete(frame, where, inference, seen, serves);
    const result = main ? this.#node.counted(found) : found;
    let broken: GoshawkError | undefined;
    for (const sink of ports.sinks) {
      if (!main && sink.nodes !== 'all') continue;
      try {
        sink.publish(result, frame);
      } catch (error) {
        broken = asGoshawkError(error, 'sink-failed');
      }
    }
    if (broken === undefined) this.#node.answered();
    else this.#node.fail(broken);
  }
}
