import type { DesiredSettings, SlotChoice } from '../../api/index.ts';
import type { PipelineSettings, Reported } from '../../protocol/index.ts';
import { isInShare, type Share } from '../fleet/share.ts';

/** What is asked of a device to divide its cameras. */
export interface Divided {
  readonly id: string;
  readonly birth?: { readonly cameras: readonly string[] } | undefined;
  readonly reported?: Pick<Reported, 'slots'> | undefined;
}

/** The main node of a camera: with the name that it has by itself, so that tracks and counts go on. */
const mainNode = 'detect';

/**
 * The cameras of a device that each slot with a share has, the same ones each time. Cameras with a graph of their own are in
 * no share; of two shares that overlap the first by the name of its slot has the camera.
 */
export function dividedCameras(
  { slots = {}, pipelines = {} }: DesiredSettings,
  device: Divided,
): Map<string, string[]> {
  const divided = new Map<string, string[]>();
  const free = new Set(divisibleCameras({ pipelines }, device));
  for (const [slot, { share }] of sorted(slots)) {
    if (share === undefined) continue;
    const own = [...free].filter((camera) => isCameraInShare(device.id, camera, share));
    for (const camera of own) free.delete(camera);
    divided.set(slot, own);
  }
  return divided;
}

/** Those without a graph of their own. */
export function divisibleCameras(
  { pipelines = {} }: Pick<DesiredSettings, 'pipelines'>,
  { birth }: Pick<Divided, 'birth'>,
): string[] {
  return (birth?.cameras ?? []).filter((camera) => !hasGraph(pipelines, camera));
}

export function isCameraInShare(device: string, camera: string, share: Share): boolean {
  return isInShare(cameraName(device, camera), share);
}

/** By which it falls into a share. */
export function cameraName(device: string, camera: string): string {
  return `${device}/${camera}`;
}

/**
 * Settings with shares as cameras. A slot with a share gets its cameras beside `main` at first: only when its model runs there
 * it serves them alone, and when it runs no more `main` has them again. So no camera waits for a download.
 */
export function withShares(settings: DesiredSettings, device: Divided): DesiredSettings {
  const { slots = {}, pipelines = {} } = settings;
  if (!hasShares(settings)) return settings;
  const divided = dividedCameras(settings, device);
  const nextSlots: Record<string, SlotChoice> = {};
  const nextPipelines: Record<string, PipelineSettings> = { ...pipelines };
  for (const [slot, choice] of Object.entries(slots)) {
    const cameras = divided.get(slot);
    if (choice.share === undefined) nextSlots[slot] = choice;
    if (cameras === undefined || cameras.length === 0) continue;
    const { share: _, ...rest } = choice;
    nextSlots[slot] = { ...rest, cameras };
    if (device.reported?.slots?.[slot]?.loaded === undefined) continue;
    for (const camera of cameras)
      nextPipelines[camera] = { ...nextPipelines[camera], nodes: [{ name: mainNode, slot }] };
  }
  const { slots: __, pipelines: ___, ...others } = settings;
  return {
    ...others,
    ...(Object.keys(nextSlots).length === 0 ? {} : { slots: nextSlots }),
    ...(Object.keys(nextPipelines).length === 0 ? {} : { pipelines: nextPipelines }),
  };
}

export function hasShares({ slots = {} }: DesiredSettings): boolean {
  return Object.values(slots).some(({ share }) => share !== undefined);
}

/** Of a device that reports: where other slots run than before, cameras may change hands. */
export function loadedSlots(reported: Pick<Reported, 'slots'> | undefined): string {
  return Object.entries(reported?.slots ?? {})
    .filter(([, one]) => one.loaded !== undefined)
    .map(([slot]) => slot)
    .sort()
    .join(' ');
}

function hasGraph(pipelines: Readonly<Record<string, PipelineSettings>>, camera: string): boolean {
  return (pipelines[camera]?.nodes ?? pipelines['*']?.nodes) !== undefined;
}

function sorted(slots: Readonly<Record<string, SlotChoice>>): [string, SlotChoice][] {
  return Object.entries(slots).sort(([a], [b]) => (a < b ? -1 : 1));
}
