import { decodeUtf8, describeError, encodeUtf8 } from '../base/index.ts';
import {
  type InferenceAnswer,
  type InferenceRequest,
  invalid,
  longestText,
  mostParameters,
  mostTensors,
  type Parameters,
} from './request.ts';
import { type InputTensor, rawBytes, type Tensor } from './tensor.ts';

/** How big the JSON is in front of binary tensors. */
export const jsonLengthHeader = 'inference-header-content-length';

/** A request and which outputs it wants as bytes behind the JSON (binary tensor data extension). */
export interface HttpRequest {
  readonly request: InferenceRequest;
  readonly binary: (output: string) => boolean;
}

const remedy = 'docs/inference.md has requests that work.';
type Json = Readonly<Record<string, unknown>>;

/** `jsonLength`: of the header, where there is one. Throws an InputError that says what does not fit. */
export function httpRequest(
  model: string,
  version: string | undefined,
  body: Uint8Array,
  jsonLength: string | undefined,
): HttpRequest {
  const length = jsonLength === undefined ? body.length : Number(jsonLength);
  if (!Number.isInteger(length) || length < 1 || length > body.length)
    throw invalid(
      `The header ${jsonLengthHeader} says ${jsonLength ?? length}, and the body has ${body.length} bytes.`,
      remedy,
    );
  const json = objectOf(parsed(body.subarray(0, length)), 'The body');
  const inputs = inputsOf(json.inputs, body.subarray(length));
  const outputs = json.outputs === undefined ? undefined : listOf(json.outputs, 'outputs');
  const parameters = parametersOf(json.parameters);
  const everything = parameters.binary_data_output === true;
  const asked = new Map<string, boolean>();
  for (const given of outputs ?? []) {
    const output = objectOf(given, 'An output');
    const { binary_data: binary = everything } = parametersOf(output.parameters);
    asked.set(textOf(output.name, 'The name of an output'), binary === true);
  }
  const id = json.id === undefined ? {} : { id: textOf(json.id, 'The id') };
  const named = version === undefined ? {} : { version };
  const names = outputs === undefined ? {} : { outputs: [...asked.keys()] };
  return {
    request: { model, ...named, ...id, parameters, inputs, ...names },
    binary: (output) => asked.get(output) ?? everything,
  };
}

/** The JSON, and what lies behind it. */
export function httpAnswer(
  { model, version, id, outputs }: InferenceAnswer,
  binary: (output: string) => boolean,
): { readonly json: Uint8Array; readonly tensors: readonly Uint8Array[] } {
  const tensors: Uint8Array[] = [];
  const told = outputs.map((tensor) => {
    const { name, datatype, shape } = tensor;
    if (!binary(name)) return { name, datatype, shape, data: jsonValues(tensor) };
    const bytes = rawBytes(tensor);
    tensors.push(bytes);
    return { name, datatype, shape, parameters: { binary_data_size: bytes.length } };
  });
  const answer = { model_name: model, model_version: version, ...(id === undefined ? {} : { id }) };
  return { json: encodeUtf8(JSON.stringify({ ...answer, outputs: told })), tensors };
}

/** Floats with the digits that they have. NaN, which JSON does not know, is null. */
function jsonValues(tensor: Tensor): readonly unknown[] {
  if (tensor.datatype !== 'FP32') return Array.from<unknown>(tensor.values);
  return Array.from(tensor.values, (value) => (Number.isFinite(value) ? Number(value.toPrecision(7)) : null));
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(decodeUtf8(bytes));
  } catch (error) {
    throw invalid(`The request is not JSON: ${describeError(error).slice(0, longestText)}.`, remedy);
  }
}

/** `behind`: what follows the JSON, in the order of the inputs that ask for it. */
function inputsOf(given: unknown, behind: Uint8Array): InputTensor[] {
  let at = 0;
  const inputs = listOf(given, 'inputs').map((one): InputTensor => {
    const input = objectOf(one, 'An input');
    const name = textOf(input.name, 'The name of an input');
    const datatype = textOf(input.datatype, 'A datatype');
    const shape = listOf(input.shape, 'shape').map(Number);
    const { binary_data_size: size } = parametersOf(input.parameters);
    if (size === undefined)
      return { name, datatype, shape, content: { kind: 'values', values: dataOf(input.data) } };
    if (!Number.isInteger(size) || Number(size) < 0 || Number(size) > behind.length - at)
      throw invalid(
        `The input "${name}" has a binary_data_size of ${String(size)}, and ${behind.length - at} bytes are left behind the JSON.`,
        remedy,
      );
    const bytes = behind.subarray(at, at + Number(size));
    at += Number(size);
    return { name, datatype, shape, content: { kind: 'raw', bytes } };
  });
  if (at < behind.length)
    throw invalid(`${behind.length - at} bytes behind the JSON belong to no input.`, remedy);
  return inputs;
}

function dataOf(given: unknown): readonly unknown[] {
  if (Array.isArray(given)) return given;
  throw invalid('The data of an input is not a list.', remedy);
}

function listOf(given: unknown, name: string): readonly unknown[] {
  if (Array.isArray(given) && given.length <= mostTensors) return given;
  throw invalid(
    Array.isArray(given) ? `${name} has ${given.length} entries.` : `${name} is not a list.`,
    `At most ${mostTensors} are taken; ${remedy}`,
  );
}

function objectOf(given: unknown, what: string): Json {
  if (typeof given === 'object' && given !== null && !Array.isArray(given)) return given as Json;
  throw invalid(`${what} is no JSON object.`, remedy);
}

function textOf(given: unknown, what: string): string {
  if (typeof given === 'string' && given.length <= longestText) return given;
  throw invalid(`${what} is not a text of ${longestText} characters or fewer.`, remedy);
}

function parametersOf(given: unknown): Parameters {
  if (given === undefined || given === null) return {};
  const entries = Object.entries(objectOf(given, 'parameters'));
  if (entries.length > mostParameters)
    throw invalid(`A request has ${entries.length} parameters.`, `At most ${mostParameters} are taken.`);
  // What is no value of the protocol is of nobody's matter here.
  return Object.fromEntries(
    entries.filter((entry): entry is [string, string | number | boolean] =>
      ['string', 'number', 'boolean'].includes(typeof entry[1]),
    ),
  );
}
