import { readFileSync } from 'node:fs';
import { parseDomainId } from '../../src/ros2/index.ts';

export interface RosEnvironment {
  readonly domain: number;
  /** Cyclone DDS's configuration: our fragment, then the user's own, which has the last word. */
  readonly configuration: string;
  /** Octets of a Gid in the ROS release that is spoken to. */
  readonly gidSize: 16 | 24;
}

/**
 * Cyclone's own values lose large frames. One fragment, and one UDP datagram, for 64 kB instead of 1344 octets; a socket
 * that holds several pictures; and a lost fragment asked for again after 10 ms instead of 100, which is three pictures.
 */
const largeFrames =
  '<General><MaxMessageSize>65500B</MaxMessageSize><FragmentSize>64000B</FragmentSize></General>' +
  '<Internal><SocketReceiveBufferSize max="32MiB"/><NackDelay>10 ms</NackDelay></Internal>';

/**
 * As rmw_cyclonedds does it since Iron: discovery on this machine alone, by asking it port by port. The interface is not
 * narrowed to the loopback, because a node of ROS 2 does not listen there either.
 */
const localOnly =
  '<General><AllowMulticast>false</AllowMulticast></General>' +
  '<Discovery><ParticipantIndex>auto</ParticipantIndex><MaxAutoParticipantIndex>32</MaxAutoParticipantIndex>' +
  '<Peers><Peer address="localhost"/></Peers></Discovery>';

/**
 * What the variables of ROS 2 say: ROS_DOMAIN_ID, ROS_AUTOMATIC_DISCOVERY_RANGE, ROS_LOCALHOST_ONLY, CYCLONEDDS_URI and
 * ROS_DISTRO. Throws an InputError for a domain that is not a number.
 */
export function rosEnvironment(environment: Readonly<Record<string, string | undefined>>): RosEnvironment {
  const domain = parseDomainId(environment.ROS_DOMAIN_ID || '0');
  const local =
    environment.ROS_AUTOMATIC_DISCOVERY_RANGE?.toUpperCase() === 'LOCALHOST' ||
    environment.ROS_LOCALHOST_ONLY === '1';
  const own = `<CycloneDDS><Domain>${largeFrames}${local ? localOnly : ''}</Domain></CycloneDDS>`;
  const users = environment.CYCLONEDDS_URI ?? '';
  return {
    domain,
    configuration: users === '' ? own : `${own},${users}`,
    gidSize: environment.ROS_DISTRO === 'humble' ? 24 : 16,
  };
}

const wantedSocketBytes = 8 << 20;

/** A sentence where the kernel's limit would lose large pictures of a best-effort camera; undefined where it would not. */
export function socketBufferWarning(read: () => string = readLimit): string | undefined {
  let limit: number;
  try {
    limit = Number(read());
  } catch {
    return undefined;
  }
  if (!(limit < wantedSocketBytes)) return undefined;
  return (
    `The kernel lets a socket hold ${limit} bytes (net.core.rmem_max): large best-effort pictures will be lost. ` +
    `Install deploy/ros2/60-goshawk-ros2.conf in /etc/sysctl.d, or let the camera publish reliably.`
  );
}

function readLimit(): string {
  return readFileSync('/proc/sys/net/core/rmem_max', 'utf8');
}
