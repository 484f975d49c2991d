import type { VariantKind } from '../../model/index.ts';
import { type GraphOverlay, mainSlot, type Thinning } from '../../perception/index.ts';
import type { LighterRequest } from '../engines/lighter-variant.ts';
import type { CameraPromise } from './promise.ts';

/** One step of the ladder. Without `cameras` it is about all of them. */
export type LadderStep = { readonly cameras?: readonly string[] | undefined } & (
  | /** No more frames than were promised. */ { readonly step: 'pace' }
  | { readonly step: 'every'; readonly frames: number }
  | { readonly step: 'preview'; readonly maxFps: number }
  | /** Another model, a lighter one, in the place of the main one. */ {
      readonly step: 'slot';
      readonly slot: string;
    }
  | /** These nodes of the graph rest, and those that look at what they find. */ {
      readonly step: 'nodes';
      readonly without: readonly string[];
    }
  | /** Another variant of the model of a slot; default: the fastest of those that the bundle has. */ {
      readonly step: 'variant';
      readonly slot?: string;
      readonly variant?: VariantKind;
    }
  | { readonly step: 'off' }
);

/** What the steps that are taken come to. */
export interface Degradation {
  readonly thinning: ReadonlyMap<string, Thinning>;
  readonly previewFps: ReadonlyMap<string, number>;
  readonly off: ReadonlySet<string>;
  readonly overlays: ReadonlyMap<string, GraphOverlay>;
  /** By slot. */
  readonly variants: ReadonlyMap<string, LighterRequest>;
}

/** `steps`: those that are taken, in their order; a later one goes before an earlier one of its kind. */
export function degradationOf(
  steps: readonly LadderStep[],
  promises: ReadonlyMap<string, CameraPromise>,
): Degradation {
  const thinning = new Map<string, Thinning>();
  const previewFps = new Map<string, number>();
  const off = new Set<string>();
  const overlays = new Map<string, GraphOverlay>();
  const variants = new Map<string, LighterRequest>();
  for (const one of steps) {
    if (one.step === 'variant')
      variants.set(one.slot ?? mainSlot, one.variant === undefined ? {} : { variant: one.variant });
    for (const [camera, { targetFps }] of promises) {
      if (one.cameras !== undefined && !one.cameras.includes(camera)) continue;
      if (one.step === 'every') thinning.set(camera, { ...thinning.get(camera), every: one.frames });
      if (one.step === 'pace' && targetFps !== undefined)
        thinning.set(camera, { ...thinning.get(camera), maxFps: targetFps });
      if (one.step === 'slot')
        overlays.set(camera, { ...overlays.get(camera), slots: { [mainSlot]: one.slot } });
      if (one.step === 'nodes') {
        const { without = [], ...rest } = overlays.get(camera) ?? {};
        overlays.set(camera, { ...rest, without: [...without, ...one.without] });
      }
      if (one.step === 'preview') previewFps.set(camera, one.maxFps);
      if (one.step === 'off') {
        off.add(camera);
        thinning.set(camera, { none: true });
      }
    }
  }
  return { thinning, previewFps, off, overlays, variants };
}

/** As an event and the device's page say it. */
export function stepWords(step: LadderStep): string {
  const of = step.cameras === undefined ? 'every camera' : step.cameras.join(', ');
  switch (step.step) {
    case 'pace':
      return `no more frames than the target of ${of}`;
    case 'every':
      return `one frame in ${step.frames} of ${of}`;
    case 'preview':
      return `at most ${step.maxFps} live pictures a second of ${of}`;
    case 'slot':
      return `the model of the slot ${step.slot} for ${of}`;
    case 'variant':
      return `${step.variant ?? 'the lightest variant'} in the slot ${step.slot ?? mainSlot}`;
    case 'nodes':
      return `without ${step.without.join(', ')} for ${of}`;
    case 'off':
      return `${of} off`;
  }
}
