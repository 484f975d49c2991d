import { readFile } from 'node:fs/promises';
import { InferenceSession } from 'onnxruntime-node';
import { describeError, GoshawkError, InputError } from '../../base/index.ts';
import { type NetworkInfo, readOnnxHeader, type TensorInfo } from '../../model/index.ts';
import { explainFileError } from '../../platform/index.ts';

/** Loads a session with every setting explicit; a failure says why and what to do. */
export async function loadSession(
  model: string | Uint8Array,
  modelName: string,
  threads: number,
  rewritePairs = true,
): Promise<InferenceSession> {
  const options: InferenceSession.SessionOptions = {
    executionProviders: ['cpu'],
    // Explicit: the default takes every core from the cameras.
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    // Errors reach the user through the exception; warnings on stderr would break a progress bar.
    logSeverityLevel: 4,
    ...(rewritePairs ? {} : { extra: { session: { disable_quant_qdq: '1' } } }),
  };
  try {
    return typeof model === 'string'
      ? await InferenceSession.create(model, options)
      : await InferenceSession.create(model, options);
  } catch (error) {
    throw await explainLoadError(error, model, modelName);
  }
}

async function explainLoadError(
  error: unknown,
  model: string | Uint8Array,
  modelName: string,
): Promise<GoshawkError> {
  const said = describeError(error);
  try {
    const bytes = typeof model === 'string' ? await readFile(model) : model;
    readOnnxHeader(bytes, modelName);
  } catch (better) {
    if (better instanceof GoshawkError) return better;
    return explainFileError(better, 'read the model', modelName);
  }
  const external = /external data|model_path must not be empty/i.test(said);
  const unsupported = /No Op registered for|opset|is not a registered function|NOT_IMPLEMENTED/i.test(said);
  return new InputError(
    'model-load',
    `ONNX Runtime can't load ${modelName}: ${said}`,
    external
      ? 'Its weights are in a second file; save it as one: onnx.save_model(model, path, save_as_external_data=False).'
      : unsupported
        ? 'The model uses an operator or opset that this ONNX Runtime does not know; export it with opset 13 to 17.'
        : 'The file is damaged or was exported wrongly; copy or export it again, and check it with `onnx.checker`.',
    { cause: error },
  );
}

/** Names, types and shapes of a loaded session. */
export function networkInfo(session: InferenceSession): NetworkInfo {
  return { inputs: session.inputMetadata.map(tensorInfo), outputs: session.outputMetadata.map(tensorInfo) };
}

function tensorInfo(value: InferenceSession.ValueMetadata): TensorInfo {
  if (!value.isTensor) return { name: value.name, dtype: 'not a tensor', shape: [] };
  return {
    name: value.name,
    dtype: value.type,
    // ONNX Runtime writes a dimension without a size as -1 or as its symbol.
    shape: value.shape.map((side) => (typeof side === 'number' && side < 0 ? '?' : side)),
  };
}
