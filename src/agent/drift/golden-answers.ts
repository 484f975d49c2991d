import { CancelledError, describeError, RefusedError } from '../../base/index.ts';
import {
  type Bundle,
  chooseVariant,
  type EngineName,
  type GoldenSet,
  hasGoldenSet,
  leastAgreement,
} from '../../model/index.ts';
import { answerChallenges, type Detector, type Pipeline, runGolden } from '../../perception/index.ts';
import { type CallRequestOf, type CallResultOf, mostAnswered } from '../../protocol/index.ts';
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
  #isChallenged = false;

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

  /** Of the model that is live and of no other one: the question is what the cameras get. */
  async challenge({ modelDigest, pictures }: CallRequestOf<'challenge'>): Promise<CallResultOf<'challenge'>> {
    const live = this.#ports.live();
    if (live === undefined || live.identity.digest !== modelDigest)
      throw refused('Another model is live here.', 'Wait until the device has switched.');
    const known = await this.#load(modelDigest);
    if (known?.set === undefined)
      throw refused('The live model has no golden set.', 'Give its bundle one: goshawk model budget.');
    const frames = new Set(known.set.frames.map(({ file }) => file));
    const strange = pictures.find(({ frame }) => !frames.has(frame));
    if (strange !== undefined)
      throw refused(`"${strange.frame}" is not a golden frame of the live model.`, 'Name one of its bundle.');
    const picture = (file: string) => this.#ports.golden.picture(known.bundle, file);
    // Repeated challenges must not take the engine from the cameras.
    if (this.#isChallenged) throw refused('Another challenge is being answered.', 'Ask again later.');
    this.#isChallenged = true;
    try {
      const rules = { ...known.set, most: mostAnswered };
      return { answers: await answerChallenges(probing(live), pictures, picture, rules) };
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      throw refused(`The live model gave no answer: ${error.message}`, 'Check the engine of the device.');
    } finally {
      this.#isChallenged = false;
    }
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

function refused(message: string, remedy: string): RefusedError {
  return new RefusedError('challenge-refused', message, remedy);
}

/** The engine was asked and failed or hung. */
class NoAnswer extends Error {}
