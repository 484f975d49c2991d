import type { DeviceSummary } from '../api/types.ts';

/** True when the device has not yet taken note of what the fleet wants. */
export function isBehind(device: DeviceSummary): boolean {
  return device.desiredGeneration > (device.reportedGeneration ?? 0);
}
