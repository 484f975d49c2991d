import { InputError } from '../../base/index.ts';
import { type InputContract, type OutputContract, tensorsOf } from '../../model/index.ts';
import type { ResampledScore, RunTensors, ScoredSet, Scorer, Scoring } from '../../optimize/index.ts';
import {
  type Detection,
  type DetectionSettings,
  type EvaluatedImage,
  evaluate,
  Postprocessor,
  resampledMaps,
  type TruthBox,
} from '../../perception/index.ts';
import { outputOf } from '../run-tensor.ts';
import type { PictureSet, PreparedPicture } from './pictures.ts';

export interface Contracts {
  readonly input: InputContract;
  readonly output: OutputContract;
}

/** As COCO is evaluated: every class of every box, and nothing cut off before it counts. */
const evaluationSettings: DetectionSettings = {
  scoreThreshold: 0.01,
  iouThreshold: 0.65,
  maxDetections: 100,
  classes: [],
};

/** What the float model finds with these stands in for ground truth where there is none. */
const pseudoTruthSettings: DetectionSettings = {
  ...evaluationSettings,
  scoreThreshold: 0.3,
  iouThreshold: 0.45,
};

/** Judges raw outputs with the decoder, NMS and COCO's rules of the perception room. */
class AccuracyScorer implements Scorer {
  readonly #pictures: readonly PreparedPicture[];
  readonly #truth: readonly (readonly TruthBox[])[];
  readonly #labels: readonly string[];
  readonly #decoder: OutputDecoder;
  readonly #draws: number;

  /** `draws`: how often the pictures are drawn anew, for intervals. */
  constructor(
    pictures: readonly PreparedPicture[],
    truth: readonly (readonly TruthBox[])[],
    contracts: Contracts,
    labels: readonly string[],
    draws: number,
  ) {
    this.#draws = draws;
    this.#pictures = pictures;
    this.#truth = truth;
    this.#labels = labels;
    this.#decoder = new OutputDecoder(contracts, labels);
  }

  start(): Scoring {
    const images: EvaluatedImage[] = [];
    return {
      add: (index, outputs) => {
        const picture = this.#pictures[index];
        if (picture === undefined) throw new RangeError(`no picture ${index}`);
        const detections = this.#decoder.detections(outputs, picture, evaluationSettings);
        images.push({ truth: this.#truth[index] ?? [], detections });
      },
      score: () => this.#score(images),
    };
  }

  #score(images: readonly EvaluatedImage[]): ResampledScore {
    const { map, ap50, perClass } = evaluate(images);
    return {
      map,
      ap50,
      resampled: resampledMaps(images, this.#draws),
      perClass: perClass.map((item) => ({
        label: this.#labels[item.classId] ?? String(item.classId),
        ap: item.ap,
        ap50: item.ap50,
      })),
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

export interface JudgedOptions {
  readonly floatOutputs?: (index: number) => Promise<RunTensors>;
  /** How often the pictures are drawn anew, for intervals; default never. */
  readonly draws?: number;
}

type TruthOf = (index: number, picture: PreparedPicture) => Promise<readonly TruthBox[]>;

/** undefined: there is nothing on any picture. */
async function setOf(
  pictures: PictureSet,
  contracts: Contracts,
  labels: readonly string[],
  truthOf: TruthOf,
  draws: number,
): Promise<ScoredSet | undefined> {
  const prepared: PreparedPicture[] = [];
  const truth: (readonly TruthBox[])[] = [];
  for (let i = 0; i < pictures.count; i += 1) {
    const picture = await pictures.picture(i);
    prepared.push(picture);
    truth.push(await truthOf(i, picture));
  }
  if (truth.every((boxes) => boxes.length === 0)) return undefined;
  return { samples: pictures, judge: new AccuracyScorer(prepared, truth, contracts, labels, draws) };
}

/** The pictures, judged by what the float model finds on them, whatever their labels say; undefined where it finds nothing. */
export function agreementSet(
  pictures: PictureSet,
  contracts: Contracts,
  labels: readonly string[],
  floatOutputs: (index: number) => Promise<RunTensors>,
  draws = 0,
): Promise<ScoredSet | undefined> {
  const decoder = new OutputDecoder(contracts, labels);
  const found: TruthOf = async (index, picture) =>
    decoder.detections(await floatOutputs(index), picture, pseudoTruthSettings);
  return setOf(pictures, contracts, labels, found, draws);
}

/**
 * A set with its ground truth; where it has no labels, the detections of `floatOutputs` stand in, so that accuracy
 * means agreement with the float model.
 */
export async function judgedSet(
  pictures: PictureSet,
  contracts: Contracts,
  labels: readonly string[],
  { floatOutputs, draws = 0 }: JudgedOptions = {},
): Promise<ScoredSet> {
  const written: TruthOf = async (index) => (pictures.labelled ? pictures.truth(index, labels.length) : []);
  const set =
    pictures.labelled || floatOutputs === undefined
      ? await setOf(pictures, contracts, labels, written, draws)
      : await agreementSet(pictures, contracts, labels, floatOutputs, draws);
  if (set !== undefined) return set;
  throw new InputError(
    'evaluation-empty',
    pictures.labelled
      ? `No picture of ${pictures.name} has a label of the model's classes.`
      : `${pictures.name} has no labels.`,
    'Give a folder with images/ and labels/ (YOLO form) of the classes that the model knows.',
  );
}
