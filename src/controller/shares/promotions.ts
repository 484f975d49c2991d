import type { DesiredSettings } from '../../api/index.ts';
import { type Clock, describeError, inTurns, type Log } from '../../base/index.ts';
import { systemCaller } from '../audit/caller.ts';
import type { CommandExecutor } from '../audit/command-executor.ts';
import { isReleased } from '../desired/camera-shares.ts';
import { withoutSlot } from '../desired/slot-service.ts';
import type { Device } from '../fleet/device.ts';
import { type ShareOwner, settingsOf, shareOwnersInTurns } from './divided.ts';
import { kindAndId, type OwnerPorts, planOwner } from './owner-settings.ts';

export interface PromotionsPorts extends OwnerPorts {
  readonly commands: CommandExecutor;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Removes the slots that were promoted from the settings once every device that has them runs the version in `main`. Until
 * then each device is served by the slot as before, and people see that it waits.
 */
export class Promotions {
  readonly #ports: PromotionsPorts;
  #looking = false;

  constructor(ports: PromotionsPorts) {
    this.#ports = ports;
  }

  /** Never rejects. One that is under way is enough. */
  async look(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    const { registry, clock, log } = this.#ports;
    try {
      for (const one of await shareOwnersInTurns(registry, clock))
        if (one.choice.share.promoted === true && (await this.#isDone(one))) await this.#remove(one);
    } catch (error) {
      log.warn('A slot that was promoted can not be removed', { reason: describeError(error) });
    } finally {
      this.#looking = false;
    }
  }

  async #isDone({ owner, slot, choice }: ShareOwner): Promise<boolean> {
    const { registry, clock } = this.#ports;
    const own = settingsOfOwner(owner, this.#ports);
    // Somebody ordered another version for main: what becomes of the slot is for people to say.
    if (own?.model?.digest !== choice.model.digest) return false;
    let waits = 0;
    const members = 'group' in owner ? new Set(registry.membersOf(owner.group)) : new Set([owner.device]);
    await inTurns(clock, registry.devices(), (device) => {
      if (members.has(device.id) && waitsForMain(device, settingsOf(device, registry), slot)) waits += 1;
    });
    return waits === 0;
  }

  #remove({ owner, slot, choice }: ShareOwner): Promise<unknown> {
    const [kind, id] = kindAndId(owner);
    const detail = { slot, promoted: `${choice.model.name} ${choice.model.version}` };
    return this.#ports.commands.execute(systemCaller, `${kind}.slot-removed`, id, detail, () =>
      planOwner(this.#ports, owner, (settings) => {
        const now = settings.slots?.[slot];
        const same = now?.share?.promoted === true && now.model.digest === choice.model.digest;
        return same ? withoutSlot(settings, slot, id) : settings;
      }),
    );
  }
}

/** A device that names another version for its main itself gets none, and nobody waits for it. */
function waitsForMain(device: Device, { model, slots }: DesiredSettings, slot: string): boolean {
  const choice = slots?.[slot];
  if (choice === undefined || device.reported === undefined) return false;
  return model?.digest === choice.model.digest && !isReleased(slot, choice, device);
}

function settingsOfOwner(owner: ShareOwner['owner'], { registry }: OwnerPorts): DesiredSettings | undefined {
  return 'group' in owner ? registry.group(owner.group)?.settings : registry.get(owner.device)?.settings;
}
