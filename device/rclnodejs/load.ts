import { describeError, MissingError } from '../../src/base/index.ts';

/** What is used of rclnodejs (2.x); the package is installed only where ROS 2 is, so its types can't be asked for. */
export interface Rclnodejs {
  readonly Context: new (domain?: bigint) => RclContext;
  readonly QoS: new (history: number, depth: number, reliability: number, durability: number) => object;
  readonly NodeOptions: new (startParameterServices: boolean) => object;
  init(context: RclContext, argv: readonly string[]): Promise<void>;
  createNode(name: string, namespace: string, context: RclContext, options: object): RclNode;
  shutdown(context: RclContext): void;
}

export interface RclContext {
  isShutdown(): boolean;
}

/** Of a topic; numbers of rmw_qos_*_policy_e. */
export interface RclEndpoint {
  readonly node_name: string;
  readonly node_namespace: string;
  readonly topic_type: string;
  /** Version 0: none is announced. ROS before Iron has none. */
  readonly topic_type_hash?: { readonly version: number; readonly value: Uint8Array };
  readonly qos_profile: { readonly reliability: number; readonly durability: number };
}

export interface RclPublisher {
  publish(bytes: Uint8Array): void;
  readonly subscriptionCount: number;
}

export interface RclSubscription {
  readonly publisherCount: number;
}

export type RclServiceListener = (request: unknown, response: { send(answer: object): void }) => void;

export interface RclClient {
  waitForService(timeoutMs: number): Promise<boolean>;
  sendRequest(request: object, onAnswer: (answer: unknown) => void): void;
}

export interface RclNode {
  createSubscription(
    type: string,
    topic: string,
    options: { readonly isRaw: true; readonly qos: object },
    listener: (message: Uint8Array) => void,
  ): RclSubscription;
  createPublisher(type: string, topic: string, options: { readonly qos: object }): RclPublisher;
  createService(
    type: string,
    name: string,
    options: { readonly qos: object },
    listener: RclServiceListener,
  ): object;
  createClient(type: string, name: string, options: { readonly qos: object }): RclClient;
  getPublishersInfoByTopic(topic: string, plainDdsNames: boolean): readonly RclEndpoint[];
  getSubscriptionsInfoByTopic(topic: string, plainDdsNames: boolean): readonly RclEndpoint[];
  getNodeNamesAndNamespaces(): readonly { readonly name: string; readonly namespace: string }[];
  spin(): void;
  destroyPublisher(publisher: RclPublisher): void;
  destroySubscription(subscription: RclSubscription): void;
  destroyService(service: object): void;
  destroyClient(client: object): void;
  destroy(): void;
}

const packageName = 'rclnodejs';

/** Throws a MissingError where rclnodejs or ROS 2 is not there. */
export async function loadRclnodejs(
  load: () => Promise<unknown> = () => import(packageName),
): Promise<Rclnodejs> {
  try {
    const module = (await load()) as { default?: Rclnodejs } & Rclnodejs;
    return module.default ?? module;
  } catch (cause) {
    throw new MissingError(
      'rclnodejs-missing',
      `rclnodejs can't be loaded: ${describeError(cause)}`,
      'Source ROS 2 (source /opt/ros/jazzy/setup.bash), then npm install rclnodejs; without ROS 2 use --ros dds, which needs neither.',
      { cause },
    );
  }
}
