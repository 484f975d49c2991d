import { asGoshawkError, type Clock, type InputError } from '../../base/index.ts';
import type { Frame, FrameReceiver } from '../frame.ts';
import { buildGraph } from '../graph/graph.ts';
import type { SlotName } from '../graph/names.ts';
import { defaultNodes, type NodeSettings } from '../graph/node-settings.ts';
import { type GraphOverlay, overlaidNodes } from '../graph/overlay.ts';
import { rulesProblem } from '../rules/index.ts';
import type { CameraSettings } from '../settings.ts';
import { unknownClasses } from '../unknown-classes.ts';
import { CameraGraph } from './camera-graph.ts';
import type { CameraStats, CameraStream } from './camera-stream.ts';
import type { GraphPorts } from './graph-node.ts';
import type { SchedulingPolicy } from './node-queue.ts';
import type { PipelineReporter } from './pipeline-reporter.ts';
import { FrameThinner, type Thinning } from './thinning.ts';

export interface CameraPorts {
  readonly graph: GraphPorts;
  readonly tell: PipelineReporter;
  readonly clock: Clock;
  /** No more frames of the camera may come, or one less is to be waited for. */
  readonly settle: () => void;
}

/** One camera of a pipeline: its source, the graph that its frames go through, and what is changed of both while it runs. */
export class CameraRunner {
  readonly stream: CameraStream;
  readonly #policy: SchedulingPolicy;
  readonly #ports: CameraPorts;
  #graph: CameraGraph;
  #overlay: GraphOverlay = {};
  #thinner: FrameThinner | undefined;

  /** Throws an InputError for nodes that make no graph. */
  constructor(stream: CameraStream, policy: SchedulingPolicy, ports: CameraPorts) {
    this.stream = stream;
    this.#policy = policy;
    this.#ports = ports;
    this.#graph = new CameraGraph(ports.graph, stream, policy, buildGraph(this.#nodes));
  }

  get graph(): CameraGraph {
    return this.#graph;
  }

  /** Tells once of nodes and classes that the models of now do not fit. */
  check(): void {
    this.#graph.check();
    this.#checkModel();
  }

  configure(settings: Partial<CameraSettings>): void {
    const before = JSON.stringify(this.#nodes);
    this.stream.configure(settings);
    if (JSON.stringify(this.#nodes) !== before) this.#regraph();
    this.#turn();
    this.#checkModel();
  }

  /** Its settings stay as they are, and may change meanwhile. */
  rest(resting: boolean): void {
    this.stream.resting = resting;
    this.#turn();
  }

  /** Its graph is another than its settings say. */
  overlay(overlay: GraphOverlay | undefined): void {
    this.#overlay = overlay ?? {};
    this.#regraph();
  }

  thin(thinning: Thinning | undefined): void {
    this.#thinner = thinning === undefined ? undefined : new FrameThinner(thinning);
  }

  slotChanged(slot: SlotName): void {
    this.#graph.slotChanged(slot);
    if (this.#graph.main.spec.slot === slot) this.#checkModel();
  }

  stats(): CameraStats {
    const main = this.#graph.mainStats();
    const wrong = this.#rulesProblem();
    if (wrong === undefined) return this.stream.stats(main, this.#graph.fault);
    const problem = { node: this.#graph.main.spec.name, what: wrong.explain() };
    return this.stream.stats({ ...main, problems: [...(main.problems ?? []), problem] }, this.#graph.fault);
  }

  /** Opens its source, unless it is open. Rejects with the reason why it does not open; it may be tried again. */
  async open(): Promise<void> {
    const { stream } = this;
    if (stream.opened) return;
    stream.opened = true;
    try {
      stream.ended = false;
      await stream.source.open(this.#receiver());
    } catch (error) {
      stream.opened = false;
      stream.ended = true;
      const known = asGoshawkError(error, 'camera-open', 'Check that the camera is there and not in use.');
      this.#graph.main.fail(known, true);
      this.#ports.settle();
      throw known;
    }
  }

  /** A source that does not close is a fault, and no more. */
  async close(): Promise<void> {
    try {
      await this.stream.source.close();
    } catch (error) {
      this.#graph.main.fail(asGoshawkError(error, 'camera-close'));
    }
    this.stream.ended = true;
  }

  get #nodes(): readonly NodeSettings[] {
    return this.stream.settings.nodes ?? defaultNodes;
  }

  get #camera(): string {
    return this.stream.source.camera;
  }

  #turn(): void {
    if (this.stream.on) this.#graph.resume();
    else this.#graph.pause();
  }

  #regraph(): void {
    const graph = buildGraph(overlaidNodes(this.#nodes, this.#overlay));
    this.#graph = new CameraGraph(this.#ports.graph, this.stream, this.#policy, graph, this.#graph);
    this.#graph.check();
  }

  #receiver(): FrameReceiver {
    const { tell, settle, clock } = this.#ports;
    const { stream } = this;
    return {
      frame: (frame) => this.#receive(frame),
      fault: (error) => {
        this.#graph.main.fail(error);
        settle();
      },
      lost: (error) => {
        if (stream.noteLost(error, clock.monotonicMs())) tell.lost(this.#camera, error);
      },
      end: () => {
        if (stream.ended) return;
        stream.ended = true;
        tell.emit({ kind: 'ended', camera: this.#camera });
        settle();
      },
    };
  }

  #receive(frame: Frame): Promise<void> {
    this.stream.received(frame);
    if (this.stream.noteBack(this.#ports.clock.monotonicMs())) this.#ports.tell.back(this.#camera);
    if (this.#thinner?.passes(this.#ports.clock.monotonicMs()) === false) {
      this.#graph.skip(frame, 'thinned');
      return Promise.resolve();
    }
    // A frame is known by the camera that delivered it; whatever its source wrote on it.
    return this.#graph.offer(frame.camera === this.#camera ? frame : { ...frame, camera: this.#camera });
  }

  /** Tells of classes that the model of the main node does not know, and of rules that count nothing of what it finds. */
  #checkModel(): void {
    const identity = this.#identity;
    const { classes } = this.stream.settings;
    const wrong = [identity && unknownClasses(classes, identity), this.#rulesProblem()];
    // Not noted as the stream's fault: the next frame that comes through does not mend it.
    for (const error of wrong)
      if (error !== undefined) this.#ports.tell.fault(this.#camera, undefined, error);
  }

  #rulesProblem(): InputError | undefined {
    const identity = this.#identity;
    if (identity === undefined) return undefined;
    return rulesProblem(this.stream.settings.rules, identity, this.#ports.graph.tracker !== false);
  }

  /** Of the model of the main node. */
  get #identity() {
    return this.#ports.graph.slots.find(this.#graph.main.spec.slot)?.identity;
  }
}
