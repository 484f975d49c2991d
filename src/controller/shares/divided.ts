import type { AskedShare, DesiredSettings, DividedCamera, SlotChoice } from '../../api/index.ts';
import { dividedCameras } from '../desired/camera-shares.ts';
import { mergeSettings } from '../desired/desired-state.ts';
import type { Device } from '../fleet/device.ts';
import type { DeviceRegistry } from '../fleet/device-registry.ts';
import { placeInShare } from '../fleet/share.ts';

/** Whose settings name a slot with a share, as it was ordered. */
export interface ShareOwner {
  readonly owner: { readonly group: string } | { readonly device: string };
  readonly slot: string;
  readonly choice: SlotChoice & { readonly share: NonNullable<SlotChoice['share']> };
}

/** Groups first: what a device says itself comes over them. */
export function shareOwners(registry: DeviceRegistry): ShareOwner[] {
  const found: ShareOwner[] = [];
  const add = (owner: ShareOwner['owner'], { slots = {} }: DesiredSettings) => {
    for (const [slot, choice] of Object.entries(slots))
      if (choice.share !== undefined) found.push({ owner, slot, choice: { ...choice, share: choice.share } });
  };
  for (const { name, settings } of registry.groups()) add({ group: name }, settings);
  for (const { id, settings } of registry.devices()) add({ device: id }, settings);
  return found;
}

export function askedOf({ owner, choice: { model, share } }: ShareOwner): AskedShare {
  return { ...owner, fromPercent: share.fromPercent ?? 0, toPercent: share.toPercent, model };
}

export function settingsOf(device: Device, registry: DeviceRegistry): DesiredSettings {
  return mergeSettings(registry.groupsOf(device), device.settings);
}

/** Who has which camera of a device, and why. Cameras in a share of the same `of` by another slot are neither A nor B. */
export function camerasOf(
  device: Device,
  registry: DeviceRegistry,
  of: string,
  slot: string,
): DividedCamera[] {
  const settings = settingsOf(device, registry);
  const share = settings.slots?.[slot]?.share;
  if (share?.of !== of) return [];
  const divided = dividedCameras(settings, device);
  const served = device.reported?.slots?.[slot];
  const taken = new Set([...divided.values()].flat());
  const models = device.reported?.models ?? [];
  const nameOf = (model: { readonly name: string; readonly version: string } | undefined) =>
    model === undefined ? {} : { model: `${model.name} ${model.version}` };
  return (device.birth?.cameras ?? []).flatMap((camera): DividedCamera[] => {
    if ((settings.pipelines?.[camera]?.nodes ?? settings.pipelines?.['*']?.nodes) !== undefined) return [];
    const place = placeInShare(`${device.id}/${camera}`, of);
    const range = `${share.fromPercent ?? 0} to ${share.toPercent} %`;
    const about = { device: device.id, camera };
    if (divided.get(slot)?.includes(camera) === true) {
      const why = `${place.toFixed(1)} % is within ${range}`;
      if (served?.loaded === undefined)
        return [{ ...about, side: 'waits', why: `${why}; the model of ${slot} does not run there yet` }];
      if (!served.cameras.includes(camera))
        return [{ ...about, side: 'waits', why: `${why}; the device has not handed it over yet` }];
      const model = models.find(({ digest }) => digest === served.loaded);
      return [{ ...about, side: 'B', why, ...nameOf(model) }];
    }
    if (taken.has(camera)) return [];
    const main = models.find(({ cameras }) => cameras.includes(camera)) ?? models[0];
    return [{ ...about, side: 'A', why: `${place.toFixed(1)} % is outside of ${range}`, ...nameOf(main) }];
  });
}
