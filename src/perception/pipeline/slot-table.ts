import { InputError } from '../../base/index.ts';
import type { DetectorIdentity } from '../detection.ts';
import { type DeviceMemory, sharedMemories } from '../device-memory.ts';
import { mainSlot, namePattern, type SlotName } from '../graph/names.ts';
import type { Detector } from '../ports.ts';

/** Which detector serves which slot. There is always one that serves the main slot. */
export class SlotTable {
  readonly #detectors = new Map<SlotName, Detector>();

  constructor(given: ReadonlyMap<SlotName, Detector>) {
    for (const [name, detector] of given) this.add(name, detector);
    if (!this.#detectors.has(mainSlot)) {
      throw new InputError(
        'slot-main',
        `There is no model for the slot "${mainSlot}".`,
        `Every device has one: name one of its models "${mainSlot}".`,
      );
    }
  }

  get main(): Detector {
    return this.#detectors.get(mainSlot)!;
  }

  get names(): SlotName[] {
    return [...this.#detectors.keys()];
  }

  find(name: SlotName): Detector | undefined {
    return this.#detectors.get(name);
  }

  get(name: SlotName): Detector {
    const detector = this.#detectors.get(name);
    if (detector !== undefined) return detector;
    throw new InputError(
      'slot-unknown',
      `There is no model in the slot "${name}".`,
      `The slots are ${this.names.join(', ')}; load a model there, or name another.`,
    );
  }

  add(name: SlotName, detector: Detector): void {
    if (!namePattern.test(name)) {
      throw new InputError(
        'slot-name',
        `"${name}" is no name for a slot.`,
        'Begin with a small letter, then small letters, digits and "-", 32 at most.',
      );
    }
    if (this.#detectors.has(name)) {
      throw new InputError(
        'slot-twice',
        `There are two models for the slot "${name}".`,
        'Give each its own name, or swap the one that is there.',
      );
    }
    this.#detectors.set(name, detector);
  }

  /** Gives the one that served. */
  swap(name: SlotName, detector: Detector): Detector {
    const from = this.get(name);
    this.#detectors.set(name, detector);
    return from;
  }

  remove(name: SlotName): void {
    if (name === mainSlot) {
      throw new InputError(
        'slot-main',
        `The slot "${mainSlot}" can't be removed.`,
        'Swap its model for another one, or switch its cameras off.',
      );
    }
    this.get(name);
    this.#detectors.delete(name);
  }

  /** What all of them read where it is. */
  memories(): DeviceMemory[] {
    return sharedMemories([...this.#detectors.values()].map(({ memories }) => memories));
  }

  identities(): Map<SlotName, DetectorIdentity> {
    return new Map([...this.#detectors].map(([name, { identity }]) => [name, identity]));
  }
}
