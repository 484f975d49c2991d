import { defined } from '../../base/index.ts';
import type { InputContract } from '../../model/index.ts';
import { answerOfTensors } from '../answer/tensors.ts';
import type { DetectionRequest, DetectorIdentity, DetectorResult } from '../detection.ts';
import type { DeviceMemory } from '../device-memory.ts';
import type { Frame } from '../frame.ts';
import type { Detector } from '../ports.ts';
import { letterboxGeometry } from '../preprocess/geometry.ts';
import type { TensorDecoder } from './tensor-decoder.ts';

/** A detector whose network's outputs a module reads: its one finding carries what the module made of them. */
export class DecodedDetector implements Detector {
  readonly identity: DetectorIdentity;
  readonly capacity: number;
  readonly warmUpMs?: number;
  readonly memories?: readonly DeviceMemory[];
  readonly #network: Detector;
  readonly #decoder: TensorDecoder;
  readonly #input: InputContract;

  constructor(network: Detector, decoder: TensorDecoder, input: InputContract) {
    this.#network = network;
    this.#decoder = decoder;
    this.#input = input;
    this.identity = network.identity;
    this.capacity = network.capacity;
    if (network.warmUpMs !== undefined) this.warmUpMs = network.warmUpMs;
    if (network.memories !== undefined) this.memories = network.memories;
  }

  async detect(frame: Frame, request: DetectionRequest): Promise<DetectorResult> {
    const { tensors = [], ...result } = await this.#network.detect(frame, request);
    const { width, height } = frame;
    const answer = request.thumbnail === true ? answerOfTensors(tensors) : undefined;
    const { data, tookMs } = await this.#decoder.decode(tensors, {
      ...{ width, height, labels: this.identity.labels, scoreThreshold: request.scoreThreshold },
      geometry: {
        ...letterboxGeometry(this.#input, width, height),
        ...{ inputWidth: this.#input.width, inputHeight: this.#input.height },
      },
    });
    const { timings } = result;
    return {
      ...{ ...result, ...defined({ answer }) },
      detections: result.detections.map((found) => ({ ...found, data })),
      timings: { ...timings, postprocessMs: timings.postprocessMs + tookMs },
    };
  }

  async close(): Promise<void> {
    await this.#network.close();
    await this.#decoder.close();
  }
}
