import type { CameraShareAction, CameraShareAnswer, ModelChoice } from '../../api/index.ts';
import { asGoshawkError, InputError } from '../../base/index.ts';
import { mainSlot } from '../../protocol/index.ts';
import type { Caller } from '../audit/caller.ts';
import type { CommandExecutor } from '../audit/command-executor.ts';
import { kindAndId, type OwnerPorts, planOwner } from '../desired/owner-settings.ts';
import type { SlotService } from '../desired/slot-service.ts';
import { type ShareOwner, shareOwners } from './divided.ts';
import { onlySlot, shareUnknown } from './only-slot.ts';
import { editShare, sharePromoted } from './share-edits.ts';

export interface ShareCommandsPorts extends OwnerPorts {
  readonly commands: CommandExecutor;
  readonly slots: Pick<SlotService, 'resolve'>;
  /** Unique for ever. */
  readonly newOrder: () => string;
}

const auditNames = { change: 'slot', promote: 'slot-promoted', end: 'slot-removed' } as const;

/**
 * What people do with two versions at once, in every group and device that has the share. Each is a command of its own with its
 * entry in the audit log; one that is cut off on the way is done again and goes on.
 */
export class ShareCommands {
  readonly #ports: ShareCommandsPorts;

  constructor(ports: ShareCommandsPorts) {
    this.#ports = ports;
  }

  /**
   * InputErrors `share-slots`, `share-range`, `slot-share`, `share-versions`, `version-unknown`; MissingError `share-unknown`;
   * RefusedError `share-promoted`.
   */
  async act(caller: Caller, of: string, given: CameraShareAction): Promise<CameraShareAnswer> {
    const { registry, slots } = this.#ports;
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
    if (given.action === 'change' && owners.every(({ choice }) => choice.share.promoted === true))
      throw sharePromoted(owners.map(({ owner }) => kindAndId(owner).join(' ')).join(', '), slot);
    if (given.action === 'promote') {
      const { name, version, digest } = expectOneVersion(of, owners);
      // Whether the controller holds it still.
      slots.resolve({ name, version, digest });
    }
    const done: ShareOwner[] = [];
    const notes: string[] = [];
    for (const one of owners) {
      const left = await this.#actOn(caller, one, given);
      if (left === undefined) done.push(one);
      else notes.push(left);
    }
    return {
      done: done.map(({ owner }) => kindAndId(owner).join(' ')),
      notes: [...notes, ...(given.action === 'promote' ? this.#notes(done) : [])],
    };
  }

  /** By the settings as they are when its turn comes. Gives why it was left as it is, where somebody has changed it. */
  async #actOn(
    caller: Caller,
    { owner, slot, choice }: ShareOwner,
    given: CameraShareAction,
  ): Promise<string | undefined> {
    const { commands, newOrder } = this.#ports;
    const [kind, id] = kindAndId(owner);
    const { model, share } = choice;
    const seen = { name: `${kind} ${id}`, slot, of: share.of, digest: model.digest };
    const detail = { slot, ...given, model: `${model.name} ${model.version}` };
    try {
      await commands.execute(caller, `${kind}.${auditNames[given.action]}`, id, detail, () =>
        planOwner(this.#ports, owner, (settings) => editShare(settings, seen, given, newOrder)),
      );
      return undefined;
    } catch (error) {
      const { code, message } = asGoshawkError(error, 'internal');
      if (code === 'share-changed' || code === 'share-promoted') return message;
      throw error;
    }
  }

  /** A device that names its main itself does not follow its group. */
  #notes(owners: readonly ShareOwner[]): string[] {
    const { registry } = this.#ports;
    const groups = owners.flatMap(({ owner }) => ('group' in owner ? [owner.group] : []));
    return [...registry.devices()]
      .filter((device) => registry.groupsOf(device).some(({ name }) => groups.includes(name)))
      .flatMap(({ id, settings }) => {
        const model = settings.slots?.[mainSlot]?.model;
        if (model === undefined) return [];
        const named = `${model.name} ${model.version}`;
        return `${id} names ${named} itself and keeps it: goshawk fleet models set for the device, or remove it there.`;
      });
  }
}

function expectOneVersion(of: string, owners: readonly ShareOwner[]): ModelChoice {
  const models = owners.map(({ choice: { model } }) => model);
  const versions = new Set(models.map(({ name, version }) => `${name} ${version}`));
  const [first] = models;
  if (versions.size === 1 && first !== undefined) return first;
  throw new InputError(
    'share-versions',
    `The second version of ${of} is not one: ${[...versions].sort().join(', ')}.`,
    'Order one of them for main, group by group: goshawk fleet models set.',
  );
}
