import { detectionsOf } from '../../../device/native/detections.ts';
import { loadNative } from '../../../native/index.ts';
import type { InputContract, OutputContract } from '../../../src/model/index.ts';
import { Candidates, HeadDecoder } from '../../../src/perception/decode/index.ts';
import {
  type Detection,
  letterboxGeometry,
  type OutputTensor,
  Postprocessor,
} from '../../../src/perception/index.ts';
import { nativeMissing } from '../native-build.ts';

/** One box as a reader of outputs gives it: class, score, corners in pixels of the input. */
export type Box = readonly [classId: number, score: number, x1: number, y1: number, x2: number, y2: number];

/** What is read, and with what. */
export interface Contracts {
  readonly input: InputContract;
  readonly output: OutputContract;
}

/** Something that reads outputs by the record of a bundle; every one has to say the same as the oracle. */
export interface Reader {
  readonly name: string;
  /** Why it can't run here. */
  readonly missing?: string | undefined;
  /** It gives its boxes clipped to the picture, the best score first; else they come as they are, in the order of rows. */
  readonly clips: boolean;
  /** Boxes that reach the threshold, best class each, none taken away by NMS. */
  read(
    contracts: Contracts,
    classes: number,
    outputs: readonly OutputTensor[],
    scoreThreshold: number,
  ): readonly Box[];
}

const headDecoder: Reader = {
  name: 'HeadDecoder',
  clips: false,
  read({ input, output }, classes, outputs, scoreThreshold) {
    const into = new Candidates();
    const options = { scoreThreshold, multiLabel: false };
    new HeadDecoder(output, input, classes).run(outputs, options, into, Number.POSITIVE_INFINITY);
    return Array.from({ length: into.count }, (_, i): Box => {
      const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = into.boxes.subarray(4 * i, 4 * i + 4);
      return [into.classes[i]!, into.scores[i]!, x1, y1, x2, y2];
    });
  },
};

const postprocessed = (
  { input, output }: Contracts,
  classes: number,
  outputs: readonly OutputTensor[],
  scoreThreshold: number,
) => {
  const { width, height } = input;
  // A frame of the input's size, no IoU above the bound, and room for all: what is left is the decoder's.
  const settings = {
    ...{ scoreThreshold, multiLabel: false, iouThreshold: 1 },
    ...{ maxDetections: 100_000, maxCandidates: 100_000 },
  };
  const frame = { width, height };
  return loadNative().postprocess(outputs, output, classes, input, frame, settings);
};

const readNatively: Reader['read'] = (contracts, classes, outputs, scoreThreshold) => {
  const { detections } = postprocessed(contracts, classes, outputs, scoreThreshold);
  return Array.from({ length: detections.length / 6 }, (_, i) => {
    const [classId = 0, score = 0, x1 = 0, y1 = 0, x2 = 0, y2 = 0] = detections.subarray(6 * i, 6 * i + 6);
    return [classId, score, x1, y1, x2, y2] as const;
  });
};

/** The addon that was built here may be older than the record. */
function nativeReadsNoHeads(): string | undefined {
  const input: InputContract = {
    ...{ tensor: 'images', width: 8, height: 8, layout: 'nchw', dtype: 'float32', colorOrder: 'rgb' },
    ...{ scale: 1, mean: [0, 0, 0], std: [1, 1, 1], fit: 'stretch', pad: 0 },
  };
  const output: OutputContract = {
    family: 'softmax',
    outputs: [{ tensors: ['out'], axis: 'first', values: 1 }],
    scores: { output: 0, at: 0 },
  };
  try {
    readNatively({ input, output }, 1, [{ name: 'out', dims: [1, 1], data: Float32Array.of(1) }], 0.5);
    return undefined;
  } catch (error) {
    return `the addon here reads no heads: ${error instanceof Error ? error.message : String(error)}`;
  }
}

export const readers: readonly Reader[] = [
  headDecoder,
  {
    ...{ name: 'native.postprocess', clips: true, read: readNatively },
    missing: nativeMissing() ?? nativeReadsNoHeads(),
  },
];

/** The parts of a detection as oracle.py writes them: class, score, then what its task gives. */
function partsOf(found: Detection): readonly number[] {
  const { classId, label, score, depth, rotated, embedding, keypoints = [] } = found;
  if (embedding !== undefined) return [classId, score, ...embedding];
  // A text is its characters, which are all called `class ...` here.
  if (/^(class \d+){2,}$/.test(label))
    return [classId, score, ...Array.from(label.matchAll(/\d+/g), ([digits]) => Number(digits))];
  if (depth !== undefined) return [classId, score, ...depth.values];
  if (rotated !== undefined) {
    const { cx, cy, width, height, angle } = rotated;
    return [classId, score, cx, cy, width, height, angle];
  }
  return [classId, score, ...keypoints.flatMap((point) => [point.x, point.y, point.score ?? 0])];
}

/** Detections with all their parts, the best score first, in a frame of the input's size and with every box kept. */
export const partReaders: readonly (Pick<Reader, 'name' | 'missing'> & {
  readonly read: (
    contracts: Contracts,
    classes: number,
    outputs: readonly OutputTensor[],
    scoreThreshold: number,
  ) => readonly (readonly number[])[];
})[] = [
  {
    name: 'Postprocessor',
    read(contracts, classes, outputs, scoreThreshold) {
      const labels = Array.from({ length: classes }, (_, at) => `class ${at}`);
      const { width, height } = contracts.input;
      const settings = { scoreThreshold, iouThreshold: 1, maxDetections: 100_000, classes: [] };
      const geometry = letterboxGeometry(contracts.input, width, height);
      return new Postprocessor(contracts, labels, { maxCandidates: 100_000 })
        .run(outputs, geometry, { width, height }, settings)
        .detections.map(partsOf);
    },
  },
  {
    name: 'native.postprocess',
    missing: nativeMissing() ?? nativeReadsNoHeads(),
    read(contracts, classes, outputs, scoreThreshold) {
      const labels = Array.from({ length: classes }, (_, at) => `class ${at}`);
      return detectionsOf(
        postprocessed(contracts, classes, outputs, scoreThreshold),
        labels,
        contracts.output,
      ).map(partsOf);
    },
  },
];
