import { describeError, InputError, type Log, MissingError, silentLog } from '../../src/base/index.ts';
import { kernelText } from '../../src/platform/index.ts';
import {
  type Answer,
  type CallableService,
  checkNodeName,
  ddsServiceTopics,
  type KnownPublisher,
  type KnownServiceEnd,
  type MessageStruct,
  type MessageType,
  messageOfObject,
  type Neighbour,
  type NodeName,
  parseDomainId,
  type Qos,
  qosProfiles,
  type RosEndpoint,
  type RosNode,
  type RosPublisher,
  resolveTopic,
  rosType,
  type ServiceRequest,
  type ServiceResponse,
  type ServiceShape,
  type ServiceType,
  SocketDrops,
  type SubscribeOptions,
  typeAndHash,
  unansweredCall,
} from '../../src/ros2/index.ts';
import { answerRequests } from './answer-requests.ts';
import { GraphPoller } from './graph-poller.ts';
import {
  loadRclnodejs,
  type RclClient,
  type RclContext,
  type RclEndpoint,
  type RclNode,
  type Rclnodejs,
  type RclServiceListener,
} from './load.ts';
import { keepPictureMemory, letGo } from './picture-memory.ts';
import { RclGraph } from './rcl-graph.ts';
import { fromRosResponse, toRosRequest } from './service-objects.ts';

export interface RclnodejsNodeOptions {
  /** Default `goshawk` in `/`. */
  readonly name?: NodeName;
  /** Names of topics, as written here or in full, to other names. */
  readonly remap?: Readonly<Record<string, string>>;
  /** Default: that of the process. rcl reads the rest of its variables by itself. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly log?: Log;
  /** Default: the package rclnodejs. */
  readonly load?: () => Promise<unknown>;
}

/**
 * A node of ROS 2 through rcl, with the middleware that RMW_IMPLEMENTATION names. Messages go as serialized bytes: two
 * copies more than device/dds for a picture, into memory that is kept; an object of the same content costs thirty times as much for
 * results.
 *
 * What could go wrong, and what happens
 * - no ROS 2, no rclnodejs: `open` throws a MissingError that says what to install
 * - a message lost on the way is not told: rclnodejs does not export its events (see graph-poller.ts)
 * - `goshawk_msgs` is not built in the workspace: a warning, and its topics and services are left out
 */
export class RclnodejsNode implements RosNode {
  readonly carrier: string;
  readonly tellsLosses = false;
  readonly describesTypes = true;
  readonly name: NodeName;
  readonly #ros: Rclnodejs;
  readonly #context: RclContext;
  readonly #node: RclNode;
  readonly #graph: RclGraph;
  readonly #poller: GraphPoller;
  readonly #remap: Readonly<Record<string, string>>;
  readonly #environment: Readonly<Record<string, string | undefined>>;
  readonly #log: Log;
  readonly #drops = new SocketDrops(() => kernelText('/proc/net/snmp'));
  #closed = false;

  private constructor(
    ros: Rclnodejs,
    context: RclContext,
    name: NodeName,
    environment: Readonly<Record<string, string | undefined>>,
    options: RclnodejsNodeOptions,
  ) {
    this.name = name;
    this.#ros = ros;
    this.#context = context;
    this.#remap = options.remap ?? {};
    this.#environment = environment;
    this.#log = options.log ?? silentLog;
    const { ROS_DISTRO: distribution = 'ROS 2', RMW_IMPLEMENTATION: middleware = 'its default middleware' } =
      environment;
    this.carrier = `rclnodejs (${distribution}, ${middleware})`;
    // Parameters are served by us, so that both adapters have the same ones.
    this.#node = ros.createNode(name.name, name.namespace, context, new ros.NodeOptions(false));
    this.#graph = new RclGraph(this.#node, this.#log);
    this.#poller = new GraphPoller(
      this.#graph,
      name,
      () => context.isShutdown(),
      () => {
        this.#log.warn('There is another ROS 2 node with our name', {
          node: `${name.namespace === '/' ? '' : name.namespace}/${name.name}`,
          remedy: 'Give each its own name: both publish on the same topics, and tools show only one.',
        });
      },
    );
  }

  static async open(options: RclnodejsNodeOptions = {}): Promise<RclnodejsNode> {
    const environment = options.environment ?? process.env;
    const name = checkNodeName(options.name ?? { namespace: '/', name: 'goshawk' });
    const domain = parseDomainId(environment.ROS_DOMAIN_ID || '0');
    const ros = await loadRclnodejs(options.load);
    const context = new ros.Context(BigInt(domain));
    try {
      await ros.init(context, []);
    } catch (cause) {
      throw new InputError(
        'rclnodejs-start',
        `ROS 2 does not start: ${describeError(cause)}`,
        'Source the setup.bash of ROS 2 and of the workspace that holds goshawk_msgs; check RMW_IMPLEMENTATION.',
        { cause },
      );
    }
    const opened = new RclnodejsNode(ros, context, name, environment, options);
    opened.#node.spin();
    keepPictureMemory(opened.#log);
    return opened;
  }

  topic(name: string): string {
    return resolveTopic(name, this.name, this.#remap);
  }

  subscribe(options: SubscribeOptions): RosEndpoint {
    const { onMessage, onPublishers, onLosses, onProblem, maxBytes, qos } = options;
    const topic = this.topic(options.topic);
    let tooLarge = 0;
    let open = true;
    const receive = (bytes: Uint8Array) => {
      if (!open) return;
      if (bytes.length <= maxBytes) {
        onMessage({ bytes, release: () => letGo(bytes) });
        return;
      }
      tooLarge += 1;
      onLosses?.({ superseded: 0, onTheWay: 0, tooLarge, largest: bytes.length });
    };
    const raw = { isRaw: true, qos: this.#qos(qos) } as const;
    const subscription = this.#node.createSubscription(typeAndHash(options.type).name, topic, raw, receive);
    const stopPolling = this.#poller.add({
      topic,
      ours: 'subscriber',
      qos,
      peers: () => subscription.publisherCount,
      onPeers: (count) => onPublishers?.(count),
      onProblem: (problem) => onProblem?.(problem),
    });
    return {
      topic,
      close: () => {
        if (!open) return;
        open = false;
        stopPolling();
        if (!this.#gone()) this.#node.destroySubscription(subscription);
      },
    };
  }

  advertise(name: string, type: MessageType, qos: Qos): RosPublisher {
    const topic = this.topic(name);
    let publisher: ReturnType<RclNode['createPublisher']> | undefined;
    try {
      publisher = this.#node.createPublisher(type, topic, { qos: this.#qos(qos) });
    } catch (error) {
      if (!type.startsWith('goshawk_msgs/')) throw error;
      this.#log.warn('A topic is left out: goshawk_msgs is not in this ROS 2 workspace', {
        topic,
        reason: describeError(error),
        remedy: 'Build deploy/ros2/goshawk_msgs with colcon, source its setup.bash and start again.',
      });
    }
    const stopPolling = this.#poller.add({
      topic,
      ours: 'publisher',
      qos,
      peers: () => 0,
      onPeers: () => {},
      onProblem: (problem) => this.#log.warn('ROS 2 QoS', { problem: problem.explain() }),
    });
    return {
      topic,
      publish: (bytes) => {
        if (publisher === undefined || this.#gone()) return false;
        // rclnodejs takes a Buffer, and only a Buffer, for serialized bytes.
        publisher.publish(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
        return true;
      },
      subscribers: () => (publisher === undefined || this.#gone() ? 0 : publisher.subscriptionCount),
      close: () => {
        stopPolling();
        if (publisher !== undefined && !this.#gone()) this.#node.destroyPublisher(publisher);
        publisher = undefined;
      },
    };
  }

  serve<Type extends ServiceType>(service: string, type: Type, answer: Answer<Type>): RosEndpoint {
    const name = this.topic(service);
    const answers = answerRequests(type, answer, {
      ...{ service: name, log: this.#log, isGone: () => this.#gone() },
    });
    let served: object | undefined = this.#createService(type, name, answers.listener);
    return {
      topic: name,
      close: () => {
        answers.close();
        if (served !== undefined && !this.#gone()) this.#node.destroyService(served);
        served = undefined;
      },
    };
  }

  async call<Type extends CallableService>(
    service: string,
    type: Type,
    request: ServiceRequest<Type>,
    timeoutMs: number,
  ): Promise<ServiceResponse<Type>> {
    return this.#call(
      service,
      type,
      toRosRequest(type, request),
      (answer) => fromRosResponse(type, answer),
      timeoutMs,
    );
  }

  async callForeign(
    service: string,
    type: ServiceShape,
    request: MessageStruct,
    timeoutMs: number,
  ): Promise<MessageStruct> {
    const read = (answer: unknown) => messageOfObject(type.response.shape, answer);
    return this.#call(service, type.name, request, read, timeoutMs);
  }

  async #call<Answer>(
    service: string,
    type: string,
    request: object,
    read: (answer: unknown) => Answer,
    timeoutMs: number,
  ): Promise<Answer> {
    const name = this.topic(service);
    const client = this.#createClient(type, name);
    let timer: NodeJS.Timeout | undefined;
    try {
      const beganMs = performance.now();
      if (!(await client.waitForService(timeoutMs))) throw unansweredCall(name, timeoutMs);
      const leftMs = Math.max(1, timeoutMs - (performance.now() - beganMs));
      const answer = await new Promise((resolve, reject) => {
        timer = setTimeout(() => reject(unansweredCall(name, timeoutMs)), leftMs);
        client.sendRequest(request, resolve);
      });
      return read(answer);
    } finally {
      clearTimeout(timer);
      if (!this.#gone()) this.#node.destroyClient(client);
    }
  }

  #createClient(type: string, name: string): RclClient {
    try {
      return this.#node.createClient(type, name, { qos: this.#qos(qosProfiles.services) });
    } catch (cause) {
      throw new MissingError(
        'rclnodejs-type',
        `The sourced ROS 2 can't call ${name} as ${type}: ${describeError(cause)}`,
        'Source the workspace that has its package, too, or take --ros dds or fastdds, which only need a folder with its .srv file.',
        { cause },
      );
    }
  }

  /** Their topics by the names that they have in DDS. */
  servers(service: string): readonly KnownServiceEnd[] {
    if (this.#gone()) return [];
    const topics = ddsServiceTopics(this.topic(service));
    return [
      ...this.#graph.subscribers(topics.request, true).slice(0, mostPublishers),
      ...this.#graph.publishers(topics.reply, true).slice(0, mostPublishers),
    ].map((end) => ({ type: rosType(end.topic_type), typeHash: hashTextOf(end.topic_type_hash) }));
  }

  /** Undefined, and told, where its type is ours and not built in the workspace. */
  #createService(type: string, name: string, listener: RclServiceListener): object | undefined {
    try {
      return this.#node.createService(type, name, { qos: this.#qos(qosProfiles.services) }, listener);
    } catch (error) {
      if (!type.startsWith('goshawk_msgs/')) throw error;
      this.#log.warn(
        'A service is left out: goshawk_msgs is not in this ROS 2 workspace, or is an older one',
        {
          ...{ service: name, reason: describeError(error) },
          remedy: 'Build deploy/ros2/goshawk_msgs with colcon, source its setup.bash and start again.',
        },
      );
      return undefined;
    }
  }

  publishers(topic: string): readonly KnownPublisher[] {
    if (this.#gone()) return [];
    return this.#graph
      .publishers(this.topic(topic))
      .slice(0, mostPublishers)
      .map((publisher) => ({
        node: `${publisher.node_namespace.replace(/\/$/, '')}/${publisher.node_name}`,
        type: publisher.topic_type,
        typeHash: hashTextOf(publisher.topic_type_hash),
      }));
  }

  largeMessageRisk(): string | undefined {
    const environment = this.#environment;
    const middleware = environment.RMW_IMPLEMENTATION ?? 'rmw_fastrtps_cpp';
    const cyclone = middleware.includes('cyclone');
    const file = cyclone ? 'cyclonedds.xml' : 'fastdds.xml';
    // Each middleware reads its own; Fast DDS 3 has another name for it.
    const variables = cyclone
      ? (['CYCLONEDDS_URI'] as const)
      : (['FASTRTPS_DEFAULT_PROFILES_FILE', 'FASTDDS_DEFAULT_PROFILES_FILE'] as const);
    const [variable] = variables;
    const configured = variables.some((each) => (environment[each] ?? '') !== '');
    return configured
      ? undefined
      : `${middleware} as it comes loses large best-effort pictures (the kernel lets a socket hold ${receiveLimit()} bytes): set ${variable} to deploy/ros2/${file}, or let the camera publish reliably.`;
  }

  /** All that rcl reaches speaks as it does. */
  neighbours(): readonly Neighbour[] {
    return [];
  }

  lossCause(): string | undefined {
    return this.#drops.cause();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#poller.close();
    this.#node.destroy();
    if (!this.#context.isShutdown()) this.#ros.shutdown(this.#context);
  }

  /** Closed by us, or rcl was shut down by a signal that it listens to as well. */
  #gone(): boolean {
    return this.#closed || this.#context.isShutdown();
  }

  /** Numbers of rmw_qos_*_policy_e. */
  #qos({ reliability, durability, depth }: Qos): object {
    const keepLast = 1;
    const reliable = reliability === 'reliable' ? 1 : 2;
    return new this.#ros.QoS(keepLast, depth, reliable, durability === 'transient_local' ? 1 : 2);
  }
}

const mostPublishers = 16;

function hashTextOf(hash: RclEndpoint['topic_type_hash']): string | undefined {
  return hash?.version === 1 ? `RIHS01_${Buffer.from(hash.value).toString('hex')}` : undefined;
}

function receiveLimit(): string {
  return kernelText('/proc/sys/net/core/rmem_max') ?? 'an unknown number of';
}
