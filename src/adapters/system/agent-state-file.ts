import { readFile, rename } from 'node:fs/promises';
import type { AgentState, AgentStateStorage } from '../../agent/index.ts';
import { describeError, InputError, LimitError } from '../../base/index.ts';
import { isDiskFull, removePartials, systemCode, writeFileAtomic } from '../../platform/index.ts';

/** The agent's memory as a JSON file that is replaced as a whole: an old or a new one, never a half. */
export class AgentStateFile implements AgentStateStorage {
  readonly #path: string;
  /** The file holds no state; it is kept beside the next one that is saved. */
  #damaged = false;

  constructor(path: string) {
    this.#path = path;
  }

  async load(): Promise<unknown> {
    let content: string;
    try {
      await removePartials(this.#path);
      content = await readFile(this.#path, 'utf8');
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return undefined;
      throw this.#failure(error);
    }
    try {
      return JSON.parse(content);
    } catch (cause) {
      // Not moved yet: whoever reads after this must hear of it too.
      this.#damaged = true;
      throw new InputError(
        'memory-damaged',
        `${this.#path} is not JSON: ${describeError(cause)}.`,
        `It is kept as ${this.#path}.damaged; the agent starts without it.`,
        { cause },
      );
    }
  }

  async save(memory: AgentState): Promise<void> {
    if (this.#damaged) await rename(this.#path, `${this.#path}.damaged`).catch(() => {});
    this.#damaged = false;
    await writeFileAtomic(this.#path, JSON.stringify(memory), {
      mode: 0o600,
      folderMode: 0o700,
      explain: (error) => this.#failure(error),
    });
  }

  #failure(cause: unknown): LimitError {
    return new LimitError(
      'memory-disk',
      `The agent's memory ${this.#path} can't be used: ${describeError(cause)}.`,
      isDiskFull(cause)
        ? 'Make room on that disk.'
        : 'Give the agent read and write access to its data folder.',
      { cause },
    );
  }
}
