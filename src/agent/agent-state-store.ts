import { describeError, type Log } from '../base/index.ts';
import {
  type AgentState,
  type AgentStateStorage,
  freshAgentState,
  readAgentState,
  unsavedSession,
} from './agent-state.ts';

/** Undefined takes a field away. */
type AgentStateChange = { readonly [Field in keyof AgentState]?: AgentState[Field] | undefined };

export interface AgentStateStorePorts {
  readonly storage: AgentStateStorage;
  readonly wallMs: () => number;
  /** [0, 1) */
  readonly random: () => number;
  readonly log: Log;
}

/**
 * The agent's memory and its copy on the disk.
 *
 * INVARIANTS
 * - Saves follow each other in the order of the changes; the last one saved is the last change.
 * - A failing disk stops nothing: the agent continues with its state in memory, and reports it once.
 * - No two starts have the same session, also where the disk refuses.
 */
export class AgentStateStore {
  readonly #ports: AgentStateStorePorts;
  #state: AgentState;
  #saving: Promise<void> = Promise.resolve();
  #problem: string | undefined;
  #diskChanged: (problem: string | undefined) => void = () => {};

  private constructor(state: AgentState, ports: AgentStateStorePorts) {
    this.#state = state;
    this.#ports = ports;
  }

  /** Opens the stateStore on the next session. `damage` says why an older one was given up. */
  static async open(
    ports: AgentStateStorePorts,
  ): Promise<{ stateStore: AgentStateStore; damage: string | undefined }> {
    const { storage, wallMs, random } = ports;
    let damage: string | undefined;
    let state: AgentState | undefined;
    try {
      const stored = await storage.load();
      const read = stored === undefined ? undefined : readAgentState(stored);
      if (read !== undefined && 'damage' in read) damage = read.damage;
      else state = read;
    } catch (error) {
      damage = describeError(error);
    }
    const opened: AgentState =
      state === undefined ? freshAgentState(wallMs()) : { ...state, session: state.session + 1 };
    const stateStore = new AgentStateStore(opened, ports);
    await stateStore.update({});
    // Whoever starts next finds the old number, so this one may not be the one that comes after it.
    if (stateStore.problem !== undefined)
      await stateStore.update({ session: unsavedSession(opened.session, wallMs(), random) });
    return { stateStore, damage };
  }

  /** The disk refuses (`problem`) or takes the state again (undefined). */
  onDisk(listener: (problem: string | undefined) => void): void {
    this.#diskChanged = listener;
  }

  get state(): AgentState {
    return this.#state;
  }

  /** Why the disk does not have the state, in words. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** In memory at once; resolves when the disk has it or has refused it. */
  update(change: AgentStateChange): Promise<void> {
    const fields = Object.entries({ ...this.#state, ...change }).filter(([, value]) => value !== undefined);
    this.#state = Object.fromEntries(fields) as AgentState;
    const state = this.#state;
    this.#saving = this.#saving.then(() => this.#save(state));
    return this.#saving;
  }

  async #save(state: AgentState): Promise<void> {
    // A later change is on its way and holds this one too.
    if (state !== this.#state) return;
    try {
      await this.#ports.storage.save(state);
      if (this.#problem === undefined) return;
      this.#problem = undefined;
      this.#ports.log.info('The memory of the agent is on the disk again');
      this.#diskChanged(undefined);
    } catch (error) {
      const problem = describeError(error);
      if (this.#problem === problem) return;
      this.#problem = problem;
      this.#ports.log.error('The memory of the agent cannot be saved', { error });
      this.#diskChanged(problem);
    }
  }
}
