import { type Clock, describeError, InputError, type Log } from '../base/index.ts';
import type { DetectionSink, FrameSource } from '../perception/index.ts';
import { type NodeName, type Qos, qosProfiles } from '../ros2/index.ts';

export const rosScheme = 'ros:';

export interface RosLinkOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** `/goshawk`, or `/robot1/goshawk` for a namespace. */
  readonly node?: string;
  /** `from:=to`, as in `ros2 run --ros-args -r`. */
  readonly remap?: readonly string[];
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
  #joined: ReturnType<typeof join> | undefined;

  constructor(options: RosLinkOptions) {
    this.#options = options;
  }

  /** `ros:/camera/image_raw`, with `?reliability=reliable&depth=10` for another QoS. */
  async source(spec: string, camera: string, frameId: string | undefined): Promise<FrameSource> {
    const { clock, log } = this.#options;
    const { topic, qos } = parseRosSource(spec);
    const { dds, node } = await this.#join();
    const source = new dds.DdsFrameSource({
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

  async sink(cameras: readonly string[]): Promise<DetectionSink> {
    const { clock, log } = this.#options;
    const { dds, node } = await this.#join();
    const counts = (camera: string) => this.#sources.get(camera)?.counts;
    const sink = new dds.DdsDetectionSink({ node, clock, log, cameras, counts });
    this.#closing.push(() => sink.close());
    return sink;
  }

  async close(): Promise<void> {
    for (const close of this.#closing.splice(0)) close();
    const joined = await this.#joined?.catch((error: unknown) => {
      this.#options.log.debug('ROS 2 was not joined', { reason: describeError(error) });
      return undefined;
    });
    joined?.node.close();
    this.#joined = undefined;
  }

  #join() {
    this.#joined ??= join(this.#options);
    return this.#joined;
  }
}

async function join({ log, node, remap }: RosLinkOptions) {
  const dds = await import('../../device/dds/index.ts');
  const opened = dds.DdsNode.open({
    log,
    ...(node === undefined ? {} : { node: parseNode(node) }),
    remap: parseRemap(remap ?? []),
  });
  return { dds, node: opened };
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
  const asked = new URLSearchParams(query);
  const unknown = [...asked.keys()].filter((key) => !['reliability', 'durability', 'depth'].includes(key));
  const wrong = (what: string) =>
    new InputError(
      'ros-source',
      `The source ${spec} ${what}.`,
      'Write ros:/camera/image_raw or ros:/camera/image_raw?reliability=reliable&durability=volatile&depth=5.',
    );
  if (topic === '') throw wrong('names no topic');
  if (unknown.length > 0) throw wrong(`has the unknown setting ${unknown[0]}`);
  const { sensorData } = qosProfiles;
  const reliability = asked.get('reliability') ?? sensorData.reliability;
  const durability = asked.get('durability') ?? sensorData.durability;
  const depth = Number(asked.get('depth') ?? sensorData.depth);
  if (reliability !== 'reliable' && reliability !== 'best_effort')
    throw wrong('has another reliability than reliable or best_effort');
  if (durability !== 'volatile' && durability !== 'transient_local')
    throw wrong('has another durability than volatile or transient_local');
  if (!Number.isInteger(depth) || depth < 1 || depth > 100)
    throw wrong('has a depth that is not from 1 to 100');
  return { topic, qos: { reliability, durability, depth } };
}
