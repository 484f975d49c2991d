import { basename } from 'node:path';
import { defined, InputError } from '../../base/index.ts';
import {
  type ConstantInput,
  type ContractOverrides,
  type Family,
  familyNamed,
  type InputContract,
  type NetworkInfo,
  pictureSides,
  proposeContracts,
  taskOf,
  tensorsOf,
} from '../../model/index.ts';
import { bindInput, fixPictureSize, loadModel, makeTensor, saveModel } from '../../optimize/index.ts';
import { chooseContracts, labelsOfFamily } from '../import/choose-contracts.ts';
import { overridesOf } from '../import/input-options.ts';
import { readLabels } from '../import/labels.ts';
import { readNetwork } from '../import/network-file.ts';
import type { Contracts } from './accuracy-scorer.ts';
import type { OptimizeOptions } from './options.ts';

/** The float model that an optimization starts from. */
export interface Source {
  readonly file: string;
  readonly bytes: Uint8Array;
  /** Of the file. */
  readonly digest: string;
  readonly labels: readonly string[];
  readonly contracts: Contracts;
  /** The model that the source was made from. */
  readonly base: Uint8Array | undefined;
}

/** Reads the network and checks it against the decoder. */
export async function readSource(file: string, options: OptimizeOptions): Promise<Source> {
  const { bytes, network, sourceDigest, embedding } = await readNetwork(file, options.embedding);
  const overrides = overridesOf(options);
  const asked = { ...overrides, ...defined({ embedding }) };
  const own = labelsOfFamily(network, asked, options.decoder);
  const labels = await readLabels(options.labels, network, basename(file), own);
  const contracts = chooseContracts(network, labels, asked, options.decoder);
  refuseTask(contracts, basename(file));
  const base =
    options.base === undefined
      ? undefined
      : await readBase(options.base, contracts, labels.length, overrides);
  const pictureAlone = { ...contracts, input: withoutConstants(contracts.input) };
  const whole = fixed(bytes, network, contracts);
  return { file, bytes: whole, digest: sourceDigest, labels, contracts: pictureAlone, base };
}

/** What the module of a bundle makes of the outputs has no measure here. */
function refuseTask({ output }: Contracts, name: string): void {
  const task = taskOf(output);
  if (task !== 'tensor') return;
  throw new InputError(
    'optimize-task',
    `${name} is read by a module (--decoder tensor), and the accuracy of its variants has no measure here.`,
    'Import it as it is: `goshawk model import`. It runs in float.',
  );
}

/** The base must answer the same question, or a comparison says nothing. */
async function readBase(
  file: string,
  contracts: Contracts,
  classes: number,
  overrides: ContractOverrides,
): Promise<Uint8Array> {
  const { bytes, network } = await readNetwork(file, undefined);
  const family = familyNamed(contracts.output.family)!;
  const { input, output } = baseContracts(file, family, network, classes, overrides);
  const differs = (['tensor', 'width', 'height', 'layout'] as const).find(
    (key) => input[key] !== contracts.input[key],
  );
  const tensors = tensorsOf(output).join(', ');
  if (differs !== undefined || tensors !== tensorsOf(contracts.output).join(', ')) {
    throw new InputError(
      'base-differs',
      `${basename(file)} is not a base of this model: its ${differs === undefined ? `outputs are ${tensors}` : `input has another ${differs}`}.`,
      'Give the float model that this one was pruned and trained from, with the same input and output.',
    );
  }
  return fixed(bytes, network, contracts);
}

function baseContracts(
  file: string,
  family: Family,
  network: NetworkInfo,
  classes: number,
  overrides: ContractOverrides,
): Contracts {
  try {
    return proposeContracts(family, network, classes, overrides);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(
      'base-differs',
      `${basename(file)} is not a base of this model: ${error.message}`,
      'Give the float model that this one was pruned and trained from, with the same input and output.',
      { cause: error },
    );
  }
}

/**
 * Free sides get those of the contract, and further inputs their values: calibration and folding need to know them, and the
 * variants are fed the picture alone.
 */
function fixed(bytes: Uint8Array, { inputs }: NetworkInfo, { input }: Contracts): Uint8Array {
  const [, ...sides] = inputs.find(({ name }) => name === input.tensor)?.shape ?? [];
  const constants = input.constants ?? [];
  if (constants.length === 0 && sides.every((side) => typeof side === 'number')) return bytes;
  const graph = loadModel(bytes);
  fixPictureSize(graph, pictureSides(input));
  for (const constant of constants) bindInput(graph, tensorOf(constant));
  return saveModel(graph);
}

const elementTypes = { float32: 1, int32: 6, int64: 7 } as const;

function tensorOf({ tensor, dtype, shape, values }: ConstantInput) {
  const data =
    dtype === 'int64'
      ? BigInt64Array.from(values, BigInt)
      : dtype === 'int32'
        ? Int32Array.from(values)
        : Float32Array.from(values);
  return makeTensor(tensor, elementTypes[dtype], shape, data);
}

function withoutConstants({ constants: _, ...input }: InputContract): InputContract {
  return input;
}
