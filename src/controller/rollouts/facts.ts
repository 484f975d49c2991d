import { type Clock, inTurns } from '../../base/index.ts';
import type { ApprovalService } from '../approvals/approval-service.ts';
import { divisibleCameras } from '../desired/camera-shares.ts';
import { mergeSettings } from '../desired/desired-state.ts';
import { knownRules } from '../desired/known-rules.ts';
import { choiceOf } from '../desired/settings-planner.ts';
import type { LabelService } from '../devices/label-service.ts';
import type { Device } from '../fleet/device.ts';
import type { DeviceRegistry } from '../fleet/device-registry.ts';
import type { DeviceFacts } from './world.ts';

export interface FactsPorts {
  readonly registry: DeviceRegistry;
  readonly labels: Pick<LabelService, 'labelsOf' | 'holdOf'>;
  readonly approvals: Pick<ApprovalService, 'rulesOf'>;
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

export function factsOf(
  device: Device,
  slot: string,
  { registry, labels, approvals }: FactsPorts,
): DeviceFacts {
  const { id, online, lastSeenMs, birth, reported, settings } = device;
  const now = reported?.slots[slot];
  return {
    id,
    online,
    lastSeenMs,
    own: settings.slots?.[slot]?.model,
    shareIn: (name) => settings.slots?.[name]?.share,
    get cameras() {
      return divisibleCameras(mergeSettings(registry.groupsOf(device), settings), device);
    },
    get rules() {
      return knownRules(mergeSettings(registry.groupsOf(device), settings), reported);
    },
    labels: labels.labelsOf(id),
    hold: labels.holdOf(id),
    // Computed on request: a fleet is large, and most devices are not asked for.
    get groups() {
      return registry.groupNames(device);
    },
    board: birth?.board.name,
    loaded: now?.loaded && choiceOf(now.loaded),
    get groupNames() {
      return registry.groupsOf(device).some(({ settings: { slots } }) => slots?.[slot] !== undefined);
    },
    get approvalRules() {
      const { groups, labels: own, board } = this;
      return approvals.rulesOf({ id, groups, labels: own, board });
    },
    deployment: now?.deployment,
    generation: reported?.generation ?? 0,
  };
}
