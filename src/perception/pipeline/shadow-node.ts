import type { Detection, DetectorIdentity } from '../detection.ts';
import type { Frame } from '../frame.ts';
import type { GraphNode } from '../graph/node-settings.ts';
import { AgreementTally, compareDetections } from './agreement.ts';
import type { CameraStream } from './camera-stream.ts';
import { FaultNotes } from './fault-notes.ts';
import { type GraphPorts, NodeOfCamera, type NodeStats } from './graph-node.ts';
import type { Chain } from './publish-line.ts';
import { ShadowBudget } from './shadow-budget.ts';
import { narrowed } from './sought.ts';
import type { Inference, Task } from './task.ts';

/**
 * A model beside the serving one: it looks at frames that the serving node has answered, when nothing else waits, and what it
 * finds is compared and goes nowhere.
 */
export class ShadowNode extends NodeOfCamera {
  readonly faults = new FaultNotes();
  readonly #budget: ShadowBudget;
  readonly #agreement: AgreementTally;
  /** The two models that are compared. */
  #models = '';

  constructor(ports: GraphPorts, camera: CameraStream, spec: GraphNode) {
    super(ports, camera, spec);
    this.#budget = new ShadowBudget(spec.budget);
    this.#agreement = new AgreementTally(spec.against);
  }

  override stats(): NodeStats {
    return { ...super.stats(), agreement: this.#agreement.value };
  }

  look(chain: Chain): void {
    const { scheduler, clock } = this.ports;
    if (this.left) return;
    const frame = chain.hold.share();
    const skip = this.turn() ?? (this.#budget.allows(clock.monotonicMs()) ? undefined : 'budget');
    if (skip !== undefined) scheduler.skip(this.key, frame, skip);
    else void scheduler.offer(this.key, frame, this.#task(chain.inference), chain.sinceMs);
  }

  #task(served: Inference): Task {
    const { clock } = this.ports;
    let found: { readonly detections: readonly Detection[]; readonly identity: DetectorIdentity };
    return {
      run: async (detector, frame) => {
        const { scoreThreshold, iouThreshold, maxDetections, classes } = this.settings();
        const startedMs = clock.monotonicMs();
        try {
          const asked = { scoreThreshold, iouThreshold, maxDetections, classes };
          const { detections } = await detector.detect(frame, asked);
          found = { detections, identity: detector.identity };
        } finally {
          this.#budget.spend(clock.monotonicMs() - startedMs);
        }
      },
      answered: (frame) => this.#compare(frame, served, found.detections, found.identity),
      fail: (error) => this.fail(error),
    };
  }

  #compare(
    frame: Frame,
    { result, settings, identity }: Inference,
    shadow: readonly Detection[],
    own: DetectorIdentity,
  ): void {
    const models = `${identity.digest} ${own.digest}`;
    if (models !== this.#models) this.#agreement.reset();
    this.#models = models;
    // The tracker was given weaker ones too.
    const serve = narrowed(result.detections, settings).filter(
      ({ score }) => score >= settings.scoreThreshold,
    );
    const differ = this.#agreement.add(compareDetections(serve, shadow));
    this.answered();
    if (!differ) return;
    const { name: node, against } = this.spec;
    const about = { camera: frame.camera, node, against, frame };
    const { seeks } = this.ports;
    const sought =
      seeks === undefined ? {} : { sought: result.detections.filter(({ label }) => seeks.label(label)) };
    this.ports.onDisagreement?.({ ...about, serving: identity, identity: own, serve, shadow, ...sought });
  }
}
