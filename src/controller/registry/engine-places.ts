import { LimitError } from '../../base/index.ts';

/** A plan that lies here, or is on its way. */
export interface HeldEngine {
  readonly device: string;
  readonly key: string;
  /** Digest of the bundle's artifact. */
  readonly subject: string;
  readonly bytes: number;
}

export interface EngineLimits {
  /** Places of one fingerprint: the first plan may be useless, and must not keep others away. */
  readonly maxOfKey: number;
  /** Of one bundle: kinds of boards and drivers that a fleet has at a time; and of that, by one device. */
  readonly maxOfBundle: number;
  readonly maxOfDevice: number;
  /** Of all of them together. */
  readonly maxPlanBytes: number;
  /** On their way at a time: fewer than uploads in all, which people need too. */
  readonly maxUnderWay: number;
}

const defaultEngineLimits: EngineLimits = {
  maxOfKey: 3,
  maxOfBundle: 64,
  maxOfDevice: 4,
  maxPlanBytes: 16 * 2 ** 30,
  maxUnderWay: 32,
};

/** Who may have a place for a plan. Those on their way count like those that are here. */
export class EnginePlaces {
  readonly #limits: EngineLimits;
  readonly #underWay = new Set<HeldEngine>();

  constructor(limits: Partial<EngineLimits> = {}) {
    this.#limits = { ...defaultEngineLimits, ...limits };
  }

  /** LimitError `engine-limit`. The place is held until `leave`. */
  take(wanted: HeldEngine, stored: readonly HeldEngine[]): void {
    const underWay = [...this.#underWay];
    if (underWay.some(({ device }) => device === wanted.device))
      throw engineLimit('another one of this device is on its way');
    if (underWay.length >= this.#limits.maxUnderWay)
      throw engineLimit(`${underWay.length} others are on their way`);
    this.expectRoom(wanted, stored);
    this.#underWay.add(wanted);
  }

  leave(wanted: HeldEngine): void {
    this.#underWay.delete(wanted);
  }

  expectRoom(wanted: HeldEngine, stored: readonly HeldEngine[]): void {
    const { maxOfKey, maxOfBundle, maxOfDevice, maxPlanBytes } = this.#limits;
    const all = [...stored, ...[...this.#underWay].filter((one) => one !== wanted)];
    const ofBundle = all.filter(({ subject }) => subject === wanted.subject);
    const ofKey = ofBundle.filter(({ key }) => key === wanted.key);
    const ofDevice = ofBundle.filter(({ device }) => device === wanted.device);
    if (ofDevice.some(({ key }) => key === wanted.key) || ofDevice.length >= maxOfDevice)
      throw engineLimit(`one of this kind or ${ofDevice.length} of this model are here from this device`);
    if (ofKey.length >= maxOfKey || ofBundle.length >= maxOfBundle)
      throw engineLimit(`${ofKey.length} plans of this kind and ${ofBundle.length} of this model are here`);
    const bytes = all.reduce((sum, one) => sum + one.bytes, wanted.bytes);
    if (bytes > maxPlanBytes) throw engineLimit(`all plans together would have ${bytes} bytes`);
  }
}

export function engineLimit(why: string): LimitError {
  return new LimitError(
    'engine-limit',
    `The plan is not taken: ${why}.`,
    'The device keeps its own all the same.',
  );
}
