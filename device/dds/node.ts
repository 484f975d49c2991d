import {
  type DdsAddon,
  type DdsEndpointOptions,
  type DdsParticipantHandle,
  type DdsReaderHandle,
  type DdsTaken,
  type DdsWriterHandle,
  loadDds,
  type Middleware,
} from '../../native/index.ts';
import { asGoshawkError, describeError, InputError, type Log, silentLog } from '../../src/base/index.ts';
import { kernelText } from '../../src/platform/index.ts';
import {
  type Answer,
  type CallableService,
  callCodec,
  checkNodeName,
  ddsTopic,
  ddsType,
  foreignCallCodec,
  hashInUserData,
  incompatibleQos,
  type KnownPublisher,
  type KnownServiceEnd,
  type MessageStruct,
  type MessageType,
  type Neighbour,
  type NodeName,
  type Qos,
  type RosEndpoint,
  type RosMessage,
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
  serviceTypeHashes,
  socketBufferWarning,
  typeAndHash,
  typeHashes,
} from '../../src/ros2/index.ts';
import { type RosEnvironment, rosEnvironment } from './configuration.ts';
import { endpoint, mostPublishers } from './endpoint-options.ts';
import { GraphTopic } from './graph-topic.ts';
import { LatchedWriter } from './latched-writer.ts';
import { serviceWires } from './service-wire.ts';
import { Services } from './services.ts';

export interface DdsNodeOptions {
  /** Default `cyclone`. */
  readonly middleware?: Middleware;
  /** Default `goshawk` in `/`. */
  readonly name?: NodeName;
  /** Names of topics, as written here or in full, to other names. */
  readonly remap?: Readonly<Record<string, string>>;
  /** Default: from the environment of the process. */
  readonly environment?: RosEnvironment;
  readonly log?: Log;
}

/**
 * A node of the ROS 2 graph without ROS 2: a participant with its readers and writers, announced on
 * `ros_discovery_info` so that `ros2 node list` and `ros2 topic info -v` show it.
 *
 * What could go wrong, and what happens
 * - no addon, no middleware: `open` throws a MissingError that says what to install
 * - a second node with our name: a warning, once; both go on, as in ROS
 * - a peer whose QoS does not fit: a warning that says which side asks what
 */
export class DdsNode implements RosNode {
  readonly carrier: string;
  readonly tellsLosses = true;
  readonly name: NodeName;
  readonly #remap: Readonly<Record<string, string>>;
  readonly #log: Log;
  readonly #addon: DdsAddon;
  readonly #participant: DdsParticipantHandle;
  readonly #readers = new Set<DdsReaderHandle>();
  readonly #writers = new Set<DdsWriterHandle>();
  readonly #graph: GraphTopic;
  readonly #drops = new SocketDrops(() => kernelText('/proc/net/snmp'));
  readonly #services: Services;
  #toldDropped = false;
  #closed = false;
  readonly #closeAtExit = () => this.close();

  private constructor(options: DdsNodeOptions, addon: DdsAddon, environment: RosEnvironment) {
    const middleware = options.middleware ?? 'cyclone';
    this.carrier = `${products[middleware]} (no ROS 2 needed)`;
    this.name = checkNodeName(options.name ?? { namespace: '/', name: 'goshawk' });
    this.#remap = options.remap ?? {};
    this.#log = options.log ?? silentLog;
    this.#addon = addon;
    const product = products[middleware];
    this.#participant = new addon.DdsParticipant({
      domain: environment.domain,
      configuration: environment.configuration,
      userData: 'enclave=/;',
    });
    this.#graph = new GraphTopic({
      ...{ addon, participant: this.#participant, name: this.name, product },
      ...{ gidSize: environment.gidSize, log: this.#log },
    });
    this.#services = new Services({
      ...{ participant: this.#participant, wire: serviceWires[middleware], product, log: this.#log },
      openReader: (...end) => this.#openReader(...end),
      openWriter: (...end) => this.#openWriter(...end),
      isClosed: () => this.#closed,
    });
  }

  static open(options: DdsNodeOptions = {}): DdsNode {
    const { middleware = 'cyclone', environment = rosEnvironment(process.env, middleware) } = options;
    const addon = loadDds(middleware);
    const opened = wrap('join the ROS 2 domain', () => new DdsNode(options, addon, environment));
    // process.exit tears nothing down, and would leave the segment of 64 MiB in /dev/shm.
    if (middleware === 'fastdds') process.once('exit', opened.#closeAtExit);
    opened.#announce();
    return opened;
  }

  /** The full name of a topic of this node, remapped. */
  topic(name: string): string {
    return resolveTopic(name, this.name, this.#remap);
  }

  subscribe(options: SubscribeOptions): RosEndpoint {
    const topic = this.topic(options.topic);
    const { maxBytes, queue, scattered = false } = options;
    const { name, hash } = typeAndHash(options.type);
    const ends = endpoint(ddsTopic(topic), ddsType(name), hash, options.qos);
    return this.#open(topic, { ...ends, maxBytes, queue, inPieces: scattered }, deliver(topic, options));
  }

  advertise(name: string, type: MessageType, qos: Qos): RosPublisher {
    const topic = this.topic(name);
    const { writer, close } = this.#openWriter(
      topic,
      endpoint(ddsTopic(topic), ddsType(type), typeHashes[type], qos),
    );
    return {
      topic,
      publish: (bytes) => !this.#closed && wrap(`publish on ${topic}`, () => writer.write(bytes)),
      subscribers: () => (this.#closed ? 0 : writer.matched()),
      close,
    };
  }

  serve<Type extends ServiceType>(service: string, type: Type, answer: Answer<Type>): RosEndpoint {
    return this.#services.serve(this.topic(service), type, answer);
  }

  async call<Type extends CallableService>(
    service: string,
    type: Type,
    request: ServiceRequest<Type>,
    timeoutMs: number,
  ): Promise<ServiceResponse<Type>> {
    const codec = callCodec(type, request);
    return this.#services.call(this.topic(service), serviceTypeHashes[type], codec, timeoutMs);
  }

  async callForeign(
    service: string,
    type: ServiceShape,
    request: MessageStruct,
    timeoutMs: number,
  ): Promise<MessageStruct> {
    const hashes = { request: type.request.hash, response: type.response.hash };
    return this.#services.call(this.topic(service), hashes, foreignCallCodec(type, request), timeoutMs);
  }

  servers(service: string): readonly KnownServiceEnd[] {
    return this.#closed ? [] : this.#services.servers(this.topic(service));
  }

  publishers(topic: string): readonly KnownPublisher[] {
    if (this.#closed) return [];
    this.#tellDropped();
    return this.#participant
      .writersOf(ddsTopic(this.topic(topic)), mostPublishers)
      .map(({ guid, type, userData }) => ({
        ...{ node: this.#graph.nodeOf(guid), type: rosType(type), typeHash: hashInUserData(userData) },
      }));
  }

  /** Once: a topic without a publisher may have one then. */
  #tellDropped(): void {
    if (this.#toldDropped) return;
    const { dropped } = this.#participant.announcements();
    if (dropped === 0) return;
    this.#toldDropped = true;
    this.#log.warn('More publishers are announced on the ROS graph than are kept; some are not known here', {
      dropped,
      remedy:
        'Look for a node that creates publishers without end, or give the robot a separate ROS_DOMAIN_ID.',
    });
  }

  largeMessageRisk(): string | undefined {
    return socketBufferWarning(kernelText('/proc/sys/net/core/rmem_max'));
  }

  neighbours(): readonly Neighbour[] {
    return this.#graph.neighbours;
  }

  lossCause(): string | undefined {
    return this.#drops.cause();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    process.off('exit', this.#closeAtExit);
    // As a node of ROS does: whoever keeps the last word of a participant that is gone would go on showing the node.
    this.#graph.tell([]);
    for (const reader of this.#readers) reader.close();
    for (const writer of this.#writers) writer.close();
    this.#graph.close();
    this.#participant.close();
  }

  #open(topic: string, options: DdsEndpointOptions, notice: (reader: DdsReaderHandle) => void): RosEndpoint {
    return { topic, close: this.#openReader(topic, options, notice).close };
  }

  #openReader(
    topic: string,
    options: DdsEndpointOptions,
    notice: (reader: DdsReaderHandle) => void,
  ): { reader: DdsReaderHandle; close: () => void } {
    const reader = wrap(`subscribe to ${topic}`, () => {
      const handle: DdsReaderHandle = new this.#addon.DdsReader(this.#participant, options, () =>
        notice(handle),
      );
      return handle;
    });
    this.#readers.add(reader);
    this.#announce();
    const close = () => {
      if (!this.#readers.delete(reader)) return;
      reader.close();
      this.#announce();
    };
    return { reader, close };
  }

  #openWriter(
    topic: string,
    options: DdsEndpointOptions,
    onMatched: () => void = () => {},
  ): { writer: DdsWriterHandle; close: () => void } {
    const opened = wrap(`publish on ${topic}`, () => {
      const handle: DdsWriterHandle = new this.#addon.DdsWriter(this.#participant, options, () => {
        for (const { kind, count, policy } of handle.take()) {
          if (kind === 'matched' && count > 0) onMatched();
          if (kind !== 'incompatible') continue;
          this.#log.warn('ROS 2 QoS', { problem: incompatibleQos(topic, policy, 'publisher').explain() });
        }
      });
      return handle;
    });
    const writer =
      options.durability === 'transient_local'
        ? new LatchedWriter(opened, options.depth, (error) =>
            this.#log.warn('ROS 2 topic', { topic, problem: describeError(error) }),
          )
        : opened;
    this.#writers.add(writer);
    this.#announce();
    const close = () => {
      if (!this.#writers.delete(writer)) return;
      writer.close();
      this.#announce();
    };
    return { writer, close };
  }

  /** Tells the graph which endpoints this node has now. */
  #announce(): void {
    if (this.#closed) return;
    this.#graph.tell([
      {
        ...this.name,
        readers: [...this.#readers].map((reader) => reader.guid()),
        writers: [...this.#writers].map((writer) => writer.guid()),
      },
    ]);
  }
}

const products: Readonly<Record<Middleware, string>> = { cyclone: 'Cyclone DDS', fastdds: 'Fast DDS' };
function messagesOf(reader: DdsReaderHandle, taken: DdsTaken | null): RosMessage[] {
  return (taken?.samples ?? []).map(({ id, bytes, pieces }) => ({
    bytes,
    release: () => reader.release(id),
    ...(pieces === undefined ? {} : { scattered: { pieces, gather: () => reader.gather(id) } }),
  }));
}

/** What is done when something came for a subscription: first what happened to it, then its messages. */
function deliver(topic: string, options: SubscribeOptions): (reader: DdsReaderHandle) => void {
  let onTheWay = 0;
  return (reader) => {
    const taken = reader.take();
    if (taken === null) return;
    for (const { kind, count, policy } of taken.events) {
      if (kind === 'matched') options.onPublishers?.(count);
      else if (kind === 'lost') onTheWay = count;
      else options.onProblem?.(incompatibleQos(topic, policy, 'subscriber'));
    }
    const { superseded, tooLarge, largest } = taken;
    options.onLosses?.({ superseded, onTheWay, tooLarge, largest });
    for (const message of messagesOf(reader, taken)) options.onMessage(message);
  };
}

function wrap<T>(what: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    const known = asGoshawkError(error, 'dds-middleware');
    if (known !== error) {
      throw new InputError(
        'dds-middleware',
        `Can't ${what}: ${describeError(error)}.`,
        'Check ROS_DOMAIN_ID, CYCLONEDDS_URI or FASTDDS_DEFAULT_PROFILES_FILE, and the network interface; two topics of one name need one type.',
        { cause: error },
      );
    }
    throw known;
  }
}
