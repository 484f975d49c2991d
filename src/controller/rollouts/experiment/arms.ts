import { type Clock, inTurns } from '../../../base/index.ts';
import { divisibleCameras } from '../../desired/camera-shares.ts';
import { mergeSettings } from '../../desired/desired-state.ts';
import type { Device } from '../../fleet/device.ts';
import type { DeviceRegistry } from '../../fleet/device-registry.ts';
import type { Store } from '../../store/store.ts';
import type { WaveDevice } from '../evidence/index.ts';
import type { Rollout } from '../rollout.ts';
import { servedSince } from './served-since.ts';
import { isByCamera } from './stage.ts';
import { type UnitFacts, unitsOf } from './units.ts';

export interface ArmPorts {
  readonly registry: DeviceRegistry;
  readonly store: Pick<Store, 'metrics'>;
  readonly clock: Clock;
}

export function unitFactsOf(device: Device, registry: DeviceRegistry): UnitFacts {
  const settings = mergeSettings(registry.groupsOf(device), device.settings);
  const slots = device.reported?.slots ?? {};
  return { id: device.id, cameras: divisibleCameras(settings, device), slots };
}

/**
 * Of an experiment by camera what is compared: the cameras of B since they have it, and those of A on the same devices.
 * Of every other rollout nothing.
 */
export async function cameraArms(rollout: Rollout, ports: ArmPorts): Promise<WaveDevice[]> {
  if (!isByCamera(rollout)) return [];
  const { registry, store, clock } = ports;
  const arms: WaveDevice[] = [];
  const found: (readonly [Device, readonly string[], readonly string[]])[] = [];
  await inTurns(clock, rollout.devices.values(), (record) => {
    const device = registry.get(record.device);
    if (device === undefined) return;
    const units = unitsOf(rollout, record, unitFactsOf(device, registry));
    const on = (arm: 'A' | 'B') =>
      units.flatMap((one) => (one.arm === arm && one.camera !== undefined ? [one.camera] : []));
    found.push([device, on('A'), on('B')]);
  });
  for (const [device, a, b] of found) {
    const itself = { device: device.id, anySlot: true } as const;
    const about = { cameras: b, nowMs: clock.wallMs() };
    for (const since of b.length === 0 ? [] : await servedSince(store, device, rollout.slot, about))
      arms.push({ ...itself, arm: 'treated', ...since });
    if (a.length > 0) arms.push({ ...itself, arm: 'control', cameras: a });
  }
  return arms;
}
