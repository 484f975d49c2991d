import type { DeviceSummary } from '../api/types.ts';

/** True when the device has not yet taken note of what the fleet wants. */
export function isBehind(device: DeviceSummary): boolean {
  return device.desiredGeneration > (device.reportedGeneration ?? 0);
}

/** Why what it runs is not what was ordered, though it took an order; undefined where it follows, or is on its way. */
export function whyIgnored({
  health,
  desiredGeneration,
  reportedGeneration = 0,
}: DeviceSummary): string | undefined {
  const problem = health.problems.find(({ kind }) => kind === 'order-ignored');
  if (problem !== undefined) return problem.what;
  // An offline device is known only by its last report.
  return desiredGeneration > 0 && reportedGeneration > desiredGeneration
    ? `The device follows order ${reportedGeneration}; the newest is ${desiredGeneration}.`
    : undefined;
}
