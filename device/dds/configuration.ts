import type { Middleware } from '../../native/index.ts';
import { InputError } from '../../src/base/index.ts';
import { type GidSize, parseDomainId } from '../../src/ros2/index.ts';

export interface RosEnvironment {
  readonly domain: number;
  /** Cyclone DDS: our fragment, then the user's own, which has the last word. Fast DDS: who is looked for (native/dds.ts). */
  readonly configuration: string;
  /** Octets of a Gid in the ROS release that ROS_DISTRO names; undefined where it names none: then the neighbours say it. */
  readonly gidSize: GidSize | undefined;
}

/**
 * Cyclone's own values lose large frames. One fragment, and one UDP datagram, for 64 kB instead of 1344 octets; a socket
 * that holds several pictures; and a lost fragment asked for again after 10 ms instead of 100, which is three pictures.
 */
const largeFrames =
  '<General><MaxMessageSize>65500B</MaxMessageSize><FragmentSize>64000B</FragmentSize></General>' +
  '<Internal><SocketReceiveBufferSize max="32MiB"/><NackDelay>10 ms</NackDelay></Internal>';

/** Found by asking port by port, as those who know an address do it; numbers of rmw_cyclonedds. */
const discoverable =
  '<ParticipantIndex>auto</ParticipantIndex><MaxAutoParticipantIndex>32</MaxAutoParticipantIndex>';
const noMulticast = '<General><AllowMulticast>false</AllowMulticast></General>';

const ranges = ['SUBNET', 'LOCALHOST', 'OFF', 'SYSTEM_DEFAULT'] as const;
type Range = (typeof ranges)[number];

/**
 * What the variables of ROS 2 say: ROS_DOMAIN_ID, ROS_AUTOMATIC_DISCOVERY_RANGE, ROS_STATIC_PEERS, ROS_LOCALHOST_ONLY,
 * CYCLONEDDS_URI and ROS_DISTRO. Throws an InputError for a domain that is not a number and for an unknown range.
 */
export function rosEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
  middleware: Middleware = 'cyclone',
): RosEnvironment {
  const domain = parseDomainId(environment.ROS_DOMAIN_ID || '0');
  const humble = environment.ROS_DISTRO === 'humble';
  const localhostOnly = environment.ROS_LOCALHOST_ONLY === '1';
  const wanted: Wanted = {
    range: humble && localhostOnly ? 'LOOPBACK' : localhostOnly ? 'LOCALHOST' : rangeOf(environment),
    // As rcl: ROS_LOCALHOST_ONLY leaves the machine for nobody.
    peers: localhostOnly ? [] : (environment.ROS_STATIC_PEERS ?? '').split(';').filter((each) => each !== ''),
  };
  return {
    domain,
    configuration:
      middleware === 'cyclone'
        ? cycloneConfiguration(wanted, environment.CYCLONEDDS_URI ?? '')
        : [`range=${wanted.range}`, ...wanted.peers.map((peer) => `peer=${peer}`)].join(';'),
    gidSize: gidSizeOf(environment.ROS_DISTRO ?? ''),
  };
}

const releasesWithLongGids = ['foxy', 'galactic', 'humble'];

function gidSizeOf(distribution: string): GidSize | undefined {
  if (distribution === '') return undefined;
  return releasesWithLongGids.includes(distribution) ? 24 : 16;
}

/** LOOPBACK is what Humble makes of ROS_LOCALHOST_ONLY. */
interface Wanted {
  readonly range: Range | 'LOOPBACK';
  readonly peers: readonly string[];
}

function cycloneConfiguration({ range, peers }: Wanted, users: string): string {
  const discovery = range === 'LOOPBACK' ? loopbackInterface : discoveryOf(range, peers);
  const own = `<CycloneDDS><Domain>${largeFrames}${discovery}</Domain></CycloneDDS>`;
  return users === '' ? own : `${own},${users}`;
}

/** Word for word what rmw_cyclonedds of Humble says: it narrows to the loopback interface. */
const loopbackInterface =
  '<General><Interfaces><NetworkInterface address="127.0.0.1"/></Interfaces></General>';

/**
 * As rmw_cyclonedds does it since Iron. LOCALHOST does not narrow the interface, because a node of ROS 2 does not listen on
 * the loopback either.
 */
function discoveryOf(range: Range, staticPeers: readonly string[]): string {
  if (range === 'SYSTEM_DEFAULT') return '';
  if (range === 'OFF') {
    const nobodyElses = `<Tag>ros_discovery_off_${process.pid}</Tag>`;
    return `${noMulticast}<Discovery><ParticipantIndex>none</ParticipantIndex>${nobodyElses}</Discovery>`;
  }
  const local = range === 'LOCALHOST';
  const peers = [...(local ? ['localhost'] : []), ...staticPeers];
  const listed = peers.map((peer) => `<Peer address="${escapeXml(peer)}"/>`).join('');
  return `${local ? noMulticast : ''}<Discovery>${discoverable}${listed === '' ? '' : `<Peers>${listed}</Peers>`}</Discovery>`;
}

function rangeOf({ ROS_AUTOMATIC_DISCOVERY_RANGE: text = '' }: Readonly<Record<string, string | undefined>>) {
  const range = ranges.find((each) => each === (text || 'SUBNET').toUpperCase());
  if (range !== undefined) return range;
  throw new InputError(
    'ros-discovery-range',
    `ROS_AUTOMATIC_DISCOVERY_RANGE is "${text.slice(0, 40)}", which is none of ${ranges.join(', ')}.`,
    'Set it to one of them, or leave it out for SUBNET.',
  );
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}
