import { defined, InputError } from '../base/index.ts';
import type { Family, FamilyNetwork } from './families/family.ts';
import type { InputContract, OutputContract } from './manifest.ts';

/** One input or output of a network: name, element type and shape; a string in the shape is a free dimension. */
export interface TensorInfo {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly (number | string)[];
}

/** What an ONNX file says about itself. */
export interface NetworkInfo {
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
  /** What its exporter says it is for, e.g. `detect` or `segment` of Ultralytics. */
  readonly task?: string;
  /** Names of its classes, as its exporter noted them. */
  readonly names?: readonly string[];
  /** The dictionary of a text recogniser, as its exporter noted it, one character a line. */
  readonly characters?: string;
  /** Width and height that its exporter noted, for a network that leaves them open. */
  readonly pictureSize?: { readonly width: number; readonly height: number };
  /** Its first layers bring pixels 0..255 to where it wants them. */
  readonly normalizes?: boolean;
}

/** What the user may say about a model that its file does not tell. */
export interface ContractOverrides {
  readonly width?: number;
  readonly height?: number;
  readonly colorOrder?: InputContract['colorOrder'];
  readonly scale?: number;
  readonly mean?: InputContract['mean'];
  readonly std?: InputContract['std'];
  readonly fit?: InputContract['fit'];
  readonly pad?: number;
  readonly outputs?: readonly string[];
  readonly strides?: readonly number[];
  /** An output that is no box. */
  readonly embedding?: string;
}

/**
 * How a network of this family is fed and read: the family's own conventions, corrected by what the network's input says and by
 * the user's overrides. Throws an InputError, `model-output` where its outputs are none of the family.
 */
export function proposeContracts(
  family: Family,
  network: NetworkInfo,
  classes: number,
  overrides: ContractOverrides = {},
  asked = false,
): { readonly input: InputContract; readonly output: OutputContract } {
  const tensor = pictureOf(network);
  const convention = family.input;
  const { layout, width, height, grey } = shapeOf(tensor, overrides, network.pictureSize);
  const { embedding } = overrides;
  const seen: FamilyNetwork = {
    outputs: outputsOf(network, overrides),
    task: network.task,
    furtherInputs: network.inputs.filter((input) => input !== tensor).map(({ name }) => name),
    ...{ classes, width, height, asked, strides: overrides.strides },
  };
  const head = family.head(seen);
  if (typeof head === 'string') throw new InputError('model-output', head, remedyFor(head, seen));
  const constants = family.constants?.(seen) ?? [];
  const fed = constants.map((constant) => constant.tensor);
  const unfed = seen.furtherInputs.find((name) => !fed.includes(name));
  if (unfed !== undefined) {
    throw new InputError(
      'model-inputs',
      `The network has ${network.inputs.length} inputs (${names(network.inputs)}), and ${family.title} has no "${unfed}".`,
      'Export the model again with the picture as its only input.',
    );
  }
  const dtype = dtypeOf(tensor);
  // Integers are 0..255 here, so a network that takes them normalises inside.
  const takesPixels = dtype === 'uint8' || dtype === 'int32' || network.normalizes === true;
  const input: InputContract = {
    tensor: tensor.name,
    width,
    height,
    layout,
    dtype,
    colorOrder: grey ? 'grey' : (overrides.colorOrder ?? convention.colorOrder),
    scale: overrides.scale ?? (takesPixels ? 1 : convention.scale),
    mean: overrides.mean ?? (takesPixels ? undefined : ofChannels(convention.mean, grey)) ?? [0, 0, 0],
    std: overrides.std ?? (takesPixels ? undefined : ofChannels(convention.std, grey)) ?? [1, 1, 1],
    fit: overrides.fit ?? convention.fit,
    pad: overrides.pad ?? convention.pad ?? 114,
    ...(constants.length === 0 ? {} : { constants: [...constants] }),
  };
  refuseLostBytes(input);
  return { input, output: { family: family.name, ...head, ...defined({ embedding }) } };
}

/** Of one channel: the middle of those of three. */
function ofChannels(values: InputContract['mean'] | undefined, grey: boolean): typeof values {
  if (values === undefined || !grey) return values;
  const middle = (values[0] + values[1] + values[2]) / 3;
  return [middle, middle, middle];
}

/** The picture is the input of four axes; where there are several, the first. */
function pictureOf({ inputs }: NetworkInfo): TensorInfo {
  const tensor = inputs.find(({ shape }) => shape.length === 4) ?? inputs[0];
  if (tensor !== undefined) return tensor;
  throw new InputError(
    'model-inputs',
    'The network has no input.',
    'Export the model again with the picture as its input.',
  );
}

/** Those that the user named, else all but the embedding. */
function outputsOf(
  network: NetworkInfo,
  { outputs, embedding }: ContractOverrides,
): FamilyNetwork['outputs'] {
  const unknown = outputs?.find((name) => !network.outputs.some((output) => output.name === name));
  if (unknown !== undefined) {
    throw new InputError(
      'model-output-name',
      `The network has no output "${unknown}"; its outputs are ${names(network.outputs)}.`,
      'Name one of those.',
    );
  }
  return network.outputs
    .filter(({ name }) => (outputs === undefined ? name !== embedding : outputs.includes(name)))
    .map(({ name, shape, dtype }) => ({
      name,
      dims: shape.map(known),
      integers: dtype.includes('int'),
    }));
}

/** 0: not known before the run. */
export function known(side: number | string): number {
  return typeof side === 'number' && side > 0 ? side : 0;
}

function remedyFor(problem: string, { outputs, classes }: FamilyNetwork): string {
  const other = /It looks like (\w+):/.exec(problem)?.[1];
  if (other !== undefined) return `Try --decoder ${other}.`;
  if (problem.includes('not the') || problem.includes('which fits')) {
    return 'Give the labels that the model was trained with, one line per class in the order of training.';
  }
  if (problem.includes('batch is'))
    return 'Export the model with a batch of 1; frames of several cameras are batched by the engine, not by the model.';
  const ask = 'Check the decoder, the input size and how the model was exported.';
  const [{ dims } = { dims: [] }] = outputs;
  if (!problem.includes('axes where')) return ask;
  if (dims.length === 4 && dims[1] === 5 + classes)
    return 'It looks like fastestdet: try --decoder fastestdet.';
  if (dims.length === 5)
    return 'This is a raw head with anchors; export the model with its Detect layer so that boxes come out decoded.';
  if (dims.length === 2 && (dims[1] === 6 || dims[1] === 7))
    return 'This looks like boxes after NMS; export the model with a batch of 1 (1 x N x 6, --decoder yolov10), or without NMS.';
  return ask;
}

/** `noted`: what the exporter says of sides that are free; sides that are fixed say it themselves. */
function shapeOf(tensor: TensorInfo, overrides: ContractOverrides, noted: NetworkInfo['pictureSize']) {
  const { shape } = tensor;
  const grey = !shape.some(isChannels) && [shape[1], shape[3]].includes(1);
  const is = grey ? (side: number | string | undefined) => side === 1 : isChannels;
  const layout = is(shape[1]) ? 'nchw' : is(shape[3]) ? 'nhwc' : undefined;
  if (shape.length !== 4 || layout === undefined) {
    throw new InputError(
      'model-input-shape',
      `Input "${tensor.name}" has the shape ${describeShape(shape)}; a picture is 1x3xHxW or 1xHxWx3, with 1 in place of 3 a grey one.`,
      'Export the model with one picture as its input.',
    );
  }
  if (typeof shape[0] === 'number' && shape[0] !== 1) {
    throw new InputError(
      'model-batch',
      `Input "${tensor.name}" has the shape ${describeShape(shape)}: a fixed batch of ${shape[0]}.`,
      'Export the model with batch 1 or with a free batch dimension.',
    );
  }
  const [h, w] = layout === 'nchw' ? [shape[2], shape[3]] : [shape[1], shape[2]];
  return {
    layout,
    grey,
    width: side(tensor, 'width', w, overrides.width, noted?.width),
    height: side(tensor, 'height', h, overrides.height, noted?.height),
  } as const;
}

/** Hugging Face leaves this side open too, and names it `num_channels`. */
function isChannels(side: number | string | undefined): boolean {
  return side === 3 || (typeof side === 'string' && /channel/i.test(side));
}

function side(
  tensor: TensorInfo,
  what: string,
  fixed: number | string | undefined,
  wanted: number | undefined,
  noted: number | undefined,
): number {
  if (typeof fixed === 'number' && fixed > 0) {
    if (wanted === undefined || wanted === fixed) return fixed;
    throw new InputError(
      'model-input-size',
      `You give the ${what} ${wanted}, but input "${tensor.name}" is ${describeShape(tensor.shape)}.`,
      'Leave --input-size out, or export the model with that size.',
    );
  }
  const free = wanted ?? noted;
  if (free !== undefined) return free;
  throw new InputError(
    'model-input-free',
    `Input "${tensor.name}" is ${describeShape(tensor.shape)}: the ${what} is free.`,
    'Say which size to run it with: --input-size 640 or --input-size 640x384.',
  );
}

function dtypeOf(tensor: TensorInfo): InputContract['dtype'] {
  const { dtype } = tensor;
  if (dtype === 'float32' || dtype === 'float16' || dtype === 'uint8' || dtype === 'int32') return dtype;
  throw new InputError(
    'model-input-type',
    `Input "${tensor.name}" holds ${dtype}; float32, float16, uint8 and int32 are read.`,
    'Export the model with float32 input.',
  );
}

/** Scaled to 0..1 every byte would be 0 or 1, and the network see nothing. */
export function losesBytes({ dtype, scale, mean, std }: InputContract): boolean {
  if (dtype !== 'uint8' && dtype !== 'int32') return false;
  return ([0, 1, 2] as const).some((channel) => {
    const black = (0 - mean[channel]) / std[channel];
    const white = (255 * scale - mean[channel]) / std[channel];
    return Math.min(black, white) < -0.5 || Math.max(black, white) > 255.5 || Math.abs(white - black) < 100;
  });
}

function refuseLostBytes(input: InputContract): void {
  if (!losesBytes(input)) return;
  const { tensor, scale, mean, std } = input;
  throw new InputError(
    'model-input-range',
    `Input "${tensor}" holds bytes, and with scale ${scale}, mean ${mean.join(', ')} and std ${std.join(', ')} pixels 0..255 don't fit into them.`,
    'Leave --scale, --mean and --std out: a network that takes bytes normalises them itself.',
  );
}

/** `1x3xHx?` */
export function describeShape(shape: readonly (number | string)[]): string {
  return shape.length === 0 ? 'scalar' : shape.map((side) => (side === '' ? '?' : String(side))).join('x');
}

function names(tensors: readonly TensorInfo[]): string {
  return tensors.length === 0 ? 'none' : tensors.map((tensor) => `"${tensor.name}"`).join(', ');
}
