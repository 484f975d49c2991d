import { MissingError } from '../base/index.ts';
import {
  type Detector,
  type DetectorIdentity,
  type DetectorResult,
  type DeviceMemory,
  deviceMemories,
} from '../perception/index.ts';
import { noModelName } from '../protocol/index.ts';

/** The digest that no bundle has; what carries it is not a model and is never reported as one. */
export const noModelDigest = `sha256:${'0'.repeat(64)}`;

const everyMemory = Object.keys(deviceMemories) as DeviceMemory[];

/**
 * Stands in the pipeline of a device that has no model: every frame is refused at once, so each camera is told as waiting
 * for a model, and the agent can connect and take an order for one.
 */
export class NoModelDetector implements Detector {
  readonly capacity = 1;
  /** It looks at no pixel, so none has to be copied for it. */
  readonly memories = everyMemory;
  readonly identity: DetectorIdentity = {
    model: noModelName,
    version: 'none',
    digest: noModelDigest,
    engine: 'none',
    precision: 'none',
    labels: [],
    inputWidth: 1,
    inputHeight: 1,
  };

  async detect(): Promise<DetectorResult> {
    throw new MissingError(
      'model-missing',
      'This device has no model; the camera waits for one.',
      'Order a model for it, or name a bundle in its settings (model).',
    );
  }

  async close(): Promise<void> {}
}
