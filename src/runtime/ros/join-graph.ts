import { type Log, MissingError } from '../../base/index.ts';
import type { NodeName, RosNode } from '../../ros2/index.ts';

/**
 * What reaches the ROS 2 graph. `dds` is Cyclone DDS. `auto`: dds where its addon is built, else rclnodejs; fastdds only by
 * name, since no node of ROS itself was tried with it (docs/ros2.md).
 */
export const rosAdapters = ['auto', 'dds', 'fastdds', 'rclnodejs'] as const;
export type RosAdapter = (typeof rosAdapters)[number];

/** Makes a node, or throws a MissingError that says what is not there. */
export type RosAdapters = Readonly<
  Record<Exclude<RosAdapter, 'auto'>, (options: RosNodeOptions) => Promise<RosNode>>
>;

export interface RosNodeOptions {
  readonly log: Log;
  readonly name?: NodeName;
  readonly remap: Readonly<Record<string, string>>;
}

const machineAdapters: RosAdapters = {
  dds: async (options) => (await import('../../../device/dds/index.ts')).DdsNode.open(options),
  fastdds: async (options) =>
    (await import('../../../device/dds/index.ts')).DdsNode.open({ ...options, middleware: 'fastdds' }),
  rclnodejs: async (options) =>
    (await import('../../../device/rclnodejs/index.ts')).RclnodejsNode.open(options),
};

export interface JoinOptions extends RosNodeOptions {
  readonly adapter: RosAdapter;
  /** Default: the adapters of this machine. */
  readonly adapters?: RosAdapters;
  /** Default: that of the process. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** A node of the ROS 2 graph through the adapter that is asked for, else the first that is there. */
export async function joinGraph(options: JoinOptions): Promise<RosNode> {
  const { log, adapter, adapters = machineAdapters, environment = process.env } = options;
  const { name, remap } = options;
  const nodeOptions = { log, remap, ...(name === undefined ? {} : { name }) };
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
