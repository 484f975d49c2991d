import { mkdir, readdir, readFile, rm, stat, statfs, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describeError } from '../../src/base/index.ts';
import { type EngineManifest, type EngineStore, plansToEvict } from '../../src/model/index.ts';
import { digestFile, writeFileAtomic } from '../../src/platform/index.ts';

/** A plan is rarely larger, and a full disk harms more than a missing engine. */
const leastFreeBytes = 256 * 2 ** 20;

/** All plans together: models of a board come and go for years, and a plan is as large as its model. */
const mostPlanBytes = 2 * 2 ** 30;
/** Of what a build writes under before it has its name; see `buildPlan`. */
const partEnding = '.plan.part';

export interface PlanLimits {
  /** Below that nothing is built; default 256 MiB. */
  readonly leastFreeBytes?: number | undefined;
  /** Of all plans; default 2 GiB. */
  readonly mostPlanBytes?: number | undefined;
}

/** `EngineStore` in a folder: `<key>.json` beside `<key>.plan`. */
export class PlanFolder implements EngineStore {
  readonly #folder: string;
  readonly #leastFreeBytes: number;
  readonly #mostPlanBytes: number;

  constructor(folder: string, limits: PlanLimits = {}) {
    this.#folder = path.resolve(folder);
    this.#leastFreeBytes = limits.leastFreeBytes ?? leastFreeBytes;
    this.#mostPlanBytes = limits.mostPlanBytes ?? mostPlanBytes;
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
    const free = await this.#freeBytes();
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

  /** The time of the file says it, so that it survives a restart. A disk that refuses costs the order of eviction alone. */
  async touchPlan(key: string): Promise<void> {
    const now = new Date();
    await utimes(this.planPath(key), now, now).catch(() => {});
  }

  /** What can't be removed stays: `obstacle` says then that there is no room. */
  async makeRoom(inUse: ReadonlySet<string>): Promise<void> {
    const names = await readdir(this.#folder).catch((): string[] => []);
    for (const name of names)
      if (name.endsWith(partEnding) && !inUse.has(name.slice(0, -partEnding.length)))
        await rm(path.join(this.#folder, name), { force: true }).catch(() => {});
    const keys = names.flatMap((name) => /^([0-9a-f]{64})\.plan$/.exec(name)?.[1] ?? []);
    const plans = await Promise.all(
      keys.map(async (key) => {
        const found = await stat(this.planPath(key)).catch(() => undefined);
        return { key, bytes: found?.size ?? 0, usedMs: found?.mtimeMs ?? 0 };
      }),
    );
    const room = { mostBytes: this.#mostPlanBytes, leastFreeBytes: this.#leastFreeBytes };
    const freeBytes = await this.#freeBytes().catch(() => Number.POSITIVE_INFINITY);
    for (const key of plansToEvict(plans, inUse, { ...room, freeBytes }))
      for (const file of [this.planPath(key), this.#manifestPath(key)])
        await rm(file, { force: true }).catch(() => {});
  }

  async #freeBytes(): Promise<number> {
    const { bavail, bsize } = await statfs(this.#folder);
    return bavail * bsize;
  }

  #manifestPath(key: string): string {
    return path.join(this.#folder, `${key}.json`);
  }
}
