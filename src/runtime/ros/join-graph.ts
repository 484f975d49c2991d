import { type Clock, defined, type Log, MissingError, sleep } from '../../base/index.ts';
import type { NodeName, RosNode } from '../../ros2/index.ts';
import {
  type AdapterOrder,
  adapterOfMost,
  adapterOrder,
  type InstalledRos,
  type NamedAdapter,
  type RosAdapter,
  zenoh,
} from './adapter-order.ts';
import { installedRos } from './installed-ros.ts';

/** Makes a node, or throws a MissingError that says what is not there. */
export type RosAdapters = Readonly<Record<NamedAdapter, (options: RosNodeOptions) => Promise<RosNode>>>;

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
  readonly clock: Clock;
  readonly adapter: RosAdapter;
  /** Default: the adapters of this machine. */
  readonly adapters?: RosAdapters;
  /** Default: that of the process. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Default: what is sourced, and what is below /opt/ros. */
  readonly installed?: readonly InstalledRos[];
  /** How long neighbours are waited for where nothing else says what they speak; default 1500 ms. */
  readonly lookAroundMs?: number;
}

/** A node of the ROS 2 graph through the adapter that is asked for; `auto`: what its neighbours speak, of what is there. */
export async function joinGraph(options: JoinOptions): Promise<RosNode> {
  const { log, adapter, adapters = machineAdapters, environment = process.env, name, remap } = options;
  const nodeOptions = { log, remap, ...defined({ name }) };
  if (adapter !== 'auto') {
    if (adapter !== 'rclnodejs' && environment.RMW_IMPLEMENTATION === zenoh)
      log.warn(zenohUnheard, { adapter });
    return told(log, await adapters[adapter](nodeOptions), `--ros ${adapter}`);
  }
  const asked = adapterOrder(environment, options.installed ?? installedRos(environment));
  const { why, lookAround } = asked;
  const { node, adapter: taken, missing } = await openFirst(asked, adapters, nodeOptions);
  const instead = lookAround ? await whatNeighboursSpeak(node, options) : undefined;
  if (instead !== undefined && instead !== taken) {
    const better = await openIfThere(adapters[instead], nodeOptions);
    if (better !== undefined) node.close();
    if (better !== undefined) return told(log, better, 'automatic: its neighbours speak so');
  }
  const absent = missing.map((error) => ` (not there: ${error.message})`).join('');
  return told(log, node, `automatic: ${why}${absent}`);
}

const zenohUnheard =
  'RMW_IMPLEMENTATION is rmw_zenoh_cpp, and nodes that speak Zenoh are not reached over DDS without zenoh-bridge-ros2dds';

async function openFirst(
  { order, named }: Pick<AdapterOrder, 'order' | 'named'>,
  adapters: RosAdapters,
  options: RosNodeOptions,
): Promise<{ node: RosNode; adapter: NamedAdapter; missing: readonly MissingError[] }> {
  const missing: MissingError[] = [];
  for (const adapter of order) {
    try {
      return { node: await adapters[adapter](options), adapter, missing };
    } catch (error) {
      // A mistake in the settings is not hidden behind the next adapter.
      if (!(error instanceof MissingError)) throw error;
      missing.push(error);
    }
  }
  const each = order.map((adapter, at) => `${adapter}: ${missing[at]?.message}`).join(' ');
  if (named !== undefined)
    throw new MissingError(
      'ros-middleware',
      `RMW_IMPLEMENTATION names ${named.middleware.slice(0, 60)}, which no adapter of this machine speaks. ${each}`,
      named.remedy,
      { cause: missing[0] },
    );
  throw new MissingError(
    'ros-missing',
    `No adapter of this machine reaches ROS 2. ${each}`,
    `Either ${missing.map(({ remedy }) => remedy).join(' Or ')}`,
    { cause: missing[0] },
  );
}

const lookEveryMs = 100;

async function whatNeighboursSpeak(
  node: RosNode,
  { clock, lookAroundMs = 1500 }: JoinOptions,
): Promise<NamedAdapter | undefined> {
  for (let waited = 0; waited < lookAroundMs && node.neighbours().length === 0; waited += lookEveryMs) {
    await sleep(clock, lookEveryMs);
  }
  return adapterOfMost(node.neighbours().map(({ product }) => product));
}

async function openIfThere(
  open: RosAdapters[NamedAdapter],
  options: RosNodeOptions,
): Promise<RosNode | undefined> {
  try {
    return await open(options);
  } catch (error) {
    if (!(error instanceof MissingError)) throw error;
    return undefined;
  }
}

function told(log: Log, node: RosNode, why: string): RosNode {
  log.info('joined the ROS 2 graph', { through: node.carrier, why });
  return node;
}
