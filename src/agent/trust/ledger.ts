import { type Static, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { decodeUtf8, encodeUtf8 } from '../../base/index.ts';
import type { KeptTime, MetadataStore } from '../../trust/index.ts';
import type { BundleName } from './ports.ts';

const Count = Type.Integer({ minimum: 0 });
const mostAdmitted = 200;

const LedgerState = Type.Object({
  version: Type.Literal(1),
  /** See TrustedTime. */
  time: Type.Object({ ms: Count, root: Count, stepFromMs: Count }),
  /** The highest release that was committed here, by model name. */
  floors: Type.Record(Type.String(), Count),
  /** Bundles that were admitted by signed metadata, the newest last. */
  admitted: Type.Array(
    Type.Object({
      ...{ digest: Type.String(), name: Type.String(), version: Type.String(), release: Count },
      /** Unsigned: it ran here when the device got its root, and continues until an order replaces it. */
      unsigned: Type.Optional(Type.Literal(true)),
    }),
    { maxItems: mostAdmitted },
  ),
});
type LedgerState = Static<typeof LedgerState>;
export type AdmittedBundle = LedgerState['admitted'][number];

const nothing: LedgerState = {
  ...{ version: 1, time: { ms: 0, root: 0, stepFromMs: 0 } },
  ...{ floors: {}, admitted: [] },
};
const file = 'admitted';

/** What was admitted on this device, and below what it may not go: one small document, replaced as a whole. */
export class AdmissionLedger {
  readonly #store: MetadataStore;
  #state: LedgerState = nothing;
  #saving: Promise<void> = Promise.resolve();

  constructor(store: MetadataStore) {
    this.#store = store;
  }

  async open(): Promise<void> {
    const bytes = await this.#store.read(file);
    if (bytes === undefined) return;
    try {
      const state: unknown = JSON.parse(decodeUtf8(bytes));
      if (Value.Check(LedgerState, state)) this.#state = state;
    } catch {
      // It is written as a whole, so this is a disk that lies: what it said is found again in signed metadata.
    }
  }

  get time(): KeptTime {
    return this.#state.time;
  }

  /** How many bundles were admitted here. */
  get size(): number {
    return this.#state.admitted.length;
  }

  floor(name: string): number | undefined {
    return Object.hasOwn(this.#state.floors, name) ? this.#state.floors[name] : undefined;
  }

  find(digest: string): AdmittedBundle | undefined {
    return this.#state.admitted.find((one) => one.digest === digest);
  }

  /** Resolves when it would survive a power cut. */
  admit({ name, version, digest }: BundleName, release: number, time: KeptTime): Promise<void> {
    return this.#admit({ digest, name, version, release }, time);
  }

  /** See `unsigned`. */
  tolerate({ name, version, digest }: BundleName, time: KeptTime): Promise<void> {
    return this.#admit({ digest, name, version, release: 0, unsigned: true }, time);
  }

  setFloor(name: string, release: number, time: KeptTime): Promise<void> {
    return this.#change({ floors: { ...this.#state.floors, [name]: release } }, time);
  }

  keepTime(time: KeptTime): Promise<void> {
    return this.#change({}, time);
  }

  #admit(bundle: AdmittedBundle, time: KeptTime): Promise<void> {
    const others = this.#state.admitted
      .filter(({ digest }) => digest !== bundle.digest)
      .slice(1 - mostAdmitted);
    return this.#change({ admitted: [...others, bundle] }, time);
  }

  /** One after the other: what was saved last is what was changed last. */
  #change(change: Partial<LedgerState>, time: KeptTime): Promise<void> {
    this.#state = { ...this.#state, ...change, time };
    const bytes = encodeUtf8(JSON.stringify(this.#state));
    const saved = this.#saving.then(() => this.#store.write(file, bytes));
    this.#saving = saved.catch(() => {});
    return saved;
  }
}
