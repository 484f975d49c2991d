import { CancelledError, describeError } from '../../base/index.ts';
import {
  type Bundle,
  chooseVariant,
  type EngineName,
  type GoldenSet,
  hasGoldenSet,
  leastAgreement,
} from '../../model/index.ts';
import { type Detector, type Pipeline, runGolden } from '../../perception/index.ts';
import type { GoldenFiles } from '../ports.ts';
import type { Answer, KnownAnswers } from './ports.ts';

export interface GoldenAnswersPorts {
  /** What runs; undefined before the pipeline is there. */
  readonly live: () => Pick<Pipeline, 'probe' | 'identity'> | undefined;
  readonly find: (digest: string) => Promise<Bundle | undefined>;
  readonly golden: GoldenFiles;
}

interface Known {
  readonly bundle: Bundle;
  readonly set: GoldenSet | undefined;
}

type Live = NonNullable<ReturnType<GoldenAnswersPorts['live']>>;

/** Golden frames of the bundle that runs, through the pipeline's own scheduler and live engine. */
export class GoldenAnswers implements KnownAnswers {
  readonly #ports: GoldenAnswersPorts;
  #known: Known | undefined;
  #next = 0;

  constructor(ports: GoldenAnswersPorts) {
    this.#ports = ports;
  }

  one(): Promise<Answer | undefined> {
    return this.#ask((set) => {
      const frame = set.frames[this.#next++ % set.frames.length];
      return frame === undefined ? undefined : { ...set, frames: [frame] };
    });
  }

  all(): Promise<Answer | undefined> {
    return this.#ask((set) => set);
  }

  async #ask(choose: (set: GoldenSet) => GoldenSet | undefined): Promise<Answer | undefined> {
    const live = this.#ports.live();
    if (live === undefined) return undefined;
    const known = await this.#load(live.identity.digest);
    const set = known?.set === undefined ? undefined : choose(known.set);
    return known === undefined || set === undefined ? undefined : this.#answer(live, known.bundle, set);
  }

  async #load(digest: string): Promise<Known | undefined> {
    if (this.#known?.bundle.digest === digest) return this.#known;
    const bundle = await this.#ports.find(digest);
    if (bundle === undefined) return undefined;
    const set = hasGoldenSet(bundle.manifest) ? await this.#ports.golden.read(bundle) : undefined;
    this.#known = { bundle, set };
    return this.#known;
  }

  async #answer(live: Live, bundle: Bundle, set: GoldenSet): Promise<Answer> {
    const { identity } = live;
    const { kind } = chooseVariant(bundle.manifest, identity.engine as EngineName).variant;
    const wanted = leastAgreement(set, kind);
    const about = { modelDigest: identity.digest, engine: identity.engine, wanted };
    const picture = (file: string) => this.#ports.golden.picture(bundle, file);
    try {
      const { agreement, worst } = await runGolden(set, probing(live), picture);
      return { ...about, frame: worst[0]?.file ?? '', agreement };
    } catch (error) {
      // A golden picture that can't be read says nothing of the engine; one that it can't answer does.
      if (!(error instanceof NoAnswer)) throw error;
      return { ...about, frame: set.frames[0]?.file ?? '', agreement: undefined };
    }
  }
}

/** The live pipeline as a detector. */
function probing(live: Live): Detector {
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

/** The engine was asked and failed or hung. */
class NoAnswer extends Error {}
