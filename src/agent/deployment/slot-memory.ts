import { mainSlot } from '../../protocol/index.ts';
import type { AgentState, SlotRecord, SlotState } from '../agent-state.ts';
import type { AgentStateStore } from '../agent-state-store.ts';

/** Of the slot, and what all slots share; undefined takes a field away. */
export type SlotChange = {
  readonly [Field in keyof SlotState]?: SlotState[Field] | undefined;
} & Partial<Pick<AgentState, 'generation' | 'quarantined'>>;

const fresh: SlotRecord = { deployment: { state: 'idle', restarts: 0 } };

/** What the agent remembers of one slot. A change is one save, together with what all slots share. */
export class SlotMemory {
  readonly #store: AgentStateStore;
  readonly slot: string;

  constructor(store: AgentStateStore, slot: string) {
    this.#store = store;
    this.slot = slot;
  }

  get record(): SlotState {
    const { state } = this.#store;
    return this.slot === mainSlot ? state : (state.slots?.[this.slot] ?? fresh);
  }

  get generation(): number {
    return this.#store.state.generation;
  }

  get quarantined(): AgentState['quarantined'] {
    return this.#store.state.quarantined;
  }

  update(change: SlotChange): Promise<void> {
    if (this.slot === mainSlot) return this.#store.update(change);
    const { generation = this.generation, quarantined = this.quarantined, ...own } = change;
    const fields = Object.entries({ ...this.record, ...own }).filter(([, value]) => value !== undefined);
    const slots = { ...this.#store.state.slots, [this.slot]: Object.fromEntries(fields) as SlotState };
    return this.#store.update({ generation, quarantined, slots });
  }

  /** Nothing of it is remembered any more. */
  forget(): Promise<void> {
    const { [this.slot]: _, ...slots } = this.#store.state.slots ?? {};
    return this.#store.update({ slots });
  }
}
