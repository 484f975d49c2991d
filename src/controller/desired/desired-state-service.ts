import type { CameraShare, DesiredAnswer, DesiredSettings, ModelChoice } from '../../api/index.ts';
import { InputError, MissingError, RefusedError } from '../../base/index.ts';
import { mainSlot } from '../../protocol/index.ts';
import { actorOf, type Caller } from '../audit/caller.ts';
import type { CommandExecutor } from '../audit/command-executor.ts';
import type { Device } from '../fleet/device.ts';
import type { DeviceRegistry } from '../fleet/device-registry.ts';
import type { ModelRegistry } from '../models/model-registry.ts';
import { checkPolicy } from '../models/version-policy.ts';
import { withCurrentVersions } from './current-versions.ts';
import { mergeSettings, orderedAgain, withOrder } from './desired-state.ts';
import { checkDriftZones } from './drift-zones.ts';
import { knownRules } from './known-rules.ts';
import { camerasOf, checkCameras, checkPipelines, type KnownLabels } from './pipeline-check.ts';
import { choiceOf, type SettingsPlanner } from './settings-planner.ts';
import { expectWhole } from './slot-service.ts';

export interface DesiredStateServicePorts {
  readonly registry: DeviceRegistry;
  readonly models: ModelRegistry;
  readonly commands: CommandExecutor;
  readonly settings: SettingsPlanner;
  /** Unique for ever. */
  readonly newOrder: () => string;
}

/** What people want devices and groups to do: model and pipeline settings. */
export class DesiredStateService {
  readonly #ports: DesiredStateServicePorts;

  constructor(ports: DesiredStateServicePorts) {
    this.#ports = ports;
  }

  /**
   * Replaces the own settings of one device. `unlisted`: the controller need not hold the model. A model gets the id of a
   * new order, unless it is sent back as it was.
   */
  async setDevice(
    caller: Caller,
    id: string,
    given: DesiredSettings,
    unlisted = false,
  ): Promise<DesiredAnswer> {
    const { registry, commands } = this.#ports;
    return commands.execute(caller, 'device.desired', id, given, () => {
      const device = registry.expect(id);
      const settings = this.#ordered(caller, given, device.settings);
      this.#expectModel(settings, unlisted);
      const model = mainModel(settings);
      checkPipelines(settings.pipelines, this.#labelsOf([device], model));
      checkCameras(settings.pipelines, device.settings.pipelines, camerasOf([device]));
      checkDriftZones(settings.pipelines, [this.#rulesOf(device, settings)]);
      return this.#ports.settings.planDevice(actorOf(caller), device, settings, { order: model?.order });
    });
  }

  /** Replaces the settings of a group, which is made where it is new. */
  async setGroup(
    caller: Caller,
    name: string,
    given: DesiredSettings,
    unlisted = false,
  ): Promise<DesiredAnswer> {
    return this.#ports.commands.execute(caller, 'group.desired', name, given, () => {
      const { registry } = this.#ports;
      const group = registry.group(name);
      const settings = this.#ordered(caller, given, group?.settings ?? {});
      this.#expectModel(settings, unlisted);
      const members = registry.membersOf(name).map((id) => registry.expect(id));
      const model = mainModel(settings);
      checkPipelines(settings.pipelines, this.#labelsOf(members, model));
      checkCameras(settings.pipelines, group?.settings.pipelines, camerasOf(members));
      const others = (device: Device) => registry.groupsOf(device).filter((one) => one.name !== name);
      const changed = { name, members: group?.members ?? [], settings };
      checkDriftZones(
        settings.pipelines,
        members.map((device) => this.#rulesOf(device, device.settings, [...others(device), changed])),
      );
      const about = { order: model?.order };
      return this.#ports.settings.planGroup(actorOf(caller), name, group?.members ?? [], settings, about);
    });
  }

  /**
   * Orders the model that a device has as desired once more, for this device alone: one that it had given up is tried
   * again. Where it comes from a group it stays so. MissingError `model-not-set` where there is none.
   */
  async retryDevice(caller: Caller, id: string, slot: string = mainSlot): Promise<DesiredAnswer> {
    const { registry, commands, newOrder, settings: planner } = this.#ports;
    return commands.execute(caller, 'device.retry', id, { slot }, () => {
      const device = registry.expect(id);
      const { desired, settings } = device;
      const model = desired?.slots?.[slot]?.model;
      if (model === undefined) throw nothingToRetry(id, slot);
      const order = newOrder();
      const own = settings.slots?.[slot]?.model;
      const again =
        own === undefined && model.order !== undefined
          ? withRetry(device, slot, model.order, order)
          : withModel(settings, slot, orderedAgain(own ?? choiceOf(model), order));
      return planner.planDevice(actorOf(caller), device, again, { slot, order });
    });
  }

  /** Orders the model of a group once more, for all of its devices. */
  async retryGroup(caller: Caller, name: string, slot: string = mainSlot): Promise<DesiredAnswer> {
    const { registry, commands, newOrder, settings: planner } = this.#ports;
    return commands.execute(caller, 'group.retry', name, { slot }, () => {
      const group = registry.group(name);
      const model = group?.settings.slots?.[slot]?.model;
      if (group === undefined || model === undefined) throw nothingToRetry(name, slot);
      const order = newOrder();
      const settings = withModel(group.settings, slot, orderedAgain(model, order));
      return planner.planGroup(actorOf(caller), name, group.members, settings, { slot, order });
    });
  }

  /** What its policies mean now, with an order for every model that is another. */
  #ordered(caller: Caller, given: DesiredSettings, before: DesiredSettings): DesiredSettings {
    const { models, newOrder } = this.#ports;
    for (const [slot, choice] of Object.entries(given.slots ?? {})) expectWhole(slot, choice);
    expectMayOverride(caller, given, before);
    expectSameShares(given, before);
    for (const model of modelsOf(given)) if (model.policy !== undefined) checkPolicy(model.policy);
    return withOrder(withCurrentVersions(given, models.complete(), newOrder).settings, before, newOrder);
  }

  #labelsOf(devices: readonly Device[], ordered: ModelChoice | undefined): KnownLabels[] {
    const { models } = this.#ports;
    if (ordered !== undefined) {
      const labels = models.labelsOf(ordered.digest);
      return labels === undefined ? [] : [{ subject: `${ordered.name} ${ordered.version}`, labels }];
    }
    return devices.flatMap((device) => {
      const { desired, reported } = device;
      const { digest } = desired?.slots?.[mainSlot]?.model ?? reported?.slots[mainSlot]?.loaded ?? {};
      const labels = digest === undefined ? undefined : models.labelsOf(digest);
      return labels === undefined ? [] : [{ subject: device.id, labels }];
    });
  }

  /** With these settings of its own in force. */
  #rulesOf(device: Device, own: DesiredSettings, groups = this.#ports.registry.groupsOf(device)) {
    return { rules: knownRules(mergeSettings(groups, own), device.reported) };
  }

  #expectModel(settings: DesiredSettings, unlisted: boolean): void {
    for (const [slot, { model }] of Object.entries(settings.slots ?? {})) {
      if (!unlisted) this.#ports.models.expectChoice(model);
      this.#ports.models.expectFor(slot, model);
    }
  }
}

function modelsOf({ slots = {} }: DesiredSettings): ModelChoice[] {
  return Object.values(slots).map(({ model }) => model);
}

/** What cameras without a graph run, and so what their classes are of. */
function mainModel({ slots }: DesiredSettings): ModelChoice | undefined {
  return slots?.[mainSlot]?.model;
}

function withModel(settings: DesiredSettings, slot: string, model: ModelChoice): DesiredSettings {
  return { ...settings, slots: { ...settings.slots, [slot]: { ...settings.slots?.[slot], model } } };
}

/**
 * What a machine says of its safety is overridden by admins alone, and for one order in one slot; settings that come back
 * as they were may still say so.
 */
function expectMayOverride(caller: Caller, given: DesiredSettings, before: DesiredSettings): void {
  if (caller.role === 'admin') return;
  const fresh = Object.entries(given.slots ?? {}).some(([slot, { model: now }]) => {
    const old = before.slots?.[slot]?.model;
    if (now.overrideSafety !== true) return false;
    const same = now.order !== undefined && now.order === old?.order && now.digest === old.digest;
    return !(same && old.overrideSafety === true);
  });
  if (fresh)
    throw new RefusedError(
      'override-admin',
      'These settings override what a device says of its safety.',
      'An admin may: goshawk device override-safety.',
    );
}

/** InputError `slot-share`: settings that come back as they were may have a share. */
function expectSameShares(given: DesiredSettings, before: DesiredSettings): void {
  for (const [slot, { share }] of Object.entries(given.slots ?? {})) {
    if (share === undefined || isSameShare(share, before.slots?.[slot]?.share)) continue;
    throw new InputError(
      'slot-share',
      `Only an experiment gives the slot ${slot} a share of the cameras.`,
      'Make a rollout with experiment: { by: camera, percent: 50 }.',
    );
  }
}

function isSameShare(one: CameraShare, other: CameraShare | undefined): boolean {
  return one.of === other?.of && one.toPercent === other.toPercent;
}

/** A device that is tried for the second time still names the order of its group. Of slots that are gone nothing is kept. */
function withRetry(
  { settings, desired }: Device,
  slot: string,
  tried: string,
  order: string,
): DesiredSettings {
  const { retries = {}, ...rest } = settings;
  const before = retries[slot];
  const of = before?.order === tried ? before.of : tried;
  const kept = Object.entries(retries).filter(([name]) => desired?.slots?.[name] !== undefined);
  return { ...rest, retries: { ...Object.fromEntries(kept), [slot]: { of, order } } };
}

function nothingToRetry(subject: string, slot: string): MissingError {
  return new MissingError(
    'model-not-set',
    `No model is set for the slot ${slot} of ${subject}, so there is no order to repeat.`,
    'Set one: goshawk model deploy.',
  );
}
