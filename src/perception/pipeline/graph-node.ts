import { type Clock, defined, type GoshawkError } from '../../base/index.ts';
import type { Detection, DetectorIdentity } from '../detection.ts';
import type { Frame } from '../frame.ts';
import type { GraphNode } from '../graph/node-settings.ts';
import type { DetectionSink } from '../ports.ts';
import type { Image } from '../preprocess/image.ts';
import type { CameraSettings } from '../settings.ts';
import type { Agreement } from './agreement.ts';
import type { CameraStream } from './camera-stream.ts';
import type { FaultNotes } from './fault-notes.ts';
import type { FrameCounts, SkipReason } from './frame-counts.ts';
import type { NodeQueue, Punctuality, SchedulingPolicy } from './node-queue.ts';
import type { StreamOptions } from './node-stream.ts';
import type { Scheduler } from './scheduler.ts';
import type { SlotTable } from './slot-table.ts';
import type { Task } from './task.ts';

/** A frame on which a shadow found something else than the serving node. The frame is valid during the call. */
export interface Disagreement {
  readonly camera: string;
  /** The shadow, and the node that it is compared with. */
  readonly node: string;
  readonly against: string;
  readonly frame: Frame;
  /** Of the model that serves, and of the shadow. */
  readonly serving: DetectorIdentity;
  readonly identity: DetectorIdentity;
  readonly serve: readonly Detection[];
  /** As of a result: of the model that serves. */
  readonly sought?: readonly Detection[];
  readonly shadow: readonly Detection[];
}

/** What the nodes of a camera have from their pipeline. */
export interface GraphPorts extends StreamOptions {
  readonly clock: Clock;
  readonly scheduler: Scheduler<void, Task>;
  readonly slots: SlotTable;
  /** Every one that wants a result gets it, also where another throws. */
  readonly sinks: readonly DetectionSink[];
  /** A fault of a camera's node that is news. */
  fault(camera: string, node: string | undefined, error: GoshawkError, thrown?: boolean): void;
  recovered(camera: string, node: string | undefined): void;
  /** A jpeg frame as rgb8, for crops. */
  readonly decode?: (frame: Frame) => Promise<Frame>;
  /** A small picture of a jpeg frame, to see motion in. */
  readonly miniature?: (frame: Frame) => Promise<Image>;
  readonly onDisagreement?: (disagreement: Disagreement) => void;
}

/** A snapshot of one node of one camera's graph. */
export interface NodeStats extends Punctuality {
  readonly camera: string;
  readonly node: string;
  readonly slot: string;
  readonly role: 'serve' | 'shadow';
  readonly frames: FrameCounts;
  /** Pieces of frames that it looked at, where it looks at crops. */
  readonly crops?: number;
  /** Of a shadow. */
  readonly agreement?: Agreement;
}

/** One node of one camera's graph. */
export abstract class NodeOfCamera {
  readonly spec: GraphNode;
  readonly key: string;
  /** Whose faults are the camera's own. */
  readonly main: boolean;
  readonly ports: GraphPorts;
  protected readonly camera: CameraStream;
  abstract readonly faults: FaultNotes;
  /** The camera has another graph: what is under way comes out, and nothing more comes to it. */
  protected left = false;
  #seen = 0;
  #settings: { readonly of: CameraSettings; readonly own: CameraSettings } | undefined;

  constructor(ports: GraphPorts, camera: CameraStream, spec: GraphNode, main = false) {
    this.ports = ports;
    this.camera = camera;
    this.spec = spec;
    this.main = main;
    // No node's name has a blank in it.
    this.key = `${spec.name} ${camera.source.camera}`;
  }

  get cameraName(): string {
    return this.camera.source.camera;
  }

  /** `before`: the queue of a node of this name in the graph before. */
  schedule(
    policy: SchedulingPolicy,
    place: { readonly depth: number; readonly feeds: boolean },
    before: NodeQueue<void, Task> | undefined,
  ): void {
    const { slot, weight, deadlineMs, shadow } = this.spec;
    const options = {
      ...{ slot, weight, policy, ...place },
      ...defined({ deadlineMs }),
      role: shadow ? ('shadow' as const) : ('serve' as const),
    };
    this.ports.scheduler.add(this.key, options, before);
    if (!this.camera.on) this.pause();
  }

  /** The source of a resting camera is closed, and must not wait for a frame that is not used. */
  pause(): void {
    this.ports.scheduler.pause(this.key, this.camera.resting);
  }

  leave(): NodeQueue<void, Task> {
    this.left = true;
    return this.ports.scheduler.remove(this.key);
  }

  stats(): NodeStats {
    const { name: node, slot, shadow } = this.spec;
    return {
      ...{ camera: this.cameraName, node, slot },
      role: shadow ? 'shadow' : 'serve',
      frames: this.ports.scheduler.counts(this.key),
      ...this.ports.scheduler.punctuality(this.key),
    };
  }

  /** Those of the camera for its main node; its own over those of the camera for another one, whose labels are others. */
  settings(): CameraSettings {
    const of = this.camera.settings;
    if (this.main) return of;
    if (this.#settings?.of !== of) {
      // A shadow is compared with what the camera is asked for.
      const classes = this.spec.shadow ? of.classes : [];
      this.#settings = { of, own: { ...of, classes, ...this.spec.settings } };
    }
    return this.#settings.own;
  }

  /** Counts a frame of its input: whether it is its turn. */
  protected turn(): SkipReason | undefined {
    const seen = this.#seen;
    this.#seen += 1;
    return seen % this.spec.every === 0 ? undefined : 'every';
  }

  /** `thrown`: its caller gets the error too. */
  fail(error: GoshawkError, thrown = false): void {
    if (this.faults.note(error)) this.ports.fault(this.cameraName, this.#told, error, thrown);
  }

  answered(): void {
    if (this.faults.clear()) this.ports.recovered(this.cameraName, this.#told);
  }

  /** The main node is the camera to whoever hears of it. */
  get #told(): string | undefined {
    return this.main ? undefined : this.spec.name;
  }
}
