type Environment = Readonly<Record<string, string | undefined>>;

/** Domains whose ports are below those that Linux gives out by itself. */
const firstDomain = 60;
const lastDomain = 101;

/** Variables that connect DDS to other machines, or configure it differently. */
const leadsElsewhere = [
  'CYCLONEDDS_URI',
  'FASTDDS_DEFAULT_PROFILES_FILE',
  'FASTRTPS_DEFAULT_PROFILES_FILE',
  'ROS_DISCOVERY_SERVER',
  'ROS_SUPER_CLIENT',
  'ROS_STATIC_PEERS',
];

/**
 * The environment of a process whose nodes of ROS 2 no robot hears: a domain of its own, and nothing leaves this machine.
 * `any`: a number that another process does not have.
 */
export function apartFromRobots(environment: Environment, any: number): Environment {
  const users = Number(environment.ROS_DOMAIN_ID ?? 0);
  const domains = lastDomain - firstDomain + 1;
  const first = firstDomain + (any % domains);
  const domain = first === users ? firstDomain + ((any + 1) % domains) : first;
  const rest = Object.entries(environment).filter(([name]) => !leadsElsewhere.includes(name));
  return {
    ...Object.fromEntries(rest),
    ROS_DOMAIN_ID: String(domain),
    ROS_AUTOMATIC_DISCOVERY_RANGE: 'LOCALHOST',
    // What Humble has in its place; newer ones complain about it.
    ROS_LOCALHOST_ONLY: environment.ROS_DISTRO === 'humble' ? '1' : undefined,
  };
}
