import type { CameraShareAction, CameraShareAnswer, SlotOrder } from '../../api/index.ts';
import { InputError } from '../../base/index.ts';
import { mainSlot } from '../../protocol/index.ts';
import type { Caller } from '../audit/caller.ts';
import type { SlotService } from '../desired/slot-service.ts';
import type { DeviceRegistry } from '../fleet/device-registry.ts';
import { type ShareOwner, shareOwners } from './divided.ts';
import { onlySlot, shareUnknown } from './only-slot.ts';

export interface ShareCommandsPorts {
  readonly registry: DeviceRegistry;
  readonly slots: Pick<SlotService, 'set' | 'remove'>;
}

/**
 * What people do with two versions at once, in every group and device that has the share. Each is a command of its own with its
 * entry in the audit log; one that is cut off on the way is done again and goes on.
 */
export class ShareCommands {
  readonly #ports: ShareCommandsPorts;

  constructor(ports: ShareCommandsPorts) {
    this.#ports = ports;
  }

  /** InputErrors `share-slots`, `share-range`, `slot-share`; MissingError `share-unknown`. */
  async act(caller: Caller, of: string, given: CameraShareAction): Promise<CameraShareAnswer> {
    const { registry } = this.#ports;
    const all = shareOwners(registry).filter(({ choice }) => choice.share.of === of);
    const slot = given.slot ?? onlySlot(of, all);
    const owners = all.filter((one) => one.slot === slot);
    if (owners.length === 0) throw shareUnknown(of, slot);
    const range = [given.fromPercent, given.toPercent];
    if (given.action === 'change' ? given.toPercent === undefined : range.some((one) => one !== undefined))
      throw new InputError(
        'share-range',
        given.action === 'change'
          ? 'It does not say where the share ends.'
          : `${given.action} takes no share.`,
        'Say toPercent, from 0 to 100, with the action change.',
      );
    if (given.action === 'promote') expectOneVersion(of, owners);
    const done: string[] = [];
    for (const one of owners) {
      await this.#actOn(caller, one, given);
      done.push('group' in one.owner ? `group ${one.owner.group}` : `device ${one.owner.device}`);
    }
    return { done, notes: given.action === 'promote' ? this.#notes(owners) : [] };
  }

  async #actOn(
    caller: Caller,
    { owner, slot, choice }: ShareOwner,
    { action, fromPercent = 0, toPercent = 100 }: CameraShareAction,
  ): Promise<void> {
    const { slots } = this.#ports;
    const { model, share } = choice;
    const { name, version, digest, policy } = model;
    const order: SlotOrder = { name, version, digest, ...(policy === undefined ? {} : { policy }) };
    if (action === 'change') {
      await slots.set(caller, owner, slot, { ...order, share: { ...share, fromPercent, toPercent } });
      return;
    }
    // First the version, then the slot: else every camera would be back at the old one in between.
    if (action === 'promote') await slots.set(caller, owner, mainSlot, order);
    await slots.remove(caller, owner, slot);
  }

  /** A device that names its main itself does not follow its group. */
  #notes(owners: readonly ShareOwner[]): string[] {
    const { registry } = this.#ports;
    const groups = owners.flatMap(({ owner }) => ('group' in owner ? [owner.group] : []));
    return [...registry.devices()]
      .filter((device) => device.settings.model !== undefined)
      .filter((device) => registry.groupsOf(device).some(({ name }) => groups.includes(name)))
      .map(({ id, settings: { model } }) => {
        const named = `${model?.name} ${model?.version}`;
        return `${id} names ${named} itself and keeps it: goshawk fleet models set for the device, or remove it there.`;
      });
  }
}

function expectOneVersion(of: string, owners: readonly ShareOwner[]): void {
  const versions = new Set(owners.map(({ choice: { model } }) => `${model.name} ${model.version}`));
  if (versions.size === 1) return;
  throw new InputError(
    'share-versions',
    `The second version of ${of} is not one: ${[...versions].sort().join(', ')}.`,
    'Order one of them for main, group by group: goshawk fleet models set.',
  );
}
