import { InputError } from '../../base/index.ts';

/** The policies that decide whether a publisher and a subscriber of ROS 2 find each other. */
export interface Qos {
  readonly reliability: 'reliable' | 'best_effort';
  readonly durability: 'volatile' | 'transient_local';
  /** KEEP_LAST with this depth. */
  readonly depth: number;
}

/** Names and values of rmw_qos_profiles.h (depths as there). */
export const qosProfiles = {
  /** rmw_qos_profile_sensor_data: what camera drivers publish with. */
  sensorData: { reliability: 'best_effort', durability: 'volatile', depth: 5 },
  /** rmw_qos_profile_default. */
  standard: { reliability: 'reliable', durability: 'volatile', depth: 10 },
  /** rmw_qos_profile_parameters, here of every service: rcl's others keep ten requests, and who sends more waits for ever. */
  services: { reliability: 'reliable', durability: 'volatile', depth: 1000 },
  /** The last value for those who come later. */
  latched: { reliability: 'reliable', durability: 'transient_local', depth: 1 },
  /** As rcl's /rosout, with less of the past: the ten seconds after which its lines are given up are not there. */
  rosout: { reliability: 'reliable', durability: 'transient_local', depth: 20 },
  /** DynamicListenerQoS of tf2_ros. */
  tf: { reliability: 'reliable', durability: 'volatile', depth: 100 },
  /** StaticListenerQoS of tf2_ros. */
  tfStatic: { reliability: 'reliable', durability: 'transient_local', depth: 100 },
  /** rmw_qos_profile_parameter_events. */
  parameterEvents: { reliability: 'reliable', durability: 'volatile', depth: 1000 },
} as const satisfies Record<string, Qos>;

/**
 * How fast a service answers: so many at once, then one each `gapMs`. A client of rcl keeps ten answers of a service that nobody took
 * yet (rmw_qos_profile_services_default, and what rclpy's AsyncParameterClient asks for), and forgets the oldest of more: its caller
 * waits for ever. Of one that calls 48 times before it looks, 10 came back.
 */
export const answerPace = { atOnce: 8, gapMs: 20 } as const;

/** Names as DDS numbers its policies (DDS 1.4, QosPolicyId_t) -> what each side says, in words. */
const policies: Readonly<
  Record<string, { readonly offered: string; readonly asked: string; readonly fixed?: string }>
> = {
  reliability: { offered: 'best effort', asked: 'reliable' },
  durability: { offered: 'volatile', asked: 'transient local' },
  // `fixed`: what no setting of ours changes, as it is on our side.
  deadline: {
    ...{ offered: 'a longer deadline or none', asked: 'a shorter deadline' },
    fixed: 'leave its deadline at the default, which is none',
  },
  liveliness: {
    ...{ offered: 'a weaker liveliness', asked: 'a stronger liveliness' },
    fixed: 'leave its liveliness at the default, which is automatic without a lease',
  },
  data_representation: {
    ...{ offered: 'another CDR version', asked: 'CDR version 1' },
    fixed: 'send CDR version 1 (XCDR1), as every ROS 2 does by default',
  },
  ownership: {
    ...{ offered: 'another ownership', asked: 'shared ownership' },
    fixed: 'leave its ownership shared, which is the default',
  },
};

/** The policy by which a publisher's offer does not suffice for what a subscriber asks, as DDS names it. */
export function incompatiblePolicy(offered: Qos, asked: Qos): string | undefined {
  if (asked.reliability === 'reliable' && offered.reliability === 'best_effort') return 'reliability';
  if (asked.durability === 'transient_local' && offered.durability === 'volatile') return 'durability';
  return undefined;
}

/** Why two sides don't talk: which side asks what, and what to do. `ours` is the side we are; `policy` as DDS names it. */
export function incompatibleQos(topic: string, policy: string, ours: 'publisher' | 'subscriber'): InputError {
  const { offered, asked } = policies[policy] ?? {
    offered: `less ${policy}`,
    asked: `more ${policy}`,
  };
  const [they, we] = ours === 'subscriber' ? ['publisher', 'subscriber'] : ['subscriber', 'publisher'];
  const theirs = ours === 'subscriber' ? `offers ${offered}` : `requests ${asked}`;
  const mine = ours === 'subscriber' ? `requests ${asked}` : `offers ${offered}`;
  return new InputError(
    'ros-qos',
    `On ${topic} a ${they} ${theirs} while Goshawk, the ${we}, ${mine} (${policy}): no message passes between the two.`,
    remedyOf(policy, ours),
  );
}

/** What of it our own settings can change, as they are written; of everything else only the other side's. */
function remedyOf(policy: string, ours: 'publisher' | 'subscriber'): string {
  const them = ours === 'subscriber' ? 'publisher' : 'subscriber';
  const least = { reliability: 'best_effort', durability: 'volatile' }[policy];
  const most = { reliability: 'reliable', durability: 'transient_local' }[policy];
  if (least === undefined || most === undefined)
    return `Goshawk has no setting for it: in the QoS of the ${them}'s node ${policies[policy]?.fixed ?? `leave ${policy} at its default`}.`;
  return ours === 'subscriber'
    ? `Let the publisher offer ${most}, or write ?${policy}=${least} after the topic of the source.`
    : `Let the subscriber request ${least}, or set --ros-qos '<topic>?${policy}=${most}' (ros.qos of an agent) where it has a setting.`;
}
