import { readBundle } from '../../adapters/filesystem/index.ts';
import { CancelledError, InputError } from '../../base/index.ts';
import type { Bundle } from '../../model/index.ts';
import {
  type Detector,
  type DeviceMemory,
  mainSlot,
  namePattern,
  type SlotName,
  sharedMemories,
} from '../../perception/index.ts';
import { type ChosenDetector, createDetector } from '../../runtime/index.ts';

type Request = Parameters<typeof createDetector>[1];

/** `plate=bundle/` for the slot `plate`; a path alone is the main one's. Throws an InputError for two of one name. */
export function modelsBySlot(given: string | readonly string[]): Map<SlotName, string> {
  const models = new Map<SlotName, string>();
  for (const text of typeof given === 'string' ? [given] : given) {
    const [before = '', ...after] = text.split('=');
    const named = after.length > 0 && namePattern.test(before);
    const slot = named ? before : mainSlot;
    if (models.has(slot))
      throw new InputError(
        'slot-twice',
        `There are two models for the slot "${slot}".`,
        'Name each: --model main=bundle/ --model plate=plates/.',
      );
    models.set(slot, named ? after.join('=') : text);
  }
  if (!models.has(mainSlot))
    throw new InputError(
      'slot-main',
      `No model is for the slot "${mainSlot}".`,
      `Name one of them so: --model ${mainSlot}=${[...models.values()][0] ?? 'bundle/'}.`,
    );
  return models;
}

/** The detectors of a run by slot. */
export class RunModels {
  readonly #chosen = new Map<SlotName, ChosenDetector>();

  /** Those that were opened stay to be closed when one of them can't be. */
  async open(models: ReadonlyMap<SlotName, string>, request: Request, signal: AbortSignal): Promise<void> {
    for (const [slot, folder] of models) {
      if (signal.aborted) throw new CancelledError('The run');
      this.#chosen.set(slot, await createDetector(await readBundle(folder, 'digests'), request));
    }
  }

  get main(): ChosenDetector | undefined {
    return this.#chosen.get(mainSlot);
  }

  /** `main`: what stands in its place. */
  detectors(main: Detector): Map<SlotName, Detector> {
    const all = [...this.#chosen].map(([slot, { detector }]) => [slot, detector] as const);
    return new Map([...all, [mainSlot, main]]);
  }

  /** What all of them read where it is. */
  memories(): DeviceMemory[] {
    return sharedMemories([...this.#chosen.values()].map(({ detector }) => detector.memories));
  }

  /** Not in use before `replaceMain`. */
  prepare(bundle: Bundle, request: Request): Promise<ChosenDetector> {
    return createDetector(bundle, request);
  }

  /** The one before is closed when it owes nothing any more. */
  async replaceMain(next: ChosenDetector, swap: (detector: Detector) => Promise<void>): Promise<void> {
    const before = this.main;
    this.#chosen.set(mainSlot, next);
    await swap(next.detector);
    await before?.detector.close();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#chosen.values()].map(({ detector }) => detector.close()));
  }
}
