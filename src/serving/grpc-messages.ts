import type { InferenceAnswer, InferenceRequest } from './request.ts';
import { invalid, longestText, mostParameters, mostTensors, type Parameters } from './request.ts';
import { type InputTensor, rawBytes } from './tensor.ts';

/** Messages of the service `inference.GRPCInferenceService`, as its schema writes them; a field that is absent has its zero. */
export interface GrpcMessages {
  readonly model: { readonly name: string; readonly version: string };
  readonly request: {
    readonly model_name: string;
    readonly model_version: string;
    readonly id: string;
    readonly parameters: Readonly<Record<string, GrpcParameter>>;
    readonly inputs: readonly GrpcInput[];
    readonly outputs: readonly { readonly name: string }[];
    readonly raw_input_contents: readonly Uint8Array[];
  };
}

/** Exactly one is there. */
interface GrpcParameter {
  readonly bool_param?: boolean;
  readonly int64_param?: number;
  readonly string_param?: string;
  readonly double_param?: number;
  readonly uint64_param?: number;
}

interface GrpcInput {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly contents?: {
    readonly uint_contents: readonly number[];
    readonly bytes_contents: readonly Uint8Array[];
  } | null;
}

const remedy = 'docs/inference.md has requests that work.';

/** Throws an InputError that says what does not fit. */
export function grpcRequest(message: GrpcMessages['request']): InferenceRequest {
  const { model_name: model, model_version: version, id, inputs, outputs, raw_input_contents: raw } = message;
  const parameters = Object.entries(message.parameters);
  for (const [what, { length }, most] of [
    ['inputs', inputs, mostTensors],
    ['outputs', outputs, mostTensors],
    ['parameters', parameters, mostParameters],
  ] as const)
    if (length > most) throw invalid(`A request has ${length} ${what}.`, `At most ${most} are taken.`);
  for (const text of [model, version, id])
    if (text.length > longestText)
      throw invalid(
        'A name or the id of a request is too long.',
        `At most ${longestText} characters are taken.`,
      );
  if (raw.length > 0 && raw.length !== inputs.length)
    throw invalid(
      `The request does not fit: inputs: ${inputs.length}, raw_input_contents: ${raw.length}.`,
      remedy,
    );
  return {
    ...{
      model,
      parameters: parametersOf(parameters),
      inputs: inputs.map((one, at) => inputOf(one, raw[at])),
    },
    ...(version === '' ? {} : { version }),
    ...(id === '' ? {} : { id }),
    ...(outputs.length === 0 ? {} : { outputs: outputs.map(({ name }) => name) }),
  };
}

/** `raw_output_contents` as Triton writes them, which every client reads. */
export function grpcAnswer({ model, version, id = '', outputs }: InferenceAnswer) {
  return {
    model_name: model,
    model_version: version,
    id,
    outputs: outputs.map(({ name, datatype, shape }) => ({ name, datatype, shape })),
    raw_output_contents: outputs.map(rawBytes),
  };
}

function inputOf({ name, datatype, shape, contents }: GrpcInput, raw: Uint8Array | undefined): InputTensor {
  if (raw !== undefined) return { name, datatype, shape, content: { kind: 'raw', bytes: raw } };
  const { uint_contents: numbers = [], bytes_contents: elements = [] } = contents ?? {};
  return {
    name,
    datatype,
    shape,
    content: { kind: 'values', values: datatype === 'BYTES' ? elements : numbers },
  };
}

function parametersOf(entries: readonly (readonly [string, GrpcParameter])[]): Parameters {
  const values = entries.map(([name, given]) => {
    const { bool_param, int64_param, string_param, double_param, uint64_param } = given;
    return [name, bool_param ?? int64_param ?? string_param ?? double_param ?? uint64_param] as const;
  });
  return Object.fromEntries(
    values.filter((entry): entry is [string, string | number | boolean] => entry[1] !== undefined),
  );
}
