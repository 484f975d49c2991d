import type { DeviceRegistry } from '../fleet/device-registry.ts';
import { reportsEveryMs } from '../fleet/reporting.ts';

/** Each divides an hour, as the guard looks at whole ones. */
const lengths = [5, 10, 15, 20, 30, 60];
/** What a device counts by class it sends with the first batch after so long. */
const countsEveryMs = 300_000;
/** A device that is a little late leaves a block empty now and then. */
const late = 1.1;
/** So few may report more rarely: they alone lose blocks, and not the whole wave. */
const rareShare = 0.1;

/** Minutes of a block in which devices that report so rarely still say something: 5 for most fleets. */
export function blockMinutesOf(registry: Pick<DeviceRegistry, 'get'>, devices: readonly string[]): number {
  const needed = devices
    .map((id) => reportsEveryMs(registry.get(id)?.birth))
    .map((everyMs) => everyMs * Math.ceil(countsEveryMs / everyMs))
    .sort((a, b) => a - b);
  const most = needed[needed.length - 1 - Math.floor(rareShare * needed.length)] ?? countsEveryMs;
  return lengths.find((minutes) => most <= late * minutes * 60_000) ?? 60;
}
