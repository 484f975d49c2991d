import { Value } from '@sinclair/typebox/value';
import { CancelledError, describeError, GoshawkError, LimitError, RefusedError } from '../../base/index.ts';
import { type EngineFingerprint, engineKey, type Sha256 } from './engine-key.ts';
import { type EngineEvent, EngineManifest, emptyEntry, nextEntry } from './engine-state.ts';

/** Port: the cache's folder. A write replaces the whole entry or leaves the old one. */
export interface EngineStore {
  /** Undefined where nothing can be written; else why, in words. Asked before minutes are spent on a build. */
  obstacle(): Promise<string | undefined>;
  /** The parsed JSON of the manifest, of whatever shape; undefined where there is none or it is no JSON. */
  readManifest(key: string): Promise<unknown>;
  /** LimitError `disk-full` where there is no room for it. */
  writeManifest(entry: EngineManifest): Promise<void>;
  /** Size and sha256 of the plan on disk, or undefined. */
  inspectPlan(key: string): Promise<{ readonly size: number; readonly sha256: string } | undefined>;
  removePlan(key: string): Promise<void>;
  /** Notes that the plan is opened now: those that were not for the longest time make room for others. */
  touchPlan(key: string): Promise<void>;
  /** Removes what ended builds left and plans that are used least, until there is room for one more; none of `inUse`. */
  makeRoom(inUse: ReadonlySet<string>): Promise<void>;
  /** Absolute. */
  planPath(key: string): string;
}

/** What an encrypted plan is when it is opened. */
export interface PlainPlan {
  readonly sha256: string;
  readonly size: number;
}

export interface BuiltPlan {
  readonly buildMs: number;
  /** 0: not measured. */
  readonly peakMemoryBytes: number;
  /** Where the plan lies encrypted. */
  readonly plain?: PlainPlan;
  /** The device that vouches for it, where another one built it. */
  readonly from?: string;
}

/** The model that serves and the one that is to follow it. */
const mostInUse = 2;

/** Writes the plan for the fingerprint to the path, all of it or nothing. Rejects with the reason. */
export type BuildEngine = (fingerprint: EngineFingerprint, planPath: string) => Promise<BuiltPlan>;

/**
 * Engines of this board. A cached engine is never trusted: its manifest is checked, then the plan's size and hash, before
 * anything reads the plan. What is damaged is built again; what fails is quarantined and not tried again without an order.
 *
 * INVARIANTS
 * - At most one build runs per entry; whoever asks meanwhile waits for it.
 * - Before a build the store makes room, never of the plans that were opened last or are being built.
 */
export class EngineCache {
  readonly #store: EngineStore;
  readonly #sha256: Sha256;
  /** RFC 3339, UTC. */
  readonly #now: () => string;
  readonly #builds = new Map<string, Promise<string>>();
  /** The plans that were opened last: what serves, and what comes after it or steps back. */
  #opened: readonly string[] = [];

  constructor(store: EngineStore, sha256: Sha256, now: () => string) {
    this.#store = store;
    this.#sha256 = sha256;
    this.#now = now;
  }

  /** The entry as it is, healed where it was damaged or a build was cut off. */
  entry(fingerprint: EngineFingerprint): Promise<EngineManifest> {
    return this.#checked(fingerprint, this.#builds.has(engineKey(fingerprint, this.#sha256)));
  }

  /**
   * Path of a plan that was checked; built first where there is none, while the old model goes on serving.
   * Rejects with a RefusedError for a quarantined engine, a LimitError where the folder can't be written to.
   */
  async prepare(fingerprint: EngineFingerprint, build: BuildEngine): Promise<string> {
    const key = engineKey(fingerprint, this.#sha256);
    const running = this.#builds.get(key);
    if (running !== undefined) return running;
    const work = this.#prepare(fingerprint, build).finally(() => this.#builds.delete(key));
    this.#builds.set(key, work);
    return work;
  }

  /** The engine would not read its plan although the plan is whole: made anew once, then quarantined. */
  async refused(fingerprint: EngineFingerprint, reason: string): Promise<EngineManifest> {
    return this.#apply(await this.entry(fingerprint), 'refused', { reason });
  }

  /** Another device built it, and it is of no use here: made anew here, and none of that kind is taken again. */
  async setAside(fingerprint: EngineFingerprint): Promise<EngineManifest> {
    return this.#apply(await this.entry(fingerprint), 'set-aside');
  }

  /** It was held to the bundle's promises and watched at work: from now on it may serve from the first frame. */
  async proven(fingerprint: EngineFingerprint): Promise<EngineManifest> {
    return this.#apply(await this.entry(fingerprint), 'proven');
  }

  /** It does not hold what the bundle promises: quarantined at once, a second build would compute the same. */
  async rejected(fingerprint: EngineFingerprint, reason: string): Promise<EngineManifest> {
    return this.#apply(await this.entry(fingerprint), 'rejected', { reason });
  }

  /** Lets a quarantined engine be tried again. */
  async order(fingerprint: EngineFingerprint): Promise<EngineManifest> {
    return this.#apply(await this.entry(fingerprint), 'order');
  }

  async #prepare(fingerprint: EngineFingerprint, build: BuildEngine): Promise<string> {
    const entry = await this.#checked(fingerprint, false);
    if (entry.state === 'ready') return this.#open(entry.key);
    if (entry.state === 'quarantined') {
      throw new RefusedError(
        'engine-quarantined',
        `The engine for this model is quarantined: ${entry.reason}`,
        'Give a new order for it when the cause is gone, or use another engine.',
      );
    }
    await this.#store.makeRoom(new Set([...this.#opened, ...this.#builds.keys(), entry.key]));
    const obstacle = await this.#store.obstacle();
    if (obstacle !== undefined) {
      throw new LimitError(
        'engine-cache',
        `The engine cache can't be used: ${obstacle}`,
        'Free some space, or make the cache folder writable for the agent.',
      );
    }
    return this.#build(await this.#apply(entry, 'build'), build);
  }

  /** `running`: a build for it is under way in this process. */
  async #checked(fingerprint: EngineFingerprint, running: boolean): Promise<EngineManifest> {
    const key = engineKey(fingerprint, this.#sha256);
    const known = await this.#read(key, fingerprint);
    if (known.state === 'building' && !running) return this.#apply(known, 'interrupted');
    if (known.state !== 'ready') return known;
    const plan = await this.#store.inspectPlan(key);
    const whole = plan !== undefined && plan.size === known.plan?.size && plan.sha256 === known.plan.sha256;
    return whole ? known : this.#apply(known, 'damaged');
  }

  async #build(entry: EngineManifest, build: BuildEngine): Promise<string> {
    const path = this.#store.planPath(entry.key);
    let built: BuiltPlan;
    try {
      built = await build(entry.fingerprint, path);
    } catch (error) {
      // Ended on purpose, or for want of memory or disk: that says nothing about the model.
      const blameless = error instanceof CancelledError || error instanceof LimitError;
      await this.#apply(entry, blameless ? 'interrupted' : 'failed', { reason: describeError(error) });
      throw error;
    }
    const plan = await this.#store.inspectPlan(entry.key);
    if (plan === undefined || plan.size === 0) {
      const reason = 'the build said it was done, but left no plan';
      await this.#apply(entry, 'failed', { reason });
      throw new GoshawkError(
        'engine-build',
        `Building the engine failed: ${reason}.`,
        'Read the log of the build.',
      );
    }
    await this.#apply(entry, 'built', { plan: { ...plan, ...built, builtAt: this.#now() } });
    return this.#open(entry.key);
  }

  async #open(key: string): Promise<string> {
    this.#opened = [...this.#opened.filter((other) => other !== key), key].slice(-mostInUse);
    await this.#store.touchPlan(key);
    return this.#store.planPath(key);
  }

  async #read(key: string, fingerprint: EngineFingerprint): Promise<EngineManifest> {
    const raw = await this.#store.readManifest(key);
    // A manifest that is torn or of another time says nothing: as if it were not there.
    return Value.Check(EngineManifest, raw) && raw.key === key ? raw : emptyEntry(key, fingerprint);
  }

  async #apply(
    entry: EngineManifest,
    event: EngineEvent,
    detail: Parameters<typeof nextEntry>[2] = {},
  ): Promise<EngineManifest> {
    const next = nextEntry(entry, event, detail);
    if (next === undefined) return entry;
    const unwanted = next.plan === null && entry.plan !== null;
    // It serves nobody, and on a full disk it is what has to go before anything can be written.
    if (unwanted && event === 'damaged') await this.#store.removePlan(entry.key);
    try {
      // A power cut behind it leaves a plan that nothing names, and never a plan that is missing for no reason that is kept.
      await this.#store.writeManifest(next);
    } catch (error) {
      if (!unwanted || !isDiskFull(error)) throw error;
      await this.#store.removePlan(entry.key);
      await this.#store.writeManifest(next);
    }
    if (unwanted) await this.#store.removePlan(entry.key);
    return next;
  }
}

function isDiskFull(error: unknown): boolean {
  return error instanceof LimitError && error.code === 'disk-full';
}
