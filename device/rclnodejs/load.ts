import { describeError, MissingError } from '../../src/base/index.ts';

/** What is used of rclnodejs (2.x); the package is installed only where ROS 2 is, so its types can't be asked for. */
export interface Rclnodejs {
  init(): Promise<void>;
  shutdown(): void;
  createNode(name: string, namespace: string): RclNode;
  readonly QoS: new (history: number, depth: number, reliability: number, durability: number) => object;
}

export interface RclNode {
  createSubscription(
    type: string,
    topic: string,
    options: { readonly isRaw: true; readonly qos: object },
    listener: (message: Uint8Array) => void,
  ): object;
  createPublisher(
    type: string,
    topic: string,
    options: { readonly qos: object },
  ): { publish(bytes: Uint8Array): void };
  spin(): void;
  destroySubscription(subscription: object): void;
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
      'Source ROS 2 (source /opt/ros/jazzy/setup.bash), then npm install rclnodejs; without ROS 2 use device/dds (ros: sources), which needs neither.',
      { cause },
    );
  }
}
