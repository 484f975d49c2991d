/** What a node asks the kernel for at least (Fast DDS); it gives what `net.core.rmem_max` allows. */
export const wantedSocketBytes = 8 << 20;
/** What Cyclone DDS asks for, and `60-goshawk-ros2.conf` allows. */
export const largestAskedBytes = 32 << 20;

/** For a machine that has large pictures to receive: several of 1080p. They are those of deploy/ros2/60-goshawk-ros2.conf. */
export const socketBufferRemedy =
  'sudo sysctl -w net.core.rmem_max=33554432 and sudo sysctl -w net.core.wmem_max=33554432 raise it until the next start; ' +
  'deploy/ros2/60-goshawk-ros2.conf in /etc/sysctl.d does so for good. Then start again. Or let the camera publish reliably.';

/**
 * A sentence where the kernel's limit would lose large pictures of a best-effort camera; undefined where it would not, or
 * where it is not known. `rmemMax`: text of net.core.rmem_max.
 */
export function socketBufferWarning(rmemMax: string | undefined): string | undefined {
  const limit = Number(rmemMax);
  if (!(limit < wantedSocketBytes)) return undefined;
  return `The kernel lets a socket hold ${limit} bytes (net.core.rmem_max): large best-effort pictures will be lost. ${socketBufferRemedy}`;
}

/** Datagrams that the kernel threw away because their socket was full. `snmp`: text of /proc/net/snmp. */
export function droppedDatagrams(snmp: string | undefined): number | undefined {
  const [names, values] = (snmp ?? '').split('\n').filter((line) => line.startsWith('Udp:'));
  const at = names?.split(' ').indexOf('RcvbufErrors') ?? -1;
  const dropped = Number(values?.split(' ')[at]);
  return at > 0 && Number.isSafeInteger(dropped) ? dropped : undefined;
}

/** Says whether full sockets are why messages are lost: whether the kernel dropped datagrams since it was asked last. */
export class SocketDrops {
  readonly #read: () => string | undefined;
  #before: number | undefined;

  /** `read` gives the text of /proc/net/snmp. */
  constructor(read: () => string | undefined) {
    this.#read = read;
    this.#before = droppedDatagrams(read());
  }

  /** The count is the machine's, or the container's: another program's full socket counts too. */
  cause(): string | undefined {
    const now = droppedDatagrams(this.#read());
    const more = (now ?? 0) - (this.#before ?? now ?? 0);
    this.#before = now ?? this.#before;
    if (more <= 0) return undefined;
    return `the kernel dropped ${more} datagrams because a socket was full (RcvbufErrors). ${socketBufferRemedy}`;
  }
}
