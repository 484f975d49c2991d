import type { DetectorIdentity } from '../perception/index.ts';
import { outputsOf } from './outputs.ts';
import { imageInput } from './picture.ts';

export interface TensorMetadata {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
}

/** What the protocol says of a model. */
export interface ModelMetadata {
  readonly name: string;
  readonly versions: readonly string[];
  readonly platform: string;
  readonly inputs: readonly TensorMetadata[];
  readonly outputs: readonly TensorMetadata[];
}

export function metadataOf({ model, version, engine, task = 'detection' }: DetectorIdentity): ModelMetadata {
  return {
    name: model,
    versions: [version],
    platform: `goshawk_${engine}`,
    inputs: [{ name: imageInput, datatype: 'BYTES', shape: [1] }],
    outputs: outputsOf[task].map(({ name, datatype, shape }) => ({ name, datatype, shape })),
  };
}
