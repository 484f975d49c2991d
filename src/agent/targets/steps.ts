import type { Thinning } from '../../perception/index.ts';
import type { CameraPromise } from './promise.ts';

/** One step of the ladder. Without `cameras` it is about all of them. */
export type LadderStep = { readonly cameras?: readonly string[] | undefined } & (
  | /** No more frames than were promised. */ { readonly step: 'pace' }
  | { readonly step: 'every'; readonly frames: number }
  | { readonly step: 'preview'; readonly maxFps: number }
  | /** A lighter model on the same engines. */ { readonly step: 'model'; readonly model: string }
  | { readonly step: 'off' }
);

/** What the steps that are taken come to. */
export interface Degradation {
  readonly thinning: ReadonlyMap<string, Thinning>;
  readonly previewFps: ReadonlyMap<string, number>;
  readonly off: ReadonlySet<string>;
  /** Folder of the bundle that serves in place of the usual one. */
  readonly model: string | undefined;
}

/** `steps`: those that are taken, in their order; a later one goes before an earlier one of its kind. */
export function degradationOf(
  steps: readonly LadderStep[],
  promises: ReadonlyMap<string, CameraPromise>,
): Degradation {
  const thinning = new Map<string, Thinning>();
  const previewFps = new Map<string, number>();
  const off = new Set<string>();
  let model: string | undefined;
  for (const one of steps) {
    if (one.step === 'model') model = one.model;
    for (const [camera, { targetFps }] of promises) {
      if (one.cameras !== undefined && !one.cameras.includes(camera)) continue;
      if (one.step === 'every') thinning.set(camera, { ...thinning.get(camera), every: one.frames });
      if (one.step === 'pace' && targetFps !== undefined)
        thinning.set(camera, { ...thinning.get(camera), maxFps: targetFps });
      if (one.step === 'preview') previewFps.set(camera, one.maxFps);
      if (one.step === 'off') {
        off.add(camera);
        thinning.set(camera, { none: true });
      }
    }
  }
  return { thinning, previewFps, off, model };
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
    case 'model':
      return `the lighter model ${step.model.split('/').at(-1)}`;
    case 'off':
      return `${of} off`;
  }
}
