import { counted } from '../../base/index.ts';
import { beforeSwitch, workingStates } from './device-state.ts';
import type { DeviceRecord, Rollout } from './rollout.ts';
import { isActive } from './table.ts';
import { isOpen } from './windows.ts';
import type { DeviceFacts, World } from './world.ts';

/** Why a device is not ordered now. `final`: it will not be by this rollout. */
export interface Obstacle {
  readonly state: 'deferred' | 'unreachable' | 'left-out';
  readonly by: NonNullable<DeviceRecord['by']>;
  readonly reason: string;
}

/**
 * What of the rollout's limits is left. One is made for each step, and counts what the step itself orders.
 *
 * `maxParallel` and `ratePerMinute` are of this rollout alone; a disruption is one to a site whichever rollout makes it.
 */
export class Budgets {
  readonly #rollout: Rollout;
  readonly #world: World;
  readonly #canDownload: boolean;
  #working = 0;
  #recent = 0;
  /** Devices at work or offline, by the value of the label. */
  readonly #unavailable = new Map<string, number>();

  constructor(rollout: Rollout, world: World) {
    this.#rollout = rollout;
    this.#world = world;
    const { windows, disruption } = rollout.policy;
    this.#canDownload = isOpen(windows, 'download', world.nowMs);
    const busy = busyDevices([rollout]);
    for (const { orderedMs } of rollout.devices.values())
      if (orderedMs !== undefined && orderedMs > world.nowMs - 60_000) this.#recent += 1;
    this.#working = busy.size;
    if (disruption === undefined) return;
    for (const facts of world.devices.values())
      if (!facts.online || busy.has(facts.id) || world.busyElsewhere?.has(facts.id) === true)
        this.#addUnavailable(facts);
  }

  /** Undefined: it may be ordered. */
  obstacle(facts: DeviceFacts): Obstacle | undefined {
    const { policy } = this.#rollout;
    const { freeze } = this.#world;
    if (facts.own?.policy?.pinned === true)
      return { state: 'left-out', by: 'pinned', reason: 'Its slot is pinned.' };
    if (facts.hold !== undefined)
      return { state: 'left-out', by: 'held', reason: `It is held: ${facts.hold.reason}` };
    const [rule] = policy.approval === true ? [] : facts.approvalRules;
    if (rule !== undefined)
      return {
        ...{ state: 'left-out', by: 'approval' },
        reason: `${rule} needs a second person, and this rollout is not approved.`,
      };
    if (freeze !== undefined)
      return { state: 'deferred', by: 'freeze', reason: `Rollouts are frozen: ${freeze.reason}` };
    if (!facts.online) return { state: 'unreachable', by: 'offline', reason: 'It is offline.' };
    if (!this.#canDownload)
      return { state: 'deferred', by: 'window', reason: 'No window for downloads is open.' };
    if (this.#working >= (policy.maxParallel ?? Number.POSITIVE_INFINITY))
      return {
        state: 'deferred',
        by: 'parallel',
        reason: `Updating ${counted(this.#working, 'device')} already.`,
      };
    if (this.#recent >= (policy.ratePerMinute ?? Number.POSITIVE_INFINITY))
      return { state: 'deferred', by: 'rate', reason: 'The limit of orders per minute is reached.' };
    return this.#disruption(facts);
  }

  /** It was ordered. */
  take(facts: DeviceFacts): void {
    this.#working += 1;
    this.#recent += 1;
    // What is at work for another rollout is counted already.
    if (this.#world.busyElsewhere?.has(facts.id) !== true) this.#addUnavailable(facts);
  }

  #disruption(facts: DeviceFacts): Obstacle | undefined {
    const { disruption } = this.#rollout.policy;
    if (disruption === undefined) return undefined;
    // It takes the place of its own work for another rollout.
    const itself = this.#world.busyElsewhere?.has(facts.id) === true ? 1 : 0;
    const others = (value: string) => (this.#unavailable.get(value) ?? 0) - itself;
    const full = valuesOf(disruption.by, facts).find((value) => others(value) >= disruption.maxUnavailable);
    if (full === undefined) return undefined;
    const count = others(full);
    const reason = `Updating or offline already: ${counted(count, 'device')} with ${disruption.by} ${full}.`;
    return { state: 'deferred', by: 'disruption', reason };
  }

  #addUnavailable(facts: DeviceFacts): void {
    const { disruption } = this.#rollout.policy;
    if (disruption === undefined) return;
    for (const value of valuesOf(disruption.by, facts))
      this.#unavailable.set(value, (this.#unavailable.get(value) ?? 0) + 1);
  }
}

/**
 * At work for any of them. What waits for its own safety is not: else a few robots that drive on would hold up a fleet.
 * An order from before the end of a rollout is not, either: it may never be carried out.
 */
export function busyDevices(rollouts: Iterable<Rollout>): Set<string> {
  const busy = new Set<string>();
  for (const rollout of rollouts)
    for (const record of rollout.devices.values()) if (isAtWork(rollout, record)) busy.add(record.device);
  return busy;
}

function isAtWork({ state: life, sinceMs }: Rollout, { state, by, orderedMs = 0 }: DeviceRecord): boolean {
  if (!workingStates.has(state)) return false;
  if (isActive(life)) return true;
  // One that finished goes on to order who came late.
  if (beforeSwitch.has(state)) return life === 'finished' && orderedMs >= sinceMs;
  return by !== 'stuck';
}

function valuesOf(by: string, { labels, groups }: DeviceFacts): readonly string[] {
  if (by === 'group') return groups;
  const value = labels[by];
  return value === undefined ? [] : [value];
}
