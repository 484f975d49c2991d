/**
 * What reaches the ROS 2 graph. `dds` is Cyclone DDS. `auto`: what the neighbours speak, as far as it is known, else dds
 * (docs/ros2-middleware.md).
 */
export const rosAdapters = ['auto', 'dds', 'fastdds', 'rclnodejs'] as const;
export type RosAdapter = (typeof rosAdapters)[number];
export type NamedAdapter = Exclude<RosAdapter, 'auto'>;

/** A ROS 2 that is on this machine, and the middlewares that it has: `rmw_fastrtps_cpp`. */
export interface InstalledRos {
  readonly distribution: string;
  readonly middlewares: readonly string[];
}

export interface AdapterOrder {
  /** Set where a middleware was named that one of them has to speak: without any, what can be done. */
  readonly named?: { readonly middleware: string; readonly remedy: string };
  /** The first that is there is taken. */
  readonly order: readonly [NamedAdapter, ...NamedAdapter[]];
  readonly why: string;
  /** Nothing on this machine says what the neighbours speak: the graph itself has to. */
  readonly lookAround: boolean;
}

const orders = {
  fastdds: ['fastdds', 'rclnodejs', 'dds'],
  cyclone: ['dds', 'rclnodejs', 'fastdds'],
  /** A middleware that we have no addon for. */
  other: ['rclnodejs', 'dds', 'fastdds'],
} as const satisfies Record<string, AdapterOrder['order']>;

/** What speaks each middleware: rclnodejs all that are installed beside it. */
const speakers: Readonly<Record<string, AdapterOrder['order']>> = {
  rmw_cyclonedds_cpp: ['dds', 'rclnodejs'],
  rmw_fastrtps_cpp: ['fastdds', 'rclnodejs'],
  rmw_fastrtps_dynamic_cpp: ['fastdds', 'rclnodejs'],
  rmw_connextdds: ['rclnodejs'],
  rmw_gurumdds_cpp: ['rclnodejs'],
  rmw_zenoh_cpp: ['rclnodejs'],
};

export const zenoh = 'rmw_zenoh_cpp';

/** In which order `auto` tries the adapters: that of RMW_IMPLEMENTATION first, then that of the ROS 2 that is installed. */
export function adapterOrder(
  environment: Readonly<Record<string, string | undefined>>,
  installed: readonly InstalledRos[],
): AdapterOrder {
  const { RMW_IMPLEMENTATION: named = '', ROS_DISTRO: sourced } = environment;
  if (named !== '')
    return {
      order: Object.hasOwn(speakers, named) ? speakers[named]! : ['rclnodejs'],
      named: { middleware: named, remedy: remedyWithout(named) },
      why: `RMW_IMPLEMENTATION is ${named}`,
      lookAround: false,
    };
  const ros = installed.find(({ distribution }) => distribution === sourced) ?? installed[0];
  if (ros === undefined) {
    return { order: orders.cyclone, why: 'pictures need no copy', lookAround: true };
  }
  // The default of every distribution since Humble, where it is installed.
  const middleware = ros.middlewares.includes('rmw_fastrtps_cpp')
    ? 'rmw_fastrtps_cpp'
    : (ros.middlewares[0] ?? '');
  const why = `ROS 2 ${ros.distribution} is installed, whose nodes speak ${middleware === '' ? 'something else' : middleware}`;
  return { ...orderOf(middleware), why, lookAround: false };
}

/** What to do where nothing here speaks it. */
function remedyWithout(middleware: string): string {
  const rclnodejs = `Source a ROS 2 that has ${middleware} and npm install rclnodejs, which speaks it`;
  if (middleware === zenoh)
    return `${rclnodejs} (not tried); or run zenoh-bridge-ros2dds beside the robot's nodes and unset RMW_IMPLEMENTATION here.`;
  const known = Object.keys(speakers);
  if (!known.includes(middleware))
    return `Check how it is written: known are ${known.join(', ')}. ${rclnodejs}; or unset RMW_IMPLEMENTATION.`;
  const other = speakers[middleware]?.[0] === 'dds' ? 'fastdds' : 'dds';
  return `${rclnodejs}; or take --ros ${other}, whose topics reach nodes of another DDS while services may not; or unset RMW_IMPLEMENTATION.`;
}

function orderOf(middleware: string): Pick<AdapterOrder, 'order'> {
  if (middleware.startsWith('rmw_fastrtps')) return { order: orders.fastdds };
  return { order: middleware === 'rmw_cyclonedds_cpp' ? orders.cyclone : orders.other };
}

const adapterOfProduct: Readonly<Record<string, NamedAdapter>> = {
  'Cyclone DDS': 'dds',
  'Fast DDS': 'fastdds',
};

/** The adapter that most neighbours speak through; undefined where nobody was seen, and where two are as many. */
export function adapterOfMost(products: readonly string[]): NamedAdapter | undefined {
  const count = (adapter: NamedAdapter) => products.filter((one) => adapterOfProduct[one] === adapter).length;
  const difference = count('fastdds') - count('dds');
  if (difference === 0) return undefined;
  return difference > 0 ? 'fastdds' : 'dds';
}
