import { type DesiredAnswer, type DeviceDetail, mainSlot } from '../../api/index.ts';
import type { DeploymentReport } from '../../protocol/index.ts';

/** How an order for a model stands on one device. */
export interface OrderOutcome {
  readonly device: string;
  readonly outcome: 'committed' | 'overridden' | 'refused' | 'failed' | 'unreachable' | 'working';
  /** What it does or why not, in words. */
  readonly detail: string;
}

/** Nothing more will happen without another order. */
export function isFinal({ outcome }: OrderOutcome): boolean {
  return outcome !== 'working' && outcome !== 'unreachable';
}

const idle: DeploymentReport = { state: 'idle' };

/**
 * Reads it from what the device reports: only the order's own id counts, so an older success or failure is not taken for
 * this one's.
 */
export function orderOutcome(
  device: string,
  { order, overridden, generations }: DesiredAnswer,
  { summary, reported, desired }: DeviceDetail,
  slot: string = mainSlot,
): OrderOutcome {
  const wanted = desired?.slots?.[slot]?.model;
  const other = overridden?.[device];
  if (other !== undefined)
    return {
      device,
      outcome: 'overridden',
      detail: `runs ${other.name} ${other.version} by its own settings; goshawk model undeploy --device ${device} ends that`,
    };
  if (wanted !== undefined && wanted.order !== order)
    return { device, outcome: 'refused', detail: 'a newer order has taken its place' };
  const { loaded, deployment = idle } = reported?.slots[slot] ?? {};
  const { state, reason, progress, order: acting } = deployment;
  const reached = (reported?.generation ?? -1) >= (generations[device] ?? 0);
  const runs = loaded === undefined ? 'no model' : `${loaded.name} ${loaded.version}`;
  if (reached && acting === order) {
    if (state === 'committed' && loaded?.digest === wanted?.digest)
      return { device, outcome: 'committed', detail: 'runs it' };
    if (state === 'committed')
      return { device, outcome: 'failed', detail: `reports success but runs ${runs}` };
    if (state === 'failed')
      return {
        device,
        outcome: 'failed',
        detail: reason ?? 'the deployment failed; the previous model continues',
      };
  }
  if (acting !== order && (reported?.generation ?? 0) > (desired?.generation ?? Number.POSITIVE_INFINITY))
    return {
      device,
      outcome: 'refused',
      detail: `acts on order ${reported?.generation}, which this controller did not give, and runs ${runs}: goshawk event list ${device}`,
    };
  if (!summary.online)
    return { device, outcome: 'unreachable', detail: 'is offline; the order waits for it at the broker' };
  const share = progress === undefined ? '' : ` (${Math.round(progress * 100)} %)`;
  return {
    device,
    outcome: 'working',
    detail: acting === order ? `${state}${share}` : 'has not begun yet',
  };
}
