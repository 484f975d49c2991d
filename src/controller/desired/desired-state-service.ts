import type { DesiredAnswer, DesiredSettings, ModelChoice } from '../../api/index.ts';
import { MissingError } from '../../base/index.ts';
import type { Caller } from '../audit/caller.ts';
import type { CommandExecutor } from '../audit/command-executor.ts';
import type { Device } from '../fleet/device.ts';
import type { DeviceRegistry } from '../fleet/device-registry.ts';
import type { ModelRegistry } from '../models/model-registry.ts';
import { checkClasses, type KnownLabels } from './class-check.ts';
import { orderedAgain, withOrder } from './desired-state.ts';
import type { DesiredStatePlanner } from './desired-state-planner.ts';

export interface DesiredStateServicePorts {
  readonly registry: DeviceRegistry;
  readonly models: ModelRegistry;
  readonly commands: CommandExecutor;
  readonly planner: DesiredStatePlanner;
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
      const settings = withOrder(given, device.settings, this.#ports.newOrder);
      this.#expectModel(settings, unlisted);
      checkClasses(settings.pipelines, this.#labelsOf([device], settings.model));
      return this.#planDevice(device, settings);
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
      const { registry, newOrder } = this.#ports;
      const group = registry.group(name);
      const settings = withOrder(given, group?.settings ?? {}, newOrder);
      this.#expectModel(settings, unlisted);
      const members = registry.membersOf(name).map((id) => registry.expect(id));
      checkClasses(settings.pipelines, this.#labelsOf(members, settings.model));
      return this.#planGroup(name, group?.members ?? [], settings);
    });
  }

  /**
   * Orders the model that a device has as desired once more, for this device alone: one that it had given up is tried
   * again. Where it comes from a group it stays so. MissingError `model-not-set` where there is none.
   */
  async retryDevice(caller: Caller, id: string): Promise<DesiredAnswer> {
    const { registry, commands, newOrder } = this.#ports;
    return commands.execute(caller, 'device.retry', id, {}, () => {
      const device = registry.expect(id);
      const model = device.desired?.model;
      if (model === undefined) throw nothingToRetry(id);
      const order = newOrder();
      const { settings } = device;
      const again =
        settings.model === undefined && model.order !== undefined
          ? { ...settings, retry: { of: originOf(settings, model.order), order } }
          : { ...settings, model: orderedAgain(settings.model ?? choiceOf(model), order) };
      return this.#planDevice(device, again, order);
    });
  }

  /** Orders the model of a group once more, for all of its devices. */
  async retryGroup(caller: Caller, name: string): Promise<DesiredAnswer> {
    const { registry, commands, newOrder } = this.#ports;
    return commands.execute(caller, 'group.retry', name, {}, () => {
      const group = registry.group(name);
      if (group?.settings.model === undefined) throw nothingToRetry(name);
      const model = orderedAgain(group.settings.model, newOrder());
      return this.#planGroup(name, group.members, { ...group.settings, model });
    });
  }

  #planDevice(device: Device, settings: DesiredSettings, order = settings.model?.order) {
    const plan = this.#ports.planner.planDevice(device, settings);
    return {
      changes: [{ kind: 'settings' as const, device: device.id, settings }, ...plan.changes],
      apply: () => {
        device.settings = settings;
        return this.#answer(plan.apply(), order);
      },
    };
  }

  async #planGroup(name: string, members: readonly string[], settings: DesiredSettings) {
    const plan = await this.#ports.planner.planGroup(name, { name, members: [...members], settings });
    return { changes: plan.changes, apply: () => this.#answer(plan.apply(), settings.model?.order) };
  }

  /** Devices that run something else than what was ordered are named: whoever waits must not wait for them. */
  #answer(generations: Record<string, number>, order: string | undefined): DesiredAnswer {
    if (order === undefined) return { generations };
    const pinned: Record<string, ModelChoice> = {};
    for (const id of Object.keys(generations)) {
      const model = this.#ports.registry.get(id)?.desired?.model;
      if (model !== undefined && model.order !== order) pinned[id] = choiceOf(model);
    }
    return { generations, order, ...(Object.keys(pinned).length === 0 ? {} : { pinned }) };
  }

  #labelsOf(devices: readonly Device[], ordered: ModelChoice | undefined): KnownLabels[] {
    const { models } = this.#ports;
    if (ordered !== undefined) {
      const labels = models.labelsOf(ordered.digest);
      return labels === undefined ? [] : [{ subject: `${ordered.name} ${ordered.version}`, labels }];
    }
    return devices.flatMap((device) => {
      const digest = device.desired?.model?.digest ?? device.reported?.models[0]?.digest;
      const labels = digest === undefined ? undefined : models.labelsOf(digest);
      return labels === undefined ? [] : [{ subject: device.id, labels }];
    });
  }

  #expectModel(settings: DesiredSettings, unlisted: boolean): void {
    if (settings.model !== undefined && !unlisted) this.#ports.models.expectChoice(settings.model);
  }
}

/** A device that is tried for the second time still names the order of its group. */
function originOf({ retry }: DesiredSettings, order: string): string {
  return retry?.order === order ? retry.of : order;
}

function choiceOf({ name, version, digest, order }: ModelChoice): ModelChoice {
  return { name, version, digest, ...(order === undefined ? {} : { order }) };
}

function nothingToRetry(subject: string): MissingError {
  return new MissingError(
    'model-not-set',
    `No model is set for ${subject}, so there is nothing to try again.`,
    'Set one: goshawk fleet set-model <model> --device ID, or --group NAME.',
  );
}
