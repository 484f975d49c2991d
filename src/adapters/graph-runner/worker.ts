import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describeError, GoshawkError } from '../../base/index.ts';
import { mayRewritePairs } from '../../model/index.ts';
import { type RunResult, type RunTensor, type RunTensors, variantKindOf } from '../../optimize/index.ts';
import { serve, type ThreadContract, WithTransfer } from '../../platform/index.ts';

export interface GraphRunnerThread extends ThreadContract {
  readonly data: undefined;
  readonly calls: {
    /** Gives the number of the session. */
    load(request: LoadRequest): number;
    run(request: { readonly session: number; readonly inputs: RunTensors }): RunResult;
    release(session: number): void;
  };
}

interface LoadRequest {
  readonly model: Uint8Array;
  readonly optimization: 'all' | 'disabled';
  readonly threads: number;
}

/** ONNX's element types (TensorProto.DataType) and ONNX Runtime's names for them. */
const typeNames: ReadonlyMap<number, Tensor.Type> = new Map<number, Tensor.Type>([
  [1, 'float32'],
  [2, 'uint8'],
  [3, 'int8'],
  [4, 'uint16'],
  [5, 'int16'],
  [6, 'int32'],
  [7, 'int64'],
  [9, 'bool'],
  [10, 'float16'],
  [11, 'float64'],
  [12, 'uint32'],
  [13, 'uint64'],
]);
const typeNumbers = new Map([...typeNames].map(([number, name]) => [name, number]));

const sessions = new Map<number, InferenceSession>();
let lastSession = 0;

serve<GraphRunnerThread>(() => ({
  answers: {
    load: (request) => explained('load', () => load(request)),
    run: ({ session, inputs }) => explained('run', async () => given(await run(session, inputs))),
    release: (session) => explained('release', () => release(session)),
  },
}));

async function load({ model, optimization, threads }: LoadRequest): Promise<number> {
  const session = await InferenceSession.create(model, {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    graphOptimizationLevel: optimization,
    logSeverityLevel: 3,
    ...(mayRewritePairs(variantKindOf(model)) ? {} : { extra: { session: { disable_quant_qdq: '1' } } }),
  });
  lastSession += 1;
  sessions.set(lastSession, session);
  return lastSession;
}

async function run(number: number, inputs: RunTensors): Promise<RunResult> {
  const session = sessionOf(number);
  const feeds = Object.fromEntries(
    Object.entries(inputs).map(([name, tensor]) => [name, toOrt(name, tensor)]),
  );
  const started = performance.now();
  const results = await session.run(feeds);
  const elapsedMs = performance.now() - started;
  const outputs: Record<string, RunTensor> = {};
  for (const [name, tensor] of Object.entries(results)) outputs[name] = fromOrt(tensor);
  return { outputs, elapsedMs };
}

/** Calibration reads every value of a network, 60 MB and more for each picture: they are handed over, not copied. */
function given(result: RunResult): WithTransfer<RunResult> {
  const buffers = Object.values(result.outputs).map(({ data }) => data.buffer);
  return new WithTransfer(
    result,
    [...new Set(buffers)].filter((buffer): buffer is ArrayBuffer => buffer instanceof ArrayBuffer),
  );
}

async function release(number: number): Promise<void> {
  const session = sessionOf(number);
  sessions.delete(number);
  await session.release();
}

function sessionOf(number: number): InferenceSession {
  const session = sessions.get(number);
  if (session === undefined) throw new Error('the model was released before');
  return session;
}

async function explained<Value>(what: string, work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    throw new GoshawkError(
      'engine-refused-model',
      `ONNX Runtime could not ${what} the model: ${describeError(error)}`,
      'Check the model with onnx.checker; an operator may be newer than this ONNX Runtime.',
    );
  }
}

function toOrt(name: string, tensor: RunTensor): Tensor {
  const type = typeNames.get(tensor.dataType);
  if (type === undefined) throw new Error(`input ${name} has element type ${tensor.dataType}`);
  return new Tensor(type, tensor.data as Tensor.DataType, tensor.dims);
}

function fromOrt(tensor: Tensor): RunTensor {
  const { data } = tensor;
  if (Array.isArray(data)) throw new Error('string tensors are not read');
  return {
    dataType: typeNumbers.get(tensor.type) ?? 0,
    dims: [...tensor.dims],
    data: data as RunTensor['data'],
  };
}
