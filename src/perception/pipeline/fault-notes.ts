import type { GoshawkError } from '../../base/index.ts';

const mostFaultsTold = 20;

/** The present fault of one node, and which were told. */
export class FaultNotes {
  #fault: GoshawkError | undefined;
  /** Said since a frame last came through: each broken picture of a folder is named, thousands are no flood. */
  readonly #told = new Set<string>();

  get present(): GoshawkError | undefined {
    return this.#fault;
  }

  /** True when this fault is news. */
  note(error: GoshawkError): boolean {
    this.#fault = error;
    if (this.#told.has(error.message) || this.#told.size >= mostFaultsTold) return false;
    this.#told.add(error.message);
    return true;
  }

  /** True when there was a fault. */
  clear(): boolean {
    const had = this.#fault !== undefined;
    this.#fault = undefined;
    this.#told.clear();
    return had;
  }
}
