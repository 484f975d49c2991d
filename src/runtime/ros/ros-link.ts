import type { DrawDetections, PublishedTopic, Steerable } from '../../adapters/ros2/index.ts';
import { type Clock, describeError, InputError, type Log, MissingError } from '../../base/index.ts';
import type { DetectionSink, FrameSource } from '../../perception/index.ts';
import { type NodeName, type Qos, qosProfiles, type RosNode } from '../../ros2/index.ts';

export const rosScheme = 'ros:';

/**
 * What reaches the ROS 2 graph. `dds` is Cyclone DDS. `auto`: dds where its addon is built, else rclnodejs; fastdds only by
 * name, since no node of ROS itself was tried with it (docs/ros2.md).
 */
export const rosAdapters = ['auto', 'dds', 'fastdds', 'rclnodejs'] as const;
export type RosAdapter = (typeof rosAdapters)[number];

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

/** Makes a node, or throws a MissingError that says what is not there. */
export type RosAdapters = Readonly<
  Record<Exclude<RosAdapter, 'auto'>, (options: RosNodeOptions) => Promise<RosNode>>
>;

export interface RosNodeOptions {
  readonly log: Log;
  readonly name?: NodeName;
  readonly remap: Readonly<Record<string, string>>;
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
    this.#joined ??= join(this.#options);
    return this.#joined;
  }
}

/** The drawing library is loaded when somebody looks. */
const drawAnnotated: DrawDetections = {
  jpeg: async (image, detections) =>
    (await import('../../adapters/sharp/index.ts')).drawDetections(image, detections),
  pixels: async (image, detections) =>
    (await import('../../adapters/sharp/index.ts')).drawDetectionsRaw(image, detections),
};

const machineAdapters: RosAdapters = {
  dds: async (options) => (await import('../../../device/dds/index.ts')).DdsNode.open(options),
  fastdds: async (options) =>
    (await import('../../../device/dds/index.ts')).DdsNode.open({ ...options, middleware: 'fastdds' }),
  rclnodejs: async (options) =>
    (await import('../../../device/rclnodejs/index.ts')).RclnodejsNode.open(options),
};

async function join(options: RosLinkOptions): Promise<RosNode> {
  const { log, node, adapter = 'auto', adapters = machineAdapters, environment = process.env } = options;
  const nodeOptions = {
    log,
    ...(node === undefined ? {} : { name: parseNode(node) }),
    remap: parseRemap(options.remap ?? []),
  };
  if (adapter !== 'auto') return told(log, await adapters[adapter](nodeOptions), `--ros ${adapter}`);
  const { RMW_IMPLEMENTATION: middleware = '' } = environment;
  const hint = middleware.startsWith('rmw_fastrtps')
    ? '; --ros fastdds is the middleware that RMW_IMPLEMENTATION names'
    : '';
  try {
    const dds = await adapters.dds(nodeOptions);
    return told(log, dds, `automatic: its addon is built, and pictures need no copy${hint}`);
  } catch (error) {
    if (!(error instanceof MissingError)) throw error;
    try {
      return told(
        log,
        await adapters.rclnodejs(nodeOptions),
        `automatic: device/dds is not there (${error.message})${hint}`,
      );
    } catch (second) {
      if (!(second instanceof MissingError)) throw second;
      throw new MissingError(
        'ros-missing',
        `Nothing here reaches ROS 2. dds: ${error.message} rclnodejs: ${second.message}`,
        `Either ${error.remedy} Or ${second.remedy}`,
        { cause: error },
      );
    }
  }
}

function told(log: Log, node: RosNode, why: string): RosNode {
  log.info('joined the ROS 2 graph', { through: node.carrier, why });
  return node;
}

function parseNode(text: string): NodeName {
  const parts = text.split('/');
  const name = parts.pop() ?? '';
  const namespace = parts.filter((part) => part !== '').join('/');
  return { namespace: `/${namespace}`, name };
}

function parseRemap(rules: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    rules.map((rule): [string, string] => {
      const [from, to, ...rest] = rule.split(':=');
      if (from === undefined || from === '' || to === undefined || to === '' || rest.length > 0) {
        throw new InputError(
          'ros-remap',
          `"${rule}" is no remapping.`,
          'Write from:=to, e.g. ~/detections:=/detections.',
        );
      }
      return [from, to];
    }),
  );
}

export function parseRosSource(spec: string): { readonly topic: string; readonly qos: Qos } {
  const [topic = '', query = ''] = spec.slice(rosScheme.length).split('?', 2);
  const wrong = (what: string) =>
    new InputError(
      'ros-source',
      `The source ${spec} ${what}.`,
      'Write ros:/camera/image_raw or ros:/camera/image_raw?reliability=reliable&durability=volatile&depth=5.',
    );
  if (topic === '') throw wrong('names no topic');
  return { topic, qos: parseQos(query, qosProfiles.sensorData, wrong) };
}

/** `detections?reliability=best_effort&depth=1`, one rule for a topic. */
export function parseTopicQos(rules: readonly string[]): Partial<Record<PublishedTopic, Qos>> {
  const defaults: Record<PublishedTopic, Qos> = {
    detections: qosProfiles.standard,
    tracks: qosProfiles.standard,
    info: qosProfiles.standard,
    annotated: qosProfiles.sensorData,
  };
  return Object.fromEntries(
    rules.map((rule) => {
      const [topic = '', query = ''] = rule.split('?', 2);
      const wrong = (what: string) =>
        new InputError(
          'ros-topic-qos',
          `The QoS ${rule} ${what}.`,
          `Write <topic>?reliability=best_effort&durability=volatile&depth=1; topics are ${Object.keys(defaults).join(', ')}.`,
        );
      if (!Object.hasOwn(defaults, topic)) throw wrong('is of no topic that is published');
      return [topic, parseQos(query, defaults[topic as PublishedTopic], wrong)];
    }),
  );
}

function parseQos(query: string, defaults: Qos, wrong: (what: string) => InputError): Qos {
  const asked = new URLSearchParams(query);
  const unknown = [...asked.keys()].filter((key) => !['reliability', 'durability', 'depth'].includes(key));
  if (unknown.length > 0) throw wrong(`has the unknown setting ${unknown[0]}`);
  const reliability = asked.get('reliability') ?? defaults.reliability;
  const durability = asked.get('durability') ?? defaults.durability;
  const depth = Number(asked.get('depth') ?? defaults.depth);
  if (reliability !== 'reliable' && reliability !== 'best_effort')
    throw wrong('has another reliability than reliable or best_effort');
  if (durability !== 'volatile' && durability !== 'transient_local')
    throw wrong('has another durability than volatile or transient_local');
  if (!Number.isInteger(depth) || depth < 1 || depth > 100)
    throw wrong('has a depth that is not from 1 to 100');
  return { reliability, durability, depth };
}
