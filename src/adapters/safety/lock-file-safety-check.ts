import { open } from 'node:fs/promises';
import type { SafetyCheck } from '../../agent/index.ts';

const mostBytes = 500;

/** While a file is there it is not safe; what stands in it says why. */
export class LockFileSafetyCheck implements SafetyCheck {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  async whyNot(): Promise<string | undefined> {
    const file = await open(this.#path, 'r').catch((error: NodeJS.ErrnoException) => {
      // A folder above it that is not there yet holds no lock either.
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
      throw error;
    });
    if (file === undefined) return undefined;
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(mostBytes), 0, mostBytes, 0);
      const text = buffer.subarray(0, bytesRead).toString('utf8').trim().split('\n')[0] ?? '';
      return text === '' ? `The lock ${this.#path} is there.` : text;
    } finally {
      await file.close();
    }
  }
}
