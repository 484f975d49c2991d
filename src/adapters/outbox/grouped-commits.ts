import type { Operation } from './database.ts';

interface Waiting {
  readonly operation: Operation;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * What came while a commit waited for the disk shares the next one, so a burst of events costs a few waits and not one
 * each. `apply` does all of its operations or none.
 */
export class GroupedCommits {
  readonly #apply: (operations: readonly Operation[]) => void;
  readonly #waiting: Waiting[] = [];

  constructor(apply: (operations: readonly Operation[]) => void) {
    this.#apply = apply;
  }

  /** Resolves when the operation is on the disk. */
  add(operation: Operation): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ operation, resolve, reject });
      if (this.#waiting.length === 1) setImmediate(() => this.commit());
    });
  }

  /** Commits what waits, for somebody who wants to see it. */
  commit(): void {
    this.#commit(this.#waiting.splice(0));
  }

  /** One transaction; when it fails each has its own, so that one bad entry does not take the others with it. */
  #commit(group: readonly Waiting[]): void {
    if (group.length === 0) return;
    try {
      this.#apply(group.map(({ operation }) => operation));
    } catch (error) {
      if (group.length === 1) group[0]?.reject(error);
      else for (const one of group) this.#commit([one]);
      return;
    }
    for (const { resolve } of group) resolve();
  }
}
