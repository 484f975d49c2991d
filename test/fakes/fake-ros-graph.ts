import { describeError } from '../../src/base/index.ts';
import {
  type Answer,
  type CallableService,
  CdrReader,
  CdrWriter,
  checkNodeName,
  type ForeignType,
  incompatiblePolicy,
  incompatibleQos,
  type KnownPublisher,
  type KnownServiceEnd,
  type MessageStruct,
  type MessageType,
  type Neighbour,
  type NodeName,
  type Qos,
  type RosEndpoint,
  type RosNode,
  type RosPublisher,
  readMessage,
  readServiceRequest,
  refusal,
  resolveTopic,
  type ServiceRequest,
  type ServiceResponse,
  type ServiceShape,
  type ServiceType,
  type SubscribeOptions,
  serviceTypeHashes,
  typeAndHash,
  unansweredCall,
  writeMessage,
  writeServiceResponse,
} from '../../src/ros2/index.ts';

interface FakeSubscription {
  readonly topic: string;
  readonly options: SubscribeOptions;
  lost: number;
  publishers: number;
  readonly met: Set<FakePublication>;
}

interface FakePublication {
  readonly node: string;
  readonly topic: string;
  readonly type: MessageType | ForeignType;
  readonly qos: Qos;
  last: Uint8Array | undefined;
}

interface FakeService {
  readonly name: string;
  readonly type: string;
  /** Of request and response; empty as of Humble. */
  readonly hashes: readonly [string, string];
  /** Undefined where the service gave no answer. */
  readonly answer: (request: unknown) => Promise<unknown>;
  /** The same as another node would: a request as CDR. */
  readonly answerBytes: (request: CdrReader) => Promise<Uint8Array | undefined>;
}

/** A ROS 2 graph in memory: matching by topic, type and QoS as DDS does it; messages come a microtask later. */
export class FakeRosGraph {
  readonly #subscriptions = new Set<FakeSubscription>();
  readonly #publications = new Set<FakePublication>();
  readonly #services = new Map<string, FakeService>();
  /** Frames whose message was handed out and not released. */
  held = 0;
  /** Nodes of others that each node here sees. */
  readonly others: readonly Neighbour[];

  constructor(others: readonly Neighbour[] = []) {
    this.others = others;
  }

  join(name: NodeName, remap: Readonly<Record<string, string>> = {}): FakeRosNode {
    return new FakeRosNode(this, checkNodeName(name), remap);
  }

  /** Undefined where there is no such service, or it gave no answer. */
  async call<Type extends ServiceType>(
    service: string,
    type: Type,
    request: ServiceRequest<Type>,
  ): Promise<ServiceResponse<Type> | undefined> {
    await Promise.resolve();
    const found = this.#services.get(service);
    return found?.type === type
      ? ((await found.answer(request)) as ServiceResponse<Type> | undefined)
      : undefined;
  }

  async callBytes(service: string, type: string, request: Uint8Array): Promise<Uint8Array | undefined> {
    await Promise.resolve();
    const found = this.#services.get(service);
    return found?.type === type ? found.answerBytes(new CdrReader(request, type)) : undefined;
  }

  servers(service: string): readonly KnownServiceEnd[] {
    const found = this.#services.get(service);
    return (found?.hashes ?? []).map((hash, at) => ({
      type: `${found?.type}_${at === 0 ? 'Request' : 'Response'}`,
      typeHash: hash === '' ? undefined : hash,
    }));
  }

  subscribe(topic: string, options: SubscribeOptions): () => void {
    const subscription: FakeSubscription = { topic, options, lost: 0, publishers: 0, met: new Set() };
    this.#subscriptions.add(subscription);
    queueMicrotask(() => {
      for (const publication of this.#publications) {
        if (publication.topic !== topic) continue;
        this.#meet(subscription, publication);
        const wantsLast = options.qos.durability === 'transient_local' && publication.last !== undefined;
        if (wantsLast && incompatiblePolicy(publication.qos, options.qos) === undefined) {
          this.#deliver(subscription, publication.last ?? new Uint8Array());
        }
      }
    });
    return () => this.#subscriptions.delete(subscription);
  }

  advertise(publication: FakePublication): () => void {
    this.#publications.add(publication);
    queueMicrotask(() => {
      for (const each of this.#subscriptions)
        if (each.topic === publication.topic) this.#meet(each, publication);
    });
    return () => {
      if (!this.#publications.delete(publication)) return;
      for (const each of this.#subscriptions) this.#count(each);
    };
  }

  publish(publication: FakePublication, bytes: Uint8Array): void {
    publication.last = bytes;
    for (const subscription of this.#matched(publication)) {
      queueMicrotask(() => this.#deliver(subscription, bytes));
    }
  }

  subscribers(publication: FakePublication): number {
    return this.#matched(publication).length;
  }

  publishers(topic: string): readonly KnownPublisher[] {
    return [...this.#publications]
      .filter((each) => each.topic === topic)
      .map(({ node, type }) => {
        const { name, hash } = typeAndHash(type);
        return { node, type: name, typeHash: hash === '' ? undefined : hash };
      });
  }

  serve(service: FakeService): () => void {
    this.#services.set(service.name, service);
    return () => this.#services.delete(service.name);
  }

  #matched(publication: FakePublication): FakeSubscription[] {
    return [...this.#subscriptions].filter(
      ({ topic, options }) =>
        topic === publication.topic &&
        typeAndHash(options.type).name === typeAndHash(publication.type).name &&
        incompatiblePolicy(publication.qos, options.qos) === undefined,
    );
  }

  #meet(subscription: FakeSubscription, publication: FakePublication): void {
    if (!this.#subscriptions.has(subscription) || !this.#publications.has(publication)) return;
    const policy = incompatiblePolicy(publication.qos, subscription.options.qos);
    if (policy !== undefined && !subscription.met.has(publication)) {
      subscription.options.onProblem?.(incompatibleQos(subscription.topic, policy, 'subscriber'));
    }
    subscription.met.add(publication);
    this.#count(subscription);
  }

  #count(subscription: FakeSubscription): void {
    const count = [...this.#publications].filter((each) => this.#matched(each).includes(subscription)).length;
    if (count === subscription.publishers) return;
    subscription.publishers = count;
    subscription.options.onPublishers?.(count);
  }

  #deliver(subscription: FakeSubscription, bytes: Uint8Array): void {
    if (!this.#subscriptions.has(subscription)) return;
    const { onMessage, onLosses, maxBytes } = subscription.options;
    if (bytes.length > maxBytes) {
      subscription.lost += 1;
      onLosses?.({ superseded: 0, onTheWay: 0, tooLarge: subscription.lost, largest: bytes.length });
      return;
    }
    this.held += 1;
    onMessage({
      bytes,
      release: () => {
        this.held -= 1;
      },
    });
  }
}

export class FakeRosNode implements RosNode {
  readonly carrier = 'a fake';
  readonly tellsLosses: boolean = true;
  readonly name: NodeName;
  readonly #graph: FakeRosGraph;
  readonly #remap: Readonly<Record<string, string>>;
  readonly #open = new Set<() => void>();

  constructor(graph: FakeRosGraph, name: NodeName, remap: Readonly<Record<string, string>>) {
    this.#graph = graph;
    this.name = name;
    this.#remap = remap;
  }

  topic(name: string): string {
    return resolveTopic(name, this.name, this.#remap);
  }

  subscribe(options: SubscribeOptions): RosEndpoint {
    const topic = this.topic(options.topic);
    return { topic, close: this.#keep(this.#graph.subscribe(topic, options)) };
  }

  /** A fake publishes what is not ours, too; without a hash as of Humble. */
  advertise(name: string, type: MessageType | ForeignType, qos: Qos): RosPublisher {
    const topic = this.topic(name);
    const { namespace, name: own } = this.name;
    const node = `${namespace === '/' ? '' : namespace}/${own}`;
    const publication: FakePublication = { node, topic, type, qos, last: undefined };
    const close = this.#keep(this.#graph.advertise(publication));
    const open = () => this.#open.has(close);
    return {
      topic,
      publish: (bytes) => {
        if (open()) this.#graph.publish(publication, Uint8Array.from(bytes));
        return open();
      },
      subscribers: () => (open() ? this.#graph.subscribers(publication) : 0),
      close,
    };
  }

  serve<Type extends ServiceType>(service: string, type: Type, answer: Answer<Type>): RosEndpoint {
    const { request, response } = serviceTypeHashes[type];
    const answerOrRefuse = async (asked: ServiceRequest<Type>) => {
      try {
        return await answer(asked);
      } catch (error) {
        return refusal(type, describeError(error));
      }
    };
    return this.#serve(service, type, [request, response], {
      answer: async (asked) => answerOrRefuse(asked as ServiceRequest<Type>),
      answerBytes: async (asked) => {
        const writer = new CdrWriter();
        writeServiceResponse(type, writer, await answerOrRefuse(readServiceRequest(type, asked)));
        return writer.finish();
      },
    });
  }

  /** A fake serves what is not ours, too. */
  serveForeign(
    service: string,
    { name, request, response }: ServiceShape,
    answer: (request: MessageStruct) => MessageStruct | Promise<MessageStruct>,
  ): RosEndpoint {
    return this.#serve(service, name, [request.hash, response.hash], {
      answer: async () => undefined,
      answerBytes: async (asked) => {
        const writer = new CdrWriter();
        writeMessage(writer, response.shape, await answer(readMessage(asked, request.shape)));
        return writer.finish();
      },
    });
  }

  #serve(
    service: string,
    type: string,
    hashes: readonly [string, string],
    { answer, answerBytes }: Pick<FakeService, 'answer' | 'answerBytes'>,
  ): RosEndpoint {
    const name = this.topic(service);
    const silent = () => undefined;
    const close = this.#graph.serve({
      ...{ name, type, hashes },
      answer: (request) => answer(request).catch(silent),
      answerBytes: (request) => answerBytes(request).catch(silent),
    });
    return { topic: name, close: this.#keep(close) };
  }

  async call<Type extends CallableService>(
    service: string,
    type: Type,
    request: ServiceRequest<Type>,
    timeoutMs: number,
  ): Promise<ServiceResponse<Type>> {
    const answer = await this.#graph.call(this.topic(service), type, request);
    if (answer === undefined) throw unansweredCall(service, timeoutMs);
    return answer;
  }

  async callForeign(
    service: string,
    type: ServiceShape,
    request: MessageStruct,
    timeoutMs: number,
  ): Promise<MessageStruct> {
    const writer = new CdrWriter();
    writeMessage(writer, type.request.shape, request);
    const answer = await this.#graph.callBytes(this.topic(service), type.name, writer.finish());
    if (answer === undefined) throw unansweredCall(service, timeoutMs);
    return readMessage(new CdrReader(answer, type.name), type.response.shape);
  }

  servers(service: string): readonly KnownServiceEnd[] {
    return this.#graph.servers(this.topic(service));
  }

  publishers(topic: string): readonly KnownPublisher[] {
    return this.#graph.publishers(this.topic(topic));
  }

  largeMessageRisk(): string | undefined {
    return undefined;
  }

  neighbours(): readonly Neighbour[] {
    return this.#graph.others;
  }

  lossCause(): string | undefined {
    return undefined;
  }

  close(): void {
    for (const close of [...this.#open]) close();
  }

  #keep(close: () => void): () => void {
    const once = () => {
      if (this.#open.delete(once)) close();
    };
    this.#open.add(once);
    return once;
  }
}
