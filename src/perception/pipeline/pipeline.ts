import { type Clock, defined, InputError, type Log, silentLog } from '../../base/index.ts';
import type { DetectionSettings, DetectorIdentity } from '../detection.ts';
import type { DeviceMemory } from '../device-memory.ts';
import type { Frame, FrameSource } from '../frame.ts';
import { mainSlot, type SlotName } from '../graph/names.ts';
import type { NodeSettings } from '../graph/node-settings.ts';
import type { GraphOverlay } from '../graph/overlay.ts';
import type { DetectionSink, Detector } from '../ports.ts';
import type { Image } from '../preprocess/image.ts';
import type { CameraSettings } from '../settings.ts';
import { IdentityGallery, type TrackerOptions } from '../tracker/index.ts';
import { CameraRunner } from './camera-runner.ts';
import { type CameraStats, CameraStream } from './camera-stream.ts';
import type { Disagreement, GraphPorts, NodeStats } from './graph-node.ts';
import type { Worker } from './lane.ts';
import type { SchedulingPolicy } from './node-queue.ts';
import type { PipelineEvent } from './pipeline-event.ts';
import { PipelineReporter } from './pipeline-reporter.ts';
import { type ProbeFrame, ProbeRequests, probeLane, requestLane } from './probe-requests.ts';
import { Scheduler } from './scheduler.ts';
import { SlotTable } from './slot-table.ts';
import type { Sought } from './sought.ts';
import type { Inference, Task } from './task.ts';
import type { Thinning } from './thinning.ts';

export type { CameraStats } from './camera-stream.ts';
export type { Disagreement, NodeStats } from './graph-node.ts';
export type { PipelineEvent } from './pipeline-event.ts';

export interface PipelineOptions {
  /** The models of the device by name. */
  readonly slots?: ReadonlyMap<SlotName, Detector>;
  /** Of the main slot, where it is the only one. */
  readonly detector?: Detector;
  readonly sinks: readonly DetectionSink[];
  readonly clock: Clock;
  readonly log?: Log;
  /** `false`: no tracking. `highThreshold` follows the score threshold of the camera. */
  readonly tracker?: Partial<Omit<TrackerOptions, 'highThreshold'>> | false;
  /** See `StreamOptions`. */
  readonly seeks?: Sought;
  /** See `StreamOptions`. */
  readonly watched?: boolean;
  /** A frame that is not answered by then is dropped. Default 5000 ms. */
  readonly timeoutMs?: number;
  /** A detector that gives no answer for so long is stuck. Default 30,000 ms. */
  readonly answerTimeoutMs?: number;
  /** A detector that fails every frame for so long is told as `failing`. Default 10,000 ms. */
  readonly failingMs?: number;
  /** Frames and crops under way on all detectors together; default: as many as the one with the most room takes. */
  readonly parallel?: number;
  /** A jpeg frame as rgb8, for nodes that look at pieces of it; without it those nodes fail on jpeg frames. */
  readonly decode?: (frame: Frame) => Promise<Frame>;
  /** A small picture of a jpeg frame, for nodes that wait for motion; without it every jpeg frame counts as moving. */
  readonly miniature?: (frame: Frame) => Promise<Image>;
  /** A shadow found something else than the serving node. Must not throw; the frame is valid during the call. */
  readonly onDisagreement?: (disagreement: Disagreement) => void;
  readonly onEvent?: (event: PipelineEvent) => void;
}

export interface AddCameraOptions {
  /** Default `newest`. */
  readonly policy?: SchedulingPolicy;
  readonly settings?: Partial<CameraSettings>;
}

export interface PipelineStats {
  /** Of the main slot. */
  readonly detector: DetectorIdentity;
  readonly cameras: readonly CameraStats[];
  /** Frames that timed out and that a detector still holds. */
  readonly held: number;
  /** Of all cameras. */
  readonly nodes: readonly NodeStats[];
}

/** Of each slot, those in work among them; what waits in a queue of the scheduler is no more. */
const mostRequests = 8;

/**
 * Sources -> scheduler -> detectors, as the graph of each camera says -> tracker -> sinks. `start` opens the sources, `close` undoes it; detectors are
 * the caller's and are closed by the caller.
 *
 * What could go wrong, and what happens
 * - the detector rejects a frame: the frame is counted as failed, one fault event, the next frame goes on
 * - the detector rejects every frame: `failing` after `failingMs`, at once where it says that it is lost
 * - the detector answers late: the frame is dropped after `timeoutMs`, `slow`, and the next ones are waited for
 * - the detector never answers: the frame is dropped after `timeoutMs`, `stuck` after `answerTimeoutMs`
 * - a sink throws: a fault, the other sinks still get the result
 * - one of several sources does not open: a fault, the others run; if none opens `start` rejects with the first error
 * - a supervised source loses its camera: `lost` with the reason, `back` with the next frame, the others run
 * - the camera's clock is ahead: latency 0, counted in `futureStamps`
 * - its stamps are zero, old or far ahead: latency from when a frame came, counted in `staleStamps`
 * - the camera loses frames before us: seen as gaps of the sequence, counted in `lostBySource`
 * - a node whose slot has no model: a fault, its frames are skipped until there is one, the other nodes run
 * - a model without a class that the settings name: a fault, the other classes are reported
 */
export class Pipeline {
  readonly #options: PipelineOptions;
  readonly #tell: PipelineReporter;
  readonly #scheduler: Scheduler<void, Task>;
  readonly #slots: SlotTable;
  readonly #ports: GraphPorts;
  readonly #cameras = new Map<string, CameraRunner>();
  readonly #finished: (() => void)[] = [];
  readonly #probes = new ProbeRequests();
  /** By slot. */
  readonly #requests = new Map<SlotName, ProbeRequests>();
  #started = false;
  #closed: Promise<void> | undefined;

  constructor(options: PipelineOptions) {
    const { clock, timeoutMs = 5000, failingMs = 10_000, parallel } = options;
    this.#options = { ...options, timeoutMs };
    this.#tell = new PipelineReporter(options.log ?? silentLog, options.onEvent);
    this.#slots = new SlotTable(slotsOf(options));
    // A probe frame without a camera counts as one of the first camera.
    const cameraOf = ({ camera }: Frame) => (camera === probeLane ? (this.cameras[0] ?? camera) : camera);
    this.#scheduler = new Scheduler({
      ...{ clock, timeoutMs, failingMs },
      ...defined({ parallel }),
      deliver: ({ frame, context }) => context.answered(frame),
      fail: ({ context }, error) => context.fail(error),
      stuck: (slot, { frame }, error) => this.#tell.stuck(cameraOf(frame), slot, error),
      failing: (slot, { frame }, error, run) => this.#tell.failing(cameraOf(frame), slot, error, run),
      slow: (slot, { frame }, tookMs) => this.#tell.slow(cameraOf(frame), slot, tookMs),
    });
    this.#ports = this.#graphPorts();
    this.#scheduler.add(probeLane, { slot: mainSlot, policy: 'every' });
    for (const slot of this.#slots.names) {
      void this.#scheduler.use(slot, this.#worker(this.#slots.get(slot)));
      this.#takeRequests(slot);
    }
  }

  /**
   * Before `start`: the camera is opened then. After it: opened at once, and the promise rejects if that fails. Rejects with an
   * InputError for settings out of range and for nodes that make no graph.
   */
  async add(source: FrameSource, options: AddCameraOptions = {}): Promise<void> {
    const { camera } = source;
    if (this.#cameras.has(camera)) {
      throw new InputError(
        'camera-twice',
        `There are two cameras named "${camera}".`,
        'Give each its own name.',
      );
    }
    const { policy = 'newest', settings = {} } = options;
    const { tracker = {} } = this.#options;
    const lostMs = tracker === false ? undefined : tracker.lostMs;
    const added = new CameraRunner(new CameraStream(source, settings, lostMs), policy, {
      ...{ graph: this.#ports, tell: this.#tell, clock: this.#options.clock },
      settle: () => this.#settleFinished(),
    });
    this.#cameras.set(camera, added);
    added.check();
    if (this.#started) await added.open();
  }

  /** Opens every camera that is not open; called again, it tries those again that did not open. */
  async start(): Promise<void> {
    this.#started = true;
    const cameras = [...this.#cameras.values()];
    const opened = await Promise.allSettled(cameras.map((camera) => camera.open()));
    const first = opened.find((result) => result.status === 'rejected');
    if (first && opened.every((result) => result.status === 'rejected')) throw first.reason;
  }

  /** Resolves when every source ended and all of its frames are accounted for. */
  finished(): Promise<void> {
    return new Promise((resolve) => {
      this.#finished.push(resolve);
      this.#settleFinished();
    });
  }

  /**
   * Takes effect with the next frame. Of another graph what is under way comes out first, counts and tracks of nodes that keep
   * their name go on. Throws an InputError for a value out of range and for nodes that make no graph, and changes nothing.
   */
  configure(camera: string, settings: Partial<CameraSettings>): void {
    this.#camera(camera).configure(settings);
  }

  /**
   * From now on none of its frames is looked at, until `false`: it is off on purpose, whoever enables it meanwhile. What its
   * settings say is in force again then. What waits is dropped, of a recording too: its source may be closed.
   */
  rest(camera: string, resting: boolean): void {
    this.#camera(camera).rest(resting);
  }

  /** From now on its graph is another than its settings say, until `undefined`. What is under way comes out first. */
  overlay(camera: string, overlay: GraphOverlay | undefined): void {
    this.#camera(camera).overlay(overlay);
  }

  /** From now on only some frames of a live camera are taken in work; `undefined`: all. The others are skipped as `thinned`. */
  thin(camera: string, thinning: Thinning | undefined): void {
    this.#camera(camera).thin(thinning);
  }

  /**
   * Sends one frame the way that all frames go, through the live detector, and gives its answer to the caller alone: no
   * sink sees it and no camera counts it. Rejects as a frame fails: unread, timed out, or the pipeline closed.
   */
  probe(frame: ProbeFrame, settings: DetectionSettings): Promise<Inference> {
    return this.#probes.request(
      frame,
      settings,
      (asked, task) => void this.#scheduler.offer(probeLane, asked, task),
    );
  }

  /**
   * As `probe`, of the model of a slot, and behind all cameras: it is taken in work when none of their frames waits. Rejects with a
   * BusyError where too many wait already, throws an InputError for a slot that is not there.
   */
  request(
    slot: SlotName,
    frame: ProbeFrame,
    settings: DetectionSettings,
    signal?: AbortSignal,
  ): Promise<Inference> {
    this.#slots.get(slot);
    const lane = requestLane(slot);
    const offer = (asked: Frame, task: Task) => void this.#scheduler.offer(lane, asked, task);
    return this.#requests.get(slot)!.request(frame, settings, offer, signal);
  }

  /** Memory that pictures may stay in: all detectors that there are now read it as it is. */
  memories(): DeviceMemory[] {
    return this.#slots.memories();
  }

  /** As they are wanted; while it rests, `enabled` is not in force. */
  settings(camera: string): CameraSettings {
    return this.#camera(camera).stream.settings;
  }

  /** Its frames are looked at: it is enabled, and does not rest. */
  isOn(camera: string): boolean {
    return this.#camera(camera).stream.on;
  }

  /** Of its graph that is in force: that of its settings, but for what an overlay changes. */
  nodes(camera: string): readonly NodeSettings[] {
    return this.#camera(camera).graph.graph.nodes;
  }

  get cameras(): string[] {
    return [...this.#cameras.keys()];
  }

  /** Of the main slot. */
  get identity(): DetectorIdentity {
    return this.#slots.main.identity;
  }

  identities(): ReadonlyMap<SlotName, DetectorIdentity> {
    return this.#slots.identities();
  }

  /**
   * Frames of the slot go to `detector` from now on; those under way finish on the old one. Resolves when the old one owes no
   * result any more and may be closed. No frame is lost, of this slot or another.
   */
  swap(detector: Detector, slot: SlotName = mainSlot): Promise<void> {
    const from = this.#slots.swap(slot, detector).identity;
    const drained = this.#scheduler.use(slot, this.#worker(detector));
    this.#tell.emit({ kind: 'swapped', slot, from, to: detector.identity });
    this.#slotChanged(slot);
    return drained;
  }

  /** One more model: nodes of that slot that were skipped are served from now on. Throws an InputError for a name that is taken. */
  addSlot(name: SlotName, detector: Detector): void {
    this.#slots.add(name, detector);
    void this.#scheduler.use(name, this.#worker(detector));
    this.#takeRequests(name);
    this.#tell.emit({ kind: 'slot-added', slot: name, to: detector.identity });
    this.#slotChanged(name);
  }

  /**
   * Its nodes are skipped from now on, which is told once. Resolves when its detector owes no result any more and may be
   * closed. Throws an InputError for the main slot and one that is not there.
   */
  removeSlot(name: SlotName): Promise<void> {
    const { identity } = this.#slots.get(name);
    this.#slots.remove(name);
    this.#scheduler.remove(requestLane(name));
    const drained = this.#scheduler.retire(name);
    this.#tell.emit({ kind: 'slot-removed', slot: name, from: identity });
    this.#slotChanged(name);
    return drained;
  }

  stats(): PipelineStats {
    const cameras = [...this.#cameras.values()];
    return {
      detector: this.identity,
      held: this.#scheduler.held,
      cameras: cameras.map((camera) => camera.stats()),
      nodes: cameras.flatMap(({ graph }) => graph.stats()),
    };
  }

  /** Closes the sources, drops what waits, and resolves when the frames under way settled or timed out. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    const scheduled = this.#scheduler.close();
    for (const camera of this.#cameras.values()) await camera.close();
    await scheduled;
    this.#settleFinished();
  }

  #graphPorts(): GraphPorts {
    const { clock, sinks, tracker, seeks, watched, decode, miniature, onDisagreement } = this.#options;
    return {
      ...{ clock, sinks, scheduler: this.#scheduler, slots: this.#slots, identities: new IdentityGallery() },
      ...defined({ tracker, seeks, watched, decode, miniature, onDisagreement }),
      fault: (camera, node, error, thrown) => this.#tell.fault(camera, node, error, thrown),
      recovered: (camera, node) => this.#tell.recovered(camera, node),
    };
  }

  #takeRequests(slot: SlotName): void {
    this.#requests.set(slot, new ProbeRequests(mostRequests));
    this.#scheduler.add(requestLane(slot), { slot, policy: 'every', role: 'shadow' });
  }

  #worker(detector: Detector): Worker<void, Task> {
    const { capacity, warmUpMs = 0 } = detector;
    const { timeoutMs = 0, answerTimeoutMs = 30_000 } = this.#options;
    return {
      capacity,
      // Loading and the first frame take longer than any frame after them.
      timeoutMs: Math.max(timeoutMs, 2 * warmUpMs),
      answerTimeoutMs: Math.max(answerTimeoutMs, 10 * warmUpMs),
      run: ({ context, frame }) => context.run(detector, frame),
    };
  }

  #slotChanged(slot: SlotName): void {
    for (const camera of this.#cameras.values()) camera.slotChanged(slot);
  }

  /** Looked at after the present call: counts of the frame in hand are settled by then. */
  #settleFinished(): void {
    if (this.#finished.length === 0) return;
    for (const { stream } of this.#cameras.values()) if (!stream.ended) return;
    void this.#scheduler.idle().then(() => {
      for (const resolve of this.#finished.splice(0)) resolve();
    });
  }

  #camera(camera: string): CameraRunner {
    const found = this.#cameras.get(camera);
    if (found !== undefined) return found;
    throw new InputError(
      'camera-unknown',
      `There is no camera "${camera}".`,
      `The cameras are ${this.cameras.join(', ') || 'none'}.`,
    );
  }
}

function slotsOf({ slots, detector }: PipelineOptions): ReadonlyMap<SlotName, Detector> {
  return slots ?? new Map(detector === undefined ? [] : [[mainSlot, detector]]);
}
