import type { AgentState, SlotRecord } from '../agent-state.ts';
import type { AgentStateStore } from '../agent-state-store.ts';

/** Of the slot, and what all slots share; undefined takes a field away. */
export type SlotChange = {
  readonly [Field in keyof SlotRecord]?: SlotRecord[Field] | undefined;
} & Partial<Pick<AgentState, 'quarantined'>>;

const fresh: SlotRecord = { deployment: { state: 'idle', restarts: 0 } };

/** What the agent remembers of one slot. A change is one save, together with what all slots share. */
export class SlotMemory {
  readonly #store: AgentStateStore;
  readonly slot: string;

  constructor(store: AgentStateStore, slot: string) {
    this.#store = store;
    this.slot = slot;
  }

  get record(): SlotRecord {
    return this.#store.state.slots[this.slot] ?? fresh;
  }

  get generation(): number {
    return this.#store.state.generation;
  }

  get quarantined(): AgentState['quarantined'] {
    return this.#store.state.quarantined;
  }

  update(change: SlotChange): Promise<void> {
    const { quarantined = this.quarantined, ...own } = change;
    const fields = Object.entries({ ...this.record, ...own }).filter(([, value]) => value !== undefined);
    const slots = { ...this.#store.state.slots, [this.slot]: Object.fromEntries(fields) as SlotRecord };
    return this.#store.update({ quarantined, slots });
  }

  /** Nothing of it is remembered any more. */
  forget(): Promise<void> {
    const { [this.slot]: _, ...slots } = this.#store.state.slots;
    return this.#store.update({ slots });
  }
}
