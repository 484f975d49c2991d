import { readFile, rename } from 'node:fs/promises';
import type { AgentState, AgentStateStorage } from '../../agent/index.ts';
import { describeError, InputError, LimitError } from '../../base/index.ts';
import { isDiskFull, removePartials, systemCode, writeFileAtomic } from '../../platform/index.ts';

/** The agent's memory as a JSON file that is replaced as a whole: an old or a new one, never a half. */
export class AgentStateFile implements AgentStateStorage {
  readonly #path: string;

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
      const aside = `${this.#path}.damaged`;
      await rename(this.#path, aside).catch(() => {});
      throw new InputError(
        'memory-damaged',
        `${this.#path} is not JSON: ${describeError(cause)}.`,
        `It was moved to ${aside}; the agent begins anew.`,
        { cause },
      );
    }
  }

  async save(memory: AgentState): Promise<void> {
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
