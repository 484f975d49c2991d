import type { AskedShare, DesiredSettings, DividedCamera, SlotChoice } from '../../api/index.ts';
import { type Clock, inTurns } from '../../base/index.ts';
import { mainSlot } from '../../protocol/index.ts';
import { dividedCameras, whyReleased } from '../desired/camera-shares.ts';
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

const releasedWords = {
  'main-has': 'main has taken over',
  'main-had': 'main had it and was given another version',
} as const;

/** Groups first: what a device says itself comes over them. */
export function shareOwners(registry: DeviceRegistry): ShareOwner[] {
  const found = ownersAmongGroups(registry);
  for (const { id, settings } of registry.devices()) found.push(...ownersIn({ device: id }, settings));
  return found;
}

/** The same, letting everything else have its turn; `each` gets every device. */
export async function shareOwnersInTurns(
  registry: DeviceRegistry,
  clock: Clock,
  each: (device: Device) => void = () => undefined,
): Promise<ShareOwner[]> {
  const found = ownersAmongGroups(registry);
  await inTurns(clock, registry.devices(), (device) => {
    found.push(...ownersIn({ device: device.id }, device.settings));
    each(device);
  });
  return found;
}

function ownersAmongGroups(registry: DeviceRegistry): ShareOwner[] {
  return registry.groups().flatMap(({ name, settings }) => ownersIn({ group: name }, settings));
}

function ownersIn(owner: ShareOwner['owner'], { slots }: DesiredSettings): ShareOwner[] {
  if (slots === undefined) return [];
  return Object.entries(slots).flatMap(([slot, choice]) =>
    choice.share === undefined ? [] : [{ owner, slot, choice: { ...choice, share: choice.share } }],
  );
}

export function askedOf({ owner, choice: { model, share } }: ShareOwner): AskedShare {
  const { fromPercent = 0, toPercent, promoted } = share;
  return { ...owner, fromPercent, toPercent, model, ...(promoted === true ? { promoted } : {}) };
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
  const choice = settings.slots?.[slot];
  const share = choice?.share;
  if (choice === undefined || share?.of !== of) return [];
  const released = whyReleased(slot, choice, device);
  const divided = dividedCameras(settings, device);
  const served = device.reported?.slots[slot];
  const taken = new Set([...divided.values()].flat());
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
      return [{ ...about, side: 'B', why, ...nameOf(served.loaded) }];
    }
    if (taken.has(camera)) return [];
    const main = device.reported?.slots[mainSlot]?.loaded;
    const why =
      released === undefined
        ? `${place.toFixed(1)} % is outside of ${range}`
        : `B is promoted, and ${releasedWords[released]}`;
    return [{ ...about, side: 'A', why, ...nameOf(main) }];
  });
}
