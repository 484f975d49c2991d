import { mkdir, readFile, rm, statfs, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describeError } from '../../src/base/index.ts';
import type { EngineManifest, EngineStore } from '../../src/model/index.ts';
import { digestFile, writeFileAtomic } from '../../src/platform/index.ts';

/** A plan is rarely larger, and a full disk harms more than a missing engine. */
const leastFreeBytes = 256 * 2 ** 20;

/** `EngineStore` in a folder: `<key>.json` beside `<key>.plan`. */
export class PlanFolder implements EngineStore {
  readonly #folder: string;
  readonly #leastFreeBytes: number;

  constructor(folder: string, leastFree: number = leastFreeBytes) {
    this.#folder = path.resolve(folder);
    this.#leastFreeBytes = leastFree;
  }

  planPath(key: string): string {
    return path.join(this.#folder, `${key}.plan`);
  }

  async obstacle(): Promise<string | undefined> {
    const probe = path.join(this.#folder, `.probe-${process.pid}`);
    try {
      await mkdir(this.#folder, { recursive: true });
      await writeFile(probe, 'probe');
      await rm(probe);
    } catch (error) {
      return `the folder ${this.#folder} can't be written to (${describeError(error)})`;
    }
    const { bavail, bsize } = await statfs(this.#folder);
    const free = bavail * bsize;
    if (free >= this.#leastFreeBytes) return undefined;
    return `only ${Math.floor(free / 2 ** 20)} MiB are free in ${this.#folder}`;
  }

  async readManifest(key: string): Promise<unknown> {
    try {
      return JSON.parse(await readFile(this.#manifestPath(key), 'utf8'));
    } catch {
      return undefined;
    }
  }

  async writeManifest(entry: EngineManifest): Promise<void> {
    await writeFileAtomic(this.#manifestPath(entry.key), `${JSON.stringify(entry, undefined, 2)}\n`);
  }

  async inspectPlan(key: string): Promise<{ size: number; sha256: string } | undefined> {
    try {
      const { size, digest } = await digestFile(this.planPath(key));
      return { size, sha256: digest.slice('sha256:'.length) };
    } catch {
      return undefined;
    }
  }

  async removePlan(key: string): Promise<void> {
    await rm(this.planPath(key), { force: true });
  }

  #manifestPath(key: string): string {
    return path.join(this.#folder, `${key}.json`);
  }
}
