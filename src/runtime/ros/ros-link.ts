import { randomUUID } from 'node:crypto';
import type {
  RosDetectionSink as DetectionTopics,
  DrawDetections,
  RedactPicture,
  Steerable,
  RosVisionInfoSink as VisionTopics,
} from '../../adapters/ros2/index.ts';
import type { SafetyCheck } from '../../agent/index.ts';
import { type Clock, defined, describeError, type Log, type LogLevel } from '../../base/index.ts';
import type { DetectionSink, DetectorIdentity, FrameSource, Image } from '../../perception/index.ts';
import {
  type CameraInfo,
  type LifecycleMachine,
  type LifecycleWork,
  type RosNode,
  RosoutLog,
  RosTime,
  serveLifecycle,
  serveTypeDescriptions,
} from '../../ros2/index.ts';
import type { InstalledRos, RosAdapter } from './adapter-order.ts';
import { joinGraph, type RosAdapters } from './join-graph.ts';
import { RosDepths } from './ros-depths.ts';
import { parseNode, parseRemap, parseRosSource, parseTopicQos } from './ros-spec.ts';
import { ScopedNode } from './scoped-node.ts';

export interface RosLinkOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Default `auto`. */
  readonly adapter?: RosAdapter;
  /** `/goshawk`, or `/robot1/goshawk` for a namespace. */
  readonly node?: string;
  /** `from:=to`, as in `ros2 run --ros-args -r`. */
  readonly remap?: readonly string[];
  /** `detections?reliability=best_effort&depth=1`. */
  readonly qos?: readonly string[];
  /** Keeps a bond with a lifecycle manager while the node is active. */
  readonly bond?: boolean;
  /** `use_sim_time` from the start. */
  readonly simTime?: boolean;
  /** From where on lines of the log are on `/rosout`; default info. */
  readonly logLevel?: LogLevel;
  /** How a node is made; default: the adapters of this machine. */
  readonly adapters?: RosAdapters;
  /** Default: that of the process. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Default: what is below /opt/ros. */
  readonly installed?: readonly InstalledRos[];
  /** How long neighbours are waited for where nothing else says what they speak. */
  readonly lookAroundMs?: number;
}

export interface RosPartPorts {
  readonly node: RosNode;
  readonly clock: Clock;
  readonly log: Log;
}

/** `Pipeline` is one. */
export interface SteeredPipeline extends Steerable {
  isOn(camera: string): boolean;
}

interface Counts {
  readonly received: number;
  readonly lost: number;
  readonly stale: number;
}

/** One node of the ROS 2 graph for all cameras and results of this process; it joins the graph when it is first needed. */
export class RosLink {
  /** That of the options, whose lines are on `/rosout` too while the node is in the graph. */
  readonly log: RosoutLog;
  readonly #options: RosLinkOptions;
  readonly #time: RosTime;
  readonly #sources = new Map<
    string,
    { readonly counts: Counts; readonly cameraInfo: CameraInfo | undefined }
  >();
  readonly #depths: RosDepths;
  /** Whose thresholds are told, and which of its cameras are off. */
  #steered: SteeredPipeline | undefined;
  /** What tells of the model before the first picture. */
  #announced: { readonly detections: DetectionTopics; readonly meanings: VisionTopics } | undefined;
  readonly #closing: (() => void)[] = [];
  /** What stays until the node leaves the graph. */
  readonly #leaving: (() => void)[] = [];
  #joined: Promise<RosNode> | undefined;
  /** What the cameras and results have; the life cycle is outside of it. */
  #scope: ScopedNode | undefined;

  constructor(options: RosLinkOptions) {
    const { clock, log, simTime = false } = options;
    this.#time = new RosTime(clock, { simulated: simTime, log });
    this.#depths = new RosDepths(this.#time);
    this.log = new RosoutLog(log, this.#time, options.logLevel);
    this.#options = { ...options, log: this.log };
  }

  /** `ros:/camera/image_raw`, with `?reliability=reliable&depth=10` for another QoS. */
  async source(spec: string, camera: string, frameId: string | undefined): Promise<FrameSource> {
    const { clock, log } = this.#options;
    const { topic, qos, compressed, depth } = parseRosSource(spec);
    const node = await this.#scoped();
    const { RosFrameSource } = await import('../../adapters/ros2/index.ts');
    const { nativeConvertPicture, nativeConvertPictureAside } = await import(
      '../../../device/native/index.ts'
    );
    const convert = nativeConvertPicture();
    const convertAside = nativeConvertPictureAside();
    const source = new RosFrameSource({
      node,
      clock,
      log,
      camera,
      topic,
      qos,
      decodePng,
      simulated: () => this.#time.simulated,
      ...defined({ convert, convertAside, compressed, frameId }),
    });
    this.#sources.set(camera, source);
    return depth === undefined ? source : this.#depths.with(source, depth, node, log);
  }

  /** Detections, tracks, info, diagnostics and model events; pictures with boxes on them, of which `redact` says what is seen. */
  async sinks(
    cameras: readonly string[],
    redact: RedactPicture | 'plain',
    faults?: () => readonly string[] | undefined,
  ): Promise<DetectionSink[]> {
    const { log } = this.#options;
    const clock = this.#time;
    const qos = parseTopicQos(this.#options.qos ?? []);
    const node = await this.#scoped();
    const {
      RosAnnotatedSink,
      RosCameraInfoSink,
      RosDetectionSink,
      RosDetections3dSink,
      RosNodeResultsSink,
      RosMapSink,
      RosRulesSink,
      RosVisionInfoSink,
    } = await import('../../adapters/ros2/index.ts');
    const counts = (camera: string) => this.#sources.get(camera)?.counts;
    const isOn = (camera: string) => this.#known((steered) => steered.isOn(camera)) ?? true;
    const detections = new RosDetectionSink({
      ...{ node, clock, log, cameras, counts, isOn, qos },
      ...defined({ faults }),
    });
    this.#closing.push(() => detections.close());
    const { annotated } = qos;
    const pictures = new RosAnnotatedSink({
      node,
      cameras,
      draw: drawAnnotated,
      redact,
      log,
      ...defined({ qos: annotated }),
    });
    const further = new RosNodeResultsSink({
      node,
      cameras,
      log,
      ...defined({ qos: qos.detections }),
    });
    const cameraInfo = (camera: string) => this.#sources.get(camera)?.cameraInfo;
    const threshold = (camera: string) => this.#known((steered) => steered.settings(camera).scoreThreshold);
    const meanings = new RosVisionInfoSink({ node, cameras, threshold });
    this.#announced = { detections, meanings };
    const located = new RosDetections3dSink({
      ...{ node, clock, cameras, log, cameraInfo, depth: (camera: string) => this.#depths.of(camera) },
      ...defined({ qos: qos.detections }),
    });
    this.#closing.push(() => located.close());
    const calibrations = new RosCameraInfoSink({
      ...{ node, cameras, cameraInfo },
      ...defined({ qos: annotated }),
    });
    const maps = new RosMapSink({ node, cameras, ...defined({ qos: annotated }) });
    const rules = new RosRulesSink({ node, cameras, ...defined({ qos: qos.detections }) });
    return [detections, further, pictures, calibrations, meanings, located, maps, rules];
  }

  /** Undefined for a camera that was taken away while its last result was under way. */
  #known<Value>(ask: (steered: SteeredPipeline) => Value): Value | undefined {
    try {
      return this.#steered === undefined ? undefined : ask(this.#steered);
    } catch {
      return undefined;
    }
  }

  /**
   * Lets the graph switch these cameras and set their thresholds and classes. As in ROS 2 the parameters are there from the start of the
   * node to its end, whatever of it is loaded.
   */
  async control(pipeline: SteeredPipeline, cameras: readonly string[]): Promise<void> {
    this.#steered = pipeline;
    const node = await this.#join();
    const { serveControl } = await import('../../adapters/ros2/index.ts');
    const { log } = this.#options;
    const clock = this.#time;
    const further = [clock.parameter()];
    const endpoints = serveControl({ node, clock, cameras, pipeline, further, log });
    this.#leaving.push(() => {
      for (const endpoint of endpoints) endpoint.close();
    });
  }

  /** Something more of this node; it is given up with the cameras and results. */
  async add<Part extends { close(): void }>(make: (ports: RosPartPorts) => Part): Promise<Part> {
    const part = make({ node: await this.#scoped(), clock: this.#time, log: this.#options.log });
    this.#closing.push(() => part.close());
    return part;
  }

  /** Makes this node a managed one: `ros2 lifecycle`, or a lifecycle manager, tells it what to do. */
  async manage(work: LifecycleWork): Promise<LifecycleMachine> {
    const { clock, log } = this.#options;
    const bond = this.#options.bond === true ? { bond: randomUUID } : {};
    const { machine, endpoints } = serveLifecycle(await this.#join(), clock, work, { log, ...bond });
    // The bond says that it ends, and its timer does not hold the process.
    this.#leaving.push(() => {
      for (const endpoint of endpoints) endpoint.close();
    });
    return machine;
  }

  /** The node is active: the log says so, and topics for those who come later say what it looks for. */
  async activated(identity: DetectorIdentity | undefined): Promise<void> {
    const { name, carrier } = await this.#join();
    const { detections, meanings } = this.#announced ?? {};
    // An agent may wait for its first model.
    const model = identity === undefined || identity.model === '' ? undefined : identity;
    if (model !== undefined) {
      detections?.announce(model);
      meanings?.announce(model, this.#time.wallNs());
    }
    this.#options.log.info('The node is active', {
      ...{ node: `${name.namespace.replace(/\/$/, '')}/${name.name}`, through: carrier },
      topics: (detections?.topics ?? []).join(' '),
      model: model === undefined ? 'none yet' : `${model.model} ${model.version}`,
    });
  }

  /** What the robot says of updates, by calling `~/hold_updates`. */
  async safety(): Promise<SafetyCheck> {
    const node = await this.#join();
    const { RosSafetyCheck } = await import('../../adapters/ros2/index.ts');
    const check = new RosSafetyCheck({ node, log: this.#options.log });
    this.#leaving.push(() => check.close());
    return check;
  }

  /** What a topic, or the state of a managed node, says of it. A topic counts for as long as it is heard once in `freshMs`. */
  async heardSafety(kind: 'topic' | 'lifecycle', name: string, freshMs: number): Promise<SafetyCheck> {
    const node = await this.#join();
    const { lifecycleSafetyCheck, topicSafetyCheck } = await import('../../adapters/ros2/index.ts');
    const about = { node, clock: this.#options.clock, name };
    const check = kind === 'topic' ? topicSafetyCheck({ ...about, freshMs }) : lifecycleSafetyCheck(about);
    this.#leaving.push(() => check.close());
    return check;
  }

  /** Gives up cameras and results, and stays in the graph. */
  release(): void {
    for (const close of this.#closing.splice(0)) close();
    this.#announced = undefined;
    this.#depths.clear();
    this.#scope?.close();
    this.#scope = undefined;
    this.#sources.clear();
  }

  async close(): Promise<void> {
    this.release();
    for (const close of this.#leaving.splice(0)) close();
    const joined = await this.#joined?.catch((error: unknown) => {
      this.#options.log.debug('ROS 2 was not joined', { reason: describeError(error) });
      return undefined;
    });
    this.log.detach();
    this.#time.detach();
    joined?.close();
    this.#joined = undefined;
  }

  async #scoped(): Promise<RosNode> {
    const node = await this.#join();
    this.#scope ??= new ScopedNode(node);
    return this.#scope;
  }

  #join(): Promise<RosNode> {
    const { clock, log, node, remap = [], adapter = 'auto', adapters } = this.#options;
    const { environment, installed, lookAroundMs } = this.#options;
    this.#joined ??= joinGraph({
      clock,
      log,
      adapter,
      remap: parseRemap(remap),
      ...(node === undefined ? {} : { name: parseNode(node) }),
      ...defined({ adapters, environment, installed, lookAroundMs }),
    }).then((joinedNode) => {
      this.log.attach(joinedNode);
      this.#time.attach(joinedNode);
      if (joinedNode.describesTypes !== true) serveTypeDescriptions(joinedNode);
      return joinedNode;
    });
    const joined = this.#joined;
    // A graph that can't be joined yet is tried again by whoever asks next.
    joined.catch(() => {
      if (this.#joined === joined) this.#joined = undefined;
    });
    return joined;
  }
}

/** The drawing library is loaded when somebody looks. */
const drawAnnotated: DrawDetections = {
  jpeg: async (image, detections, rules) =>
    (await import('../../adapters/sharp/index.ts')).drawDetections(image, detections, { rules }),
  pixels: async (image, detections, rules) =>
    (await import('../../adapters/sharp/index.ts')).drawDetectionsRaw(image, detections, { rules }),
};

async function decodePng(bytes: Uint8Array): Promise<Image> {
  const { decodePicture } = await import('../../adapters/sharp/index.ts');
  return decodePicture(bytes, 'A picture of a topic');
}
