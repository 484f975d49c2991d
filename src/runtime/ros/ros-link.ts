import type { DrawDetections, Steerable } from '../../adapters/ros2/index.ts';
import type { SafetyCheck } from '../../agent/index.ts';
import { type Clock, describeError, type Log } from '../../base/index.ts';
import type { DetectionSink, FrameSource } from '../../perception/index.ts';
import type { RosNode } from '../../ros2/index.ts';
import { joinGraph, type RosAdapter, type RosAdapters } from './join-graph.ts';
import { parseNode, parseRemap, parseRosSource, parseTopicQos } from './ros-spec.ts';

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
  /** How a node is made; default: the adapters of this machine. */
  readonly adapters?: RosAdapters;
  /** Default: that of the process. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

interface Counts {
  readonly received: number;
  readonly lost: number;
}

/** One node of the ROS 2 graph for all cameras and results of this process; it joins the graph when it is first needed. */
export class RosLink {
  readonly #options: RosLinkOptions;
  readonly #sources = new Map<string, { readonly counts: Counts }>();
  readonly #closing: (() => void)[] = [];
  #joined: Promise<RosNode> | undefined;

  constructor(options: RosLinkOptions) {
    this.#options = options;
  }

  /** `ros:/camera/image_raw`, with `?reliability=reliable&depth=10` for another QoS. */
  async source(spec: string, camera: string, frameId: string | undefined): Promise<FrameSource> {
    const { clock, log } = this.#options;
    const { topic, qos } = parseRosSource(spec);
    const node = await this.#join();
    const { RosFrameSource } = await import('../../adapters/ros2/index.ts');
    const source = new RosFrameSource({
      node,
      clock,
      log,
      camera,
      topic,
      qos,
      ...(frameId === undefined ? {} : { frameId }),
    });
    this.#sources.set(camera, source);
    return source;
  }

  /** Detections, tracks, info, diagnostics and model events; pictures with boxes on them. */
  async sinks(cameras: readonly string[]): Promise<DetectionSink[]> {
    const { clock, log } = this.#options;
    const qos = parseTopicQos(this.#options.qos ?? []);
    const node = await this.#join();
    const { RosAnnotatedSink, RosDetectionSink } = await import('../../adapters/ros2/index.ts');
    const counts = (camera: string) => this.#sources.get(camera)?.counts;
    const detections = new RosDetectionSink({ node, clock, log, cameras, counts, qos });
    this.#closing.push(() => detections.close());
    const { annotated } = qos;
    const pictures = new RosAnnotatedSink({
      node,
      cameras,
      draw: drawAnnotated,
      log,
      ...(annotated === undefined ? {} : { qos: annotated }),
    });
    return [detections, pictures];
  }

  /** Lets the graph switch these cameras and set their thresholds and classes. */
  async control(pipeline: Steerable, cameras: readonly string[]): Promise<void> {
    const node = await this.#join();
    const { serveControl } = await import('../../adapters/ros2/index.ts');
    const { clock, log } = this.#options;
    const endpoints = serveControl({ node, clock, cameras, pipeline, log });
    this.#closing.push(() => {
      for (const endpoint of endpoints) endpoint.close();
    });
  }

  /** What the robot says of updates, by calling `~/hold_updates`. */
  async safety(): Promise<SafetyCheck> {
    const node = await this.#join();
    const { RosSafetyCheck } = await import('../../adapters/ros2/index.ts');
    const check = new RosSafetyCheck({ node, log: this.#options.log });
    this.#closing.push(() => check.close());
    return check;
  }

  async close(): Promise<void> {
    for (const close of this.#closing.splice(0)) close();
    const joined = await this.#joined?.catch((error: unknown) => {
      this.#options.log.debug('ROS 2 was not joined', { reason: describeError(error) });
      return undefined;
    });
    joined?.close();
    this.#joined = undefined;
  }

  #join(): Promise<RosNode> {
    const { log, node, remap = [], adapter = 'auto', adapters, environment } = this.#options;
    this.#joined ??= joinGraph({
      log,
      adapter,
      remap: parseRemap(remap),
      ...(node === undefined ? {} : { name: parseNode(node) }),
      ...(adapters === undefined ? {} : { adapters }),
      ...(environment === undefined ? {} : { environment }),
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
  jpeg: async (image, detections) =>
    (await import('../../adapters/sharp/index.ts')).drawDetections(image, detections),
  pixels: async (image, detections) =>
    (await import('../../adapters/sharp/index.ts')).drawDetectionsRaw(image, detections),
};
