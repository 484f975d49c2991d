import { defined, InputError } from '../../base/index.ts';
import {
  type ContractOverrides,
  describeShape,
  type Family,
  families,
  familyNamed,
  familyNames,
  type InputContract,
  type NetworkInfo,
  type OutputContract,
  proposeContracts,
  type UnsupportedFamily,
  unsupportedFamily,
} from '../../model/index.ts';

export interface Contracts {
  readonly input: InputContract;
  readonly output: OutputContract;
}

/**
 * How the network may be fed and read, the likeliest way first: by the family that was asked for, else by each that fits. Throws in
 * words where none does, and names a family that is not read.
 */
export function waysToRead(
  network: NetworkInfo,
  labels: readonly string[],
  overrides: ContractOverrides,
  wanted?: string,
): readonly Contracts[] {
  const { embedding } = overrides;
  const outputs = network.outputs.filter(({ name }) => name !== embedding);
  const other = unsupportedFamily({ ...network, outputs }, labels.length);
  const chosen = wanted === undefined ? undefined : family(wanted);
  try {
    if (chosen !== undefined) return [proposeContracts(chosen, network, labels.length, overrides, true)];
    const { ways, unfed } = tryFamilies(network, labels, overrides);
    if (ways.length === 0) throw unfed ?? noneFits(network, labels, overrides);
    return ways;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    if (other !== undefined && inputProblems.has(error.code)) throw named(other, error);
    if (!shapeProblems.has(error.code)) throw error;
    const single = oneOfMany(network, labels, overrides, chosen);
    if (single !== undefined) throw single;
    throw other === undefined ? error : named(other, error);
  }
}

/** The labels that every network of this one's family has; undefined: its user names them. */
export function labelsOfFamily(
  network: NetworkInfo,
  overrides: ContractOverrides,
  wanted?: string,
): readonly string[] | undefined {
  if (wanted !== undefined) return family(wanted).labels;
  return families.find((candidate) => {
    const { labels, onlyAsked } = candidate;
    if (labels === undefined || onlyAsked === true) return false;
    try {
      proposeContracts(candidate, network, labels.length, overrides);
      return true;
    } catch (error) {
      if (error instanceof InputError) return false;
      throw error;
    }
  })?.labels;
}

/** The one way; throws where several fit and none was asked for. */
export function chooseContracts(
  network: NetworkInfo,
  labels: readonly string[],
  overrides: ContractOverrides,
  wanted?: string,
): Contracts {
  const ways = waysToRead(network, labels, overrides, wanted);
  if (ways.length > 1) throw ambiguous(network, labels, ways);
  return ways[0]!;
}

/** Problems for which another family may be the reason. */
const shapeProblems = new Set(['model-output', 'decoder-unknown', 'model-inputs']);

/** No family takes such an input, so it is that of another one. */
const inputProblems = new Set(['model-input-shape', 'model-input-type']);

function family(name: string): Family {
  const found = familyNamed(name);
  if (found !== undefined) return found;
  throw new InputError(
    'decoder-unknown',
    `There is no decoder "${name}".`,
    `Use one of ${familyNames.join(', ')}, or leave --decoder out.`,
  );
}

function named(other: UnsupportedFamily, cause?: InputError): InputError {
  return new InputError(
    'model-family',
    `This looks like ${other.name}, and no decoder reads it as it is: ${other.sign}.`,
    other.remedy,
    defined({ cause }),
  );
}

/** All ways that fit. What is wrong with the picture's input is wrong for every family, and thrown. */
export function fittingContracts(
  network: NetworkInfo,
  labels: readonly string[],
  overrides: ContractOverrides,
): readonly Contracts[] {
  return tryFamilies(network, labels, overrides).ways;
}

/** `unfed`: the outputs are those of a family, which has no such input beside its picture. */
function tryFamilies(network: NetworkInfo, labels: readonly string[], overrides: ContractOverrides) {
  const ways: Contracts[] = [];
  let unfed: InputError | undefined;
  for (const candidate of families) {
    if (candidate.onlyAsked === true) continue;
    try {
      const way = proposeContracts(candidate, network, labels.length, overrides);
      // Two classes and an angle have the form of YOLOv5's rows.
      if (network.task !== 'obb' || way.output.angle !== undefined) ways.push(way);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      if (error.code === 'model-inputs') unfed ??= error;
      else if (error.code !== 'model-output') throw error;
    }
  }
  return { ways, unfed };
}

/** The number of classes with which most decoders would read the network; undefined where two are as likely. */
function likelyClasses(network: NetworkInfo, overrides: ContractOverrides): number | undefined {
  const sides = network.outputs.flatMap(({ shape }) => shape.filter((side) => typeof side === 'number'));
  const counts = new Set(sides.flatMap((side) => [side - 5, side - 4, side]));
  const likely = [...counts]
    .filter((count) => count > 0 && count <= mostClasses)
    .map((count) => ({
      count,
      ways: fittingContracts(network, Array.from({ length: count }, String), overrides),
    }))
    .filter(({ ways }) => ways.length > 0)
    .sort((a, b) => b.ways.length - a.ways.length);
  return likely[0]?.ways.length === likely[1]?.ways.length ? undefined : likely[0]?.count;
}

const mostClasses = 2_000;

function noneFits(network: NetworkInfo, labels: readonly string[], overrides: ContractOverrides): InputError {
  const classes = likelyClasses(network, overrides);
  if (classes !== undefined)
    return new InputError(
      'decoder-unknown',
      `The network seems to have ${classes} classes (${outputsText(network)}), and you gave ${labels.length} labels.`,
      'Give the labels that it was trained with, one line per class in the order of training.',
    );
  return new InputError(
    'decoder-unknown',
    `No decoder reads the network's output (${outputsText(network)}) with ${labels.length} labels.`,
    'Check the labels and how the model was exported; `goshawk model import --help` lists the decoders.',
  );
}

export function ambiguous(
  network: NetworkInfo,
  labels: readonly string[],
  ways: readonly Contracts[],
): InputError {
  return new InputError(
    'decoder-unknown',
    `Which decoder reads the network's output (${outputsText(network)}) with ${labels.length} labels is not clear.`,
    `These fit: ${ways.map(({ output }) => output.family).join(', ')}. Say which with --decoder.`,
  );
}

function outputsText(network: NetworkInfo): string {
  return network.outputs.map(({ name, shape }) => `${name} ${describeShape(shape)}`).join(', ');
}

/** Some exporters give the raw heads beside the decoded output: then that one has to be named. */
function oneOfMany(
  network: NetworkInfo,
  labels: readonly string[],
  overrides: ContractOverrides,
  wanted: Family | undefined,
): InputError | undefined {
  if (network.outputs.length < 2 || network.inputs.length !== 1 || overrides.outputs !== undefined)
    return undefined;
  // Raw heads have the shape of maps, too; a map has one auxiliary output at most.
  const isPair = network.outputs.length === 2;
  for (const { name, shape } of network.outputs) {
    const [fits] = fittingContracts(network, labels, { ...overrides, outputs: [name] }).filter(
      ({ output }) => (wanted === undefined ? output.map !== true || isPair : output.family === wanted.name),
    );
    if (fits === undefined) continue;
    return new InputError(
      'model-output',
      `The network has ${network.outputs.length} outputs; of them "${name}" (${describeShape(shape)}) fits the decoder ${fits.output.family}.`,
      `Add --output ${name}.`,
    );
  }
  return undefined;
}
