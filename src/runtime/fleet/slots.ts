import { SystemClock } from '../../adapters/system/index.ts';
import {
  type DesiredAnswer,
  type DesiredSettings,
  pinnedOrder,
  type SlotAnswer,
  type SlotOrder,
} from '../../api/index.ts';
import { InputError, MissingError } from '../../base/index.ts';
import { type SlotScope, scopeOf } from '../../protocol/index.ts';
import type { FleetClient } from './client.ts';
import { expectTarget, type FleetTarget } from './desired-settings.ts';
import { findModel } from './models.ts';
import { type OrderAnswer, type Wait, waited } from './orders.ts';

type Client = Pick<FleetClient, 'call'>;

export interface SlotRequest extends SlotScope {
  readonly slot: string;
  /** `name`, `name@version`, `name@latest`, `name@<range>` or the beginning of a digest. */
  readonly wanted: string;
  readonly pin?: boolean;
  /** A device that has not begun by then does not begin any more; from now. */
  readonly expiresInMs?: number;
}

export type SlotOrderAnswer = OrderAnswer & Pick<SlotAnswer, 'model'>;

/** Orders a model for one slot; the controller says which version a policy means. */
export async function setSlot(
  client: FleetClient,
  target: FleetTarget,
  request: SlotRequest,
  wait: Wait,
): Promise<SlotOrderAnswer> {
  const { slot, wanted, pin, expiresInMs } = request;
  const model = await orderOf(client, wanted, pin === true);
  const order: SlotOrder = {
    ...model,
    ...scopeOf(request),
    ...(expiresInMs === undefined
      ? {}
      : { expiresAtMs: Math.round(new SystemClock().wallMs() + expiresInMs) }),
  };
  const answer = await putSlot(client, target, slot, order);
  return { ...(await waited(client, answer, wait && { ...wait, slot })), model: answer.model };
}

/** A slot stays at the version that it has until it is unpinned, or follows its policy again. */
export async function pinSlot(
  client: Client,
  target: FleetTarget,
  slot: string,
  pinned: boolean,
): Promise<SlotAnswer> {
  expectTarget(target);
  const settings = await ownSettings(client, target);
  const choice = settings.slots?.[slot];
  if (choice === undefined)
    throw new MissingError(
      'slot-unknown',
      `The settings of ${target.device ?? target.group} name no slot ${slot}.`,
      'goshawk device show lists them; pin a slot that a group sets in the group.',
    );
  return putSlot(client, target, slot, pinnedOrder(choice, pinned));
}

/** Takes a slot out of the settings: what runs there is drained and closed. */
export function removeSlot(client: Client, target: FleetTarget, slot: string): Promise<DesiredAnswer> {
  expectTarget(target);
  return target.device === undefined
    ? client.call('DELETE /groups/:group/slots/:slot', { params: { group: target.group ?? '', slot } })
    : client.call('DELETE /devices/:id/slots/:slot', { params: { id: target.device, slot } });
}

function putSlot(client: Client, target: FleetTarget, slot: string, body: SlotOrder): Promise<SlotAnswer> {
  expectTarget(target);
  return target.device === undefined
    ? client.call('PUT /groups/:group/slots/:slot', { params: { group: target.group ?? '', slot }, body })
    : client.call('PUT /devices/:id/slots/:slot', { params: { id: target.device, slot }, body });
}

async function ownSettings(client: Client, { device, group }: FleetTarget): Promise<DesiredSettings> {
  if (device !== undefined)
    return (await client.call('GET /devices/:id', { params: { id: device } })).settings;
  const { groups } = await client.call('GET /groups');
  return groups.find((one) => one.name === group)?.settings ?? {};
}

const isRange = /[\^~<>=*|\s]|\.x/i;

/** InputError `model-unclear` for what names nothing. */
export async function orderOf(client: Client, wanted: string, pin: boolean): Promise<SlotOrder> {
  const [name = '', ...rest] = wanted.split('@');
  const version = rest.join('@');
  const pinned = pin ? { pinned: true } : {};
  if (version === 'latest') return { name, policy: { follows: 'latest', ...pinned } };
  if (isRange.test(version)) return { name, policy: { follows: 'range', range: version, ...pinned } };
  if (name === '' || (rest.length > 0 && version === ''))
    throw new InputError(
      'model-unclear',
      `"${wanted}" names no model.`,
      'Name one as name, name@1.2.0, name@latest, name@^1.2 or by its digest.',
    );
  // Only what is on the controller can be named so: the digest is what is ordered.
  const found = await findModel(client, wanted);
  return {
    name: found.name,
    digest: found.digest,
    ...(pin ? { policy: { follows: 'digest', ...pinned } } : {}),
  };
}
