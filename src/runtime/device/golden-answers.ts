import type { Answer, KnownAnswers } from '../../agent/index.ts';
import { CancelledError, describeError } from '../../base/index.ts';
import { type Bundle, chooseVariant, type EngineName } from '../../model/index.ts';
import type { GoldenSet } from '../../optimize/index.ts';
import type { Detector, Pipeline } from '../../perception/index.ts';
import { goldenPath, readGolden, runGolden } from '../../workbench/optimize/golden.ts';

type Live = Pick<Pipeline, 'probe' | 'identity'>;

interface Known {
  readonly bundle: Bundle;
  readonly set: GoldenSet | undefined;
}

/** Golden frames of the bundle that runs, through the pipeline's own scheduler and live engine. */
export class GoldenAnswers implements KnownAnswers {
  readonly #live: Live;
  readonly #find: (digest: string) => Promise<Bundle | undefined>;
  #known: Known | undefined;
  #next = 0;

  constructor(live: Live, find: (digest: string) => Promise<Bundle | undefined>) {
    this.#live = live;
    this.#find = find;
  }

  async one(): Promise<Answer | undefined> {
    const known = await this.#load();
    if (known?.set === undefined || known.set.frames.length === 0) return undefined;
    const frame = known.set.frames[this.#next++ % known.set.frames.length];
    return frame === undefined ? undefined : this.#ask(known.bundle, { ...known.set, frames: [frame] });
  }

  async all(): Promise<Answer | undefined> {
    const known = await this.#load();
    return known?.set === undefined ? undefined : this.#ask(known.bundle, known.set);
  }

  async #load(): Promise<Known | undefined> {
    const { digest } = this.#live.identity;
    if (this.#known?.bundle.digest === digest) return this.#known;
    const bundle = await this.#find(digest);
    if (bundle === undefined) return undefined;
    const has = bundle.manifest.attachments?.some(({ path }) => path === goldenPath) === true;
    this.#known = { bundle, set: has ? await readGolden(bundle) : undefined };
    return this.#known;
  }

  async #ask(bundle: Bundle, set: GoldenSet): Promise<Answer> {
    const { identity } = this.#live;
    const { kind } = chooseVariant(bundle.manifest, identity.engine as EngineName).variant;
    const wanted = set.minAgreement[kind] ?? set.minAgreement.fp32 ?? 1;
    const about = { modelDigest: identity.digest, engine: identity.engine, wanted };
    try {
      const { agreement, worst } = await runGolden(bundle, set, this.#detector());
      return { ...about, frame: worst[0]?.file ?? '', agreement };
    } catch (error) {
      // A golden picture that can't be read says nothing of the engine; one that it can't answer does.
      if (!(error instanceof NoAnswer)) throw error;
      return { ...about, frame: set.frames[0]?.file ?? '', agreement: undefined };
    }
  }

  #detector(): Detector {
    const live = this.#live;
    return {
      identity: live.identity,
      capacity: 1,
      async detect({ pixels, ...frame }, settings) {
        try {
          return (await live.probe({ ...frame, data: pixels.data }, settings)).result;
        } catch (cause) {
          if (cause instanceof CancelledError) throw cause;
          throw new NoAnswer(describeError(cause), { cause });
        }
      },
      async close() {},
    };
  }
}

/** The engine was asked and failed or hung. */
class NoAnswer extends Error {}
