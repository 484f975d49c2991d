import { describeError, type Log } from '../base/index.ts';
import { type AgentState, type AgentStateStorage, freshAgentState, readAgentState } from './agent-state.ts';

/**
 * The agent's memory and its copy on the disk.
 *
 * INVARIANTS
 * - Saves follow each other in the order of the changes; the last one saved is the last change.
 * - A disk that refuses stops nothing: the agent goes on with what it has in memory and says so once.
 */
export class AgentStateStore {
  readonly #store: AgentStateStorage;
  readonly #log: Log;
  readonly #onDisk: (problem: string | undefined) => void;
  #state: AgentState;
  #saving: Promise<void> = Promise.resolve();
  #problem: string | undefined;

  private constructor(
    state: AgentState,
    store: AgentStateStorage,
    log: Log,
    onDisk: (problem?: string) => void,
  ) {
    this.#state = state;
    this.#store = store;
    this.#log = log;
    this.#onDisk = onDisk;
  }

  /** Opens the stateStore on the next session. `damage` says why an older one was given up. */
  static async open(
    store: AgentStateStorage,
    wallMs: number,
    log: Log,
    onDisk: (problem?: string) => void,
  ): Promise<{ stateStore: AgentStateStore; damage: string | undefined }> {
    let damage: string | undefined;
    let state: AgentState | undefined;
    try {
      const stored = await store.load();
      const read = stored === undefined ? undefined : readAgentState(stored);
      if (read !== undefined && 'damage' in read) damage = read.damage;
      else state = read;
    } catch (error) {
      damage = describeError(error);
    }
    const opened: AgentState =
      state === undefined ? freshAgentState(wallMs) : { ...state, session: state.session + 1 };
    const stateStore = new AgentStateStore(opened, store, log, onDisk);
    await stateStore.update({});
    return { stateStore, damage };
  }

  get state(): AgentState {
    return this.#state;
  }

  /** Why the disk does not have the state, in words. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** In memory at once; resolves when the disk has it or has refused it. */
  update(change: Partial<AgentState>): Promise<void> {
    this.#state = { ...this.#state, ...change };
    const state = this.#state;
    this.#saving = this.#saving.then(() => this.#save(state));
    return this.#saving;
  }

  async #save(state: AgentState): Promise<void> {
    // A later change is on its way and holds this one too.
    if (state !== this.#state) return;
    try {
      await this.#store.save(state);
      if (this.#problem === undefined) return;
      this.#problem = undefined;
      this.#log.info('The memory of the agent is on the disk again');
      this.#onDisk(undefined);
    } catch (error) {
      const problem = describeError(error);
      if (this.#problem === problem) return;
      this.#problem = problem;
      this.#log.error('The memory of the agent can not be saved', { error });
      this.#onDisk(problem);
    }
  }
}
