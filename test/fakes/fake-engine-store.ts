import { createHash } from 'node:crypto';
import { LimitError } from '../../src/base/index.ts';
import type { EngineManifest, EngineStore } from '../../src/model/index.ts';

/** Engines in memory, on a disk that may refuse. A plan's path is its key. */
export class FakeEngineStore implements EngineStore {
  readonly manifests = new Map<string, unknown>();
  readonly plans = new Map<string, Uint8Array>();
  /** Set: why nothing can be written. */
  full: string | undefined;
  /** While so many lie there no manifest can be written. */
  mostPlans = Number.POSITIVE_INFINITY;
  /** Keys of plans, in the order in which they were opened. */
  readonly opened: string[] = [];
  /** What was in use whenever room was made. */
  readonly kept: string[][] = [];
  readonly #mostPlanBytes: number;

  constructor(mostPlanBytes = Number.POSITIVE_INFINITY) {
    this.#mostPlanBytes = mostPlanBytes;
  }

  async obstacle(): Promise<string | undefined> {
    return this.full;
  }

  async readManifest(key: string): Promise<unknown> {
    return structuredClone(this.manifests.get(key));
  }

  async writeManifest(entry: EngineManifest): Promise<void> {
    if (this.plans.size >= this.mostPlans) throw new LimitError('disk-full', 'No space left.', 'Make room.');
    this.manifests.set(entry.key, structuredClone(entry));
  }

  async inspectPlan(key: string): Promise<{ size: number; sha256: string } | undefined> {
    const bytes = this.plans.get(key);
    if (bytes === undefined) return undefined;
    return { size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
  }

  async removePlan(key: string): Promise<void> {
    this.plans.delete(key);
  }

  async touchPlan(key: string): Promise<void> {
    this.opened.push(key);
  }

  async makeRoom(inUse: ReadonlySet<string>): Promise<void> {
    this.kept.push([...inUse]);
    const oldest = [...this.plans.keys()].sort(
      (a, b) => this.opened.lastIndexOf(a) - this.opened.lastIndexOf(b),
    );
    for (const key of oldest.filter((one) => !inUse.has(one))) {
      const bytes = [...this.plans.values()].reduce((sum, { length }) => sum + length, 0);
      if (bytes <= this.#mostPlanBytes) return;
      this.plans.delete(key);
      this.manifests.delete(key);
    }
  }

  planPath(key: string): string {
    return key;
  }
}
