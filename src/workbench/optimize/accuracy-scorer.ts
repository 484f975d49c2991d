import { InputError } from '../../base/index.ts';
import { type InputContract, type OutputContract, taskOf, tensorsOf } from '../../model/index.ts';
import type { ResampledScore, RunTensors, ScoredSet, Scorer, Scoring } from '../../optimize/index.ts';
import { type Detection, type DetectionSettings, Postprocessor } from '../../perception/index.ts';
import { outputOf } from '../run-tensor.ts';
import type { TaskJudge, Truth } from './judges/judge.ts';
import { type JudgedTask, judgeOf } from './judges/judge-of.ts';
import type { PictureSet, PreparedPicture } from './pictures.ts';

export interface Contracts {
  readonly input: InputContract;
  readonly output: OutputContract;
}

/** Judges raw outputs with the decoder, NMS and the task's measure of the perception room. */
export class AccuracyScorer implements Scorer {
  readonly #pictures: readonly PreparedPicture[];
  readonly #truth: readonly Truth<unknown>[];
  readonly #judge: TaskJudge;
  readonly #decoder: OutputDecoder;
  readonly #draws: number;

  /** `draws`: how often the pictures are drawn anew, for intervals. */
  constructor(
    pictures: readonly PreparedPicture[],
    truth: readonly Truth<unknown>[],
    judge: TaskJudge,
    decoder: OutputDecoder,
    draws: number,
  ) {
    this.#pictures = pictures;
    this.#truth = truth;
    this.#judge = judge;
    this.#decoder = decoder;
    this.#draws = draws;
  }

  start(): Scoring {
    const outcomes: unknown[] = [];
    return {
      add: (index, outputs) => {
        const [picture, truth] = [this.#pictures[index], this.#truth[index]];
        if (picture === undefined || truth === undefined) throw new RangeError(`no picture ${index}`);
        outcomes.push(truth.compare(this.#decoder.detections(outputs, picture, this.#judge.rules)));
      },
      score: (): ResampledScore => this.#judge.score(outcomes, this.#draws),
    };
  }
}

/** Raw outputs of one picture to detections. */
export class OutputDecoder {
  readonly #postprocessor: Postprocessor;
  readonly #tensors: readonly string[];

  /** `multiLabel`: every class of a box counts, as COCO is evaluated; else the best one, as on a device. */
  constructor(contracts: Contracts, labels: readonly string[], multiLabel = true) {
    this.#postprocessor = new Postprocessor(contracts, labels, {
      multiLabel,
      ...(multiLabel ? { maxCandidates: 30_000 } : {}),
    });
    this.#tensors = tensorsOf(contracts.output);
  }

  detections(outputs: RunTensors, picture: PreparedPicture, settings: DetectionSettings): Detection[] {
    const tensors = this.#tensors.map((name) => outputOf(name, outputs[name]));
    return this.#postprocessor.run(tensors, picture.geometry, picture, settings).detections;
  }
}

type FloatOutputs = (index: number) => Promise<RunTensors>;

export interface JudgedOptions {
  readonly floatOutputs?: FloatOutputs;
  /** How often the pictures are drawn anew, for intervals; default never. */
  readonly draws?: number;
  /** Values of a map of distances that are a metre; default 1000. */
  readonly perMetre?: number;
}

/** What is judged, of one model. */
class Judging {
  readonly judge: TaskJudge;
  readonly decoder: OutputDecoder;
  readonly #draws: number;

  constructor(contracts: Contracts, labels: readonly string[], { draws = 0, perMetre }: JudgedOptions) {
    this.judge = judgeOf(taskOf(contracts.output) as JudgedTask, labels, perMetre);
    this.decoder = new OutputDecoder(contracts, labels, this.judge.multiLabel);
    this.#draws = draws;
  }

  written(pictures: PictureSet): Promise<ScoredSet | undefined> {
    return this.#set(pictures, (index, picture) => this.judge.read(pictures, index, picture));
  }

  agreement(pictures: PictureSet, floatOutputs: FloatOutputs): Promise<ScoredSet | undefined> {
    const { judge, decoder } = this;
    return this.#set(pictures, async (index, picture) => {
      const found = decoder.detections(await floatOutputs(index), picture, judge.standInRules);
      return judge.standIn(found, picture);
    });
  }

  /** undefined: there is nothing on any picture. */
  async #set(
    pictures: PictureSet,
    truthOf: (index: number, picture: PreparedPicture) => Promise<Truth<unknown>>,
  ): Promise<ScoredSet | undefined> {
    const prepared: PreparedPicture[] = [];
    const truth: Truth<unknown>[] = [];
    for (let i = 0; i < pictures.count; i += 1) {
      const picture = await pictures.picture(i);
      prepared.push(picture);
      truth.push(await truthOf(i, picture));
    }
    if (!truth.some(({ holds }) => holds)) return undefined;
    const scorer = new AccuracyScorer(prepared, truth, this.judge, this.decoder, this.#draws);
    return { samples: pictures, judge: scorer };
  }
}

/** The pictures, judged by what the float model finds on them, whatever their labels say; undefined where it finds nothing. */
export function agreementSet(
  pictures: PictureSet,
  contracts: Contracts,
  labels: readonly string[],
  floatOutputs: FloatOutputs,
): Promise<ScoredSet | undefined> {
  return new Judging(contracts, labels, {}).agreement(pictures, floatOutputs);
}

/**
 * A set with its ground truth; where it has no labels, the answers of `floatOutputs` stand in, so that accuracy means
 * agreement with the float model.
 */
export async function judgedSet(
  pictures: PictureSet,
  contracts: Contracts,
  labels: readonly string[],
  options: JudgedOptions = {},
): Promise<ScoredSet> {
  const judging = new Judging(contracts, labels, options);
  const { floatOutputs } = options;
  const set = pictures.labelled
    ? await judging.written(pictures)
    : floatOutputs && (await judging.agreement(pictures, floatOutputs));
  if (set !== undefined) return set;
  throw new InputError(
    'evaluation-empty',
    pictures.labelled
      ? `No picture of ${pictures.name} has a label of the model's classes.`
      : `${pictures.name} has no labels.`,
    `Give ${wanted[taskOf(contracts.output) as JudgedTask]}.`,
  );
}

const yolo = 'a folder with images/ and labels/ (YOLO form) of the classes that the model knows';

/** What a set with truth is. */
const wanted: Readonly<Record<JudgedTask, string>> = {
  ...{ detection: yolo, obb: yolo, 'instance-segmentation': yolo, pose: yolo },
  classification: 'a folder with a folder of pictures for each label',
  embedding: 'a folder with a folder of pictures for each person or thing',
  'semantic-segmentation': 'a folder with images/ and labels/: grey PNG files, the class of each pixel',
  depth: 'a folder with images/ and labels/: grey PNG files with 16 bits, the distance of each pixel',
  text: 'a folder with images/ and labels/: a .txt with the text of each picture of a line',
};
