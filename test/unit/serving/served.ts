import type { Image, Inference } from '../../../src/perception/index.ts';
import { InferenceService, type ServedModel, type ServedModels } from '../../../src/serving/index.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { car } from '../perception/fakes.ts';

export const streetIdentity = {
  ...{ model: 'street', version: '1.0.0', digest: `sha256:${'a'.repeat(64)}`, engine: 'onnxruntime' },
  ...{ precision: 'fp32', labels: ['car', 'person'], inputWidth: 64, inputHeight: 64 },
};

/** A device with one model that finds a car, or what it is told. */
export function serve(over: Partial<ServedModels> = {}, waitMs = 1000) {
  const clock = new FakeClock();
  const asked: Parameters<ServedModels['infer']>[] = [];
  const main: ServedModel = { slot: 'main', identity: streetIdentity };
  const models: ServedModels = {
    models: () => [main],
    async infer(...args) {
      asked.push(args);
      return answerOf([car(10)]);
    },
    decode: async (): Promise<Image> => ({
      ...{ width: 4, height: 2, step: 12, encoding: 'rgb8', data: new Uint8Array(24) },
    }),
    ...over,
  };
  return { clock, asked, service: new InferenceService({ models, clock, waitMs }) };
}

export function answerOf(detections: Inference['result']['detections']): Inference {
  return {
    result: { detections, candidates: 1, timings: { preprocessMs: 0, inferMs: 0, postprocessMs: 0 } },
    settings: {} as Inference['settings'],
    identity: streetIdentity,
  };
}

/** Three pixels. */
export const rgbInput = {
  ...{ name: 'image', datatype: 'UINT8', shape: [1, 3, 3] },
  content: { kind: 'raw', bytes: new Uint8Array(9) },
} as const;
