import { startDelayMs } from '../../../src/agent/index.ts';

export interface Site {
  readonly devices: number;
  /** Of the bundle. */
  readonly bytes: number;
  /** Of the one line that leads out; all share it evenly. */
  readonly uplinkBytesPerSecond: number;
  /** What one device gives to its peers together (artifacts.peerServer.bytesPerSecond). */
  readonly peerBytesPerSecond: number;
  /** Others that each device names. */
  readonly peers: number;
  readonly spreadSeconds: number;
  /** artifacts.peerPatienceSeconds */
  readonly patienceSeconds: number;
  /** Peers say that they are fetching it, and whoever hears that waits on, so long at most; 0: nobody says so. */
  readonly fetchingSeconds: number;
  /** Devices that the registry serves at once; others are told to come again (Retry-After). */
  readonly registrySlots: number;
  readonly retryAfterSeconds: number;
}

export interface SiteOutcome {
  readonly uplinkBytes: number;
  readonly peerBytes: number;
  /** Until half of the devices, and the last one, have the bundle. */
  readonly halfSeconds: number;
  readonly lastSeconds: number;
}

interface Device {
  readonly name: string;
  readonly peers: readonly number[];
  /** When it asks next. */
  askAt: number;
  /** Until then it asks its peers alone. */
  patientUntil: number;
  /** However many say that they are fetching it. */
  readonly patientAtMost: number;
  /** -1: the registry. */
  from: number | undefined;
  left: number;
  doneAt: number | undefined;
}

const askPeersSeconds = 10;

/**
 * Devices as DeviceModels has them: each begins at its own time, asks the peers of its settings, then the registry, and where
 * that is busy comes again and asks the peers anew. Time is simulated, rates are shared evenly; nothing is lost on the way.
 */
export function simulate(site: Site, random: () => number): SiteOutcome {
  const devices: Device[] = Array.from({ length: site.devices }, (_, index) => ({
    name: `cam-${index}`,
    peers: draw(site, index, random),
    askAt: startOf(site, index),
    patientUntil:
      startOf(site, index) +
      (site.peers === 0
        ? 0
        : startDelayMs(`cam-${index}`, 'sha256:bundle peers', site.patienceSeconds * 1000) / 1000),
    patientAtMost: startOf(site, index) + site.fetchingSeconds,
    ...{ from: undefined, left: site.bytes, doneAt: undefined },
  }));
  let now = 0;
  let uplinkBytes = 0;
  let peerBytes = 0;
  while (devices.some(({ doneAt }) => doneAt === undefined)) {
    for (const device of devices)
      if (device.doneAt === undefined && device.askAt <= now) ask(device, devices, site, now, random);
    const rates = ratesOf(devices, site);
    const next = Math.min(
      ...devices.map((device, index) => {
        if (device.doneAt !== undefined) return Number.POSITIVE_INFINITY;
        return device.from === undefined ? device.askAt : now + device.left / (rates[index] ?? 1);
      }),
    );
    for (const [index, device] of devices.entries()) {
      if (device.from === undefined || device.doneAt !== undefined) continue;
      const came = Math.min(device.left, (rates[index] ?? 0) * (next - now));
      device.left -= came;
      if (device.from === -1) uplinkBytes += came;
      else peerBytes += came;
      if (device.left < 1) device.doneAt = next;
    }
    now = next;
  }
  const ends = devices.map(({ doneAt }) => doneAt ?? 0).sort((a, b) => a - b);
  return {
    uplinkBytes,
    peerBytes,
    halfSeconds: ends[Math.floor(ends.length / 2)] ?? 0,
    lastSeconds: ends.at(-1) ?? 0,
  };
}

function startOf({ spreadSeconds }: Site, index: number): number {
  return startDelayMs(`cam-${index}`, 'sha256:bundle', spreadSeconds * 1000) / 1000;
}

function draw({ devices, peers }: Site, own: number, random: () => number): number[] {
  const chosen = new Set<number>();
  while (chosen.size < Math.min(peers, devices - 1)) {
    const other = Math.floor(random() * devices);
    if (other !== own) chosen.add(other);
  }
  return [...chosen];
}

function ask(
  device: Device,
  devices: readonly Device[],
  site: Site,
  now: number,
  random: () => number,
): void {
  if (device.from !== undefined) return;
  const peer = device.peers.find((index) => devices[index]?.doneAt !== undefined);
  const isFetching = (index: number) => devices[index]?.from !== undefined;
  if (device.peers.some(isFetching) && now < device.patientAtMost) device.patientUntil += askPeersSeconds;
  if (peer !== undefined) device.from = peer;
  else if (now < device.patientUntil) device.askAt = now + askPeersSeconds;
  else if (
    devices.filter(({ from, doneAt }) => from === -1 && doneAt === undefined).length < site.registrySlots
  )
    device.from = -1;
  else device.askAt = now + site.retryAfterSeconds * (1 + random() / 2);
}

function ratesOf(devices: readonly Device[], site: Site): number[] {
  const users = new Map<number, number>();
  for (const { from, doneAt } of devices)
    if (from !== undefined && doneAt === undefined) users.set(from, (users.get(from) ?? 0) + 1);
  return devices.map(({ from }) => {
    if (from === undefined) return 0;
    const shared = from === -1 ? site.uplinkBytesPerSecond : site.peerBytesPerSecond;
    return shared / (users.get(from) ?? 1);
  });
}
