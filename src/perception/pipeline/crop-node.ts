import { defined, InputError } from '../../base/index.ts';
import type { Detection, DetectionSettings, DetectorIdentity, DetectorResult } from '../detection.ts';
import type { Frame } from '../frame.ts';
import type { GraphNode } from '../graph/node-settings.ts';
import type { Detector } from '../ports.ts';
import { cropFrame, fromRegion } from '../preprocess/crop.ts';
import { rotatedCrop } from '../preprocess/rotated-crop.ts';
import type { CameraStream } from './camera-stream.ts';
import { FaultNotes } from './fault-notes.ts';
import { type Crop, cropsOf, type Finding, finding } from './findings.ts';
import { type GraphPorts, NodeOfCamera, type NodeStats } from './graph-node.ts';
import type { Chain } from './publish-line.ts';
import type { Task } from './task.ts';

/** A node that looks at what another one found: what it finds goes into the same result. */
export class CropNode extends NodeOfCamera {
  readonly faults = new FaultNotes();
  readonly children: readonly CropNode[];
  #crops = 0;

  constructor(ports: GraphPorts, camera: CameraStream, spec: GraphNode, children: readonly CropNode[]) {
    super(ports, camera, spec);
    this.children = children;
  }

  override stats(): NodeStats {
    return { ...super.stats(), crops: this.#crops };
  }

  /** `done` is called when the chain has one job less. True where there is something to look at. */
  look(chain: Chain, findings: readonly Finding[], done: () => void): boolean {
    const { scheduler } = this.ports;
    if (this.left) return false;
    const crops = cropsOf(this.spec, findings, chain.frame);
    const skip = this.turn() ?? (crops.length === 0 ? 'empty' : undefined);
    if (skip !== undefined) {
      scheduler.skip(this.key, chain.hold.share(), skip);
      return crops.length > 0;
    }
    chain.open += 1;
    let settled = false;
    const settle = () => {
      if (settled) return;
      settled = true;
      chain.open -= 1;
      done();
    };
    let results: readonly DetectorResult[] = [];
    let says: DetectorIdentity | undefined;
    const task: Task = {
      run: async (detector, frame) => {
        const whole = frame.encoding === 'jpeg' ? await this.#decoded(chain) : frame;
        results = await this.#detect(detector, whole, crops);
        says = detector.identity;
      },
      answered: () => {
        this.#deliver(chain, crops, results, says, done);
        settle();
      },
      fail: (error) => {
        this.fail(error);
        settle();
      },
    };
    // Let go without an answer: superseded, dropped or skipped.
    void scheduler.offer(this.key, chain.hold.share(settle), task, chain.sinceMs);
    return true;
  }

  /** One after the other: a frame with many boxes takes one place, as a frame with one does. */
  async #detect(detector: Detector, whole: Frame, crops: readonly Crop[]): Promise<DetectorResult[]> {
    const { scoreThreshold, iouThreshold, maxDetections, classes } = this.settings();
    const asked: DetectionSettings = { scoreThreshold, iouThreshold, maxDetections, classes };
    const results: DetectorResult[] = [];
    for (const { region, rotated } of crops) {
      const piece = rotated === undefined ? cropFrame(whole, region) : rotatedCrop(whole, rotated);
      results.push(await detector.detect(piece, asked));
    }
    return results;
  }

  #decoded({ hold }: Chain): Promise<Frame> {
    const { decode } = this.ports;
    if (decode !== undefined) return hold.decoded(decode);
    throw new InputError(
      'frame-encoding',
      `The node "${this.spec.name}" can't cut pieces out of jpeg frames: there is no decoder for them here.`,
      'Let the camera deliver raw frames.',
    );
  }

  #deliver(
    chain: Chain,
    crops: readonly Crop[],
    results: readonly DetectorResult[],
    says: DetectorIdentity | undefined,
    done: () => void,
  ): void {
    const node = this.spec.name;
    const { task, digest = '' } = says ?? {};
    const found: Finding[] = [];
    this.#crops += crops.length;
    for (const [index, { finding: parent, region, rotated }] of crops.entries()) {
      for (const detection of results[index]?.detections ?? []) {
        if (task === 'classification' || task === 'text') {
          parent.attributes.push({ node, label: detection.label, score: detection.score });
          continue;
        }
        if (detection.embedding !== undefined) {
          parent.embeddings.push({ node, values: detection.embedding, model: digest });
          continue;
        }
        // Objects in a rotated piece have the place of the piece in the frame.
        const placed =
          rotated === undefined ? fromRegion(detection, region) : placedAs(parent.detection, detection);
        const child = finding({ ...placed, node });
        parent.children.push(child);
        found.push(child);
      }
    }
    this.answered();
    for (const child of this.children) child.look(chain, found, done);
  }
}

/** Its label and score at the place of what it was found in. */
function placedAs({ box, rotated }: Detection, { classId, label, score, data }: Detection): Detection {
  return { ...{ classId, label, score, box }, ...defined({ rotated, data }) };
}
