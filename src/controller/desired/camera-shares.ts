import type { DesiredSettings, SlotChoice } from '../../api/index.ts';
import { mainSlot, type PipelineSettings, type Reported } from '../../protocol/index.ts';
import { isInShare } from '../fleet/share.ts';
import type { IssuedDesired } from '../store/rows.ts';

/** What is asked of a device to divide its cameras. */
export interface Divided {
  readonly id: string;
  readonly birth?: { readonly cameras: readonly string[] } | undefined;
  readonly reported?: Pick<Reported, 'slots'> | undefined;
  /** What is kept of what it was told last. */
  readonly desired?: Pick<IssuedDesired, 'released'> | undefined;
}

/** A deployment in one of these states is under way no more. */
const settled: ReadonlySet<string> = new Set(['idle', 'committed', 'failed']);

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
  const { id, birth } = device;
  const divided = new Map<string, string[]>();
  const free = new Set((birth?.cameras ?? []).filter((camera) => !hasGraph(pipelines, camera)));
  for (const [slot, choice] of sorted(slots)) {
    const { share } = choice;
    if (share === undefined || isReleased(slot, choice, device)) continue;
    const own = [...free].filter((camera) => isInShare(`${id}/${camera}`, share));
    for (const camera of own) free.delete(camera);
    divided.set(slot, own);
  }
  return divided;
}

/**
 * Settings with shares as cameras. A slot with a share gets its cameras beside `main` at first: only when its model runs there
 * it serves them alone, and when it runs no more `main` has them again. So no camera waits for a download. One that was
 * promoted serves them until `main` runs its version: if that is refused or goes back, the cameras keep it, also those
 * that come later. Where `main` had it once, it does not come back, whatever is ordered for `main` afterwards.
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

/** Promoted, and nothing is lost on this device without the slot: `main` has or had the version for good. */
export function isReleased(slot: string, choice: SlotChoice, device: Omit<Divided, 'id'>): boolean {
  return whyReleased(slot, choice, device) !== undefined;
}

/** `main-had`: it was given another version since. That a slot is not there says nothing: its cameras may be away. */
export function whyReleased(
  slot: string,
  { share, model: { digest } }: SlotChoice,
  { reported, desired }: Omit<Divided, 'id'>,
): 'main-has' | 'main-had' | undefined {
  if (share?.promoted !== true) return undefined;
  if (reported !== undefined && runsInMain(reported) === digest) return 'main-has';
  return desired?.released?.[slot] === digest ? 'main-had' : undefined;
}

/** What is to be kept of a device: by slot the digests that were promoted there and that its `main` has or had. */
export function releasedSlots(
  { slots = {} }: DesiredSettings,
  device: Omit<Divided, 'id'>,
): NonNullable<IssuedDesired['released']> {
  return Object.fromEntries(
    Object.entries(slots).flatMap(([slot, choice]) => {
      return isReleased(slot, choice, device) ? [[slot, choice.model.digest]] : [];
    }),
  );
}

/** Of a device that reports: other slots run than before, or another version in `main`, so cameras may change hands. */
export function loadedSlots(reported: Pick<Reported, 'slots'> | undefined): string {
  const loaded = Object.entries(reported?.slots ?? {})
    .filter(([, one]) => one.loaded !== undefined)
    .map(([slot]) => slot)
    .sort();
  return [...loaded, runsInMain(reported) ?? ''].join(' ');
}

/** Not while the device watches whether it stays. */
function runsInMain(reported: Pick<Reported, 'slots'> | undefined): string | undefined {
  const main = reported?.slots[mainSlot];
  return main !== undefined && settled.has(main.deployment.state) ? main.loaded?.digest : undefined;
}

function hasGraph(pipelines: Readonly<Record<string, PipelineSettings>>, camera: string): boolean {
  return (pipelines[camera]?.nodes ?? pipelines['*']?.nodes) !== undefined;
}

function sorted(slots: Readonly<Record<string, SlotChoice>>): [string, SlotChoice][] {
  return Object.entries(slots).sort(([a], [b]) => (a < b ? -1 : 1));
}
