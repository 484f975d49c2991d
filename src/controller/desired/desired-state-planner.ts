import type { DesiredSettings, Group } from '../../api/index.ts';
import { asGoshawkError, type Clock, InputError, inTurns } from '../../base/index.ts';
import { type Desired, topics } from '../../protocol/index.ts';
import type { Command } from '../audit/command-executor.ts';
import type { EventBus } from '../event-bus.ts';
import type { ControllerEvents } from '../fleet/controller-events.ts';
import type { Device } from '../fleet/device.ts';
import type { DeviceRegistry } from '../fleet/device-registry.ts';
import type { Change } from '../store/store.ts';
import type { TrustService } from '../trust/trust-service.ts';
import { withShares } from './camera-shares.ts';
import { encodeDesired, mergeSettings, nextDesired } from './desired-state.ts';
import type { RetainedPublisher } from './retained-publisher.ts';

/** The generation of each concerned device after a command. */
export type Generations = Record<string, number>;

export interface DesiredStatePlannerPorts {
  readonly registry: DeviceRegistry;
  readonly retained: RetainedPublisher;
  readonly clock: Clock;
  /** Absent where this controller signs nothing. */
  readonly trust: Pick<TrustService, 'seal'> | undefined;
  readonly bus: EventBus;
  readonly events: ControllerEvents;
}

/** A group as it would be: undefined when it is removed. */
interface ReplacedGroup {
  readonly name: string;
  readonly group: Group | undefined;
  readonly listed: ReadonlySet<string>;
}

interface Step {
  readonly device: Device;
  /** Undefined when its present desired state says the same already. */
  readonly next: Desired | undefined;
}

/**
 * Works out which devices get a new desired state when settings or groups change, and publishes what was committed.
 *
 * INVARIANT. What a plan commits was encoded before: it can be published now and after every restart.
 */
export class DesiredStatePlanner {
  readonly #ports: DesiredStatePlannerPorts;

  constructor(ports: DesiredStatePlannerPorts) {
    this.#ports = ports;
  }

  /** The new desired state of one device with other settings of its own. InputError `order-too-large`. */
  planDevice(device: Device, settings: DesiredSettings): Command<Generations> {
    return this.#commandOf([this.#step(device, settings, undefined)]);
  }

  /** New desired states of devices whose groups may have changed. One that can't be told stays as it is. */
  async planDevices(devices: readonly Device[]): Promise<Command<Generations>> {
    return this.#commandOf(await this.#steps(devices, undefined));
  }

  /**
   * A group is made, changed, or with `undefined` removed; its members and former members get what follows from it.
   * InputError `order-too-large` when its settings fit no member. A single device that makes them too large with what
   * else it names or has stays as it is, and its events tell: it must not keep orders from the others. Worked out in
   * turns: a large group takes seconds.
   */
  async planGroup(name: string, group: Group | undefined): Promise<Command<Generations>> {
    const { registry } = this.#ports;
    const before = new Set(registry.membersOf(name));
    const listed = new Set(group?.members ?? []);
    const concerned = [...registry.devices()].filter(({ id }) => before.has(id) || listed.has(id));
    const change: Change = group === undefined ? { kind: 'group-deleted', name } : { kind: 'group', group };
    const replaced = { name, group, listed };
    if (group !== undefined) {
      registry.expectGroupRoom(group);
      this.#expectSendable(group);
    }
    const steps = await this.#steps(concerned, replaced);
    if (group !== undefined) this.#expectAnyMember(group, concerned, steps);
    const plan = this.#commandOf(steps);
    return {
      changes: [change, ...plan.changes],
      apply: () => {
        if (group === undefined) registry.deleteGroup(name);
        else registry.setGroup(group);
        return plan.apply();
      },
    };
  }

  /** Publishes the desired state as it stands; the broker keeps it for the device. */
  publish(device: Device): void {
    const { desired } = device;
    if (desired === undefined) return;
    const { trust, retained } = this.#ports;
    const encode = () => {
      // What is in the plan was encoded before.
      const encoded = encodeDesired(device.id, desired);
      return trust?.seal(device.id, encoded) ?? encoded;
    };
    retained.publish(topics.desired(device.id), encode, () => {
      device.brokerGeneration = desired.generation;
    });
  }

  #step(device: Device, settings: DesiredSettings, replaced: ReplacedGroup | undefined): Step {
    const merged = mergeSettings(this.#groupsOf(device, replaced), settings);
    const next = nextDesired({
      previous: device.desired,
      wanted: withShares(merged, device),
      seenGenerations: [
        ...[device.reported?.generation ?? 0, device.brokerGeneration ?? 0],
        ...device.formerGenerations,
      ],
      nowMs: this.#ports.clock.wallMs(),
      fleet: this.#ports.registry.size,
    });
    if (next !== undefined) encodeDesired(device.id, next);
    return { device, next };
  }

  async #steps(devices: readonly Device[], replaced: ReplacedGroup | undefined): Promise<Step[]> {
    const steps: Step[] = [];
    await inTurns(this.#ports.clock, devices, (device) => {
      try {
        steps.push(this.#step(device, device.settings, replaced));
      } catch (error) {
        const { code, message, remedy } = asGoshawkError(error, 'internal');
        this.#ports.events.tell(device.id, {
          kind: 'device.order-too-large',
          severity: 'error',
          message: `${message} The device keeps the order that it has.`,
          data: { code, remedy },
        });
      }
    });
    return steps;
  }

  #commandOf(steps: readonly Step[]): Command<Generations> {
    return {
      changes: steps.flatMap(({ device, next }) =>
        next === undefined ? [] : [{ kind: 'desired' as const, device: device.id, desired: next }],
      ),
      apply: () => {
        const generations: Generations = {};
        const told = steps.filter(
          ({ device, next }) => next && next.generation !== device.desired?.generation,
        );
        for (const { device, next } of steps) {
          if (next !== undefined) device.desired = next;
          generations[device.id] = device.desired?.generation ?? 0;
          this.#ports.bus.emit('deviceChanged', device.id);
        }
        for (const { device } of told) this.publish(device);
        return generations;
      },
    };
  }

  /** Whatever its members have beside it. */
  #expectSendable(group: Group): void {
    const { clock } = this.#ports;
    const alone = nextDesired({
      ...{ previous: undefined, seenGenerations: [], nowMs: clock.wallMs() },
      wanted: mergeSettings([group], {}),
    });
    if (alone !== undefined) encodeDesired(`the group ${group.name}`, alone);
  }

  #expectAnyMember(group: Group, concerned: readonly Device[], steps: readonly Step[]): void {
    const listed = new Set(group.members);
    const isMember = (device: Device) => listed.has(device.id) || namesItself(device, group.name);
    if (!concerned.some(isMember) || steps.some(({ device }) => isMember(device))) return;
    throw new InputError(
      'order-too-large',
      `With what its members have beside it, the settings of the group ${group.name} fit none of them.`,
      'Name fewer classes, or set them for `*` instead of for every camera. No setting was changed.',
    );
  }

  #groupsOf(device: Device, replaced: ReplacedGroup | undefined): readonly Group[] {
    const groups = this.#ports.registry.groupsOf(device);
    if (replaced === undefined) return groups;
    const { name, group, listed } = replaced;
    const others = groups.filter((other) => other.name !== name);
    const isMember = listed.has(device.id) || namesItself(device, name);
    return group !== undefined && isMember ? [...others, group] : others;
  }
}

function namesItself(device: Device, group: string): boolean {
  return device.birth?.groups?.includes(group) === true;
}
