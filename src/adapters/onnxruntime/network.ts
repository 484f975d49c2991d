import { type InferenceSession, Tensor } from 'onnxruntime-node';
import { defined, describeError, InputError } from '../../base/index.ts';
import {
  type ConstantInput,
  describeShape,
  type InputContract,
  type OutputContract,
  pictureSides,
  tensorsOf,
} from '../../model/index.ts';
import {
  checkHead,
  type DetectionSettings,
  type DetectorResult,
  type Image,
  type InputTensor,
  Letterboxer,
  type LetterboxGeometry,
  type OutputTensor,
  outputTensor,
  Postprocessor,
  type RawTensor,
  rawTensor,
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
  /** `mayRewritePairs` of the variant. */
  readonly rewritePairs: boolean;
  readonly multiLabel: boolean;
  /** Pictures in one run, where the model leaves their number open; default 1. */
  readonly maxBatch?: number;
  /** Boxes that go into NMS at most; absent: the default of perception. */
  readonly maxCandidates?: number;
  /** URL of a module with `decodeJpeg(bytes)`; without it jpeg frames are refused. */
  readonly jpegDecoderModule?: string;
}

/** One picture of a run. */
export interface NetworkJob {
  readonly image: Image;
  readonly settings: DetectionSettings;
  readonly startMs: number;
}

export interface NetworkResult {
  readonly result: DetectorResult;
  /** Outputs that were NaN or infinite. */
  readonly invalid: number;
}

/**
 * Preprocess, network, decode and NMS of one model on the calling thread. Lives in the worker.
 *
 * INVARIANT: the input tensor is allocated once and reused, so one run is under way at a time.
 */
export class Network {
  readonly #session: InferenceSession;
  readonly #letterboxer: Letterboxer;
  readonly #postprocessor: Postprocessor;
  /** Of each picture of a run its part of the input. */
  readonly #places: readonly InputTensor[];
  /** By number of pictures, from 1 on. */
  readonly #feeds: readonly Record<string, Tensor>[];
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
      ...defined({ maxCandidates }),
    });
    this.#options = options;
    const { embedding } = options.output;
    const tensors = tensorsOf(options.output);
    this.#outputs = tensors;
    this.#embedding = embedding;
    this.#wanted = embedding === undefined ? tensors : [...tensors, embedding];
    const { tensor, dtype, constants = [] } = options.input;
    // Constants are those of one picture, and so is an output without an axis for pictures.
    const single = constants.length > 0 || options.output.outputs.some(({ unbatched }) => unbatched === true);
    const most = single ? 1 : batchOf(session, tensor, this.#wanted, options.maxBatch ?? 1);
    const size = this.#letterboxer.length;
    const buffer = this.#letterboxer.allocate(most);
    this.#places = Array.from({ length: most }, (_, at) => buffer.subarray(at * size, (at + 1) * size));
    const fed = Object.fromEntries(constants.map((constant) => [constant.tensor, constantTensor(constant)]));
    const sides = pictureSides(options.input);
    this.#feeds = this.#places.map((_, at) => ({
      ...fed,
      [tensor]: new Tensor(dtype, buffer.subarray(0, (at + 1) * size), [at + 1, ...sides]),
    }));
  }

  /** Loads the model and checks it against its contracts. */
  static async load(options: NetworkOptions): Promise<Network> {
    const session = await loadSession(
      options.model,
      options.modelName,
      options.threads,
      options.rewritePairs,
    );
    try {
      checkInput(session, options);
      checkHead(
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

  /** Pictures that one run takes at most. */
  get batch(): number {
    return this.#places.length;
  }

  /**
   * A run on an empty picture, and one on as many as there may be, so that the first frames do not pay for lazy
   * allocation; the shapes that really come out are checked too, since a model may leave them open.
   */
  async warmUp(): Promise<void> {
    await this.#tryOut(1);
    if (this.batch > 1) await this.#tryOut(this.batch);
  }

  async #tryOut(pictures: number): Promise<void> {
    const { output, labels, input, modelName } = this.#options;
    const values = await this.#run(pictures).catch((error: unknown) => {
      throw new InputError(
        'model-trial',
        `${modelName} loads, but fails on a picture of ${input.width}x${input.height}: ${describeError(error)}`,
        'The network itself is at fault, most often by a shape that was exported wrongly; export it again for this input size, and try it with `goshawk run`.',
        { cause: error },
      );
    });
    checkHead(
      output,
      labels,
      input,
      this.#wanted.map((name) => partOf(readable(name, values[name]), 0, pictures)),
    );
  }

  /** In the order of the jobs, of which there are at most `batch`. A picture that can't be read costs the others nothing. */
  async detect(jobs: readonly NetworkJob[]): Promise<readonly (NetworkResult | Refused)[]> {
    const answers: (NetworkResult | Refused)[] = [];
    const fed: FedJob[] = [];
    for (const [index, job] of jobs.entries()) {
      try {
        const geometry = this.#letterboxer.run(job.image, this.#places[fed.length]!);
        fed.push({ ...job, index, geometry, preprocessedMs: performance.now() });
      } catch (error) {
        answers[index] = { refused: error };
      }
    }
    if (fed.length === 0) return answers;
    const startMs = performance.now();
    const values = await this.#run(fed.length);
    const inferMs = performance.now() - startMs;
    const outputs = new Map(this.#wanted.map((name) => [name, readable(name, values[name])]));
    for (const [place, job] of fed.entries()) {
      const answer = this.#answer(job, (name) => partOf(outputs.get(name)!, place, fed.length), inferMs);
      const tensors = this.#raw(values, place, fed.length);
      answers[job.index] =
        tensors === undefined ? answer : { ...answer, result: { ...answer.result, tensors } };
    }
    return answers;
  }

  #answer(job: FedJob, output: (name: string) => OutputTensor, inferMs: number): NetworkResult {
    const startMs = performance.now();
    const outputs = this.#outputs.map(output);
    const { image, settings, geometry } = job;
    const { detections, candidates, invalid } = this.#postprocessor.run(outputs, geometry, image, settings);
    const embedding = this.#embedding;
    return {
      result: {
        detections,
        candidates,
        ...(embedding === undefined ? {} : { embedding: output(embedding).data }),
        timings: {
          preprocessMs: job.preprocessedMs - job.startMs,
          inferMs,
          postprocessMs: performance.now() - startMs,
        },
      },
      invalid,
    };
  }

  /** What a module is to read, of one picture of the run. */
  #raw(
    values: InferenceSession.OnnxValueMapType,
    place: number,
    pictures: number,
  ): readonly RawTensor[] | undefined {
    if (this.#options.output.raw === undefined) return undefined;
    return this.#outputs.map((name) => {
      const { type, dims, data } = values[name] as Tensor;
      return partOf(rawTensor(name, type, dims, data), place, pictures);
    });
  }

  #run(pictures: number): Promise<InferenceSession.OnnxValueMapType> {
    return this.#session.run(this.#feeds[pictures - 1]!, [...this.#wanted]);
  }

  async close(): Promise<void> {
    await this.#session.release();
  }
}

/** A picture that can't be read, and why. */
export interface Refused {
  readonly refused: unknown;
}

interface FedJob extends NetworkJob {
  readonly index: number;
  readonly geometry: LetterboxGeometry;
  readonly preprocessedMs: number;
}

/** As many as are wanted, where the model leaves the number of pictures open in all that is fed and read; else one. */
function batchOf(
  session: InferenceSession,
  input: string,
  outputs: readonly string[],
  wanted: number,
): number {
  const { inputs, outputs: given } = networkInfo(session);
  const used = [
    ...inputs.filter(({ name }) => name === input),
    ...given.filter(({ name }) => outputs.includes(name)),
  ];
  return used.every(({ shape }) => typeof shape[0] === 'string') ? wanted : 1;
}

/** The outputs of one picture of a run; they equal those of a separate run. */
function partOf<T extends OutputTensor | RawTensor>(tensor: T, place: number, pictures: number): T {
  if (pictures === 1) return tensor;
  const { name, dims, data } = tensor;
  if (dims[0] !== pictures) {
    throw new InputError(
      'model-output',
      `Output "${name}" of ${pictures} pictures is ${describeShape(dims)}: its first side is not their number.`,
      'Set maxBatch to 1, or import the model again with --batch 1.',
    );
  }
  const size = data.length / pictures;
  return { ...tensor, dims: [1, ...dims.slice(1)], data: data.slice(place * size, (place + 1) * size) };
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
  const dims = [1, ...pictureSides(input)];
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
  for (const given of inputs) {
    if (given.name === input.tensor) continue;
    const constant = input.constants?.find((candidate) => candidate.tensor === given.name);
    const said = `Input "${given.name}" of ${modelName} is ${describeShape(given.shape)} ${given.dtype}`;
    if (constant === undefined)
      throw new InputError('model-inputs', `${said}, but the bundle has no input for it.`, remedy);
    const { shape, dtype } = constant;
    const same =
      given.shape.length === shape.length &&
      given.shape.every((side, axis) => typeof side === 'string' || side === shape[axis]);
    if (!same || given.dtype !== dtype)
      throw new InputError(
        'model-inputs',
        `${said}, but the bundle feeds ${describeShape(shape)} ${dtype}.`,
        remedy,
      );
  }
  for (const { tensor: name } of input.constants ?? []) {
    if (name === input.tensor || !inputs.some((given) => given.name === name))
      throw new InputError('model-inputs', `${modelName} has no input "${name}" beside its picture.`, remedy);
  }
}

function constantTensor({ dtype, shape, values }: ConstantInput): Tensor {
  if (dtype === 'int64') return new Tensor(dtype, BigInt64Array.from(values, BigInt), [...shape]);
  return dtype === 'int32'
    ? new Tensor(dtype, Int32Array.from(values), [...shape])
    : new Tensor(dtype, Float32Array.from(values), [...shape]);
}

function readable(name: string, value: unknown): OutputTensor {
  if (value instanceof Tensor) return outputTensor(name, value.type, value.dims, value.data);
  throw new InputError('model-output', `Output "${name}" is not a tensor.`, 'Export the model again.');
}
