import { describeError, type Log } from '../base/index.ts';
import { type AgentMemory, freshMemory, type MemoryStore, readMemory } from './agent-state.ts';

/**
 * The agent's memory and its copy on the disk.
 *
 * INVARIANTS
 * - Saves follow each other in the order of the changes; the last one saved is the last change.
 * - A disk that refuses stops nothing: the agent goes on with what it has in memory and says so once.
 */
export class Notebook {
  readonly #store: MemoryStore;
  readonly #log: Log;
  readonly #onDisk: (problem: string | undefined) => void;
  #memory: AgentMemory;
  #saving: Promise<void> = Promise.resolve();
  #problem: string | undefined;

  private constructor(memory: AgentMemory, store: MemoryStore, log: Log, onDisk: (problem?: string) => void) {
    this.#memory = memory;
    this.#store = store;
    this.#log = log;
    this.#onDisk = onDisk;
  }

  /** Opens the notebook on the next session. `damage` says why an older one was given up. */
  static async open(
    store: MemoryStore,
    wallMs: number,
    log: Log,
    onDisk: (problem?: string) => void,
  ): Promise<{ notebook: Notebook; damage: string | undefined }> {
    let damage: string | undefined;
    let memory: AgentMemory | undefined;
    try {
      const stored = await store.load();
      const read = stored === undefined ? undefined : readMemory(stored);
      if (read !== undefined && 'damage' in read) damage = read.damage;
      else memory = read;
    } catch (error) {
      damage = describeError(error);
    }
    const opened: AgentMemory =
      memory === undefined ? freshMemory(wallMs) : { ...memory, session: memory.session + 1 };
    const notebook = new Notebook(opened, store, log, onDisk);
    await notebook.update({});
    return { notebook, damage };
  }

  get memory(): AgentMemory {
    return this.#memory;
  }

  /** Why the disk does not have the memory, in words. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** In memory at once; resolves when the disk has it or has refused it. */
  update(change: Partial<AgentMemory>): Promise<void> {
    this.#memory = { ...this.#memory, ...change };
    const memory = this.#memory;
    this.#saving = this.#saving.then(() => this.#save(memory));
    return this.#saving;
  }

  async #save(memory: AgentMemory): Promise<void> {
    // A later change is on its way and holds this one too.
    if (memory !== this.#memory) return;
    try {
      await this.#store.save(memory);
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
