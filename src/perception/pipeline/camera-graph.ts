import { InputError } from '../../base/index.ts';
import type { Frame } from '../frame.ts';
import { depths, type Graph } from '../graph/graph.ts';
import type { SlotName } from '../graph/names.ts';
import type { GraphNode } from '../graph/node-settings.ts';
import type { Image } from '../preprocess/image.ts';
import { SceneChange } from '../preprocess/scene-change.ts';
import type { CameraStream } from './camera-stream.ts';
import { CropNode } from './crop-node.ts';
import type { SkipReason } from './frame-counts.ts';
import type { GraphPorts, NodeOfCamera, NodeStats } from './graph-node.ts';
import { MotionInputQueue } from './motion-input-queue.ts';
import type { NodeQueue, SchedulingPolicy } from './node-queue.ts';
import { RootNode } from './root-node.ts';
import { ShadowNode } from './shadow-node.ts';
import { SharedFrame } from './shared-frame.ts';
import type { Task } from './task.ts';

/** Why a node does not do its work as the models are now. */
export interface GraphProblem {
  readonly node: string;
  readonly error: InputError;
}

/** The nodes of one camera at work. */
export class CameraGraph {
  readonly graph: Graph;
  readonly main: RootNode;
  readonly #ports: GraphPorts;
  readonly #roots: readonly RootNode[];
  readonly #nodes: readonly NodeOfCamera[];
  readonly #scene = new SceneChange();
  /** Where frames that nobody can look at yet are made visible elsewhere, and a node waits for motion. */
  readonly #line: MotionInputQueue | undefined;
  /** Models that are not there, and classes that no model has: told once. */
  readonly #told = new Set<string>();

  /** `before`: the graph that this one takes the place of, whose tracks go on. */
  constructor(
    ports: GraphPorts,
    camera: CameraStream,
    policy: SchedulingPolicy,
    graph: Graph,
    before?: CameraGraph,
  ) {
    this.graph = graph;
    this.#ports = ports;
    const nodes: NodeOfCamera[] = [];
    const note = <N extends NodeOfCamera>(node: N): N => {
      nodes.push(node);
      return node;
    };
    const childrenOf = (name: string): CropNode[] =>
      (graph.children.get(name) ?? []).map((spec) =>
        note(new CropNode(ports, camera, spec, childrenOf(spec.name))),
      );
    this.#roots = graph.roots.map((spec, index) =>
      note(
        new RootNode(ports, camera, spec, {
          main: index === 0,
          children: childrenOf(spec.name),
          shadows: graph.shadows
            .filter(({ against }) => against === spec.name)
            .map((shadow) => note(new ShadowNode(ports, camera, shadow))),
          before: before?.root(spec.name),
        }),
      ),
    );
    this.main = this.#roots[0]!;
    const waiting = this.#roots.filter(waitsForMotion);
    const { miniature, scheduler } = ports;
    this.#line =
      miniature === undefined || waiting.length === 0
        ? undefined
        : new MotionInputQueue({
            policy,
            miniature: (seen) => (seen.pixels.prepare === undefined ? miniature(seen) : converted(seen)),
            give: (hold, seen) => offerTo(waiting, hold, seen === undefined ? () => 1 : this.#lookAt(seen)),
            passOver: (why) => {
              for (const { key } of waiting) scheduler.passOver(key, why);
            },
          });
    // As they were given.
    const places = graph.nodes.map(({ name }) => name);
    this.#nodes = nodes.sort((a, b) => places.indexOf(a.spec.name) - places.indexOf(b.spec.name));
    const left = before?.leave();
    const depth = depths(graph);
    for (const node of nodes) {
      const feeds =
        node instanceof RootNode ? node.feeds : node instanceof CropNode && node.children.length > 0;
      node.schedule(policy, { depth: depth.get(node.spec.name) ?? 0, feeds }, left?.get(node.key));
    }
  }

  root(name: string): RootNode | undefined {
    return this.#roots.find(({ spec }) => spec.name === name);
  }

  /** Takes the frame over. Resolves when every node on frames took or refused it. */
  offer(frame: Frame): Promise<void> {
    if (this.#line !== undefined && (frame.encoding === 'jpeg' || frame.pixels.prepare !== undefined))
      return this.#offerUnseen(frame, this.#line);
    const [only, ...others] = this.#roots;
    const look = this.#lookAt(frame);
    if (others.length === 0 && only?.holds === false) return only.offer(frame, undefined, look);
    const hold = new SharedFrame(frame);
    const taken = offerTo(this.#roots, hold, look);
    hold.release();
    return taken;
  }

  /** Nodes that wait for motion get the frame when it was looked at, the others now. */
  async #offerUnseen(frame: Frame, line: MotionInputQueue): Promise<void> {
    const hold = new SharedFrame(frame);
    const taken = [
      offerTo(
        this.#roots.filter((root) => !waitsForMotion(root)),
        hold,
        () => 1,
      ),
      line.add(hold),
    ];
    hold.release();
    await Promise.all(taken);
  }

  /** The share of the picture that changed, worked out once. */
  #lookAt(frame: Frame | Image): () => number {
    let change: number | undefined;
    return () => {
      change ??= this.#change(frame);
      return change;
    };
  }

  /** No node is to see the frame. */
  skip(frame: Frame, reason: SkipReason): void {
    const hold = new SharedFrame(frame);
    for (const { key } of this.#roots) this.#ports.scheduler.skip(key, hold.share(), reason);
    hold.release();
  }

  pause(): void {
    for (const node of this.#nodes) node.pause();
  }

  resume(): void {
    for (const { key } of this.#nodes) this.#ports.scheduler.resume(key);
  }

  /** Its queues end: what is under way comes out. */
  leave(): ReadonlyMap<string, NodeQueue<void, Task>> {
    this.#line?.leave();
    return new Map(this.#nodes.map((node) => [node.key, node.leave()]));
  }

  /** The model of a slot is another one, or there is one where there was none. */
  slotChanged(slot: SlotName): void {
    for (const { spec, stream } of this.#roots) if (spec.slot === slot) stream.resetTimes();
    this.#told.clear();
    this.check();
  }

  /** Tells once of models that are not there, and of crops whose classes their parent's model does not have. */
  check(): void {
    for (const { node, error } of this.problems()) {
      if (this.#told.has(error.message)) continue;
      this.#told.add(error.message);
      this.#ports.fault(this.main.cameraName, node, error);
    }
  }

  /** Nodes that the models of now give nothing, or not all, to do. */
  problems(): GraphProblem[] {
    return this.#nodes.flatMap(({ spec }) => {
      const error = this.#missingSlot(spec) ?? this.#unknownCrops(spec);
      return error === undefined ? [] : [{ node: spec.name, error }];
    });
  }

  stats(): NodeStats[] {
    return this.#nodes.map((node) => node.stats());
  }

  mainStats() {
    const { frames } = this.main.stats();
    const problems = this.problems().map(({ node, error }) => ({ node, what: error.explain() }));
    return {
      frames,
      ...this.main.stream.stats(),
      ...(problems.length === 0 ? {} : { problems }),
    };
  }

  /** The present fault of the main node, else of another one. */
  get fault() {
    return (
      this.main.faults.present ??
      this.#nodes.find(({ faults }) => faults.present !== undefined)?.faults.present
    );
  }

  #change(seen: Frame | Image): number {
    try {
      // A picture that stayed in the decoder's memory may turn out to be unreadable here.
      return this.#scene.look('pixels' in seen ? { ...seen, data: seen.pixels.data } : seen);
    } catch {
      // Whoever looks at the whole of it says what is wrong with it.
      return 1;
    }
  }

  #missingSlot({ name, slot }: GraphNode): InputError | undefined {
    if (this.#ports.slots.find(slot) !== undefined) return undefined;
    return new InputError(
      'slot-unknown',
      `The node "${name}" needs the slot "${slot}", and no model is loaded there: it is skipped.`,
      `The slots are ${this.#ports.slots.names.join(', ')}; load a model into "${slot}", or name another one.`,
    );
  }

  #unknownCrops({ name, crops }: GraphNode): InputError | undefined {
    if (crops === undefined) return undefined;
    const parent = this.#nodes.find(({ spec }) => spec.name === crops.node);
    const detector = parent === undefined ? undefined : this.#ports.slots.find(parent.spec.slot);
    // It has no classes to miss one of: nothing serves there yet.
    if (detector === undefined || detector.identity.labels.length === 0) return undefined;
    const { labels, model, task } = detector.identity;
    if (task === 'classification')
      return new InputError(
        'crop-classes',
        `The node "${name}" cuts out what "${crops.node}" finds, but ${model} is a classifier and finds no boxes.`,
        'Put it behind a detector.',
      );
    const unknown = crops.classes.filter((label) => !labels.includes(label));
    if (unknown.length === 0) return undefined;
    return new InputError(
      'crop-classes',
      `The node "${name}" cuts out ${unknown.map((label) => `"${label}"`).join(', ')}, which ${model} in front of it does not know.`,
      `Its classes are ${labels.slice(0, 20).join(', ')}${labels.length > 20 ? ', ...' : ''}.`,
    );
  }
}

async function converted({ pixels, ...frame }: Frame): Promise<Image> {
  await pixels.prepare?.();
  return { ...frame, data: pixels.data };
}

function waitsForMotion({ spec }: RootNode): boolean {
  return spec.motionThreshold !== undefined;
}

/** Each gets a share of the frame. Resolves when every one took or refused it. */
async function offerTo(roots: readonly RootNode[], hold: SharedFrame, look: () => number): Promise<void> {
  await Promise.all(roots.map((root) => root.offer(hold.share(), root.holds ? hold : undefined, look)));
}
