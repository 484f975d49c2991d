import {
  type DdsAddon,
  type DdsEndpointOptions,
  type DdsHappening,
  type DdsParticipantHandle,
  type DdsReaderHandle,
  type DdsWriterHandle,
  loadDds,
} from '../../native/index.ts';
import { asGoshawkError, describeError, InputError, type Log, silentLog } from '../../src/base/index.ts';
import {
  CdrWriter,
  checkNodeName,
  ddsTopic,
  ddsType,
  explainIncompatibleQos,
  graphType,
  type MessageType,
  type NodeName,
  type Qos,
  qosProfiles,
  readParticipantEntities,
  resolveTopic,
  typeHashes,
  writeParticipantEntities,
} from '../../src/ros2/index.ts';
import { type RosEnvironment, rosEnvironment } from './configuration.ts';

export interface DdsNodeOptions {
  /** Default `goshawk` in `/`. */
  readonly node?: NodeName;
  /** Names of topics, as written here or in full, to other names. */
  readonly remap?: Readonly<Record<string, string>>;
  /** Default: from the environment of the process. */
  readonly environment?: RosEnvironment;
  readonly log?: Log;
}

export interface SubscribeOptions {
  readonly topic: string;
  readonly type: MessageType;
  readonly qos: Qos;
  readonly maxBytes: number;
  /** Messages that wait for the event loop; the oldest give way. */
  readonly queue: number;
  readonly onNotice: (reader: DdsReaderHandle) => void;
}

export interface Publisher {
  readonly topic: string;
  /** Encapsulation header and CDR, copied before it returns; false where readers are too slow. */
  publish(bytes: Uint8Array): boolean;
  /** Subscribers now. */
  subscribers(): number;
}

/**
 * A node of the ROS 2 graph without ROS 2: a participant with its readers and writers, announced on
 * `ros_discovery_info` so that `ros2 node list` and `ros2 topic info -v` show it.
 *
 * What could go wrong, and what happens
 * - no addon, no Cyclone DDS: `open` throws a MissingError that says what to install
 * - a second node with our name: a warning, once; both go on, as in ROS
 * - a peer whose QoS does not fit: a warning that says which side asks what
 */
export class DdsNode {
  readonly node: NodeName;
  readonly #remap: Readonly<Record<string, string>>;
  readonly #log: Log;
  readonly #addon: DdsAddon;
  readonly #participant: DdsParticipantHandle;
  readonly #environment: RosEnvironment;
  readonly #readers = new Set<DdsReaderHandle>();
  readonly #writers = new Set<DdsWriterHandle>();
  readonly #graph = new CdrWriter();
  #graphWriter: DdsWriterHandle | undefined;
  #graphReader: DdsReaderHandle | undefined;
  #warnedTwice = false;
  #closed = false;

  private constructor(options: DdsNodeOptions, addon: DdsAddon, environment: RosEnvironment) {
    this.node = checkNodeName(options.node ?? { namespace: '/', name: 'goshawk' });
    this.#remap = options.remap ?? {};
    this.#log = options.log ?? silentLog;
    this.#addon = addon;
    this.#environment = environment;
    this.#participant = new addon.DdsParticipant({
      domain: environment.domain,
      configuration: environment.configuration,
      userData: 'enclave=/;',
    });
  }

  static open(options: DdsNodeOptions = {}): DdsNode {
    const environment = options.environment ?? rosEnvironment(process.env);
    const addon = loadDds();
    const opened = wrap('join the ROS 2 domain', () => new DdsNode(options, addon, environment));
    opened.#announceOnGraph();
    return opened;
  }

  /** The full name of a topic of this node, remapped. */
  topic(name: string): string {
    return resolveTopic(name, this.node, this.#remap);
  }

  subscribe(options: SubscribeOptions): { readonly topic: string; close(): void } {
    const topic = this.topic(options.topic);
    const reader = wrap(`subscribe to ${topic}`, () => {
      const handle: DdsReaderHandle = new this.#addon.DdsReader(
        this.#participant,
        endpoint(topic, options.type, options.qos, { maxBytes: options.maxBytes, queue: options.queue }),
        () => options.onNotice(handle),
      );
      return handle;
    });
    this.#readers.add(reader);
    this.#announce();
    return {
      topic,
      close: () => {
        if (!this.#readers.delete(reader)) return;
        reader.close();
        this.#announce();
      },
    };
  }

  /** `onMatched` is told how many subscribers there are, whenever that changes. */
  advertise(name: string, type: MessageType, qos: Qos, onMatched?: (subscribers: number) => void): Publisher {
    const topic = this.topic(name);
    const writer = wrap(`publish on ${topic}`, () => {
      const handle: DdsWriterHandle = new this.#addon.DdsWriter(
        this.#participant,
        endpoint(topic, type, qos, {}),
        () => {
          for (const happening of handle.take()) {
            if (happening.kind === 'matched') onMatched?.(happening.count);
            else this.#log.warn('ROS 2 QoS', { problem: qosError(topic, happening, 'publisher').explain() });
          }
        },
      );
      return handle;
    });
    this.#writers.add(writer);
    this.#announce();
    return {
      topic,
      publish: (bytes) => !this.#closed && wrap(`publish on ${topic}`, () => writer.write(bytes)),
      subscribers: () => (this.#closed ? 0 : writer.matched()),
    };
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const reader of this.#readers) reader.close();
    for (const writer of this.#writers) writer.close();
    this.#graphReader?.close();
    this.#graphWriter?.close();
    this.#participant.close();
  }

  #announceOnGraph(): void {
    const common = { ...qosProfiles.latched, topic: 'ros_discovery_info', type: ddsType(graphType) };
    this.#graphWriter = new this.#addon.DdsWriter(
      this.#participant,
      { ...common, userData: '', maxBytes: 0, queue: 0, maxBlockingMs: 0 },
      () => {},
    );
    this.#graphReader = new this.#addon.DdsReader(
      this.#participant,
      { ...common, depth: 32, userData: '', maxBytes: 1 << 20, queue: 64, maxBlockingMs: 0 },
      () => this.#lookAtGraph(),
    );
    this.#announce();
  }

  /** Tells the graph which endpoints this node has now. */
  #announce(): void {
    if (this.#closed) return;
    const bytes = writeParticipantEntities(
      this.#graph,
      {
        participant: this.#participant.guid(),
        nodes: [
          {
            ...this.node,
            readers: [...this.#readers].map((reader) => reader.guid()),
            writers: [...this.#writers].map((writer) => writer.guid()),
          },
        ],
      },
      this.#environment.gidSize,
    );
    this.#graphWriter?.write(bytes);
  }

  #lookAtGraph(): void {
    const taken = this.#graphReader?.take();
    for (const { id, bytes } of taken?.samples ?? []) {
      try {
        this.#lookForNamesake(bytes);
      } catch (error) {
        // Another release's Gid has another length: then the names of the others stay unknown.
        this.#log.debug('ros_discovery_info not read', { reason: describeError(error) });
      } finally {
        this.#graphReader?.release(id);
      }
    }
  }

  #lookForNamesake(bytes: Uint8Array): void {
    const { participant, nodes } = readParticipantEntities(bytes, this.#environment.gidSize);
    const own = this.#participant.guid();
    if (this.#warnedTwice || own.every((octet, index) => octet === participant[index])) return;
    const { namespace, name } = this.node;
    if (!nodes.some((node) => node.namespace === namespace && node.name === name)) return;
    this.#warnedTwice = true;
    const full = `${namespace === '/' ? '' : namespace}/${name}`;
    this.#log.warn('There is another ROS 2 node with our name', {
      node: full,
      remedy: 'Give each its own name: both publish on the same topics, and tools show only one.',
    });
  }
}

function endpoint(
  topic: string,
  type: MessageType,
  qos: Qos,
  more: Partial<DdsEndpointOptions>,
): DdsEndpointOptions {
  return {
    topic: ddsTopic(topic),
    type: ddsType(type),
    // As rmw_cyclonedds since Iron; older ones don't look at it.
    userData: `typehash=${typeHashes[type]};`,
    ...qos,
    maxBytes: 0,
    queue: 1,
    // The event loop must not wait for a slow subscriber.
    maxBlockingMs: 0,
    ...more,
  };
}

export function qosError(topic: string, { policy }: DdsHappening, ours: 'publisher' | 'subscriber') {
  const { message, remedy } = explainIncompatibleQos(topic, policy, ours);
  return new InputError('ros-qos', message, remedy);
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
        'Check ROS_DOMAIN_ID, CYCLONEDDS_URI and the network interface; two topics of one name need one type.',
        { cause: error },
      );
    }
    throw known;
  }
}
