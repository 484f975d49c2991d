import { asGoshawkError } from '../../base/index.ts';
import {
  formatProfile,
  ProfileBuilder,
  type ProfileOptions,
  type ProfileProgress,
  resumeLearning,
  saveLearning,
} from '../../drift/index.ts';
import {
  type Answers,
  type PackedError,
  packError,
  type Served,
  serve,
  type Tell,
  type ThreadContract,
  WithTransfer,
} from '../../platform/index.ts';
import { type FrameBatch, unpackFrames } from './frame-batch.ts';
import { type HandedOver, handOver } from './hand-over.ts';
import { readKept, removeKept, writeKept } from './kept-file.ts';

/* The thread that learns a profile: the end of learning takes seconds of CPU, and no frame waits for it. */

export interface LearnerThread extends ThreadContract {
  readonly data: { readonly options: ProfileOptions; readonly keep?: Keep };
  readonly calls: {
    observe(batch: FrameBatch): void;
    finish(): HandedOver & { readonly bytes: Uint8Array };
  };
  readonly notices: {
    readonly progress: ProfileProgress;
    /** What was kept can't be used. */
    readonly lost: PackedError;
    /** The result could not be stored; learning continues. */
    readonly notKept: PackedError;
  };
}

/** Where what was learned so far is kept, for which order, and how often. */
export interface Keep {
  readonly path: string;
  readonly order: string;
  readonly everySeconds: number;
}

class Learning implements Served<LearnerThread> {
  readonly answers: Answers<LearnerThread> = {
    observe: (batch) => this.#observe(batch),
    finish: () => this.#finish(),
  };
  readonly #builder: ProfileBuilder;
  readonly #keep: Keep | undefined;
  readonly #tell: Tell<LearnerThread>;
  #toldTicks: number;
  #keptTicks: number;
  #writing: Promise<void> | undefined;

  constructor(builder: ProfileBuilder, keep: Keep | undefined, tell: Tell<LearnerThread>) {
    this.#builder = builder;
    this.#keep = keep;
    this.#tell = tell;
    this.#toldTicks = builder.progress.ticks;
    this.#keptTicks = this.#toldTicks;
    if (this.#toldTicks > 0) tell('progress', builder.progress);
  }

  #observe(batch: FrameBatch): void {
    for (const { thumbnail, result, atMs } of unpackFrames(batch))
      this.#builder.observe(thumbnail, result, atMs);
    const { progress } = this.#builder;
    if (progress.ticks === this.#toldTicks) return;
    this.#toldTicks = progress.ticks;
    this.#tell('progress', progress);
    if (this.#keep !== undefined && progress.ticks - this.#keptTicks >= this.#keep.everySeconds)
      this.#writing ??= this.#write(this.#keep).finally(() => {
        this.#writing = undefined;
      });
  }

  async #finish(): Promise<WithTransfer<HandedOver & { readonly bytes: Uint8Array }>> {
    const bytes = new Uint8Array(Buffer.from(formatProfile(this.#builder.finish())));
    // All of it, for who merges it with what was learned elsewhere.
    await this.#writing;
    if (this.#keep !== undefined) await this.#write(this.#keep);
    const handedOver = handOver(bytes, 'The learned profile');
    return new WithTransfer({ ...handedOver, bytes }, [handedOver.pieces, bytes.buffer]);
  }

  /** One at a time: a disk may be slower than the frames. */
  async #write({ path, order }: Keep): Promise<void> {
    this.#keptTicks = this.#toldTicks;
    try {
      await writeKept(path, order, saveLearning(this.#builder));
    } catch (error) {
      this.#tell('notKept', packError(explain(error)));
    }
  }
}

/** The state of an earlier start, if it belongs to this order. An unusable one is reported once and removed. */
async function resume(
  options: ProfileOptions,
  { path, order }: Keep,
  tell: Tell<LearnerThread>,
): Promise<ProfileBuilder | undefined> {
  try {
    const kept = await readKept(path);
    if (kept?.order === order) return resumeLearning(kept.state, options, `The learned state in ${path}`);
  } catch (error) {
    tell('lost', packError(explain(error)));
  }
  await removeKept(path).catch((error: unknown) => tell('notKept', packError(explain(error))));
  return undefined;
}

const explain = (error: unknown) => asGoshawkError(error, 'profile-failed');

serve<LearnerThread>(async ({ options, keep }, tell) => {
  const resumed = keep === undefined ? undefined : await resume(options, keep, tell);
  return new Learning(resumed ?? new ProfileBuilder(options), keep, tell);
}, explain);
