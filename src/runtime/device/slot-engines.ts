import type { EngineHost, EngineSupervisor } from '../../agent/index.ts';
import type { Bundle } from '../../model/index.ts';
import { mainSlot } from '../../perception/index.ts';

/** Whoever changes engines of any slot. */
export interface SlotEngineHost {
  readonly replace: (...given: [...Parameters<EngineHost['replace']>, slot: string]) => Promise<boolean>;
  readonly upgrade: (...given: [...Parameters<EngineHost['upgrade']>, slot: string]) => Promise<boolean>;
}

/** What a slot began with. */
interface FirstEngine {
  readonly bundle: Bundle;
  /** Its plan is not there yet, or not proven. */
  readonly planPending: boolean;
}

/** The engines of a device: a supervisor for the model of each slot. */
export class SlotEngines {
  readonly #make: (slot: string) => EngineSupervisor;
  readonly #supervisors = new Map<string, EngineSupervisor>();
  #host: SlotEngineHost | undefined;

  constructor(make: (slot: string) => EngineSupervisor) {
    this.#make = make;
    this.of(mainSlot);
  }

  of(slot: string): EngineSupervisor {
    const known = this.#supervisors.get(slot);
    if (known !== undefined) return known;
    const made = this.#make(slot);
    this.#supervisors.set(slot, made);
    this.#attach(slot, made);
    return made;
  }

  /** Undefined for a slot that is not there. */
  find(slot: string): EngineSupervisor | undefined {
    return this.#supervisors.get(slot);
  }

  /** From here on an engine that does badly can be replaced, and one of `first` whose plan was not there gets it. */
  attach(host: SlotEngineHost, first: Iterable<readonly [slot: string, FirstEngine]>): void {
    this.#host = host;
    for (const [slot, supervisor] of this.#supervisors) this.#attach(slot, supervisor);
    for (const [slot, { bundle, planPending }] of first)
      if (planPending) this.of(slot).upgrade(bundle, (better) => host.upgrade(bundle, better, slot));
  }

  /** Nothing of the slot is left. */
  async remove(slot: string): Promise<void> {
    const supervisor = this.#supervisors.get(slot);
    this.#supervisors.delete(slot);
    await supervisor?.close();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#supervisors.values()].map((supervisor) => supervisor.close()));
  }

  #attach(slot: string, supervisor: EngineSupervisor): void {
    const host = this.#host;
    if (host === undefined) return;
    supervisor.attach({
      replace: (detector) => host.replace(detector, slot),
      upgrade: (bundle, detector) => host.upgrade(bundle, detector, slot),
    });
  }
}
