import { defined, GoshawkError, InputError } from '../../base/index.ts';
import {
  type ContractOverrides,
  type DecoderName,
  decoderNames,
  describeShape,
  type InputContract,
  type NetworkInfo,
  type OutputContract,
  proposeContracts,
} from '../../model/index.ts';
import { checkOutputs, unsupportedFamily } from '../../perception/index.ts';

export interface Contracts {
  readonly input: InputContract;
  readonly output: OutputContract;
}

/**
 * How the network is fed and read: with the decoder that was asked for, else with the one that fits. Throws in words where
 * none does, and names a family that no decoder reads.
 */
export function chooseContracts(
  network: NetworkInfo,
  labels: readonly string[],
  overrides: ContractOverrides,
  wanted?: DecoderName,
): Contracts {
  const { embedding } = overrides;
  const outputs = network.outputs.filter(({ name }) => name !== embedding);
  const family = unsupportedFamily({ ...network, outputs }, labels.length);
  if (family !== undefined && network.task !== undefined && network.task !== 'detect') throw named(family);
  try {
    const decoder = wanted ?? suggestDecoder(network, labels, overrides);
    return fitting(decoder, network, labels, overrides);
  } catch (error) {
    if (!(error instanceof InputError) || !shapeProblems.has(error.code)) throw error;
    const other = oneOfMany(network, labels, overrides, wanted);
    if (other !== undefined) throw other;
    throw family === undefined ? error : named(family, error);
  }
}

/** Problems for which another family may be the reason. */
const shapeProblems = new Set(['model-output', 'decoder-unknown', 'model-inputs']);

function named(family: NonNullable<ReturnType<typeof unsupportedFamily>>, cause?: InputError): InputError {
  return new InputError(
    'model-family',
    `This looks like ${family.name}, which no decoder here reads: ${family.sign}.`,
    family.remedy,
    defined({ cause }),
  );
}

/** Throws where the decoder does not fit. */
export function fitting(
  decoder: DecoderName,
  network: NetworkInfo,
  labels: readonly string[],
  overrides: ContractOverrides,
): Contracts {
  const contracts = proposeContracts(decoder, network, overrides);
  checkOutputs(
    contracts.output,
    labels,
    contracts.input,
    network.outputs.map(({ name, shape }) => ({ name, dims: shape })),
  );
  return contracts;
}

/** All decoders that fit, with their contracts. What is wrong with the input is wrong for every decoder, and thrown. */
export function fittingContracts(
  network: NetworkInfo,
  labels: readonly string[],
  overrides: ContractOverrides,
): Contracts[] {
  return decoderNames.flatMap((decoder) => {
    try {
      return [fitting(decoder, network, labels, overrides)];
    } catch (error) {
      if (error instanceof GoshawkError && error.code === 'model-output') return [];
      throw error;
    }
  });
}

/** Without --decoder: the one family that fits, else an error that names what fits. */
function suggestDecoder(
  network: NetworkInfo,
  labels: readonly string[],
  overrides: ContractOverrides,
): DecoderName {
  const names = fittingContracts(network, labels, overrides).map(({ output }) => output.decoder);
  const [only] = names;
  if (only !== undefined && names.length === 1) return only;
  const outputs = network.outputs.map(({ name, shape }) => `${name} ${describeShape(shape)}`).join(', ');
  throw new InputError(
    'decoder-unknown',
    `Which decoder reads the network's output (${outputs}) with ${labels.length} labels is not clear.`,
    names.length === 0
      ? `None of ${decoderNames.join(', ')} fits; check the labels and how the model was exported.`
      : `These fit: ${names.join(', ')}. Say which with --decoder.`,
  );
}

/** Some exporters give the raw heads beside the decoded output: then that one has to be named. */
function oneOfMany(
  network: NetworkInfo,
  labels: readonly string[],
  overrides: ContractOverrides,
  wanted: DecoderName | undefined,
): InputError | undefined {
  if (network.outputs.length < 2 || network.inputs.length !== 1 || overrides.outputs !== undefined)
    return undefined;
  for (const { name, shape } of network.outputs) {
    const [fits] = fittingContracts(network, labels, { ...overrides, outputs: [name] }).filter(
      ({ output }) => wanted === undefined || output.decoder === wanted,
    );
    if (fits === undefined) continue;
    return new InputError(
      'model-output',
      `The network has ${network.outputs.length} outputs; of them "${name}" (${describeShape(shape)}) fits the decoder ${fits.output.decoder}.`,
      `Add --output ${name}.`,
    );
  }
  return undefined;
}
