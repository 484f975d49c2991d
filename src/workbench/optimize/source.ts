import { basename } from 'node:path';
import { defined, InputError } from '../../base/index.ts';
import {
  type ContractOverrides,
  type Family,
  familyNamed,
  type NetworkInfo,
  pictureSides,
  proposeContracts,
  taskOf,
  tensorsOf,
} from '../../model/index.ts';
import { fixPictureSize, loadModel, saveModel } from '../../optimize/index.ts';
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
  const whole = { ...overrides, ...defined({ embedding }) };
  const own = labelsOfFamily(network, whole, options.decoder);
  const labels = await readLabels(options.labels, network, basename(file), own);
  const contracts = chooseContracts(network, labels, whole, options.decoder);
  refuseNetwork(contracts, basename(file));
  const base =
    options.base === undefined
      ? undefined
      : await readBase(options.base, contracts, labels.length, overrides);
  return { file, bytes: withSize(bytes, network, contracts), digest: sourceDigest, labels, contracts, base };
}

/** Variants are judged by boxes and COCO's mAP, of networks that a picture is enough for. */
function refuseNetwork({ input, output }: Contracts, name: string): void {
  const [further] = input.constants ?? [];
  if (further !== undefined) {
    throw new InputError(
      'optimize-inputs',
      `${name} has the input "${further.tensor}" beside the picture; optimize feeds the picture alone.`,
      'Export it without its postprocessor, or import it as it is: `goshawk model import`. It runs in float.',
    );
  }
  const task = taskOf(output);
  if (output.boxes !== undefined) return;
  throw new InputError(
    'optimize-task',
    `${name} is for ${task}, and variants are judged by the mAP of boxes.`,
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
  return withSize(bytes, network, contracts);
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

/** A network with free sides gets those of the contract: calibration and folding need to know them. */
function withSize(bytes: Uint8Array, { inputs }: NetworkInfo, { input }: Contracts): Uint8Array {
  const [, ...sides] = inputs[0]?.shape ?? [];
  if (sides.every((side) => typeof side === 'number')) return bytes;
  const graph = loadModel(bytes);
  fixPictureSize(graph, pictureSides(input));
  return saveModel(graph);
}
