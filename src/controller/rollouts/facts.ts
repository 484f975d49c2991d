import type { ModelChoice } from '../../api/index.ts';
import { type Clock, inTurns } from '../../base/index.ts';
import { mainSlot } from '../../protocol/index.ts';
import type { LabelService } from '../devices/label-service.ts';
import type { Device } from '../fleet/device.ts';
import type { DeviceRegistry } from '../fleet/device-registry.ts';
import type { DeviceFacts } from './world.ts';

export interface FactsPorts {
  readonly registry: DeviceRegistry;
  readonly labels: Pick<LabelService, 'labelsOf' | 'holdOf'>;
}

/** The same, letting everything else have its turn: a large fleet takes a while to look through. */
export async function factsInTurns(
  ports: FactsPorts & { readonly clock: Clock },
  slot: string,
): Promise<Map<string, DeviceFacts>> {
  const facts = new Map<string, DeviceFacts>();
  await inTurns(ports.clock, ports.registry.devices(), (device) => {
    facts.set(device.id, factsOf(device, slot, ports));
  });
  return facts;
}

/** What rollouts of one slot look at, of every device of the fleet. */
export function factsOfFleet(ports: FactsPorts, slot: string): Map<string, DeviceFacts> {
  const facts = new Map<string, DeviceFacts>();
  for (const device of ports.registry.devices()) facts.set(device.id, factsOf(device, slot, ports));
  return facts;
}

export function factsOf(device: Device, slot: string, { registry, labels }: FactsPorts): DeviceFacts {
  const { id, online, lastSeenMs, birth, reported, settings } = device;
  const own = slot === mainSlot ? settings.model : settings.slots?.[slot]?.model;
  return {
    id,
    online,
    lastSeenMs,
    own,
    labels: labels.labelsOf(id),
    hold: labels.holdOf(id),
    // Of most devices nobody asks, and a fleet is large.
    get groups() {
      return registry.groupNames(device);
    },
    board: birth?.board.name,
    loaded: loadedOf(device, slot),
    get groupNames() {
      return registry
        .groupsOf(device)
        .some(({ settings: { model, slots } }) => (slot === mainSlot ? model : slots?.[slot]) !== undefined);
    },
    deployment: reported?.slots?.[slot]?.deployment ?? (slot === mainSlot ? reported?.deployment : undefined),
    generation: reported?.generation ?? 0,
  };
}

/** An agent that knows one model says what it runs in a list. */
export function loadedOf({ reported }: Pick<Device, 'reported'>, slot: string): ModelChoice | undefined {
  const models = reported?.models ?? [];
  const found =
    reported?.slots === undefined
      ? slot === mainSlot
        ? models[0]
        : undefined
      : models.find((model) => model.digest === reported.slots?.[slot]?.loaded);
  return found && { name: found.name, version: found.version, digest: found.digest };
}
