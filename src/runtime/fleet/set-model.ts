import { SystemClock } from '../../adapters/system/index.ts';
import { type DesiredAnswer, mainSlot } from '../../api/index.ts';
import { defined } from '../../base/index.ts';
import type { FleetClient } from './client.ts';
import { changeSettings, expectTarget, type FleetTarget } from './desired-settings.ts';
import { findModel } from './models.ts';
import type { OrderOutcome } from './order-outcome.ts';
import { type WaitOptions, waitForOrder } from './wait-for-order.ts';

/** Absent: not waited for. */
export type Wait = Omit<WaitOptions, 'clock'> | undefined;

export interface OrderAnswer extends DesiredAnswer {
  /** By device, where it was waited for. */
  readonly outcomes?: readonly OrderOutcome[];
}

export interface SetModelAnswer extends OrderAnswer {
  readonly name: string;
  readonly version: string;
}

/** Orders a model for a device or a group. `expiresInMs`: who has not begun by then does not begin any more. */
export async function setModel(
  client: FleetClient,
  target: FleetTarget,
  wanted: string,
  { expiresInMs, wait }: { readonly expiresInMs?: number; readonly wait: Wait },
): Promise<SetModelAnswer> {
  const clock = new SystemClock();
  const { name, version, digest } = await findModel(client, wanted);
  const expiry = expiresInMs === undefined ? {} : { expiresAtMs: Math.round(clock.wallMs() + expiresInMs) };
  const model = { name, version, digest, ...expiry };
  const answer = await changeSettings(client, target, (settings) => ({
    ...settings,
    slots: { ...settings.slots, [mainSlot]: { model } },
  }));
  return { ...(await waited(client, answer, wait)), name, version };
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

/** Takes the model out of the settings: a device follows its groups again, a group says nothing of it any more. */
export function unpinModel(client: FleetClient, target: FleetTarget): Promise<DesiredAnswer> {
  return changeSettings(client, target, ({ slots: { [mainSlot]: _, ...slots } = {}, ...settings }) => ({
    ...settings,
    ...(Object.keys(slots).length === 0 ? {} : { slots }),
  }));
}

export async function waited(client: FleetClient, answer: DesiredAnswer, wait: Wait): Promise<OrderAnswer> {
  if (wait === undefined) return answer;
  return { ...answer, outcomes: await waitForOrder(client, answer, { ...wait, clock: new SystemClock() }) };
}
