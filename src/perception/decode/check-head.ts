import { InputError } from '../../base/index.ts';
import {
  type Head,
  type InputContract,
  mainOutputOf,
  problemOfHead,
  rowsOfStride,
} from '../../model/index.ts';
import { rowCount } from './head-rows.ts';
import type { OutputTensor, TensorShape } from './output-tensor.ts';

type Size = Pick<InputContract, 'width' | 'height'>;

/**
 * Throws an InputError that says in words why the outputs of a model don't fit the head of its bundle: at import, when an
 * engine has been loaded, and after its first run. Sizes that the file leaves open (a name, -1) are taken on trust.
 */
export function checkHead(
  head: Head & { readonly embedding?: string },
  labels: { readonly length: number },
  input: Size,
  tensors: readonly TensorShape[],
): void {
  const shapes = tensors.map(({ name, dims }) => ({ name, dims: dims.map(known) }));
  const problem = misfitOf(head, input, labels.length, shapes);
  if (problem !== undefined) throw problem;
  if (head.embedding !== undefined) checkEmbedding(head.embedding, tensors);
}

/** What does not fit, or undefined. `data`, where a tensor has it, holds as many values as its shape says. */
export function misfitOf(
  head: Head,
  input: Size,
  classCount: number,
  tensors: readonly (Omit<OutputTensor, 'data'> & Partial<OutputTensor>)[],
): InputError | undefined {
  const broken = problemOfHead(head, classCount);
  if (broken !== undefined) return misfit(`The head of the bundle is not right. ${broken}`);
  if (head.raw !== undefined) return rawMisfit(head, tensors);
  const { grid } = head;
  const levels = grid?.strides.map((_, level) => rowsOfStride(grid, level, input));
  let rows = levels?.reduce((sum, count) => sum + count, 0) ?? Number.NaN;
  for (const [index, output] of head.outputs.entries()) {
    const isCount = head.count?.output === index;
    const isPrototypes = head.masks?.prototypes === index;
    for (const [level, name] of output.tensors.entries()) {
      const tensor = tensors.find((candidate) => candidate.name === name);
      if (tensor === undefined) return missing(name, tensors);
      const { dims, data } = tensor;
      const said = `Output "${name}" is ${shapeText(dims)}`;
      const found = rowCount(output, dims);
      if (found === undefined) {
        const where =
          output.axis === 'none' || output.axis === 'all'
            ? ''
            : ` with ${output.values} values along the ${output.axis} axis`;
        return misfit(`${said}; the bundle reads 1 x ...${where}.`);
      }
      if (data !== undefined && (data.length !== volume(dims) || volume(dims) === 0))
        return misfit(`${said} and holds ${data.length} values.`);
      if (isPrototypes) {
        if (dims.length !== 4) return misfit(`${said}, but prototypes are 1 x K x H x W.`);
        continue;
      }
      if (isCount) {
        if (found !== 1 && !Number.isNaN(found)) return misfit(`${said}, but it is a count: one value.`);
        continue;
      }
      const wanted = output.tensors.length > 1 ? levels![level]! : rows;
      if (Number.isNaN(wanted)) rows = found;
      else if (!Number.isNaN(found) && found !== wanted)
        return misfit(
          `${said}: ${found} rows, where ${grid === undefined ? 'another output has' : `the grid of ${input.width}x${input.height} with strides ${grid.strides.join(', ')} has`} ${wanted}.`,
        );
    }
  }
  if (head.map === true) return mapProblem(head, tensors);
  if (head.regions !== undefined) return mapProblem(head, tensors) ?? sizeProblem(head, input, rows);
  if (head.text !== undefined) return undefined;
  if (head.simcc === undefined && head.boxes === undefined && head.classes === undefined && rows > 1)
    return misfit(`It says ${rows} things of one picture, and no boxes.`);
  return undefined;
}

/** Bytes of one frame that a module is given at most. */
const mostRawBytes = 64 * 1024 * 1024;

/** Whatever their shapes are: the module knows. */
function rawMisfit(
  { outputs }: Head,
  tensors: readonly (Omit<OutputTensor, 'data'> & Partial<OutputTensor>)[],
): InputError | undefined {
  let values = 0;
  for (const name of outputs.flatMap((output) => output.tensors)) {
    const tensor = tensors.find((candidate) => candidate.name === name);
    if (tensor === undefined) return missing(name, tensors);
    values += volume(tensor.dims);
  }
  return 8 * values <= mostRawBytes ? undefined : misfit(`Its outputs have ${values} values for a frame.`);
}

/** Regions are measured in places, which are pixels of the input. */
function sizeProblem(head: Head, { width, height }: Size, places: number): InputError | undefined {
  const name = head.outputs[mainOutputOf(head)]!.tensors[0];
  return Number.isNaN(places) || places === width * height
    ? undefined
    : misfit(`Output "${name}" has ${places} places for an input of ${width}x${height}.`);
}

/** A map has lines and columns. */
function mapProblem(
  head: Head,
  tensors: readonly { readonly name: string; readonly dims: readonly number[] }[],
): InputError | undefined {
  const output = head.outputs[mainOutputOf(head)]!;
  const name = output.tensors[0]!;
  const { dims } = tensors.find((tensor) => tensor.name === name)!;
  const axes = (output.axis === 'none' ? 2 : 3) + (output.unbatched === true ? 0 : 1);
  const squeezed = output.axis === 'none' && dims.length === axes + 1 && dims[1] === 1;
  return dims.length === axes || squeezed
    ? undefined
    : misfit(`Output "${name}" is ${shapeText(dims)}, which is no map with lines and columns.`);
}

/** The widest backbones have 1280 channels (yolov5x); what is larger is no pooled tensor. */
const mostEmbedding = 2048;

function checkEmbedding(name: string, tensors: readonly TensorShape[]): void {
  const tensor = tensors.find((candidate) => candidate.name === name);
  const remedy = 'Make the bundle again with `goshawk model import --embedding`.';
  if (tensor === undefined)
    throw new InputError('model-output', `The model has no output "${name}" for the embedding.`, remedy);
  const [batch = 0, channels = 0] = tensor.dims.map(known);
  if (tensor.dims.length !== 2 || batch > 1 || channels > mostEmbedding) {
    throw new InputError(
      'model-output',
      `Output "${name}" is ${shapeText(tensor.dims)}; an embedding is 1 x C with C up to ${mostEmbedding}.`,
      remedy,
    );
  }
}

function missing(name: string, tensors: readonly { name: string; dims: readonly number[] }[]): InputError {
  const there = tensors.map((tensor) => `${tensor.name} (${shapeText(tensor.dims)})`).join(', ');
  return new InputError(
    'model-output',
    `The model has no output "${name}".`,
    `Its outputs are ${there || 'none'}; name one of them.`,
  );
}

function volume(dims: readonly number[]): number {
  return dims.reduce((product, side) => product * Math.max(side, 0), 1);
}

function known(size: number | string | bigint | null): number {
  const value = Number(size ?? 0);
  return Number.isInteger(value) && value > 0 ? value : 0;
}

function shapeText(dims: readonly (number | string | bigint | null)[]): string {
  return dims.length === 0 ? 'a single value' : dims.map((size) => size || '?').join(' x ');
}

function misfit(message: string): InputError {
  return new InputError(
    'model-output',
    message,
    'The model is another one than that of the bundle; make the bundle again with `goshawk model import`.',
  );
}
