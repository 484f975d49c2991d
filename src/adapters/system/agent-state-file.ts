import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { AgentState, AgentStateStorage } from '../../agent/index.ts';
import { describeError, InputError, LimitError } from '../../base/index.ts';

/** The agent's memory as a JSON file that is replaced as a whole: an old or a new one, never a half. */
export class AgentStateFile implements AgentStateStorage {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  async load(): Promise<unknown> {
    let content: string;
    try {
      content = await readFile(this.#path, 'utf8');
    } catch (error) {
      if ((error as { code?: string }).code === 'ENOENT') return undefined;
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
    const next = `${this.#path}.next`;
    try {
      await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 });
      const file = await open(next, 'w', 0o600);
      try {
        await file.writeFile(JSON.stringify(memory));
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(next, this.#path);
      // The new name is on the disk only when its folder is.
      const folder = await open(dirname(this.#path), 'r');
      try {
        await folder.sync();
      } finally {
        await folder.close();
      }
    } catch (error) {
      throw this.#failure(error);
    }
  }

  #failure(cause: unknown): LimitError {
    const full = (cause as { code?: string }).code === 'ENOSPC';
    return new LimitError(
      'memory-disk',
      `The agent's memory ${this.#path} can't be used: ${describeError(cause)}.`,
      full ? 'Make room on that disk.' : 'Give the agent read and write access to its data folder.',
      { cause },
    );
  }
}
