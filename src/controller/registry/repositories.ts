import { registryFull, repositoryUnknown } from './failures.ts';
import type { RepositoryStore } from './ports.ts';
import { Repository } from './repository.ts';

export interface RepositoryLimits {
  readonly maxRepositories: number;
  /** Of one repository. */
  readonly maxBlobs: number;
  readonly maxManifests: number;
  readonly maxTags: number;
}

export const defaultRepositoryLimits: RepositoryLimits = {
  maxRepositories: 2_000,
  maxBlobs: 20_000,
  maxManifests: 5_000,
  maxTags: 5_000,
};

/**
 * All repositories. Changes go to the disk first and are seen afterwards, one after the other, so that two that come at the
 * same time can't undo each other.
 */
export class Repositories {
  readonly #store: RepositoryStore;
  readonly #limits: RepositoryLimits;
  readonly #all = new Map<string, Repository>();
  #tail: Promise<unknown> = Promise.resolve();

  constructor(store: RepositoryStore, limits: Partial<RepositoryLimits> = {}) {
    this.#store = store;
    this.#limits = { ...defaultRepositoryLimits, ...limits };
  }

  /** Returns words about what could not be read; it is left alone. */
  async load(): Promise<readonly string[]> {
    const { records, faults } = await this.#store.load();
    for (const record of records) this.#all.set(record.name, new Repository(record));
    return faults;
  }

  get(name: string): Repository | undefined {
    return this.#all.get(name);
  }

  expect(name: string): Repository {
    const found = this.#all.get(name);
    if (found === undefined) throw repositoryUnknown(name);
    return found;
  }

  /** In the order of their names' bytes. */
  names(): string[] {
    return [...this.#all.keys()].sort();
  }

  all(): Iterable<Repository> {
    return this.#all.values();
  }

  /**
   * Resolves when what `next` makes of the repository is on the disk. What `next` awaits is done before the next change
   * begins; one that throws changes nothing. A repository that is left empty is none any more.
   */
  change(name: string, next: (now: Repository) => Repository | Promise<Repository>): Promise<void> {
    const run = this.#tail.then(async () => {
      const now = this.#all.get(name) ?? Repository.empty(name);
      const then = await next(now);
      if (then === now) return;
      if (then.isEmpty) {
        await this.#store.delete(name);
        this.#all.delete(name);
        return;
      }
      this.#expectRoom(then);
      await this.#store.save(then.record);
      this.#all.set(name, then);
    });
    this.#tail = run.catch(() => undefined);
    return run;
  }

  #expectRoom(then: Repository): void {
    const limits = this.#limits;
    const { blobs, manifests, tags } = then.counts;
    if (!this.#all.has(then.name) && this.#all.size >= limits.maxRepositories)
      throw registryFull(`${this.#all.size} repositories are held`);
    if (blobs > limits.maxBlobs) throw registryFull(`${then.name} has ${limits.maxBlobs} blobs`);
    if (manifests > limits.maxManifests)
      throw registryFull(`${then.name} has ${limits.maxManifests} manifests`);
    if (tags > limits.maxTags) throw registryFull(`${then.name} has ${limits.maxTags} tags`);
  }
}
