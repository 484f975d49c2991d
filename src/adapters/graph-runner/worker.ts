import { parentPort } from 'node:worker_threads';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { RunTensor } from '../../optimize/index.ts';
import type { Reply, Request } from './messages.ts';

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

async function answer(request: Request): Promise<Reply> {
  const { id } = request;
  if (request.kind === 'load') {
    const session = await InferenceSession.create(request.model, {
      intraOpNumThreads: request.threads,
      interOpNumThreads: 1,
      graphOptimizationLevel: request.optimization,
      logSeverityLevel: 3,
    });
    sessions.set(id, session);
    return { id, kind: 'loaded', session: id };
  }
  const session = sessions.get(request.session);
  if (session === undefined) return { id, kind: 'failed', reason: 'the model was released before' };
  if (request.kind === 'release') {
    sessions.delete(request.session);
    await session.release();
    return { id, kind: 'released' };
  }
  const feeds = Object.fromEntries(
    Object.entries(request.inputs).map(([name, tensor]) => [name, toOrt(name, tensor)]),
  );
  const started = performance.now();
  const results = await session.run(feeds);
  const elapsedMs = performance.now() - started;
  const outputs: Record<string, RunTensor> = {};
  for (const [name, tensor] of Object.entries(results)) outputs[name] = fromOrt(tensor);
  return { id, kind: 'ran', outputs, elapsedMs };
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

parentPort?.on('message', (request: Request) => {
  answer(request)
    .catch((error: unknown): Reply => {
      const reason = error instanceof Error ? error.message : String(error);
      return { id: request.id, kind: 'failed', reason };
    })
    .then((reply) => parentPort?.postMessage(reply));
});
