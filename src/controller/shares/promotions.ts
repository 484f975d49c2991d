import type { DesiredSettings } from '../../api/index.ts';
import { asGoshawkError, type Clock, describeError, inTurns, type Log } from '../../base/index.ts';
import { mainSlot } from '../../protocol/index.ts';
import { systemCaller } from '../audit/caller.ts';
import type { CommandExecutor } from '../audit/command-executor.ts';
import { isReleased } from '../desired/camera-shares.ts';
import { kindAndId, type OwnerPorts, planOwner } from '../desired/owner-settings.ts';
import type { Device } from '../fleet/device.ts';
import type { PeriodicTask } from '../module.ts';
import { type ShareOwner, settingsOf, shareOwnersInTurns } from './divided.ts';
import { withoutPromoted } from './share-edits.ts';

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

  tasks(): readonly PeriodicTask[] {
    return [{ everyMs: 10_000, run: () => void this.look() }];
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
    if (own?.slots?.[mainSlot]?.model.digest !== choice.model.digest) return false;
    let waits = 0;
    const members = 'group' in owner ? new Set(registry.membersOf(owner.group)) : new Set([owner.device]);
    await inTurns(clock, registry.devices(), (device) => {
      if (members.has(device.id) && waitsForMain(device, settingsOf(device, registry), slot)) waits += 1;
    });
    return waits === 0;
  }

  /** By the settings as they are when its turn comes: where somebody has changed them, it is theirs. */
  async #remove({ owner, slot, choice: { model, share } }: ShareOwner): Promise<void> {
    const { commands, log } = this.#ports;
    const [kind, id] = kindAndId(owner);
    const detail = { slot, promoted: `${model.name} ${model.version}` };
    const seen = { name: `${kind} ${id}`, slot, of: share.of, digest: model.digest };
    try {
      await commands.execute(systemCaller, `${kind}.slot-removed`, id, detail, () =>
        planOwner(this.#ports, owner, (settings) => withoutPromoted(settings, seen)),
      );
    } catch (error) {
      const { code, message } = asGoshawkError(error, 'internal');
      if (code === 'share-changed') log.info('A slot that was promoted stays', { reason: message });
      else log.warn('A slot that was promoted can not be removed', { id, slot, reason: message });
    }
  }
}

/** A device that names another version for its main itself gets none, and nobody waits for it. */
function waitsForMain(device: Device, { slots = {} }: DesiredSettings, slot: string): boolean {
  const choice = slots[slot];
  if (choice === undefined || device.reported === undefined) return false;
  return slots[mainSlot]?.model.digest === choice.model.digest && !isReleased(slot, choice, device);
}

function settingsOfOwner(owner: ShareOwner['owner'], { registry }: OwnerPorts): DesiredSettings | undefined {
  return 'group' in owner ? registry.group(owner.group)?.settings : registry.get(owner.device)?.settings;
}
