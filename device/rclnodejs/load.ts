import { describeError, MissingError } from '../../src/base/index.ts';

/** What is used of rclnodejs (2.x); the package is installed only where ROS 2 is, so its types can't be asked for. */
export interface Rclnodejs {
  readonly Context: new (domain?: bigint) => RclContext;
  readonly QoS: new (history: number, depth: number, reliability: number, durability: number) => object;
  readonly NodeOptions: new (startParameterServices: boolean) => object;
  /** Throw where ROS is older than Jazzy. */
  readonly PublisherEventCallbacks: new () => RclEvents;
  readonly SubscriptionEventCallbacks: new () => RclEvents & { messageLost: (event: RclEvent) => void };
  init(context: RclContext, argv: readonly string[]): Promise<void>;
  createNode(name: string, namespace: string, context: RclContext, options: object): RclNode;
  shutdown(context: RclContext): void;
}

export interface RclContext {
  isShutdown(): boolean;
}

export interface RclEvent {
  readonly current_count?: number;
  readonly total_count?: number;
  readonly last_policy_kind?: number;
}

export interface RclEvents {
  matched: (event: RclEvent) => void;
  incompatibleQos: (event: RclEvent) => void;
}

export interface RclPublisher {
  publish(bytes: Uint8Array): void;
  readonly subscriptionCount: number;
}

export interface RclSubscription {
  readonly publisherCount: number;
}

export interface RclNode {
  createSubscription(
    type: string,
    topic: string,
    options: { readonly isRaw: true; readonly qos: object },
    listener: (message: Uint8Array) => void,
    events?: RclEvents,
  ): RclSubscription;
  createPublisher(
    type: string,
    topic: string,
    options: { readonly qos: object },
    events?: RclEvents,
  ): RclPublisher;
  createService(
    type: string,
    name: string,
    options: object,
    listener: (request: unknown, response: { send(answer: object): void }) => void,
  ): object;
  spin(): void;
  destroyPublisher(publisher: RclPublisher): void;
  destroySubscription(subscription: RclSubscription): void;
  destroyService(service: object): void;
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
