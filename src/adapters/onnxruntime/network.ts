import { type InferenceSession, Tensor } from 'onnxruntime-node';
import { describeError, floatsFromHalf, InputError } from '../../base/index.ts';
import { describeShape, type InputContract, type OutputContract } from '../../model/index.ts';
import {
  checkOutputs,
  type DetectionSettings,
  type DetectorResult,
  type Image,
  type InputTensor,
  Letterboxer,
  type OutputTensor,
  Postprocessor,
} from '../../perception/index.ts';
import { loadSession, networkInfo } from './session.ts';

/** Everything that is needed to load a network in its thread. */
export interface NetworkOptions {
  /** Path of the ONNX file, or its bytes where the plaintext must not be on the disk. */
  readonly model: string | Uint8Array;
  /** How the model is called in messages. */
  readonly modelName: string;
  readonly input: InputContract;
  readonly output: OutputContract;
  readonly labels: readonly string[];
  readonly threads: number;
  readonly multiLabel: boolean;
  /** Boxes that go into NMS at most; absent: the default of perception. */
  readonly maxCandidates?: number;
  /** URL of a module with `decodeJpeg(bytes)`; without it jpeg frames are refused. */
  readonly jpegDecoderModule?: string;
}

export interface NetworkResult {
  readonly result: DetectorResult;
  /** Outputs that were NaN or infinite. */
  readonly invalid: number;
}

/**
 * Preprocess, network, decode and NMS of one model on the calling thread. Lives in the worker.
 *
 * INVARIANT: the input tensor is allocated once and reused, so one frame is under way at a time.
 */
export class Network {
  readonly #session: InferenceSession;
  readonly #letterboxer: Letterboxer;
  readonly #postprocessor: Postprocessor;
  readonly #buffer: InputTensor;
  readonly #feeds: Record<string, Tensor>;
  readonly #outputs: readonly string[];
  readonly #wanted: readonly string[];
  readonly #embedding: string | undefined;
  readonly #options: NetworkOptions;

  private constructor(session: InferenceSession, options: NetworkOptions) {
    this.#session = session;
    this.#letterboxer = new Letterboxer(options.input);
    const { multiLabel, maxCandidates } = options;
    this.#postprocessor = new Postprocessor(options, options.labels, {
      multiLabel,
      ...(maxCandidates === undefined ? {} : { maxCandidates }),
    });
    this.#options = options;
    this.#buffer = this.#letterboxer.allocate();
    const { tensor, dtype, layout, width, height } = options.input;
    const dims = layout === 'nchw' ? [1, 3, height, width] : [1, height, width, 3];
    this.#feeds = { [tensor]: new Tensor(dtype, this.#buffer, dims) };
    const { tensors, embedding } = options.output;
    this.#outputs = tensors;
    this.#embedding = embedding;
    this.#wanted = embedding === undefined ? tensors : [...tensors, embedding];
  }

  /** Loads the model and checks it against its contracts. */
  static async load(options: NetworkOptions): Promise<Network> {
    const session = await loadSession(options.model, options.modelName, options.threads);
    try {
      checkInput(session, options);
      checkOutputs(
        options.output,
        options.labels,
        options.input,
        networkInfo(session).outputs.map(({ name, shape }) => ({ name, dims: shape })),
      );
      return new Network(session, options);
    } catch (error) {
      await session.release();
      throw error;
    }
  }

  /**
   * One run on an empty picture, so that the first frame does not pay for lazy allocation; the shapes that really come
   * out are checked too, since a model may leave them open.
   */
  async warmUp(): Promise<void> {
    const { output, labels, input, modelName } = this.#options;
    const values = await this.#session.run(this.#feeds, [...this.#wanted]).catch((error: unknown) => {
      throw new InputError(
        'model-trial',
        `${modelName} loads, but fails on a picture of ${input.width}x${input.height}: ${describeError(error)}`,
        'The network itself is at fault, most often by a shape that was exported wrongly; export it again for this input size, and try it with `goshawk run`.',
        { cause: error },
      );
    });
    checkOutputs(
      output,
      labels,
      input,
      this.#wanted.map((name) => readable(name, values[name])),
    );
  }

  async detect(image: Image, settings: DetectionSettings, startMs: number): Promise<NetworkResult> {
    const geometry = this.#letterboxer.run(image, this.#buffer);
    const preprocessed = performance.now();
    const values = await this.#session.run(this.#feeds, [...this.#wanted]);
    const inferred = performance.now();
    const outputs = this.#outputs.map((name) => readable(name, values[name]));
    const { detections, candidates, invalid } = this.#postprocessor.run(outputs, geometry, image, settings);
    return {
      result: {
        detections,
        candidates,
        ...this.#embeddingOf(values),
        timings: {
          preprocessMs: preprocessed - startMs,
          inferMs: inferred - preprocessed,
          postprocessMs: performance.now() - inferred,
        },
      },
      invalid,
    };
  }

  async close(): Promise<void> {
    await this.#session.release();
  }

  #embeddingOf(values: InferenceSession.OnnxValueMapType): Pick<DetectorResult, 'embedding'> {
    const name = this.#embedding;
    return name === undefined ? {} : { embedding: readable(name, values[name]).data };
  }
}

function checkInput(session: InferenceSession, { input, modelName }: NetworkOptions): void {
  const { inputs } = networkInfo(session);
  const tensor = inputs.find((candidate) => candidate.name === input.tensor);
  const remedy = 'The bundle does not fit its model; make it again with `goshawk model import`.';
  if (tensor === undefined) {
    const names = inputs.map(({ name }) => `"${name}"`).join(', ') || 'none';
    throw new InputError(
      'model-input-name',
      `${modelName} has no input "${input.tensor}"; its inputs are ${names}.`,
      remedy,
    );
  }
  const dims =
    input.layout === 'nchw' ? [1, 3, input.height, input.width] : [1, input.height, input.width, 3];
  const fits =
    tensor.shape.length === 4 &&
    tensor.shape.every((side, axis) => typeof side === 'string' || side === dims[axis]);
  if (!fits || tensor.dtype !== input.dtype) {
    throw new InputError(
      'model-input-shape',
      `Input "${input.tensor}" of ${modelName} is ${describeShape(tensor.shape)} ${tensor.dtype}, but the bundle says ` +
        `${describeShape(dims)} ${input.dtype}.`,
      remedy,
    );
  }
}

function readable(name: string, value: unknown): OutputTensor {
  if (!(value instanceof Tensor)) {
    throw new InputError('model-output', `Output "${name}" is not a tensor.`, 'Export the model again.');
  }
  const { data, dims, type } = value;
  if (data instanceof Float32Array) return { name, dims, data };
  if (data instanceof Uint16Array && type === 'float16') return { name, dims, data: floatsFromHalf(data) };
  throw new InputError(
    'model-output-type',
    `Output "${name}" holds ${type}; float32 and float16 are read.`,
    'Export the model with float32 outputs.',
  );
}
