import { SystemClock } from '../../adapters/system/index.ts';
import type { DesiredAnswer } from '../../api/index.ts';
import { defined } from '../../base/index.ts';
import type { FleetClient } from './client.ts';
import { expectTarget, type FleetTarget } from './desired-settings.ts';
import type { OrderOutcome } from './order-outcome.ts';
import { type WaitOptions, waitForOrder } from './wait-for-order.ts';

/** Absent: not waited for. */
export type Wait = Omit<WaitOptions, 'clock'> | undefined;

export interface OrderAnswer extends DesiredAnswer {
  /** By device, where it was waited for. */
  readonly outcomes?: readonly OrderOutcome[];
}

/** Orders the same model once more, also where it had failed. */
export async function retryModel(
  client: FleetClient,
  target: FleetTarget,
  wait: Wait,
  slot?: string,
): Promise<OrderAnswer> {
  expectTarget(target);
  const query = { slot };
  const answer =
    target.device === undefined
      ? await client.call('POST /groups/:group/retry', { params: { group: target.group ?? '' }, query })
      : await client.call('POST /devices/:id/retry', { params: { id: target.device }, query });
  return waited(client, answer, wait && { ...wait, ...defined({ slot }) });
}

export async function waited(client: FleetClient, answer: DesiredAnswer, wait: Wait): Promise<OrderAnswer> {
  if (wait === undefined) return answer;
  return { ...answer, outcomes: await waitForOrder(client, answer, { ...wait, clock: new SystemClock() }) };
}
