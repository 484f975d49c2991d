import type {
  DesiredAnswer,
  DesiredSettings,
  ModelChoice,
  SlotAnswer,
  SlotChoice,
  SlotOrder,
} from '../../api/index.ts';
import { defined, InputError, MissingError } from '../../base/index.ts';
import { agentSlot, mainSlot, maxSlots, scopeOf } from '../../protocol/index.ts';
import { actorOf, type Caller } from '../audit/caller.ts';
import type { Command, CommandExecutor } from '../audit/command-executor.ts';
import type { Device } from '../fleet/device.ts';
import type { DeviceRegistry } from '../fleet/device-registry.ts';
import type { ModelRegistry } from '../models/model-registry.ts';
import { checkPolicy, chooseVersion } from '../models/version-policy.ts';
import { camerasOf, expectCameras } from './pipeline-check.ts';
import { kindAndId, type SettingsPlanner, type SlotOwner } from './settings-planner.ts';

export interface SlotServicePorts {
  readonly registry: DeviceRegistry;
  readonly models: ModelRegistry;
  readonly commands: CommandExecutor;
  readonly settings: SettingsPlanner;
  /** Unique for ever. */
  readonly newOrder: () => string;
}

/** Which model runs in which slot of a device or a group, by a policy that is resolved here. */
export class SlotService {
  readonly #ports: SlotServicePorts;

  constructor(ports: SlotServicePorts) {
    this.#ports = ports;
  }

  /** Sets one slot and leaves the others. InputErrors `version-unknown`, `range-form`, `slot-main`, `slots-many`; MissingError
   * `camera-unknown` for a camera that no device of the owner has. */
  async set(caller: Caller, owner: SlotOwner, slot: string, given: SlotOrder): Promise<SlotAnswer> {
    const { commands, newOrder } = this.#ports;
    const order = newOrder();
    let model: ModelChoice | undefined;
    const [kind, id] = kindAndId(owner);
    const answer = await commands.execute(caller, `${kind}.slot`, id, { slot, ...given }, () => {
      const chosen = { ...this.resolve(given, slot), order };
      model = chosen;
      expectCameras(given.cameras ?? [], camerasOf(this.#devicesOf(owner)), '; name others with --cameras');
      const edit = (before: DesiredSettings) => withSlot(before, slot, given, chosen);
      return this.#ports.settings.planOwner(actorOf(caller), owner, edit, { slot, order });
    });
    return { ...answer, model: model! };
  }

  #devicesOf(owner: SlotOwner): readonly Device[] {
    const { registry } = this.#ports;
    const ids = 'device' in owner ? [owner.device] : registry.membersOf(owner.group);
    return ids.map((id) => registry.expect(id));
  }

  /** What runs there is drained and closed; of `main` a device follows its groups again. MissingError `slot-unknown`. */
  remove(caller: Caller, owner: SlotOwner, slot: string): Promise<DesiredAnswer> {
    const [kind, id] = kindAndId(owner);
    return this.#ports.commands.execute(caller, `${kind}.slot-removed`, id, { slot }, () =>
      this.#ports.settings.planOwner(actorOf(caller), owner, (settings) => withoutSlot(settings, slot, id)),
    );
  }

  /** The bundle that an order for a slot means now. InputErrors `version-unknown`, `range-form`, `slot-release`. */
  resolve({ name, version, digest, policy, expiresAtMs }: SlotOrder, slot: string): ModelChoice {
    if (policy !== undefined) checkPolicy(policy);
    const held = this.#ports.models.complete();
    // What is pinned as it is stays as it is.
    const named =
      policy === undefined || policy.follows === 'digest' || (policy.pinned === true && digest !== undefined);
    const found =
      !named && policy !== undefined
        ? chooseVersion(held, name, policy)
        : held
            .filter((one) => one.name === name && (version ?? one.version) === one.version)
            .filter((one) => (digest ?? one.digest) === one.digest)
            .sort((a, b) => b.uploadedMs - a.uploadedMs)[0];
    if (found === undefined) {
      const known = held.filter((one) => one.name === name).map((one) => one.version);
      throw new InputError(
        'version-unknown',
        `The controller holds no complete ${name} that fits ${policy?.range ?? version ?? digest ?? 'latest'}; of that name it has ${known.join(', ') || 'none'}.`,
        'Bring one with goshawk model push, or name another version.',
      );
    }
    this.#ports.models.expectFor(slot, found);
    return {
      ...{ name, version: found.version, digest: found.digest },
      ...defined({ policy, expiresAtMs }),
    };
  }

  /** Other settings of a device as a part of a larger command; `by` is who orders what is new in it. */
  planSettings(by: string, device: Device, settings: DesiredSettings): Command<DesiredAnswer> {
    return this.#ports.settings.planDevice(by, device, settings);
  }

  /** The order that waits may switch although the device says that it is not safe. MissingError `slot-unknown`. */
  overrideSafety(caller: Caller, id: string, slot: string, reason: string): Promise<DesiredAnswer> {
    const { registry, commands } = this.#ports;
    return commands.execute(caller, 'device.override-safety', id, { slot, reason }, () => {
      const device = registry.expect(id);
      const model = device.settings.slots?.[slot]?.model;
      if (model === undefined) throw slotUnknown(slot, id);
      const settings = withModel(device, slot, { ...model, overrideSafety: true });
      const about = { slot, ...defined({ order: model.order }) };
      return this.#ports.settings.planDevice(actorOf(caller), device, settings, about);
    });
  }
}

/** The own settings of a device with another model in one slot, or without it; what else it says of the slot stays. */
export function withModel(
  { id, settings, desired }: Pick<Device, 'id' | 'settings' | 'desired'>,
  slot: string,
  model: ModelChoice | undefined,
): DesiredSettings {
  if (model === undefined) return withoutSlot(settings, slot, id);
  const own = settings.slots?.[slot];
  const scope = scopeOf(own ?? desired?.slots?.[slot] ?? {});
  return withSlot(settings, slot, { ...scope, ...defined({ share: own?.share }) }, model);
}

/** InputErrors `slot-main`, `slots-many`. */
export function withSlot(
  settings: DesiredSettings,
  slot: string,
  scope: Omit<SlotChoice, 'model'>,
  model: ModelChoice,
): DesiredSettings {
  expectWhole(slot, scope);
  const { share } = scope;
  const slots = { ...settings.slots, [slot]: { model, ...scopeOf(scope), ...defined({ share }) } };
  if (Object.keys(slots).length > maxSlots)
    throw new InputError(
      'slots-many',
      `A device has at most ${maxSlots} slots.`,
      'Remove one that is not needed: goshawk model undeploy.',
    );
  return { ...settings, slots };
}

/** InputErrors `slot-main`, `slot-agent`. */
export function expectWhole(slot: string, choice: Omit<SlotChoice, 'model'>): void {
  const given = Object.keys({ ...scopeOf(choice), ...defined({ share: choice.share }) });
  if (slot === agentSlot && given.length > 0)
    throw new InputError(
      'slot-agent',
      'The slot agent is the agent itself: it gets no frames.',
      'Leave out role, cameras and other settings of its frames.',
    );
  const takesAll = given.every((name) => name === 'role') && choice.role !== 'shadow';
  if (slot !== mainSlot || takesAll) return;
  throw new InputError(
    'slot-main',
    'The slot main serves every frame of all cameras of a device.',
    'Give role, cameras and other settings of frames to another slot, or give the camera a separate graph (pipelines.<camera>.nodes).',
  );
}

/** MissingError `slot-unknown`. */
export function withoutSlot(settings: DesiredSettings, slot: string, owner: string): DesiredSettings {
  const { slots = {}, ...rest } = settings;
  const { [slot]: gone, ...others } = slots;
  if (gone === undefined) throw slotUnknown(slot, owner);
  return Object.keys(others).length === 0 ? rest : { ...rest, slots: others };
}

function slotUnknown(slot: string, owner: string): MissingError {
  return new MissingError(
    'slot-unknown',
    `The settings of ${owner} name no slot ${slot}.`,
    'One that a group sets is removed from the group.',
  );
}
