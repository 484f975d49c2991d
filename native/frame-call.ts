/*
 * The call that is made for every frame, in numbers: each property of an object that the addon reads or writes by its name
 * costs a look-up among all strings of the engine, more than everything else in the call together.
 */
import type { DetectFrame, DetectorHandle, NativeRawTensor, NativeResult } from './addon.ts';

/** As the addon has it. The first number becomes the frame's id. */
export type DetectInNumbers = (
  detector: DetectorHandle,
  pixels: Uint8Array,
  call: Float64Array,
  wanted?: Uint8Array,
  piecesOrDevice?: object | undefined,
  thumbnail?: Uint8Array,
) => Promise<Float64Array>;

/** In the order of the addon's enum. */
const encodings = ['rgb8', 'bgr8', 'mono8', 'nv12', 'yuyv', 'jpeg'];
const headLength = 14;

export function detectFrames(detect: DetectInNumbers): DetectFrame {
  // Read before the call returns, so one for all.
  const call = new Float64Array(9);
  return (detector, image, settings, thumbnail) => {
    const encoding = encodings.indexOf(image.encoding);
    if (encoding < 0)
      throw new TypeError(`"encoding" is "${image.encoding}"; known are ${encodings.join(', ')}.`);
    call[0] = image.width;
    call[1] = image.height;
    call[2] = image.step;
    call[3] = encoding;
    call[4] = settings.scoreThreshold;
    call[5] = settings.iouThreshold;
    call[6] = settings.maxDetections;
    call[7] = settings.maxCandidates;
    call[8] = settings.multiLabel ? 1 : 0;
    const result = detect(
      detector,
      image.data,
      call,
      settings.wanted,
      image.device ?? image.pieces,
      thumbnail,
    );
    return { id: call[0], result: result.then(resultOf) };
  };
}

/** The numbers of a result; native/src/bindings/convert.h says in which order. */
export function resultOf(numbers: Float64Array): NativeResult {
  let at = headLength;
  const next = (length: number): Float64Array => {
    at += length;
    return numbers.subarray(at - length, at);
  };
  const [candidates = 0, invalid = 0, preprocessMs = 0, inferMs = 0, postprocessMs = 0] = numbers;
  const embedding = next(numbers[5]!);
  const detections = next(6 * numbers[6]!);
  const points = next(numbers[7]!);
  const rotated = next(5 * numbers[10]!);
  const vector = next(numbers[12]!);
  const text = next(numbers[13]!);
  const shapes = next(6 * numbers[8]!);
  const depthShape = next(6 * numbers[9]!);
  const cells = cellsIn(shapes);
  const values = new Uint8Array(numbers.buffer, numbers.byteOffset + 8 * at, cells);
  const depths = numbers.byteOffset + 8 * (at + Math.ceil(cells / 8));
  const depthCells = cellsIn(depthShape);
  const raw = rawTensors(numbers, at + Math.ceil(cells / 8) + Math.ceil(depthCells / 2), numbers[11]!);
  return {
    ...{ detections, candidates, invalid, preprocessMs, inferMs, postprocessMs },
    ...(embedding.length === 0 ? {} : { embedding }),
    ...(points.length === 0 ? {} : { points }),
    ...(rotated.length === 0 ? {} : { rotated }),
    ...(shapes.length === 0 ? {} : { masks: { shapes, values } }),
    ...(depthShape.length === 0
      ? {}
      : {
          depth: {
            shape: depthShape,
            values: new Float32Array(numbers.buffer, depths, depthCells),
          },
        }),
    ...(vector.length === 0 ? {} : { vector }),
    ...(text.length === 0 ? {} : { text }),
    ...(raw.length === 0 ? {} : { raw }),
  };
}

/** By their numbers in goshawk_engine.h; half floats come widened. */
const arrays = {
  1: ['float32', Float32Array],
  3: ['uint8', Uint8Array],
  4: ['int8', Int8Array],
  5: ['int32', Int32Array],
  6: ['int64', BigInt64Array],
  7: ['bool', Uint8Array],
} as const;

/** Copies: each is to be given away alone. */
function rawTensors(numbers: Float64Array, from: number, count: number): NativeRawTensor[] {
  let at = from;
  return Array.from({ length: count }, (): NativeRawTensor => {
    const [type, Values] = arrays[numbers[at] as keyof typeof arrays];
    const rank = numbers[at + 1]!;
    const dims = Array.from(numbers.subarray(at + 2, at + 2 + rank));
    at += 2 + rank;
    const length = dims.reduce((product, side) => product * side, 1);
    const data = new Values(numbers.buffer as ArrayBuffer, numbers.byteOffset + 8 * at, length).slice();
    at += Math.ceil(data.byteLength / 8);
    return { type, dims, data };
  });
}

/** Of masks or depth maps with these six numbers each. */
function cellsIn(shapes: Float64Array): number {
  let cells = 0;
  for (let i = 0; i < shapes.length; i += 6) cells += shapes[i + 4]! * shapes[i + 5]!;
  return cells;
}
