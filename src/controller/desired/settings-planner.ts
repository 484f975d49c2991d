import type { DesiredAnswer, DesiredSettings, ModelChoice } from '../../api/index.ts';
import { type Clock, defined } from '../../base/index.ts';
import { mainSlot } from '../../protocol/index.ts';
import type { Command } from '../audit/command-executor.ts';
import type { Device } from '../fleet/device.ts';
import type { DeviceRegistry } from '../fleet/device-registry.ts';
import type { DesiredStatePlanner } from './desired-state-planner.ts';
import { withOrderers } from './orderers.ts';

/** Which order the answer is about. */
export interface AnswerOf {
  readonly slot?: string;
  readonly order?: string | undefined;
}

/** A device or a group. */
export type SlotOwner = { readonly device: string } | { readonly group: string };

/** Other settings of a device or a group as one command: what is stored, who follows, and what is answered. */
export class SettingsPlanner {
  readonly #registry: DeviceRegistry;
  readonly #planner: DesiredStatePlanner;
  readonly #clock: Pick<Clock, 'wallMs'>;

  constructor(registry: DeviceRegistry, planner: DesiredStatePlanner, clock: Pick<Clock, 'wallMs'>) {
    this.#registry = registry;
    this.#planner = planner;
    this.#clock = clock;
  }

  /** `by` is who orders what is new in it. */
  planDevice(
    by: string,
    device: Device,
    given: DesiredSettings,
    about: AnswerOf = {},
  ): Command<DesiredAnswer> {
    const settings = withOrderers(given, device.settings, { by, timeMs: this.#clock.wallMs() });
    const plan = this.#planner.planDevice(device, settings);
    return {
      changes: [{ kind: 'settings' as const, device: device.id, settings }, ...plan.changes],
      apply: () => {
        device.settings = settings;
        return this.#answer(plan.apply(), about);
      },
    };
  }

  async planGroup(
    by: string,
    name: string,
    members: readonly string[],
    given: DesiredSettings,
    about: AnswerOf = {},
  ): Promise<Command<DesiredAnswer>> {
    const before = this.#registry.group(name)?.settings ?? {};
    const settings = withOrderers(given, before, { by, timeMs: this.#clock.wallMs() });
    const plan = await this.#planner.planGroup(name, { name, members: [...members], settings });
    return { changes: plan.changes, apply: () => this.#answer(plan.apply(), about) };
  }

  /** By the settings that a device or group has when its turn comes. MissingError `device-unknown`. */
  async planOwner(
    by: string,
    owner: SlotOwner,
    edit: (before: DesiredSettings) => DesiredSettings,
    about: AnswerOf = {},
  ): Promise<Command<DesiredAnswer>> {
    if ('device' in owner) {
      const device = this.#registry.expect(owner.device);
      return this.planDevice(by, device, edit(device.settings), about);
    }
    const group = this.#registry.group(owner.group);
    return this.planGroup(by, owner.group, group?.members ?? [], edit(group?.settings ?? {}), about);
  }

  /** Names devices that keep another model than the ordered one: callers must not wait for them. */
  #answer(generations: Record<string, number>, { slot = mainSlot, order }: AnswerOf): DesiredAnswer {
    if (order === undefined) return { generations };
    const overridden: Record<string, ModelChoice> = {};
    for (const id of Object.keys(generations)) {
      const model = this.#registry.get(id)?.desired?.slots?.[slot]?.model;
      if (model !== undefined && model.order !== order) overridden[id] = choiceOf(model);
    }
    return { generations, order, ...(Object.keys(overridden).length === 0 ? {} : { overridden }) };
  }
}

/** As the audit log names it. */
export function kindAndId(owner: SlotOwner): [kind: 'device' | 'group', id: string] {
  return 'device' in owner ? ['device', owner.device] : ['group', owner.group];
}

export function choiceOf({ name, version, digest, order, policy }: ModelChoice): ModelChoice {
  return {
    ...{ name, version, digest },
    ...defined({ order, policy }),
  };
}
