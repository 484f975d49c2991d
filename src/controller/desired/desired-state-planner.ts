import type { DesiredSettings, Group } from '../../api/index.ts';
import type { Clock } from '../../base/index.ts';
import { encodePayload, topics } from '../../protocol/index.ts';
import type { Command } from '../audit/command-executor.ts';
import type { Device } from '../fleet/device.ts';
import type { DeviceRegistry } from '../fleet/device-registry.ts';
import type { Change } from '../store/store.ts';
import { type BundleUrl, mergeSettings, nextDesired } from './desired-state.ts';
import type { RetainedPublisher } from './retained-publisher.ts';

/** The generation of each concerned device after a command. */
export type Generations = Record<string, number>;

export interface DesiredStatePlannerPorts {
  readonly registry: DeviceRegistry;
  readonly retained: RetainedPublisher;
  readonly clock: Clock;
  /** Where devices fetch a bundle that the controller holds. */
  readonly url: BundleUrl;
  readonly onChanged: (device: string) => void;
}

/** Works out which devices get a new desired state when settings or groups change, and publishes what was committed. */
export class DesiredStatePlanner {
  readonly #ports: DesiredStatePlannerPorts;

  constructor(ports: DesiredStatePlannerPorts) {
    this.#ports = ports;
  }

  /** New desired states of devices, as they would be with these settings and with this group replaced. */
  planDevices(
    devices: readonly Device[],
    settingsOf: (device: Device) => DesiredSettings = (device) => device.settings,
    replaced?: { readonly name: string; readonly group: Group | undefined },
  ): Command<Generations> {
    const steps = devices.map((device) => ({
      device,
      next: nextDesired({
        previous: device.desired,
        wanted: mergeSettings(this.#groupsOf(device, replaced), settingsOf(device)),
        seenGenerations: [device.reported?.generation ?? 0, device.brokerGeneration ?? 0],
        nowMs: this.#ports.clock.wallMs(),
        url: this.#ports.url,
      }),
    }));
    return {
      changes: steps.flatMap(({ device, next }) =>
        next === undefined ? [] : [{ kind: 'desired' as const, device: device.id, desired: next }],
      ),
      apply: () => {
        const generations: Generations = {};
        for (const { device, next } of steps) {
          if (next !== undefined) device.desired = next;
          generations[device.id] = device.desired?.generation ?? 0;
          this.#ports.onChanged(device.id);
        }
        for (const { device, next } of steps) if (next !== undefined) this.publish(device);
        return generations;
      },
    };
  }

  /** A group is made, changed, or with `undefined` removed; its members and former members get what follows from it. */
  planGroup(name: string, group: Group | undefined): Command<Generations> {
    const { registry } = this.#ports;
    const before = new Set(registry.membersOf(name));
    const listed = new Set(group?.members ?? []);
    const concerned = [...registry.devices()].filter(({ id }) => before.has(id) || listed.has(id));
    const change: Change = group === undefined ? { kind: 'group-deleted', name } : { kind: 'group', group };
    const plan = this.planDevices(concerned, undefined, { name, group });
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
    this.#ports.retained.publish(topics.desired(device.id), encodePayload('desired', desired), () => {
      device.brokerGeneration = desired.generation;
    });
  }

  #groupsOf(
    device: Device,
    replaced: { readonly name: string; readonly group: Group | undefined } | undefined,
  ): readonly Group[] {
    const groups = this.#ports.registry.groupsOf(device);
    if (replaced === undefined) return groups;
    const { name, group } = replaced;
    const others = groups.filter((other) => other.name !== name);
    const member = group?.members.includes(device.id) || device.birth?.groups?.includes(name) === true;
    return group !== undefined && member ? [...others, group] : others;
  }
}
